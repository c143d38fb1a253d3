"""Faults in what every message has: XML, envelope, header, types, payload (requirements ENV)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from conformance.message.build import root, sub, timestamp
from conformance.message.model import ReplyError
from conformance.message.xml import child, local_name
from conformance.reference.deviation import Deviation
from conformance.reference.edit import drop, every, first, moved_to_namespace, remove, set_text
from conformance.reference.fault import Fault, fault, header, reply, tree
from conformance.standard.editions import EDITION_2013, OK, PAST_TENSE

if TYPE_CHECKING:
    from conformance.message.model import Reply
    from conformance.reference.deviation import Element, Outgoing, Scene, Wire

_ANSWERS = ("response", "acknowledgement", "result")
_FIXED_ID = "00000000-0000-4000-8000-000000000000"


def _cut_off(wire: Wire, scene: Scene) -> Wire:
    return replace(wire, body=wire.body[:-12]) if scene.role == "response" else wire


def _declared(wire: Wire, _: Scene) -> Wire:
    declaration, _separator, rest = wire.body.partition(b"?>")
    return replace(wire, body=declaration + b'?><!DOCTYPE x [<!ENTITY y "z">]>' + rest)


def _header_out_of_order(element: Element) -> Element:
    found = child(element, "Header")
    if found is not None:
        for name in ("Source", "MessageID", "Timestamp"):
            part = child(found, name)
            if part is not None:
                found.insert(0, part)
    return element


def _payload_first(element: Element) -> Element:
    payload = child(element, "Payload")
    if payload is not None:
        element.insert(1, payload)
    return element


def _in_www(element: Element) -> Element:
    moved_to_namespace(element, EDITION_2013.envelope.replace("iec.ch", "www.iec.ch"))
    return element


def _payload_moved(element: Element, space: str) -> Element:
    payload = child(element, "Payload")
    for part in payload if payload is not None else ():
        moved_to_namespace(part, space)
    return element


def _past_tense(outgoing: Outgoing, scene: Scene) -> Outgoing:
    if outgoing.role not in _ANSWERS or scene.request is None:
        return outgoing
    return outgoing.with_header(verb=PAST_TENSE.get(scene.request.verb or "", "reply"))


def _present_tense(outgoing: Outgoing, _: Scene) -> Outgoing:
    return outgoing.with_header(verb="create") if outgoing.role == "event" else outgoing


def _own_correlation(outgoing: Outgoing, scene: Scene) -> Outgoing:
    return outgoing.with_header(correlation_id=scene.new_id()) if outgoing.role in _ANSWERS else outgoing


def _no_correlation(outgoing: Outgoing, _: Scene) -> Outgoing:
    return outgoing.with_header(correlation_id=None) if outgoing.role in _ANSWERS else outgoing


def _ok_with_errors(said: Reply) -> Reply:
    return replace(said, errors=(*said.errors, ReplyError(code="5.3", level="FATAL", reason="failed")))


def _dangling(element: Element) -> Element:
    for item in every(element, "ReadingType"):
        if item.get("ref") is not None:
            item.set("ref", "energy-type-1")
    return element


def _malformed_event_type(element: Element) -> Element:
    for item in every(element, "EndDeviceEventType"):
        if item.get("ref") is not None:
            item.set("ref", "switch.opened")
    return element


def _payload_of_another_noun(outgoing: Outgoing, _: Scene) -> Outgoing:
    if outgoing.noun != "MeterReadings" or not outgoing.draft.payload:
        return outgoing
    return outgoing.with_payload([root("EndDeviceEvents")])


def _value_first(element: Element) -> Element:
    for name in ("Readings", "IntervalReadings"):
        for reading in every(element, name):
            value = child(reading, "value")
            if value is not None:
                reading.insert(0, value)
    return element


def _created_missing(element: Element) -> Element:
    for item in every(element, "createdDateTime"):
        drop(item)
    return element


def _blocks_without_type(element: Element) -> Element:
    for block in every(element, "IntervalBlocks"):
        remove(block, "ReadingType")
    return element


def _strange_child(element: Element) -> Element:
    found = first(element, "MeterReading")
    if found is not None:
        sub(found, "Remark", "read by hand")
    return element


def _said(path: tuple[str, ...], text: str) -> Deviation:
    return tree(lambda element: set_text(element, path, lambda _: text))


def _with_root_only(element: Element) -> Element:
    return element if local_name(element) == "FaultMessage" else remove(element, "Reply", "Result")


def _fixed_time(_: str, scene: Scene) -> str:
    midnight = scene.now.replace(hour=0, minute=0, second=0, microsecond=0)
    return timestamp(midnight - timedelta(days=30))


ENVELOPE: tuple[Fault, ...] = (
    fault("reply_not_well_formed", "ENV-001", "the end of an answer is cut off", Deviation(wire=_cut_off)),
    fault("document_type_declared", "ENV-001", "messages carry a DTD", Deviation(wire=_declared)),
    fault(
        "header_out_of_order",
        "ENV-002",
        "Timestamp, MessageID and Source stand first in the Header",
        tree(_header_out_of_order),
    ),
    fault(
        "payload_before_reply",
        "ENV-002",
        "the Payload stands before the Reply",
        tree(_payload_first, "response", "result"),
    ),
    fault("result_missing", "ENV-002", "the Reply has no Result", tree(_with_root_only, *_ANSWERS)),
    fault(
        "result_in_lower_case",
        "ENV-002",
        "the Result is ok, partial or failed",
        tree(lambda item: set_text(item, ("Reply", "Result"), str.lower)),
    ),
    fault("envelope_in_www_namespace", "ENV-002", "the envelope namespace says www.iec.ch", tree(_in_www)),
    fault("timestamp_is_false", "ENV-002", "the Timestamp is the word false", _said(("Header", "Timestamp"), "false")),
    fault(
        "verb_capitalised",
        "ENV-003",
        "the verb is written Reply, Created",
        header(verb=lambda said, _: said.capitalize()),
    ),
    fault(
        "verb_upper_case", "ENV-003", "the verb is written REPLY, CREATED", header(verb=lambda said, _: said.upper())
    ),
    fault(
        "noun_with_get_prefix",
        "ENV-004",
        "answers carry the noun GetMeterReadings",
        header(noun=lambda said, _: said.replace("MeterReadings", "GetMeterReadings")),
    ),
    fault(
        "noun_of_its_own",
        "ENV-004",
        "the noun is one that the standard does not have",
        header(noun=lambda said, _: f"{said}List"),
    ),
    fault(
        "event_with_present_tense_verb",
        "ENV-005",
        "events carry create instead of created",
        Deviation(outgoing=_present_tense),
    ),
    fault(
        "past_tense_response",
        "ENV-006",
        "a control is answered with created instead of reply",
        Deviation(outgoing=_past_tense),
    ),
    fault("correlation_id_missing", "ENV-007", "answers have no CorrelationID", Deviation(outgoing=_no_correlation)),
    fault(
        "correlation_id_changed",
        "ENV-007",
        "the CorrelationID comes back in capitals",
        header(correlation_id=lambda said, _: said.swapcase()),
    ),
    fault(
        "correlation_id_of_its_own",
        "ENV-007",
        "answers have a CorrelationID of their own",
        Deviation(outgoing=_own_correlation),
    ),
    fault("message_id_missing", "ENV-008", "no message has a MessageID", header(message_id=lambda _said, _scene: None)),
    fault(
        "message_id_reused",
        "ENV-009",
        "all messages have the same MessageID",
        header(message_id=lambda _said, _scene: _FIXED_ID),
    ),
    fault("timestamp_missing", "ENV-010", "no message has a Timestamp", header(timestamp=lambda _said, _scene: None)),
    fault(
        "timestamp_without_zone",
        "ENV-011",
        "the Timestamp has no time zone",
        header(timestamp=lambda said, _: said.rstrip("Z")),
    ),
    fault(
        "timestamp_off_by_a_day",
        "ENV-012",
        "the Timestamp is of yesterday",
        header(timestamp=lambda _, scene: timestamp(scene.now - timedelta(days=1))),
    ),
    fault(
        "timestamp_local_marked_utc",
        "ENV-012",
        "the Timestamp is local time, two hours ahead, with a Z",
        header(timestamp=lambda _, scene: timestamp(scene.now + timedelta(hours=2))),
    ),
    fault("timestamp_fixed", "ENV-012", "all messages have the same Timestamp", header(timestamp=_fixed_time)),
    fault("ok_with_errors", "ENV-013", "a Result of OK comes with a fatal Error", reply(_ok_with_errors, OK)),
    fault(
        "failed_without_errors",
        "ENV-014",
        "a Result of FAILED comes without an Error",
        reply(lambda said: replace(said, errors=()), "FAILED"),
    ),
    fault(
        "partial_without_errors",
        "ENV-015",
        "a Result of PARTIAL comes without an Error",
        reply(lambda said: replace(said, errors=()), "PARTIAL"),
    ),
    fault(
        "error_code_unknown",
        "ENV-016",
        "an unknown meter is reported with a code that Annex B does not have",
        Deviation(codes={"meter": "2.99"}),
    ),
    fault("error_code_in_words", "ENV-016", "error codes are words", Deviation(codes={"meter": "UNKNOWN_METER"})),
    fault("reading_type_ref_dangling", "ENV-017", "readings refer to a type that is nowhere", tree(_dangling)),
    fault("event_type_malformed", "ENV-017", "events refer to a type that is no code", tree(_malformed_event_type)),
    fault(
        "payload_of_another_noun",
        "ENV-018",
        "the payload of MeterReadings is EndDeviceEvents",
        Deviation(outgoing=_payload_of_another_noun),
    ),
    fault(
        "payload_value_before_timestamp",
        "ENV-019",
        "the value of a reading stands before its timeStamp",
        tree(_value_first),
    ),
    fault("created_date_time_missing", "ENV-019", "events have no createdDateTime", tree(_created_missing)),
    fault(
        "interval_block_without_type",
        "ENV-019 MR-014",
        "an IntervalBlock has no ReadingType",
        tree(_blocks_without_type),
    ),
    fault("payload_with_strange_element", "ENV-019", "a MeterReading has an element of its own", tree(_strange_child)),
    fault(
        "payload_without_namespace",
        "ENV-019",
        "the payload is in no namespace",
        tree(lambda item: _payload_moved(item, "")),
    ),
    fault(
        "payload_in_envelope_namespace",
        "ENV-019",
        "the payload is in the namespace of the envelope",
        tree(lambda item: _payload_moved(item, EDITION_2013.envelope)),
    ),
)
