"""How messages are carried: the style and SOAP version of a request, and the same for what answers it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from lxml import etree

from conformance.errors import MessageError
from conformance.message.build import serialise
from conformance.message.soap import (
    CONTENT_TYPES,
    ENVELOPES,
    SoapVersion,
    Style,
    fault,
    to_typed,
    unwrap,
    wrap,
)
from conformance.message.xml import local_name, namespace
from conformance.reference.deviation import Outcome, Outgoing, Problem, Wire
from conformance.reference.edit import moved_to_namespace
from conformance.reference.node import header_problem, version_problem
from conformance.standard.editions import EDITION_2013

if TYPE_CHECKING:
    from conformance.message.model import Message
    from conformance.message.xml import Limits
    from conformance.reference.deviation import Element, Role
    from conformance.reference.service import Service

ACTIONS = {"result": "http://iec.ch/61968/Response", "event": "http://iec.ch/61968/PublishEvent"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Carriage:
    """Style and version; ``service`` is the name of a typed service, such as ``GetMeterReadings``.

    ``action`` is the SOAPAction of the request, if it had one.
    """

    style: Style = "generic"
    version: SoapVersion = "1.1"
    service: str | None = None
    action: str | None = None

    @property
    def noun(self) -> str:
        """Return the noun that the typed service is about."""
        nouns = ("EndDeviceControls", "EndDeviceEvents", "MeterReadings")
        return next((noun for noun in nouns if (self.service or "").endswith(noun)), "MeterReadings")


#: The message and nothing else: what JMS carries unless told otherwise.
PLAIN_XML = Carriage(style="bare", version="none")


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """A later message: where it goes, with which SOAPAction (None: with none, which SOAP 1.1 does not allow)."""

    address: str | None
    action: str | None
    wire: Wire
    role: Role = "event"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What one HTTP request leads to: the answer, and what is posted before and after it."""

    answer: Wire
    version: SoapVersion
    later: tuple[Posted, ...] = ()
    before: tuple[Posted, ...] = ()
    role: Role = "response"


def version_of(content_type: str, body: bytes) -> SoapVersion:
    """Return the SOAP version of a body that cannot be parsed, from its content type and its first bytes."""
    head = body[:4096]
    if "application/soap+xml" in content_type.lower() or ENVELOPES["1.2"].encode() in head:
        return "1.2"
    if ENVELOPES["1.1"].encode() in head or "text/xml" in content_type.lower():
        return "1.1"
    return "none"


def receive(service: Service, body: bytes, carriage: Carriage, limits: Limits) -> Delivery:
    """Answer the request in ``body``; ``carriage`` holds its style and, should it be unreadable, its version."""
    conduct = service.conduct
    try:
        if not conduct.skips("version") and (problem := version_problem(body, limits)):
            return refuse(service, problem, carriage)
        carried = unwrap(_known(body) if conduct.skips("any-version") else body, limits)
        if carried.message is None:
            raise MessageError("a SOAP fault is no request")
    except MessageError as broken:
        return refuse(service, Problem(name="syntax", reason=str(broken)), carriage)
    carriage = replace(carriage, version=carried.version)
    if problem := header_problem(carried, conduct):
        return refuse(service, problem, carriage)
    outcome = service.handle(carried.message, carriage.action)
    return deliver(service, outcome, carried.message, carriage)


def _known(body: bytes) -> bytes:
    """Return ``body`` in an Envelope of SOAP 1.1, whatever it came in: what no conforming system does."""
    root = etree.fromstring(body)
    if local_name(root) == "Envelope" and namespace(root) not in ENVELOPES.values():
        moved_to_namespace(root, ENVELOPES["1.1"])
    return etree.tostring(root)


def refuse(service: Service, problem: Problem, carriage: Carriage, status: int = 500) -> Delivery:
    """Refuse what is no message, with a fault."""
    answer = replace(service.unreadable(problem, carriage.noun), status=status)
    outcome = service.conduct.shaped("outcome", Outcome(answer=answer), service.scene(role="fault"))
    return deliver(service, outcome, None, carriage)


def deliver(service: Service, outcome: Outcome, request: Message | None, carriage: Carriage) -> Delivery:
    """Return ``outcome`` as bytes."""
    answer = Wire(status=202, content_type="", body=b"")
    if outcome.answer is not None:
        answer = pack(service, outcome.answer, request, carriage)
    return Delivery(
        answer=answer,
        version=carriage.version,
        before=tuple(posted(service, item, request, carriage) for item in outcome.before),
        later=tuple(posted(service, item, request, carriage) for item in outcome.later),
        role=outcome.answer.role if outcome.answer is not None else "response",
    )


def posted(service: Service, outgoing: Outgoing, request: Message | None, carriage: Carriage) -> Posted:
    """Return a later message as bytes, with its SOAPAction."""
    said = service.conduct.shaped("action", action(outgoing, carriage), service.scene(request, outgoing.role))
    return Posted(
        address=outgoing.address,
        action=said,
        wire=pack(service, outgoing, request, carriage),
        role=outgoing.role,
    )


def action(outgoing: Outgoing, carriage: Carriage) -> str | None:
    """Return the SOAPAction of a message that is posted (facts/soap.md)."""
    if carriage.style == "bare":
        return ""
    if carriage.style == "generic":
        return ACTIONS["event" if outgoing.role == "event" else "result"]
    operation = "Created" if outgoing.role == "event" else "Response"
    return f"http://iec.ch/TC57/2011/{outgoing.noun}/{operation}{outgoing.noun}"


def pack(service: Service, outgoing: Outgoing, request: Message | None, carriage: Carriage) -> Wire:
    """Return ``outgoing`` as HTTP carries it, after every deviation."""
    outgoing = service.shaped(outgoing, request)
    element = service.build(outgoing, request)
    scene = replace(service.scene(request, outgoing.role), carriage=carriage.style)
    if carriage.style == "typed":
        element = _typed(element, outgoing, carriage)
    if outgoing.role == "fault" and carriage.version != "none":
        detail = None if outgoing.fault_code else element
        element = fault(carriage.version, _reason(outgoing), detail, code=outgoing.fault_code)
    body = wrap(element, carriage.version)
    if any(deviation.envelope for deviation in service.conduct.deviations):
        body = serialise(service.conduct.shaped("envelope", etree.fromstring(body), scene))
    wire = Wire(status=outgoing.status, content_type=CONTENT_TYPES[carriage.version], body=body)
    return service.conduct.shaped("wire", wire, scene)


def _typed(element: Element, outgoing: Outgoing, carriage: Carriage) -> Element:
    direct = outgoing.role in ("response", "acknowledgement", "fault")
    noun = carriage.noun if direct and carriage.service else outgoing.noun
    space = EDITION_2013.wrapper(f"Get{noun}") if direct and carriage.service == f"Get{noun}" else None
    return to_typed(element, verb=outgoing.verb, noun=noun, space=space)


def _reason(outgoing: Outgoing) -> str:
    errors = outgoing.reply.errors if outgoing.reply else ()
    return (errors[0].reason if errors else None) or "refused"
