"""Unusual ways for SOAP to carry a request: header blocks of others, an envelope of no version (SOAP-009 to 011)."""

from __future__ import annotations

from conformance.message.soap import HeaderBlock
from conformance.transport.base import Carrying

_STRANGE = "{urn:example:extension}Surcharge"
#: Both are of nobody's: a node that knows WS-Addressing must refuse blocks of it that lack the Action (Core 1.0, 3.2).
_ROUTE = "{urn:example:bus}Route"

#: What a feature says of a request -> how it is carried.
CARRYINGS = {
    "with a header block that must be understood and that nobody knows": Carrying(
        blocks=(HeaderBlock(name=_STRANGE, text="1", must_understand=True),)
    ),
    "with header blocks that need not be understood": Carrying(
        blocks=(
            HeaderBlock(name=_ROUTE, text="7"),
            HeaderBlock(name=_STRANGE, text="1"),
        )
    ),
    "with a header block that another node must understand": Carrying(
        blocks=(HeaderBlock(name=_STRANGE, text="1", must_understand=True, elsewhere=True),)
    ),
    "in an envelope of no known version": Carrying(envelope="urn:example:soap-of-the-future"),
}
