"""Whatever is built, serialised, wrapped, unwrapped and read is what was meant: for any text that XML can hold."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from conformance.message.build import Draft, build, build_unchecked, root, serialise
from conformance.message.controls import Control, Event, end_device_controls, end_device_events, read_controls
from conformance.message.controls import read_events as read_events_of
from conformance.message.meter_readings import (
    MeterReading,
    Window,
    asked,
    get_meter_readings,
    meter_readings,
    read_meter_readings,
)
from conformance.message.model import Header, Identified, ObjectId
from conformance.message.parse import parse
from conformance.message.soap import SoapVersion, to_envelope, to_typed, unwrap, wrap
from conformance.message.xml import child, children, text
from conformance.standard.editions import EDITION_2013, MESSAGE_KINDS
from conformance.standard.schemas import SchemaStore
from tests.message import strategies as draw

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conformance.message.model import Message

    Element = etree._Element

STORE = SchemaStore()


def same(message: Message, draft: Draft) -> None:
    """Assert that ``message`` says what ``draft`` was to say."""
    assert message.kind == draft.kind
    assert message.header == draft.header
    said = message.reply
    if said is not None:
        said = replace(said, errors=tuple(replace(error, line=None) for error in said.errors))
    assert said == draft.reply
    assert (message.request is None) == (draft.request is None)
    if draft.request is not None:
        assert (text(message.request, "StartTime"), text(message.request, "EndTime")) == (draft.start, draft.end)
        assert [asked(item) for item in children(message.request, "GetMeterReadings")] == [
            asked(item) for item in draft.request
        ]
    assert [etree.tostring(item, method="c14n2") for item in message.payloads] == [
        etree.tostring(item, method="c14n2") for item in draft.payload
    ]
    ids = children(message.payload, "ID")
    assert [item.text or "" for item in ids] == [item.value for item in draft.payload_ids]


@given(draft=draw.drafts(), version=st.sampled_from(["1.1", "1.2", "none"]))
def test_any_message_survives_its_envelope(draft: Draft, version: SoapVersion) -> None:
    """Each of the five kinds is read back as it was meant, in SOAP 1.1, SOAP 1.2 and as plain XML."""
    drafted = replace(draft, request=None if draft.request is None else tuple(map(copied, draft.request)))
    carried = unwrap(wrap(build(replace(drafted, payload=tuple(map(copied, draft.payload)))), version))
    assert carried.version == version
    assert carried.fault is None
    assert carried.message is not None
    assert not carried.message.typed
    same(carried.message, draft)


@given(draft=draw.drafts())
def test_whatever_is_built_is_valid(draft: Draft) -> None:
    """An envelope that ``build`` returns is valid, read back from its bytes too; so is each profile in it."""
    found = parse(serialise(build(draft)))
    assert STORE.problems(found.root) == []
    queries = list(children(found.request, "GetMeterReadings"))
    for profile in (*queries, *found.payloads):
        assert STORE.problems(profile) == []


@given(
    draft=draw.drafts().filter(lambda draft: draft.kind in ("RequestMessage", "EventMessage")),
    version=st.sampled_from(["1.1", "1.2", "none"]),
)
def test_typed_wrapping_changes_no_word(draft: Draft, version: SoapVersion) -> None:
    """A message in its typed wrapper reads as the same message, and the envelope can be made again."""
    assert draft.header is not None
    verb, noun = str(draft.header.verb), str(draft.header.noun)
    message = build(draft)
    wrapper = to_typed(message, verb=verb, noun=noun)
    carried = unwrap(wrap(copied(wrapper), version))
    assert carried.message is not None
    assert carried.message.typed
    same(carried.message, replace(draft, kind=carried.message.kind))
    assert carried.message.kind == draft.kind
    again = to_envelope(wrapper, draft.kind)
    assert etree.tostring(again, method="c14n2") == etree.tostring(message, method="c14n2")
    assert STORE.problems(again) == []


@given(draft=draw.drafts().filter(lambda draft: draft.kind in ("ResponseMessage", "FaultMessage")))
def test_typed_answers_are_read_as_answers(draft: Draft) -> None:
    """The wrappers of responses and faults are named after their noun; nothing else changes."""
    message = build(draft)
    carried = unwrap(wrap(to_typed(message, verb="reply", noun="MeterReadings"), "1.1"))
    assert carried.body is not None
    assert etree.QName(carried.body).localname == f"MeterReadings{draft.kind}"
    assert etree.QName(carried.body).namespace == EDITION_2013.wrapper("MeterReadings")
    assert carried.message is not None
    same(carried.message, draft)


@given(meters=st.lists(draw.IDENTITIES), types=st.lists(draw.NAMES), window=st.none() | draw.WINDOWS)
def test_query_round_trip(meters: list[Identified], types: list[str], window: Window | None) -> None:
    """Meters, reading types and window of a GetMeterReadings come back."""
    element = read_again(get_meter_readings(meters, types, window))
    assert asked(element) == (meters, types, window)


def read_again(element: Element) -> Element:
    """Return ``element`` after a journey as bytes."""
    return etree.fromstring(serialise(element))


def carried_by_event(element: Element) -> Message:
    """Return an event whose payload is ``element``, read from bytes."""
    header = Header(verb="created", noun="MeterReadings")
    return parse(serialise(build(Draft(kind="EventMessage", header=header, payload=(element,)))))


@given(entries=draw.METER_READINGS)
def test_readings_round_trip(entries: list[MeterReading]) -> None:
    """Registers, intervals, qualities, periods and usage points come back, each with its line."""
    found = read_meter_readings(carried_by_event(meter_readings(entries)))
    assert all(item.line and all(reading.line for reading in item.readings) for item in found)
    bare = [
        replace(item, line=None, readings=tuple(replace(reading, line=None) for reading in item.readings))
        for item in found
    ]
    assert bare == entries


@given(controls=draw.CONTROLS)
def test_controls_round_trip(controls: Sequence[Control]) -> None:
    """Types, devices and reasons of controls come back."""
    assert read_controls(carried_by_event(end_device_controls(controls))) == controls


@given(events=draw.EVENTS)
def test_events_round_trip(events: Sequence[Event]) -> None:
    """Types, times, devices and details of events come back, each with its line."""
    found = read_events_of(carried_by_event(end_device_events(events)))
    assert all(item.line for item in found)
    assert [replace(item, line=None) for item in found] == events


@given(identity=draw.IDENTITIES, ids=st.lists(draw.OBJECT_IDS, min_size=1))
def test_ids_and_names_lose_no_attribute(identity: Identified, ids: list[ObjectId]) -> None:
    """The IDs of a payload keep their attributes; what a name is said to be is what a person reads."""
    draft = Draft(kind="EventMessage", header=Header(verb="created", noun="MeterReadings"), payload_ids=tuple(ids))
    payload = parse(serialise(build(draft))).payload
    found = [
        ObjectId(
            value=item.text or "",
            kind=item.get("kind"),
            object_type=item.get("objectType"),
            id_type=item.get("idType"),
            id_authority=item.get("idAuthority"),
        )
        for item in children(payload, "ID")
    ]
    assert found == ids
    assert str(identity) in {identity.mrid, *(name.name for name in identity.names), "(unnamed)"}


@pytest.mark.parametrize("kind", MESSAGE_KINDS)
def test_every_kind_is_a_kind_of_message(kind: str) -> None:
    """Every one of the five kinds is read under its own name, whatever stands in it."""
    message = parse(serialise(build_unchecked(Draft(kind=kind))))
    assert (message.kind, message.typed, message.header, message.reply) == (kind, False, None, None)
    assert child(message.root, "Header") is None


def copied(element: Element) -> Element:
    """Return a copy: an lxml element has one parent, so that building moves it."""
    return etree.fromstring(etree.tostring(element))


def test_roots_are_in_their_namespace() -> None:
    """A profile's root is in the namespace that the edition gives it."""
    assert root("MeterReadings").tag == "{http://iec.ch/TC57/2011/MeterReadings#}MeterReadings"
