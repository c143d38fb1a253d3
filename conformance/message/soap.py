"""Put a message into what SOAP carries and take it out again: generic, typed and bare style, SOAP 1.1 and 1.2.

Source: fact table soap.md. Everything is accepted when reading (any style, either version, no envelope at all);
how a message was carried is reported, and the checks judge it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from lxml import etree

from conformance.errors import EmptyBodyError, InternalError, MessageError
from conformance.message.build import serialise
from conformance.message.parse import read
from conformance.message.xml import (
    DEFAULT_LIMITS,
    Limits,
    child,
    declared_encoding,
    local_name,
    namespace,
    parse_xml,
    text,
)
from conformance.standard.editions import EDITION_2013, Edition

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.message.model import Message

    Element = etree._Element

Style = Literal["generic", "typed", "bare"]
SoapVersion = Literal["1.1", "1.2", "none"]

ENVELOPES: dict[str, str] = {
    "1.1": "http://schemas.xmlsoap.org/soap/envelope/",
    "1.2": "http://www.w3.org/2003/05/soap-envelope",
}
CONTENT_TYPES = {
    "1.1": "text/xml; charset=utf-8",
    "1.2": "application/soap+xml; charset=utf-8",
    "none": "application/xml; charset=utf-8",
}


#: A node that nobody who reads this message is.
ELSEWHERE = "urn:example:another-node"


@dataclass(frozen=True, slots=True, kw_only=True)
class SoapFault:
    """A SOAP fault: ``code`` without its prefix (``Client``, ``Sender`` …), the text for people, and subcodes.

    ``subcodes`` are those of SOAP 1.2, from the outermost to the innermost, without their prefixes.
    """

    code: str
    reason: str
    subcodes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """What arrived: a message, or a fault (perhaps with a FaultMessage in its detail), and how it was carried.

    ``body`` is the element in the SOAP Body; ``version`` is ``"none"`` for plain XML; ``encoding`` is what the XML
    declaration names.
    """

    version: SoapVersion
    message: Message | None
    fault: SoapFault | None = None
    body: Element | None = None
    encoding: str | None = None

    @property
    def envelope(self) -> Element | None:
        """Return the SOAP Envelope; None for plain XML."""
        return None if self.body is None or self.version == "none" else self.body.getroottree().getroot()


@dataclass(frozen=True, slots=True, kw_only=True)
class HeaderBlock:
    """A block of the SOAP Header: must its receiver understand it, and is it for another node than that?"""

    name: str
    text: str = ""
    must_understand: bool = False
    elsewhere: bool = False

    def element(self, version: SoapVersion) -> Element:
        """Return the block as SOAP ``version`` writes it (SOAP 1.1, 4.2.2 and 4.2.3; 1.2 Part 1, 5.2)."""
        space = ENVELOPES[version]
        made = etree.Element(self.name, nsmap={"block": self.name[1:].partition("}")[0]})
        made.text = self.text
        if self.must_understand:
            made.set(f"{{{space}}}mustUnderstand", "1" if version == "1.1" else "true")
        if self.elsewhere:
            made.set(f"{{{space}}}{'actor' if version == '1.1' else 'role'}", ELSEWHERE)
        return made


def wrapper_name(message: Element, verb: str, noun: str) -> tuple[str, str]:
    """Return the local name of the typed wrapper and the noun of its namespace (facts/soap.md, style 2)."""
    kind = local_name(message)
    title = verb[:1].upper() + verb[1:]
    if kind == "FaultMessage":
        return f"{noun}FaultMessage", noun
    if kind == "ResponseMessage":
        return f"{noun}ResponseMessage", noun
    if verb == "get":
        return f"Get{noun}", f"Get{noun}"
    return f"{title}{noun}", noun


def to_typed(
    message: Element, *, verb: str, noun: str, space: str | None = None, edition: Edition = EDITION_2013
) -> Element:
    """Return ``message`` in its typed wrapper; ``space`` overrides the namespace of the wrapper.

    Header, Request, Reply and Payload move into the wrapper's namespace, their children stay where they are.
    """
    name, wrapped_noun = wrapper_name(message, verb, noun)
    space = space or edition.wrapper(wrapped_noun)
    wrapper = etree.Element(f"{{{space}}}{name}", nsmap={"w": space, None: edition.envelope})
    for part in message:
        copied = etree.SubElement(wrapper, f"{{{space}}}{local_name(part)}", nsmap=part.nsmap)
        copied.text = part.text
        copied.extend(_copies(part))
    return wrapper


def to_envelope(wrapper: Element, kind: str, edition: Edition = EDITION_2013) -> Element:
    """Return the envelope that a typed wrapper stands for: the inverse of :func:`to_typed`."""
    message = etree.Element(f"{{{edition.envelope}}}{kind}", nsmap={None: edition.envelope})
    for part in wrapper:
        copied = etree.SubElement(message, f"{{{edition.envelope}}}{local_name(part)}")
        copied.text = part.text
        copied.extend(_copies(part))
    return message


def _copies(part: Element) -> list[Element]:
    return list(etree.fromstring(etree.tostring(part, with_tail=False)))


def wrap(body: Element, version: SoapVersion, headers: tuple[Element, ...] = ()) -> bytes:
    """Return ``body`` in a SOAP envelope, or as plain XML when ``version`` is ``"none"``."""
    if version == "none":
        return serialise(body)
    space = ENVELOPES[version]
    envelope = etree.Element(f"{{{space}}}Envelope", nsmap={"soap": space})
    if headers:
        etree.SubElement(envelope, f"{{{space}}}Header").extend(headers)
    etree.SubElement(envelope, f"{{{space}}}Body").append(body)
    return serialise(envelope)


def fault(
    version: SoapVersion,
    reason: str,
    detail: Element | None = None,
    *,
    client: bool = True,
    code: str = "",
    subcode: tuple[str, str] | None = None,
) -> Element:
    """Return a Fault element for the SOAP Body. Raises InternalError for plain XML, which has no faults.

    ``code`` is one that both versions have, such as ``MustUnderstand``; without it ``client`` says whose fault it is.
    ``subcode`` is a namespace and a name; SOAP 1.1 has no subcodes, so there it is the faultcode itself.
    """
    if version == "none":
        raise InternalError("plain XML carries no SOAP fault")
    space = ENVELOPES[version]
    names = {"soap": space, "sub": subcode[0]} if subcode else {"soap": space}
    element = etree.Element(f"{{{space}}}Fault", nsmap=names)
    if version == "1.1":
        plain = f"soap:{code or ('Client' if client else 'Server')}"
        etree.SubElement(element, "faultcode").text = f"sub:{subcode[1]}" if subcode else plain
        etree.SubElement(element, "faultstring").text = reason
        holder = "detail"
    else:
        _code_and_reason(element, space, reason, f"soap:{code or ('Sender' if client else 'Receiver')}", subcode)
        holder = f"{{{space}}}Detail"
    if detail is not None:
        etree.SubElement(element, holder).append(detail)
    return element


def _code_and_reason(element: Element, space: str, reason: str, value: str, subcode: tuple[str, str] | None) -> None:
    code = etree.SubElement(element, f"{{{space}}}Code")
    etree.SubElement(code, f"{{{space}}}Value").text = value
    if subcode is not None:
        inner = etree.SubElement(code, f"{{{space}}}Subcode")
        etree.SubElement(inner, f"{{{space}}}Value").text = f"sub:{subcode[1]}"
    said = etree.SubElement(etree.SubElement(element, f"{{{space}}}Reason"), f"{{{space}}}Text")
    said.text = reason
    said.set("{http://www.w3.org/XML/1998/namespace}lang", "en")


def unwrap(body: bytes, limits: Limits = DEFAULT_LIMITS, charset: str | None = None) -> Carried:
    """Return what ``body`` carries. Raises MessageError when it is neither a message nor a fault."""
    return replace(carried_by(parse_xml(body, limits, charset)), encoding=declared_encoding(body))


def carried_by(root: Element) -> Carried:
    """Return what the document with the outermost element ``root`` carries, but for the encoding that it declares.

    Raises as :func:`unwrap` does.
    """
    version = next((name for name, space in ENVELOPES.items() if namespace(root) == space), None)
    if version is None:
        if local_name(root) == "Envelope":
            unknown = namespace(root) or "(none)"
            raise MessageError(f"a SOAP envelope in the unknown namespace {unknown}", line=1, column=1)
        return Carried(version="none", message=read(root), body=root)
    content = _content(root)
    carried_version: SoapVersion = "1.1" if version == "1.1" else "1.2"
    if local_name(content) == "Fault" and namespace(content) == ENVELOPES[version]:
        return Carried(version=carried_version, message=_fault_message(content), fault=_fault(content), body=content)
    return Carried(version=carried_version, message=read(content), body=content)


def _content(envelope: Element) -> Element:
    if local_name(envelope) != "Envelope":
        raise MessageError(f"{local_name(envelope)} where a SOAP Envelope was expected", line=1, column=1)
    body = child(envelope, "Body")
    if body is None:
        raise MessageError("the SOAP envelope has no Body", line=envelope.sourceline, column=1)
    if len(body) == 0:
        raise EmptyBodyError("the SOAP Body is empty", line=body.sourceline, column=1)
    return body[0]


def _fault(element: Element) -> SoapFault:
    code = text(element, "faultcode") or text(child(element, "Code"), "Value") or ""
    reason = text(element, "faultstring") or text(child(element, "Reason"), "Text") or ""
    return SoapFault(code=_local(code), reason=reason.strip(), subcodes=tuple(_subcodes(child(element, "Code"))))


def _subcodes(code: Element | None) -> Iterator[str]:
    while (code := child(code, "Subcode")) is not None:
        yield _local(text(code, "Value") or "")


def _local(name: str) -> str:
    return name.strip().rpartition(":")[2]


def _fault_message(element: Element) -> Message | None:
    holder = child(element, "detail")
    detail = holder if holder is not None else child(element, "Detail")
    for item in detail if detail is not None else ():
        try:
            return read(item)
        except MessageError:  # a detail of the peer's own making is legal and says nothing to us
            continue
    return None
