"""SOAP over JMS in the reference system: what it refuses (W3C, 2.2.3, 2.4, 2.8), and the properties of what it says."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from conformance.errors import MessageError
from conformance.message.soap import CONTENT_TYPES, SoapVersion, fault, unwrap, wrap
from conformance.message.xml import declared_encoding, same_encoding
from conformance.reference.carriage import Carriage, Delivery, version_of
from conformance.reference.deviation import Wire
from conformance.standard import soap_jms
from conformance.standard.wsdl import services
from conformance.transport.jms.messages import text_of
from conformance.transport.jms.soap_binding import properties_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from conformance.message.soap import Style
    from conformance.reference.carriage import Posted
    from conformance.reference.deviation import Conduct
    from conformance.transport.jms.messages import JmsMessage, Property
    from conformance.transport.jms.settings import Destination

_MEDIA_TYPES = {"text/xml": "1.1", "application/soap+xml": "1.2"}
_FAULT = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why a message is refused before it is read: a fault subcode and a text for people."""

    subcode: str
    reason: str


def carriage_of(request: JmsMessage, style: Style) -> Carriage:
    """Return how a request came, and how its answer shall go; its version counts only while it cannot be read."""
    content_type = _said(request, soap_jms.CONTENT_TYPE)
    said = request.properties.get(soap_jms.SOAP_ACTION, soap_jms.parameter(content_type, "action"))
    action = said if isinstance(said, str) else None
    version = version_of(content_type, _utf_8(request.body))
    service = (action or "").rpartition("/")[2]
    return Carriage(
        style=style,
        version="1.1" if version == "none" else version,
        service=service if service in services() else None,
        action=action,
    )


def refusal(request: JmsMessage, conduct: Conduct) -> Refusal | None:
    """Return why the properties of ``request`` forbid to read it; None when they do not."""
    for name, check in _CHECKS:
        if not conduct.skips(name) and (reason := check(request)) is not None:
            return Refusal(subcode=name, reason=reason)
    return None


def refused(found: Refusal, version: SoapVersion) -> Delivery:
    """Return the fault that says so."""
    body = wrap(fault(version, found.reason, subcode=(soap_jms.NAMESPACE, found.subcode)), version)
    answer = Wire(status=_FAULT, content_type=CONTENT_TYPES[version], body=body)
    return Delivery(answer=answer, version=version, role="fault")


def as_answer(message: JmsMessage, request: JmsMessage, wire: Wire) -> JmsMessage:
    """Return an answer to ``request`` with the properties of the binding."""
    given: dict[str, Property] = {
        soap_jms.BINDING_VERSION: soap_jms.VERSION,
        soap_jms.CONTENT_TYPE: wire.content_type,
    }
    if uri := _said(request, soap_jms.REQUEST_URI):
        given[soap_jms.REQUEST_URI] = uri
    return _with(message, given)


def as_later(message: JmsMessage, posted: Posted, destination: Destination) -> JmsMessage:
    """Return a later answer or an event as bytes, with the properties of the binding."""
    version = version_of(posted.wire.content_type, _utf_8(posted.wire.body))
    return replace(_with(message, properties_of(version, posted.action, destination)), kind="bytes")


def _with(message: JmsMessage, given: Mapping[str, Property]) -> JmsMessage:
    return replace(message, properties={**message.properties, **given, **_fault_mark(message.body)})


def _fault_mark(body: bytes) -> dict[str, Property]:
    try:
        return {soap_jms.IS_FAULT: True} if unwrap(body).fault is not None else {}
    except MessageError:
        return {}


def _utf_8(body: bytes) -> bytes:
    return (text_of(body) or "").encode(errors="replace")


def _said(request: JmsMessage, name: str) -> str:
    value: Any = request.properties.get(name)
    return value if isinstance(value, str) else ""


def _binding_version(request: JmsMessage) -> str | None:
    said = request.properties.get(soap_jms.BINDING_VERSION)
    return None if said == soap_jms.VERSION else f"the binding version {said} is not known"


def _no_uri(request: JmsMessage) -> str | None:
    return None if _said(request, soap_jms.REQUEST_URI) else "there is no request URI"


def _bad_uri(request: JmsMessage) -> str | None:
    said = _said(request, soap_jms.REQUEST_URI)
    return None if soap_jms.parse_uri(said) else f"{said} is no jms URI"


def _target_in_uri(request: JmsMessage) -> str | None:
    uri = soap_jms.parse_uri(_said(request, soap_jms.REQUEST_URI))
    return "targetService stands in the request URI" if uri and "targetService" in uri.parameters else None


def _no_content_type(request: JmsMessage) -> str | None:
    return None if _said(request, soap_jms.CONTENT_TYPE) else "there is no content type"


def _content_type_mismatch(request: JmsMessage) -> str | None:
    said = _said(request, soap_jms.CONTENT_TYPE)
    known = _MEDIA_TYPES.get(soap_jms.media_type(said))
    if known is None or known != version_of("", _utf_8(request.body)):
        return f"the message is not what {said} says"
    charset, written = soap_jms.parameter(said, "charset"), declared_encoding(request.body)
    if request.kind != "bytes" or charset is None or written is None or same_encoding(charset, written):
        return None
    return f"the charset is {charset}, the XML says {written}"


def _action_mismatch(request: JmsMessage) -> str | None:
    named = soap_jms.parameter(_said(request, soap_jms.CONTENT_TYPE), "action")
    said = request.properties.get(soap_jms.SOAP_ACTION)
    return None if named is None or said is None or named == said else f"the content type names the action {named}"


_CHECKS: tuple[tuple[str, Callable[[JmsMessage], str | None]], ...] = (
    (soap_jms.UNRECOGNIZED_VERSION, _binding_version),
    (soap_jms.MISSING_REQUEST_URI, _no_uri),
    (soap_jms.MALFORMED_REQUEST_URI, _bad_uri),
    (soap_jms.TARGET_SERVICE_IN_URI, _target_in_uri),
    (soap_jms.MISSING_CONTENT_TYPE, _no_content_type),
    (soap_jms.CONTENT_TYPE_MISMATCH, _content_type_mismatch),
    (soap_jms.MISMATCHED_ACTION, _action_mismatch),
)
