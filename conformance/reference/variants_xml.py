"""Benign variants of XML, SOAP and HTTP: the same message in other bytes."""

from __future__ import annotations

import gzip
from dataclasses import replace
from typing import TYPE_CHECKING

from lxml import etree

from conformance.message.soap import ENVELOPES
from conformance.message.xml import child, local_name, namespace
from conformance.reference.deviation import Deviation
from conformance.reference.edit import every
from conformance.reference.variant import Variant, variant

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.reference.deviation import Element, Scene, Wire

_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_PREFIXES = ("ns17", "Soap_Env", "x.y", "_m", "p-1", "ü")


def _wire(change: Callable[[Wire], Wire]) -> Deviation:
    return Deviation(wire=lambda wire, _: change(wire) if wire.body else wire)


def _envelope(change: Callable[[Element], Element]) -> Deviation:
    return Deviation(envelope=lambda element, _: change(element))


def rebuilt(element: Element, nsmap: dict[str | None, str]) -> Element:
    """Copy ``element`` with the prefixes of ``nsmap`` declared at the outermost element."""
    copied = etree.Element(element.tag, dict(element.attrib), nsmap=nsmap)
    copied.text = element.text
    for part in element:
        _graft(copied, part)
    return copied


def _graft(parent: Element, part: Element) -> None:
    copied = etree.SubElement(parent, part.tag, dict(part.attrib))
    copied.text, copied.tail = part.text, part.tail
    for item in part:
        _graft(copied, item)


def _odd_prefixes(element: Element) -> Element:
    spaces = dict.fromkeys(namespace(item) for item in element.iter(etree.Element))
    nsmap: dict[str | None, str] = dict(zip(_PREFIXES, [space for space in spaces if space], strict=False))
    return _recoded(rebuilt(element, nsmap), nsmap)


def _recoded(element: Element, nsmap: dict[str | None, str]) -> Element:
    """Let the code of a SOAP 1.1 fault keep a prefix that is declared: it is a QName in content."""
    soap = next((prefix for prefix, space in nsmap.items() if space in ENVELOPES.values()), None)
    for name in ("faultcode", "Value"):
        for item in every(element, name):
            if item.text and item.text.startswith("soap:"):
                item.text = f"{soap}:{item.text.partition(':')[2]}" if soap else item.text.partition(":")[2]
    return element


def _default_namespace(element: Element) -> Element:
    text = _defaulted(element, "")
    return _recoded(etree.fromstring(text), {None: namespace(element)})


def _defaulted(element: Element, inherited: str) -> str:
    """Return ``element`` as text with xmlns= wherever the namespace changes, and no prefix at all."""
    from xml.sax.saxutils import escape, quoteattr

    space = namespace(element)
    declared = f" xmlns={quoteattr(space)}" if space != inherited else ""
    plain = "".join(f" {name}={quoteattr(str(value))}" for name, value in element.attrib.items() if name[:1] != "{")
    inner = escape(element.text or "") + "".join(_defaulted(item, space) + escape(item.tail or "") for item in element)
    return f"<{local_name(element)}{declared}{plain}>{inner}</{local_name(element)}>"


def _late_namespaces(element: Element) -> Element:
    for part in list(element):
        if isinstance(part.tag, str):
            _late_namespaces(part)
            alone = etree.fromstring(_declared_here(part))
            alone.tail = part.tail
            element.replace(part, alone)
    return element


def _declared_here(part: Element) -> bytes:
    space = namespace(part)
    outer = etree.Element(part.tag, dict(part.attrib), nsmap={"n": space} if space else None)
    outer.text = part.text
    outer.extend(list(part))
    return etree.tostring(outer, with_tail=False)


def _commented(element: Element) -> Element:
    for item in list(element.iter(etree.Element)):
        if len(item):
            item.insert(0, etree.Comment(" a remark; <not> an element "))
            item.append(etree.Comment(""))
    return element


def _commented_text(element: Element) -> Element:
    for name in ("value", "MessageID", "Noun"):
        for item in every(element, name):
            if item.text and len(item.text) > 2 and not len(item):
                remark = etree.Comment("split")
                remark.tail, item.text = item.text[2:], item.text[:2]
                item.append(remark)
    return element


def _in_cdata(element: Element) -> Element:
    for name in ("CorrelationID", "MessageID", "value", "reason", "name", "Source"):
        for item in every(element, name):
            if item.text and not len(item):
                item.text = etree.CDATA(item.text)
    return element


def _pretty(element: Element) -> Element:
    etree.indent(element, space="\t")
    return element


def _encoded(encoding: str, charset: str) -> Callable[[Wire], Wire]:
    def change(wire: Wire) -> Wire:
        body = etree.tostring(etree.fromstring(wire.body), xml_declaration=True, encoding=encoding)
        media = wire.content_type.partition(";")[0]
        return replace(wire, body=body, content_type=f"{media}; charset={charset}")

    return change


def _undeclared(wire: Wire) -> Wire:
    return replace(wire, body=wire.body.partition(b"?>")[2].lstrip())


