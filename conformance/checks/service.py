"""Read a WSDL 1.1 with everything that it imports, from documents that were fetched before. No I/O."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from lxml import etree

from conformance.errors import MessageError
from conformance.message.soap import ENVELOPES
from conformance.message.xml import children, local_name, namespace, parse_xml

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from conformance.checks.scene import Document

    Element = etree._Element

WSDL = "http://schemas.xmlsoap.org/wsdl/"
SCHEMA = "http://www.w3.org/2001/XMLSchema"
#: Namespaces of the binding elements, and the SOAP version that they stand for.
BINDINGS = {f"{WSDL}soap/": "1.1", f"{WSDL}soap12/": "1.2"}
#: What every reader of schemas knows without being told where it is.
_KNOWN = (
    SCHEMA, WSDL, *BINDINGS, *ENVELOPES.values(), "http://www.w3.org/XML/1998/namespace",
    "http://schemas.xmlsoap.org/soap/encoding/",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """An import or include: ``url`` is absolute, and None when the document does not say where."""

    kind: str
    namespace: str
    url: str | None
    line: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of a message: the element that it names (None: a type, or nothing), and where it stands."""

    element: str | None
    where: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """An operation of a SOAP binding; ``takes`` and ``gives`` are elements (None: no such message).

    ``parts`` are those of all its messages. What only other bindings use, of HTTP GET say, is none of SOAP's.
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


@dataclass(slots=True, kw_only=True)
class Service:
    """What the documents say; ``addresses`` are those of SOAP ports."""

    roots: dict[str, Element] = field(default_factory=dict)
    unreadable: dict[str, str] = field(default_factory=dict)
    operations: list[Operation] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)
    elements: set[str] = field(default_factory=set)
    declared: set[str] = field(default_factory=set)

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
        ("schema", f"{{{SCHEMA}}}include", "schemaLocation"),
    ):
        for item in root.iter(tag):
            place = item.get(name)
            space = item.get("namespace", _included(item))
            where = None if place is None else urljoin(url, place)
            yield Link(kind=kind, namespace=space, url=where, line=item.sourceline)


def _included(item: Element) -> str:
    parent = item.getparent()
    return parent.get("targetNamespace", "") if parent is not None and local_name(item) == "include" else ""


def is_known(space: str) -> bool:
    """Return whether a schema of ``space`` need not be found: every reader brings it."""
    return space in _KNOWN


def read_service(documents: Iterable[Document]) -> Service:
    """Return what ``documents`` say together; what cannot be read is named with its reason."""
    found = Service()
    for document in documents:
        if document.status != 200:
            found.unreadable[document.url] = document.note or f"HTTP status {document.status}"
            continue
        try:
            found.roots[document.url] = parse_xml(document.body)
        except MessageError as problem:
            found.unreadable[document.url] = str(problem)
    messages = _messages(found)
    for root in found.roots.values():
        for schema in root.iter(f"{{{SCHEMA}}}schema"):
            space = schema.get("targetNamespace", "")
            found.declared.add(space)
            found.elements |= {f"{{{space}}}{item.get('name')}" for item in children(schema, "element")}
        found.addresses += _addresses(root)
        found.operations += _operations(root, found, messages)
    return found


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
            messages[name] = tuple(Part(element=element, where=where) for element in elements)
    return messages


def _addresses(root: Element) -> list[str]:
    tags = [f"{{{space}}}address" for space in BINDINGS]
    return [item.get("location", "") for item in root.iter(*tags)]


def _operations(root: Element, found: Service, messages: dict[str, tuple[Part, ...]]) -> Iterator[Operation]:
    ports = {name: item for one in found.roots.values() for name, item in _of(one, "portType")}
    for _, binding in _of(root, "binding"):
        soap = next((item for item in binding.iterchildren(etree.Element) if namespace(item) in BINDINGS), None)
        port = ports.get(_qualified(binding, binding.get("type", "")))
        if soap is None or local_name(soap) != "binding" or port is None:
            continue
        promised = {item.get("name"): item for item in children(port, "operation")}
        for item in binding.iterchildren(f"{{{WSDL}}}operation"):
            if item.get("name") in promised:
                yield _operation(item, soap, promised[item.get("name")], messages)


def _operation(item: Element, soap: Element, promised: Element, messages: dict[str, tuple[Part, ...]]) -> Operation:
    space = namespace(soap)
    own = next(iter(item.iterchildren(f"{{{space}}}operation")), None)
    style = soap.get("style", "document") if own is None else own.get("style", soap.get("style", "document"))

    parts = {
        local_name(one): messages.get(_qualified(one, one.get("message", "")), ())
        for one in promised.iterchildren(f"{{{WSDL}}}input", f"{{{WSDL}}}output", f"{{{WSDL}}}fault")
    }

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
