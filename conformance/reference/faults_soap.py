"""Faults in how SOAP carries messages: envelope, header blocks, faults, receipts, description (requirements SOAP)."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import TYPE_CHECKING

from lxml import etree

from conformance.message.parse import read
from conformance.message.soap import ENVELOPES, to_envelope, to_typed
from conformance.message.xml import child, children, local_name, namespace
from conformance.reference.deviation import Deviation, Outcome, Problem
from conformance.reference.edit import every, first
from conformance.reference.fault import Fault, fault

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.reference.deviation import Element, Outgoing, Receipt, Scene, Wire

_DIRECT = ("response", "acknowledgement")
_POSTED = ("result", "event")
_XS = "http://www.w3.org/2001/XMLSchema"


def _plain(wire: Wire, _: Scene) -> Wire:
    root = etree.fromstring(wire.body) if wire.body else None
    body = child(root, "Body") if root is not None and local_name(root) == "Envelope" else None
    return wire if body is None else replace(wire, body=etree.tostring(body[0]))


def _envelope(change: Callable[[Element], object], *roles: str) -> Deviation:
    """Change what stands in an Envelope of SOAP; plain XML stays as it is."""

    def changed(element: Element, scene: Scene) -> Element:
        if namespace(element) in ENVELOPES.values() and (not roles or scene.role in roles):
            change(element)
        return element

    return Deviation(envelope=changed)


def _header_last(envelope: Element) -> None:
    envelope.append(etree.Element(f"{{{namespace(envelope)}}}Header"))


def _second_element(envelope: Element) -> None:
    body = child(envelope, "Body")
    if body is not None:
        etree.SubElement(body, "{urn:example:vendor}Statistics").text = "1 message"


def _instructed(envelope: Element) -> None:
    envelope.insert(0, etree.ProcessingInstruction("vendor-cache", "no"))


def _other_version(wire: Wire, scene: Scene) -> Wire:
    if scene.role not in _DIRECT:
        return wire
    one, two = (ENVELOPES[version].encode() for version in ("1.1", "1.2"))
    old, new = (one, two) if one in wire.body else (two, one)
    media = "application/soap+xml" if new == two else "text/xml"
    return replace(wire, body=wire.body.replace(old, new), content_type=f"{media}; charset=utf-8")


def _other_style(envelope: Element) -> None:
    body = child(envelope, "Body")
    message = read(body[0]) if body is not None else None
    if body is None or message is None:
        return
    noun = message.noun or "MeterReadings"
    made = to_envelope(body[0], message.kind) if message.typed else to_typed(body[0], verb="reply", noun=noun)
    body.replace(body[0], made)


def _media(said: str) -> Deviation:
    return Deviation(wire=lambda wire, _: replace(wire, content_type=said) if wire.body else wire)


def _failing_status(wire: Wire, scene: Scene) -> Wire:
    return replace(wire, status=500) if scene.role == "response" else wire


def _faults_as(status: int) -> Deviation:
    def changed(outgoing: Outgoing, _: Scene) -> Outgoing:
        return replace(outgoing, status=status) if outgoing.role == "fault" else outgoing

    return Deviation(outgoing=changed)


def _each_fault(change: Callable[[Element], None]) -> Deviation:
    def changed(envelope: Element) -> None:
        found = first(envelope, "Fault")
        if found is not None:
            change(found)

    return _envelope(changed, "fault")


def _qualified(found: Element) -> None:
    for item in found:
        item.tag = f"{{{namespace(found)}}}Fault{local_name(item)}"


def _without_reason(found: Element) -> None:
    for name in ("faultstring", "Reason"):
        for item in list(children(found, name)):
            found.remove(item)


def _sent_again(receipt: Receipt, _: Scene) -> Receipt:
    return replace(receipt, done=False)


def _empty_is_no_receipt(receipt: Receipt, _: Scene) -> Receipt:
    return replace(receipt, done=receipt.done and bool(receipt.body))


def _offended(receipt: Receipt, scene: Scene) -> Receipt:
    scene.memory["offended"] = scene.memory.get("offended", False) or receipt.status >= 500
    return receipt


def _stopped(_: object, scene: Scene) -> Problem | None:
    return Problem(name="combination", reason="the connector is stopped") if scene.memory.get("offended") else None


def _answer_first(outcome: Outcome, _: Scene) -> Outcome:
    results = tuple(item for item in outcome.later if item.role == "result")
    rest = tuple(item for item in outcome.later if item.role != "result")
    return replace(outcome, before=results, later=rest)


def _late(wire: Wire, scene: Scene) -> Wire:
    return replace(wire, delay_s=0.4) if scene.role == "acknowledgement" else wire


def _echoed(outcome: Outcome, scene: Scene) -> Outcome:
    """Answer news with the news itself."""
    request = scene.request
    if request is None or request.kind == "RequestMessage" or outcome.answer is None:
        return outcome
    draft = replace(outcome.answer.draft, kind="EventMessage", reply=None, payload=())
    return Outcome(answer=replace(outcome.answer, draft=draft))


def _description(change: Callable[[Element], object]) -> Deviation:
    def changed(element: Element, _: Scene) -> Element:
        made = copy.deepcopy(element)
        change(made)
        return made

    return Deviation(description=changed)


def _dead_link(root: Element) -> None:
    for item in root.iter(f"{{{_XS}}}import"):
        item.set("schemaLocation", item.get("schemaLocation", "").replace(".xsd", "_v2.xsd"))


def _without_location(root: Element) -> None:
    for item in root.iter(f"{{{_XS}}}import"):
        item.attrib.pop("schemaLocation", None)


def _parts(change: Callable[[Element], None]) -> Callable[[Element], None]:
    def changed(root: Element) -> None:
        for item in every(root, "part"):
            change(item)

    return changed


def _misspelt(part: Element) -> None:
    part.set("element", part.get("element", "") + "Type")


def _typed_part(part: Element) -> None:
    part.set("type", part.attrib.pop("element"))


def _no_request(root: Element) -> None:
    for item in [*every(root, "operation")]:
        if item.get("name") in ("Request", "GetMeterReadings"):
            parent = item.getparent()
            if parent is not None:
                parent.remove(item)


def _one_way(root: Element) -> None:
    for item in [*every(root, "output")]:
        parent = item.getparent()
        if parent is not None and local_name(parent) == "operation":
            parent.remove(item)


def _renamed(root: Element) -> None:
    for item in every(root, "operation"):
        if item.get("name"):
            item.set("name", f"do{item.get('name')}")


def _rpc(root: Element) -> None:
    for item in root.iter("{*}binding", "{*}operation"):
        if item.get("style"):
            item.set("style", "rpc")


def _encoded(root: Element) -> None:
    for item in root.iter("{*}body"):
        item.set("use", "encoded")


def _addressed(place: str) -> Callable[[Element], None]:
    def changed(root: Element) -> None:
        for item in every(root, "address"):
            item.set("location", place)

    return changed


def _own_action(root: Element) -> None:
    for item in root.iter("{*}operation"):
        if item.get("soapAction"):
            item.set("soapAction", f"{item.get('soapAction')}/v2")


def _unknown_action(_: object, scene: Scene) -> Problem | None:
    strange = (scene.action or "").endswith("/v2")
    return Problem(name="combination", reason=f"there is no operation for {scene.action}") if strange else None


SOAP_FAULTS: tuple[Fault, ...] = (
    fault("message_without_envelope", "SOAP-001", "messages come as plain XML, without an Envelope",
          Deviation(wire=_plain)),
    fault("soap_header_last", "SOAP-001", "the SOAP Header stands after the Body", _envelope(_header_last)),
    fault("body_with_two_elements", "SOAP-002", "an element of its own stands in the Body beside the message",
          _envelope(_second_element)),
    fault("processing_instruction", "SOAP-003", "messages hold a processing instruction", _envelope(_instructed)),
    fault("answer_in_other_soap_version", "SOAP-004", "answers come in the other version of SOAP",
          Deviation(wire=_other_version)),
    fault("answer_in_other_style", "SOAP-005", "RequestMessage is answered by a typed element, and the reverse",
          _envelope(_other_style, *_DIRECT)),
    fault("content_type_plain_text", "SOAP-006", "the Content-Type is text/plain", _media("text/plain")),
    fault("content_type_of_json", "SOAP-006", "the Content-Type is application/json", _media("application/json")),
    fault("soap_action_missing", "SOAP-007", "what it posts has no SOAPAction", Deviation(action=lambda *_: None)),
    fault("answer_with_failing_status", "SOAP-008", "answers come with HTTP status 500",
          Deviation(wire=_failing_status)),
    fault("must_understand_ignored", "SOAP-009", "header blocks that must be understood are ignored",
          Deviation(skips=frozenset({"must-understand"}))),
    fault("header_block_refused", "SOAP-010", "any header block is refused",
          Deviation(skips=frozenset({"optional-blocks"}))),
    fault("header_block_for_another_refused", "SOAP-010", "a header block for another node is refused",
          Deviation(skips=frozenset({"actor"}))),
    fault("unknown_envelope_accepted", "SOAP-011", "an Envelope of any namespace is taken for SOAP 1.1",
          Deviation(skips=frozenset({"version", "any-version"}))),
    fault("version_mismatch_as_client_fault", "SOAP-011", "an unknown Envelope is called a fault of the client",
          Deviation(skips=frozenset({"version"}))),
    fault("fault_with_status_200", "SOAP-012", "faults come with HTTP status 200", _faults_as(200)),
    fault("fault_elements_renamed", "SOAP-013", "the elements of a fault are of its own making",
          _each_fault(_qualified)),
    fault("fault_without_reason", "SOAP-013", "a fault has a code and no reason", _each_fault(_without_reason)),
    fault("acknowledged_message_sent_again", "SOAP-014", "what was acknowledged is sent again",
          Deviation(receipt=_sent_again)),
    fault("empty_acknowledgement_not_taken", "SOAP-015", "what was acknowledged with nothing is sent again",
          Deviation(receipt=_empty_is_no_receipt)),
    fault("stops_after_a_refused_message", "SOAP-016", "after a refused later message it refuses everything",
          Deviation(receipt=_offended, refuses=_stopped)),
    fault("later_answer_before_acknowledgement", "SOAP-017", "the later answer comes first, then the acknowledgement",
          Deviation(outcome=_answer_first, wire=_late)),
    fault("news_echoed", "SOAP-018", "news is answered with news", Deviation(outcome=_echoed)),
    fault("wsdl_import_missing", "SOAP-019", "the WSDL imports a schema that is not there", _description(_dead_link)),
    fault("wsdl_import_without_location", "SOAP-019", "an import of the WSDL does not say where",
          _description(_without_location)),
    fault("wsdl_part_undeclared", "SOAP-020", "parts of the WSDL name elements that no schema declares",
          _description(_parts(_misspelt))),
    fault("wsdl_part_of_a_type", "SOAP-020", "parts of the WSDL name types", _description(_parts(_typed_part))),
    fault("wsdl_without_request", "SOAP-021", "the WSDL does not offer the request", _description(_no_request)),
    fault("wsdl_one_way", "SOAP-021", "the operations of the WSDL have no output", _description(_one_way)),
    fault("wsdl_operations_renamed", "SOAP-022", "the operations have names of its own", _description(_renamed)),
    fault("wsdl_rpc", "SOAP-023", "the binding is of style rpc", _description(_rpc)),
    fault("wsdl_encoded", "SOAP-023", "the binding says use encoded", _description(_encoded)),
    fault("wsdl_address_relative", "SOAP-024", "the address in the WSDL is no absolute URL",
          _description(_addressed("/services/REPLACE"))),
    fault("own_action_refused", "SOAP-025", "the soapAction of its own WSDL is refused",
          Deviation(description=lambda element, _: _with_own_action(element), refuses=_unknown_action)),
)  # fmt: skip


def _with_own_action(element: Element) -> Element:
    _own_action(element)
    return element