def _media(change: Callable[[str], str]) -> Callable[[Wire], Wire]:
    return lambda wire: replace(wire, content_type=change(wire.content_type))


def _headed(wire: Wire, **headers: str) -> Wire:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return replace(wire, headers={**wire.headers, **named})


def _compressed(wire: Wire, scene: Scene) -> Wire:
    if scene.role in ("result", "event") or not wire.body:
        return wire  # nobody said that the receiver of a posted message accepts it
    return _headed(replace(wire, body=gzip.compress(wire.body, mtime=0)), Content_Encoding="gzip")


def _soap_header(element: Element, *, block: bool) -> Element:
    space = namespace(element)
    if space not in ENVELOPES.values() or child(element, "Header") is not None:
        return element
    head = etree.Element(f"{{{space}}}Header")
    if block:
        action = etree.SubElement(head, "{http://www.w3.org/2005/08/addressing}RelatesTo")
        action.text = "urn:uuid:8c1c1ea4-6b2b-4f0e-9d4b-0f0f6a1b2c3d"
    element.insert(0, head)
    return element


def _schema_locations(element: Element, _: Scene) -> Element:
    element.set(f"{{{_XSI}}}schemaLocation", f"{namespace(element)} Message.xsd")
    return element


def _accepted(wire: Wire, scene: Scene) -> Wire:
    return replace(wire, status=202) if scene.role == "acknowledgement" and wire.body else wire


def _spaced(element: Element) -> Element:
    for name in ("timeStamp", "Timestamp", "createdDateTime", "AsyncReplyFlag"):
        for item in every(element, name):
            item.text = f"\n  {item.text}\n"
    return element


def _tail(wire: Wire) -> Wire:
    return replace(wire, body=wire.body + b"\n<!-- the end -->\n\n")


def _attributes(element: Element) -> Element:
    body = child(element, "Body") if local_name(element) == "Envelope" else None
    if body is not None:
        body.set("{http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd}Id", "b1")
    return element


XML: tuple[Variant, ...] = (
    variant("odd_prefixes", "prefixes are ns17, x.y, _m", _envelope(_odd_prefixes)),
    variant(
        "default_namespaces", "no prefix at all: xmlns= wherever the namespace changes", _envelope(_default_namespace)
    ),
    variant("late_namespaces", "every element declares its own namespace", _envelope(_late_namespaces)),
    variant("comments_between", "comments between elements, empty ones too", _envelope(_commented)),
    variant("comments_in_text", "a comment in the middle of a text", _envelope(_commented_text)),
    variant("cdata", "texts are CDATA sections", _envelope(_in_cdata)),
    variant("pretty_printed", "elements are indented", _envelope(_pretty)),
    variant("spaces_around_dates", "white space around dates, which the schema type collapses", _envelope(_spaced)),
    variant("utf16", "the document is UTF-16", _wire(_encoded("UTF-16", "utf-16"))),
    variant("latin1", "the document is ISO-8859-1", _wire(_encoded("ISO-8859-1", "iso-8859-1"))),
    variant("no_declaration", "no XML declaration", _wire(_undeclared)),
    variant(
        "byte_order_mark",
        "a UTF-8 byte order mark",
        _wire(lambda wire: replace(wire, body=b"\xef\xbb\xbf" + wire.body)),
    ),
    variant("comment_at_end", "a comment and empty lines after the document", _wire(_tail)),
    variant("soap_header_empty", "an empty SOAP Header", _envelope(lambda item: _soap_header(item, block=False))),
    variant(
        "soap_header_block",
        "a SOAP header block that need not be understood",
        _envelope(lambda item: _soap_header(item, block=True)),
    ),
    variant("soap_body_attribute", "the SOAP Body has a wsu:Id", _envelope(_attributes)),
    variant("schema_location", "xsi:schemaLocation at the message", Deviation(tree=_schema_locations)),
    variant("chunked", "HTTP chunks instead of Content-Length", _wire(lambda wire: replace(wire, chunked=True))),
    variant(
        "connection_closed",
        "the connection is closed after every answer",
        _wire(lambda wire: _headed(wire, Connection="close")),
    ),
    variant("gzip", "gzip content coding, where it is accepted", Deviation(wire=_compressed)),
    variant(
        "extra_http_headers",
        "unusual HTTP headers",
        _wire(
            lambda wire: _headed(
                wire,
                X_Request_Id="42",
                Server="Apache/2.2",
                Set_Cookie="JSESSIONID=1; Path=/",
                Cache_Control="no-cache",
            )
        ),
    ),
    variant(
        "charset_quoted",
        "the charset of the Content-Type is quoted and in capitals",
        _wire(_media(lambda said: said.replace("utf-8", '"UTF-8"'))),
    ),
    variant("media_type_in_capitals", "the Content-Type is in capitals", _wire(_media(str.upper))),
    variant("charset_missing", "the Content-Type says no charset", _wire(_media(lambda said: said.partition(";")[0]))),
    variant("slow", "every answer takes 100 ms", _wire(lambda wire: replace(wire, delay_s=0.1))),
    variant("accepted_202", "an acknowledgement comes with HTTP 202", Deviation(wire=_accepted)),
)
