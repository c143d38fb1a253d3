"""Read a WSDL 1.1 with everything that it imports, from documents that were fetched before. No I/O."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from lxml import etree

from conformance.errors import MessageError
from conformance.message.soap import ENVELOPES
from conformance.message.xml import children, local_name, namespace, parse_xml

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from conformance.checks.scene import Document

    Element = etree._Element

WSDL = "http://schemas.xmlsoap.org/wsdl/"
SCHEMA = "http://www.w3.org/2001/XMLSchema"
#: Namespaces of the binding elements, and the SOAP version that they stand for.
BINDINGS = {f"{WSDL}soap/": "1.1", f"{WSDL}soap12/": "1.2"}
#: How a binding says that it goes over HTTP (WSDL 1.1, 3.3; WSDL 1.1 Binding Extension for SOAP 1.2).
HTTP = ("http://schemas.xmlsoap.org/soap/http", "http://www.w3.org/2003/05/soap/bindings/HTTP/")
#: What every reader of schemas knows without being told where it is.
_KNOWN = (
    SCHEMA, WSDL, *BINDINGS, *ENVELOPES.values(), "http://www.w3.org/XML/1998/namespace",
    "http://schemas.xmlsoap.org/soap/encoding/",
)  # fmt: skip
#: Whose schemas are public, and in the catalogue of every tool: WS-Addressing, XML signatures, WS-Security …
_PUBLIC = ("http://www.w3.org/", "http://schemas.xmlsoap.org/", "http://docs.oasis-open.org/")
_MIME = f"{WSDL}mime/"
#: A schema with a DTD, as the W3C publishes that of XML signatures; it stands near the start of the file, in bytes.
_TYPED = re.compile(rb"<!DOCTYPE\s+(?:[\w.-]+:)?schema\b")
_START = 8192


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """An import (``wsdl``, ``schema``) or ``include``: ``url`` is absolute; None when it is not said where."""

    kind: str
    namespace: str
    url: str | None
    line: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of a message: the element that it names (None: a type, or nothing), and where it stands."""

    name: str
    element: str | None
    where: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """An operation of a SOAP binding; ``takes`` and ``gives`` are elements (None: no such message).

    ``parts`` are those that stand in the Body, of all its messages: header blocks and attachments are others.
    ``addresses`` are those of its ports. What only other bindings use, of HTTP GET say, is none of SOAP's.
    """

    name: str
    version: str
    style: str
    transport: str
    uses: frozenset[str]
    action: str
    takes: str | None
    gives: str | None
    parts: tuple[Part, ...] = ()
    addresses: tuple[str, ...] = ()


@dataclass(slots=True, kw_only=True)
class Service:
    """What the documents say; ``addresses`` are those of SOAP ports.

    ``hidden`` are the namespaces of which something is in a document that was not read.
    """

    roots: dict[str, Element] = field(default_factory=dict)
    unreadable: dict[str, str] = field(default_factory=dict)
    operations: list[Operation] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)
    elements: set[str] = field(default_factory=set)
    declared: set[str] = field(default_factory=set)
    hidden: set[str] = field(default_factory=set)

    @property
    def is_whole(self) -> bool:
        """Return whether everything that is imported was read: what is on another host never is."""
        known = self.roots.keys() | self.unreadable.keys()
        return all(link.url in known for url, root in self.roots.items() for link in links(root, url) if link.url)


def same_host(one: str, other: str) -> bool:
    """Return whether two URLs are of the same scheme, host and port: nothing else is fetched."""
    return urlsplit(one)[:2] == urlsplit(other)[:2]


def links(root: Element, url: str) -> Iterator[Link]:
    """Iterate over what the document ``root`` of ``url`` imports and includes."""
    for kind, tag, name in (
        ("wsdl", f"{{{WSDL}}}import", "location"),
        ("schema", f"{{{SCHEMA}}}import", "schemaLocation"),
        ("include", f"{{{SCHEMA}}}include", "schemaLocation"),
        ("include", f"{{{SCHEMA}}}redefine", "schemaLocation"),
    ):
        for item in root.iter(tag):
            place = item.get(name)
            space = item.get("namespace", _included(item) if kind == "include" else "")
            where = None if place is None else urljoin(url, place)
            yield Link(kind=kind, namespace=space, url=where, line=item.sourceline)


def _included(item: Element) -> str:
    parent = item.getparent()
    return parent.get("targetNamespace", "") if parent is not None else ""


def is_known(space: str) -> bool:
    """Return whether a schema of ``space`` need not be found: every reader brings it."""
    return space in _KNOWN or space.startswith(_PUBLIC)


def read_service(documents: Iterable[Document]) -> Service:
    """Return what ``documents`` say together; what cannot be read is named with its reason."""
    found = Service()
    for document in documents:
        if found.roots and _TYPED.search(document.body[:_START]):
            continue  # legal, and no DTD is read here: what it declares stays hidden
        if document.status not in (200, 203):
            found.unreadable[document.url] = document.note or f"HTTP status {document.status}"
            continue
        try:
            found.roots[document.url] = parse_xml(document.body)
        except MessageError as problem:
            found.unreadable[document.url] = str(problem)
    _declare(found)
    messages = _messages(found)
    for root in found.roots.values():
        found.addresses += _addresses(root)
        found.operations += _operations(root, found, messages)
    return found


