"""How a large message starts: what it is, which schema judges the whole of it, and the parser for it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from lxml import etree

from conformance.checks.envelope import schemas_of
from conformance.errors import MessageError
from conformance.message.soap import ENVELOPES
from conformance.message.xml import local_name, namespace
from conformance.offline.spelling import is_spelling, wrapped_noun
from conformance.standard.streaming import schema_of_documents

if TYPE_CHECKING:
    from conformance.checks.scene import Terms

#: libxml2 ends some of its messages with the place.
_PLACE = re.compile(r", line \d+, column \d+$")
#: What must have shown within the first bytes: the outermost element, and what the payload is.
HEAD = 64 * 1024


@dataclass(slots=True, kw_only=True)
class Head:
    """What the first bytes tell: the names of the outermost element, of the message, and of what it carries."""

    root: str
    message: str = ""
    inner: str = ""
    payload: str = ""

    @property
    def spaces(self) -> list[str]:
        """The namespaces of the message, and of what is the envelope's in a typed wrapper as well."""
        return [_space(tag) for tag in (self.message, self.inner) if tag]

    def note(self, tag: str, below: int, parent: str) -> None:
        """Take in an element, so many levels below the message, in an element with the local name ``parent``."""
        if below == 0:
            self.message = self.message or tag
        elif below == 2 and parent == "Payload":
            self.payload = self.payload or tag
        elif below == 2:
            self.inner = self.inner or tag


def head_of(start: bytes) -> Head:
    """Return what the first bytes tell. Raises MessageError when they are not the start of a message."""
    parser = parser_for(None)
    try:
        parser.feed(start)
    except etree.XMLSyntaxError as broken:
        raise not_well_formed(broken) from None
    names = [element for _event, element in islice(parser.read_events(), 500)]
    problems_of(parser)
    if not names:
        raise MessageError(f"not well-formed XML: no element starts in the first {HEAD} bytes")
    if names[0].getroottree().docinfo.doctype:
        raise MessageError("a document type declaration (DTD) is not allowed in a message")
    head = Head(root=str(names[0].tag))
    soap = namespace(names[0]) in ENVELOPES.values()
    for element in names:
        above = [local_name(item) for item in element.iterancestors()]
        if soap and (len(above) < 2 or above[-2] != "Body"):
            continue
        head.note(str(element.tag), len(above) - (2 if soap else 0), above[0] if above else "")
    if not head.message:
        raise MessageError(f"no message starts in the first {HEAD} bytes")
    return head


def schema_for(head: Head, terms: Terms) -> tuple[etree.XMLSchema | None, str]:
    """Return the schema of a whole document with this head, or None and the reason."""
    schemas, edition = schemas_of(terms), terms.edition
    message, envelope = _space(head.message), _space(head.inner or head.message)
    wanted = {edition.envelope: envelope}
    if head.inner and envelope != message:
        wanted[edition.wrapper(wrapped_noun(message))] = message
    if head.payload and _space(head.payload) != envelope:  # else that is what is found, and nothing more
        wanted[edition.profile(etree.QName(head.payload).localname)] = _space(head.payload)
    if any(not space or not is_spelling(space) for space in wanted.values()):
        return None, "its elements are in no namespace of the standard, so no schema was applied to it"
    believed = [space for space in wanted if schemas.knows(space) and schemas.is_authoritative(space)]
    if edition.envelope not in believed:
        return None, f"the schemas of edition {edition.name} are not public, so none was applied to it"
    renamed = tuple((old, new) for old, new in wanted.items() if old != new)
    soap = _space(head.root) if _space(head.root) in ENVELOPES.values() else ""
    return schema_of_documents(schemas, tuple(believed), renamed, soap), ""


def _space(tag: str) -> str:
    return etree.QName(tag).namespace or ""


def parser_for(head: Head | None, schema: etree.XMLSchema | None = None) -> etree.XMLPullParser:
    """Return a parser that reports start and end of the outermost element, or without ``head`` of every one."""
    return etree.XMLPullParser(
        events=("start", "end") if head else ("start",), tag=head.root if head else None, schema=schema,
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True,
    )  # fmt: skip


def problems_of(parser: etree.XMLPullParser) -> list[str]:
    """Return what the schema said until now. Raises MessageError when the document is not well-formed."""
    said = []
    for entry in parser.feed_error_log:
        if entry.domain_name == "SCHEMASV":
            said.append(entry.message)
        elif entry.level >= etree.ErrorLevels.ERROR:
            words = " ".join(entry.message.split())
            raise MessageError(f"not well-formed XML: {words}", line=entry.line or None, column=entry.column or None)
    return said


def not_well_formed(broken: etree.XMLSyntaxError) -> MessageError:
    """Return what the parser refused, with its place."""
    line, column = broken.position
    words = _PLACE.sub("", broken.msg)
    return MessageError(f"not well-formed XML: {words}", line=line or None, column=max(column or 1, 1))
