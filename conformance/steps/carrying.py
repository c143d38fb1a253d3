"""Unusual ways for SOAP to carry a request: header blocks of others, an envelope of no version (SOAP-009 to 011)."""

from __future__ import annotations

from conformance.message.build import new_id
from conformance.message.soap import HeaderBlock
from conformance.transport.base import Carrying

_STRANGE = "{urn:example:extension}Surcharge"
_ADDRESSING = "{http://www.w3.org/2005/08/addressing}MessageID"

#: What a feature says of a request -> how it is carried.
CARRYINGS = {
    "with a header block that must be understood and that nobody knows": Carrying(
        blocks=(HeaderBlock(name=_STRANGE, text="1", must_understand=True),)
    ),
    "with header blocks that need not be understood": Carrying(
        blocks=(
            HeaderBlock(name=_ADDRESSING, text=f"urn:uuid:{new_id()}"),
            HeaderBlock(name=_STRANGE, text="1"),
        )
    ),
    "with a header block that another node must understand": Carrying(
        blocks=(HeaderBlock(name=_STRANGE, text="1", must_understand=True, elsewhere=True),)
    ),
    "in an envelope of no known version": Carrying(envelope="urn:example:soap-of-the-future"),
}
