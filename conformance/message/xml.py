"""Parse XML from outside: no DTD, no entities, no network, limits on size and depth."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lxml import etree

from conformance.errors import MessageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    Element = etree._Element

#: lxml refuses deeper documents than this unless it is told otherwise (huge_tree), and it is not.
MAX_DEPTH = 256
_DECLARED = re.compile(rb"""\s*<\?xml[^>]*?\sencoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
#: lxml ends its messages with the place, which MessageError adds by itself.
_PLACE = re.compile(r", line \d+, column \d+$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How large (bytes) a message from outside may be."""

    max_bytes: int = 64 * 1024 * 1024


DEFAULT_LIMITS = Limits()


def parse_xml(body: bytes, limits: Limits = DEFAULT_LIMITS, charset: str | None = None) -> Element:
    """Return the root element of ``body``.

    The document's own encoding counts; ``charset`` (of the transport) is tried when that fails, if it is known.
    Raises MessageError for anything that is not well-formed, too large, or brings a DTD.
    """
    if len(body) > limits.max_bytes:
        raise MessageError(f"the message has {len(body)} bytes, more than the limit of {limits.max_bytes}")
    if not body.strip():
        raise MessageError("the message is empty")
    try:
        root = _parse(body, None)
    except MessageError:
        if not charset or not _is_known(charset):
            raise
        root = _parse(body, charset)
    return root


def _is_known(charset: str) -> bool:
    try:
        etree.XMLParser(encoding=charset)
    except (LookupError, ValueError):  # ValueError: what a peer calls a charset may be any text
        return False
    return True


def _parse(body: bytes, encoding: str | None) -> Element:
    try:
        parser = etree.XMLParser(
            encoding=encoding,
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            huge_tree=False,
            remove_comments=True,
            remove_pis=True,
        )
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError) as broken:
        line, column = getattr(broken, "position", (None, None))
        said = " ".join(_PLACE.sub("", getattr(broken, "msg", None) or str(broken)).split())
        raise MessageError(f"not well-formed XML: {said}", line=line, column=column) from broken
    if root is None:
        raise MessageError("not well-formed XML: it has no root element")
    if root.getroottree().docinfo.doctype:
        raise MessageError("a document type declaration (DTD) is not allowed in a message")
    return root


def declared_encoding(body: bytes) -> str | None:
    """Return the encoding that the XML declaration of ``body`` names; None without one."""
    head = body[:400].replace(b"\0", b"").lstrip(codecs.BOM_UTF8 + codecs.BOM_UTF16_LE)
    found = _DECLARED.match(head)
    return found[1].decode("ascii") if found else None


def same_encoding(one: str, other: str) -> bool:
    """Return whether two names mean the same encoding; the order of bytes is for a mark to say, not for a name."""
    return _family(one) == _family(other)


def _family(name: str) -> str:
    try:
        known = codecs.lookup(name).name
    except LookupError:
        return name.lower()
    return "utf-16" if known.startswith("utf-16") else known


def instructions(body: bytes) -> tuple[str, ...]:
    """Return the targets of the processing instructions in ``body``; none when it is not well-formed."""
    flat = body.replace(b"\0", b"")  # as it looks in UTF-16, too
    if flat.count(b"<?") <= flat.count(b"<?xml "):
        return ()
    try:
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError):
        return ()
    before = list(root.itersiblings(etree.ProcessingInstruction, preceding=True))
    found = [*before, *root.iter(etree.ProcessingInstruction), *root.itersiblings(etree.ProcessingInstruction)]
    return tuple(str(getattr(item, "target", "")) for item in found)


def local_name(element: Element) -> str:
    """Return the name without its namespace."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def namespace(element: Element) -> str:
    """Return the namespace URI, or an empty string."""
    tag = element.tag
    return tag[1:].partition("}")[0] if isinstance(tag, str) and tag.startswith("{") else ""


def children(element: Element | None, name: str) -> Iterator[Element]:
    """Iterate over the children called ``name`` in whatever namespace: reading is tolerant, the schema is not."""
    if element is not None:
        for item in element:
            if local_name(item) == name:
                yield item


def child(element: Element | None, name: str) -> Element | None:
    """Return the first child called ``name``, or None."""
    return next(children(element, name), None)


def text(element: Element | None, name: str) -> str | None:
    """Return the text of the first child called ``name``; None when there is no such child."""
    found = child(element, name)
    return None if found is None else (found.text or "")
