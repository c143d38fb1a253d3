"""What the reference system owes as a node of SOAP, before it looks at the message itself.

Sources: SOAP 1.1, 4.1.2 (versions) and 4.2 (header blocks); SOAP 1.2 Part 1, 2.4, 5.2 and 5.4.7.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lxml import etree

from conformance.message.soap import ENVELOPES
from conformance.message.xml import child, local_name, namespace, parse_xml
from conformance.reference.deviation import Problem

if TYPE_CHECKING:
    from conformance.message.soap import Carried
    from conformance.message.xml import Limits
    from conformance.reference.deviation import Conduct, Element

#: WS-Security is looked at by :mod:`conformance.reference.security`.
_UNDERSTOOD = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
#: Who the last and only node of a path is; an empty text is no name at all.
_OURSELVES = (
    "",
    "http://schemas.xmlsoap.org/soap/actor/next",
    f"{ENVELOPES['1.2']}/role/next",
    f"{ENVELOPES['1.2']}/role/ultimateReceiver",
)


def version_problem(body: bytes, limits: Limits) -> Problem | None:
    """Return why an Envelope cannot be processed at all: it is of no known version. Raises MessageError."""
    root = parse_xml(body, limits)
    if local_name(root) != "Envelope" or namespace(root) in ENVELOPES.values():
        return None
    return Problem(name="version-mismatch", reason=f"no version of SOAP has the namespace {namespace(root)}")


def header_problem(carried: Carried, conduct: Conduct) -> Problem | None:
    """Return which block of the SOAP Header must be understood and is not."""
    envelope = carried.envelope
    header = child(envelope, "Header")
    if envelope is None or header is None or conduct.skips("must-understand"):
        return None
    for block in header.iterchildren(etree.Element):
        if conduct.skips("optional-blocks") or _binding(block, namespace(envelope), conduct):
            return Problem(name="must-understand", reason=f"the header block {local_name(block)} is not understood")
    return None


def _binding(block: Element, soap: str, conduct: Conduct) -> bool:
    for_whom = block.get(f"{{{soap}}}actor") or block.get(f"{{{soap}}}role") or ""
    wanted = block.get(f"{{{soap}}}mustUnderstand", "").strip() in ("1", "true")
    ours = for_whom in _OURSELVES or conduct.skips("actor")
    return wanted and ours and namespace(block) != _UNDERSTOOD
