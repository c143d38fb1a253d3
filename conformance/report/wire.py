"""One message of the journal as people read it: what it is called, and its text, whatever the bytes are."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from email.message import Message as MimeHeaders
from typing import TYPE_CHECKING, Literal

from lxml import etree

from conformance.errors import MessageError
from conformance.message.soap import unwrap
from conformance.message.xml import DEFAULT_LIMITS, local_name, parse_xml
from conformance.report.text import size, visible

if TYPE_CHECKING:
    from conformance.journal import Entry

    Element = etree._Element

#: How much of a message a report shows, in characters; all of it is in the journal and, when cut, in a file.
MAX_SHOWN = 64 * 1024
#: How much of a binary message, in bytes.
MAX_HEX = 4 * 1024
#: Larger messages are shown as they stand: indenting them would take longer than reading them.
MAX_INDENTED = 1024 * 1024

_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """How a message is shown. ``problem`` says why it is not XML, or no message; empty when it is one."""

    label: str
    form: Literal["xml", "text", "hex", "empty"]
    text: str
    problem: str = ""
    well_formed: bool = True
    cut: bool = False


def show(entry: Entry) -> Shown:
    """Return ``entry`` for people. Never raises, whatever came over the wire."""
    body = entry.body
    if not body:
        return Shown(label="(empty)", form="empty", text="")
    charset = _charset(entry.content_type)
    try:
        root = parse_xml(body, charset=charset)
    except MessageError as broken:
        return _broken(body, charset, str(broken))
    label, problem = _label(body, charset, root)
    text = _indented(body, root) if len(body) <= MAX_INDENTED else (_decoded(body, charset) or "")
    return Shown(label=label, form="xml", text=_kept(text), problem=problem, cut=len(text) > MAX_SHOWN)


def shown_in_part(body: bytes) -> bool:
    """Return whether a report may have to cut ``body``, so that the whole of it belongs in a file."""
    return len(body) > MAX_SHOWN or (len(body) > MAX_HEX and _decoded(body, None) is None)


def _label(body: bytes, charset: str | None, root: Element) -> tuple[str, str]:
    try:
        carried = unwrap(body, DEFAULT_LIMITS, charset)
    except MessageError as problem:
        return local_name(root), str(problem)
    fault = f"SOAP fault {carried.fault.code}".rstrip() if carried.fault else ""
    message = str(carried.message) if carried.message else ""
    return ": ".join(filter(None, [fault, message])), ""


def _broken(body: bytes, charset: str | None, problem: str) -> Shown:
    text = _decoded(body, charset)
    if text is None:
        shown, cut = _hex(body[:MAX_HEX]), len(body) > MAX_HEX
        label = f"{size(len(body))} that are not text"
        return Shown(label=label, form="hex", text=shown, problem=problem, well_formed=False, cut=cut)
    cut = len(text) > MAX_SHOWN
    label = f"{size(len(body))} that are not XML"
    return Shown(label=label, form="text", text=_kept(text), problem=problem, well_formed=False, cut=cut)


def _kept(text: str) -> str:
    return visible(text[:MAX_SHOWN])


def _indented(body: bytes, root: Element) -> str:
    # parse_xml drops comments; a reader of evidence wants them, so the display is made from a second tree.
    encoding = root.getroottree().docinfo.encoding
    parser = etree.XMLParser(
        encoding=encoding, resolve_entities=False, no_network=True, load_dtd=False, remove_blank_text=True
    )
    try:
        shown = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError):
        shown = root
    return etree.tostring(shown, pretty_print=True, encoding="unicode").rstrip("\n")


def _decoded(body: bytes, charset: str | None) -> str | None:
    """Return ``body`` as text, or None when it is not text."""
    marked = next((encoding for mark, encoding in _MARKS if body.startswith(mark)), None)
    for encoding in filter(None, [marked, charset, "utf-8"]):
        try:
            text = body.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
        if _is_text(text):
            return text
    return None


def _is_text(text: str) -> bool:
    beginning = text[:2000]
    hidden = sum(visible(character) != character for character in beginning)
    return hidden * 10 <= len(beginning)


def _hex(body: bytes) -> str:
    rows = (body[start : start + 16] for start in range(0, len(body), 16))
    return "\n".join(
        f"{number * 16:08x}  {row.hex(' '):<47}  {''.join(chr(b) if 32 <= b < 127 else '.' for b in row)}"
        for number, row in enumerate(rows)
    )


def _charset(content_type: str) -> str | None:
    headers = MimeHeaders()
    try:
        headers["Content-Type"] = content_type
        found = headers.get_param("charset")
    except (ValueError, IndexError):
        return None
    if not isinstance(found, str):
        return None
    try:
        return codecs.lookup(found.strip()).name
    except (LookupError, ValueError):
        return None