def _declare(found: Service) -> None:
    """Tell which elements the schemas declare.

    One without a namespace takes that of whoever includes it (XML Schema 1.0 Part 1, 4.2.1).
    """
    spaces = {url: {root.get("targetNamespace", "")} for url, root in found.roots.items()}
    leads = [(url, link) for url, root in found.roots.items() for link in links(root, url) if link.url]
    for _ in found.roots:  # they may include each other
        for url, link in leads:
            if link.kind == "include" and link.url in spaces and not found.roots[link.url].get("targetNamespace"):
                spaces[link.url] |= {link.namespace} if link.namespace else spaces[url]
    for url, link in leads:
        if link.url not in found.roots:
            found.hidden |= spaces[url] if link.kind == "include" and not link.namespace else {link.namespace}
    for url, root in found.roots.items():
        for schema in root.iter(f"{{{SCHEMA}}}schema"):
            named = schema.get("targetNamespace", "")
            for space in spaces[url] if schema is root and not named else {named}:
                found.declared.add(space)
                found.elements |= {f"{{{space}}}{item.get('name')}" for item in children(schema, "element")}


def _qualified(item: Element, text: str) -> str:
    prefix, _, name = text.rpartition(":")
    return f"{{{item.nsmap.get(prefix or None, '')}}}{name}"


def _of(root: Element, name: str) -> Iterator[tuple[str, Element]]:
    for item in root.iterchildren(f"{{{WSDL}}}{name}"):
        yield f"{{{root.get('targetNamespace', '')}}}{item.get('name')}", item


def _messages(found: Service) -> dict[str, tuple[Part, ...]]:
    messages: dict[str, tuple[Part, ...]] = {}
    for root in found.roots.values():
        for name, item in _of(root, "message"):
            parts = list(item.iterchildren(f"{{{WSDL}}}part"))
            named = [part.get("element") for part in parts]
            elements = [_qualified(part, text) if text else None for part, text in zip(parts, named, strict=True)]
            where = f"message {item.get('name')}, line {item.sourceline}"
            messages[name] = tuple(
                Part(name=part.get("name", ""), element=element, where=where)
                for part, element in zip(parts, elements, strict=True)
            )
    return messages


def _addresses(root: Element) -> list[str]:
    tags = [f"{{{space}}}address" for space in BINDINGS]
    return [item.get("location", "") for item in root.iter(*tags)]


def _operations(root: Element, found: Service, messages: dict[str, tuple[Part, ...]]) -> Iterator[Operation]:
    ports = {name: item for one in found.roots.values() for name, item in _of(one, "portType")}
    places = [place for one in found.roots.values() for place in _places(one)]
    for name, binding in _of(root, "binding"):
        soap = next((item for item in binding.iterchildren(etree.Element) if namespace(item) in BINDINGS), None)
        port = ports.get(_qualified(binding, binding.get("type", "")))
        if soap is None or local_name(soap) != "binding" or port is None:
            continue
        addresses = tuple(address for bound, address in places if bound == name)
        promised = {item.get("name"): item for item in children(port, "operation")}
        for item in binding.iterchildren(f"{{{WSDL}}}operation"):
            if item.get("name") in promised:
                made = _operation(item, soap, promised[item.get("name")], messages)
                yield replace(made, addresses=addresses)


def _places(root: Element) -> Iterator[tuple[str, str]]:
    """Iterate over the bindings that have ports, with the addresses of those."""
    for port in root.iter(f"{{{WSDL}}}port"):
        for item in port.iterchildren(etree.Element):
            if local_name(item) == "address" and namespace(item) in BINDINGS:
                yield _qualified(port, port.get("binding", "")), item.get("location", "")


def _operation(item: Element, soap: Element, promised: Element, messages: dict[str, tuple[Part, ...]]) -> Operation:
    space = namespace(soap)
    own = next(iter(item.iterchildren(f"{{{space}}}operation")), None)
    style = soap.get("style", "document") if own is None else own.get("style", soap.get("style", "document"))

    parts: dict[str, list[Part]] = {}
    for one in promised.iterchildren(f"{{{WSDL}}}input", f"{{{WSDL}}}output", f"{{{WSDL}}}fault"):
        message, kind = _qualified(one, one.get("message", "")), local_name(one)
        bound = next(children(item, kind), None) if kind != "fault" else None
        outside = _outside(bound, message, space)
        in_body = [part for part in messages.get(message, ()) if not outside(part.name)]
        parts.setdefault(kind, []).extend(in_body)

    def element(name: str) -> str | None:
        return next((part.element for part in parts.get(name, ())), None)

    return Operation(
        name=item.get("name", ""),
        version=BINDINGS[space],
        style=style,
        transport=soap.get("transport", ""),
        uses=frozenset(body.get("use", "literal") for body in item.iter(f"{{{space}}}body")),
        action=own.get("soapAction", "") if own is not None else "",
        takes=element("input"),
        gives=element("output"),
        parts=tuple(part for found in parts.values() for part in found),
    )


def _outside(bound: Element | None, message: str, space: str) -> Callable[[str], bool]:
    """Return what says of a part whether it is none of the Body's: a header block, an attachment (WSDL 1.1, 3.5, 5)."""
    if bound is None:
        return lambda _name: False
    said = next((body.get("parts") for body in bound.iter(f"{{{space}}}body") if body.get("parts") is not None), None)
    if said is not None:
        inside = said.split()
        return lambda name: name not in inside
    attached = {item.get("part") for item in bound.iter(f"{{{_MIME}}}content")}
    blocks = {
        item.get("part")
        for item in bound.iter(f"{{{space}}}header")
        if _qualified(item, item.get("message", "")) == message
    }
    return lambda name: name in attached | blocks
