"""Checks of messages that the system sends by itself (EVT, MR-016, MR-017; TR 61968-900, 6.6 and 7.6).

A system at work may publish other things meanwhile: what counts is that the message in question is among them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from conformance.checks.controls import EVENT, Reported
from conformance.checks.each import shown
from conformance.checks.finding import Finding
from conformance.checks.naming import same_device
from conformance.checks.registry import check
from conformance.message.controls import read_events
from conformance.message.meter_readings import read_meter_readings
from conformance.message.model import Identified
from conformance.message.xml import local_name
from conformance.standard.times import as_utc, parse_time

if TYPE_CHECKING:
    from conformance.checks.scene import Arrived, Scene
    from conformance.message.model import Message


def _published(scene: Scene, profile: str) -> list[Arrived]:
    return [
        item
        for item in scene.unsolicited
        if item.message is not None and profile in [local_name(payload) for payload in item.message.payloads]
    ]


def _finding(scene: Scene, expected: str, observed: str, where: str = "") -> Finding:
    ids = tuple(item.id for item in scene.unsolicited)
    return Finding(expected=expected, observed=observed, where=where, messages=ids)


def _meter(scene: Scene) -> Identified:
    named = Identified(mrid=scene.terms.stimulus_meter)
    return scene.terms.meter(named) or named


def _is_event(message: Message | None, noun: str) -> bool:
    return message is not None and message.kind == "EventMessage" and (message.verb, message.noun) == ("created", noun)


@check(r"created\((?P<noun>EndDeviceEvents|MeterReadings)\) is published")
def published(scene: Scene, noun: str) -> Iterator[Finding]:
    """Judge EVT-001 and MR-016."""
    if not any(_is_event(item.message, noun) for item in _published(scene, noun)):
        things = scene.unsolicited
        came = ", ".join(f"{item} in a {item.message.kind}" if item.message else str(item) for item in things)
        yield _finding(scene, f"created({noun}) in an EventMessage", came or "nothing came")


def _events(scene: Scene) -> list[Reported]:
    return [
        Reported(event=event, source=item)
        for item in _published(scene, "EndDeviceEvents")
        if item.message is not None
        for event in read_events(item.message)
    ]


def _of_meter(scene: Scene) -> list[Reported]:
    return [item for item in _events(scene) if same_device(item.event.device, _meter(scene))]


@check("an event names the meter")
def event_of_meter(scene: Scene) -> Iterator[Finding]:
    """Judge EVT-002."""
    if not _of_meter(scene):
        named = ", ".join(str(item.event.device) for item in _events(scene)) or "no event came"
        yield _finding(scene, f"an event of {_meter(scene)}", f"named: {named}", "EndDeviceEvent/Assets")


@check("an event of the meter has the declared type")
def event_type(scene: Scene) -> Iterator[Finding]:
    """Judge EVT-003: against stimuli.end_device_event of SUT.toml."""
    types = [item.event.event_type for item in _of_meter(scene)]
    if scene.terms.stimulus_event not in types:
        observed = ", ".join(scene.terms.code(EVENT, name) for name in types) or "no event of the meter came"
        expected = f"an event {scene.terms.code(EVENT, scene.terms.stimulus_event)}"
        yield _finding(scene, expected, observed, EVENT)


@check("the event comes once")
def event_once(scene: Scene) -> Iterator[Finding]:
    """Judge EVT-004: the declared type, of the meter."""
    count = sum(item.event.event_type == scene.terms.stimulus_event for item in _of_meter(scene))
    if count != 1:
        expected = f"one event {scene.terms.code(EVENT, scene.terms.stimulus_event)} of {_meter(scene)}"
        yield _finding(scene, expected, f"{count} came")


@check("the event says when it happened")
def event_time(scene: Scene) -> Iterator[Finding]:
    """Judge EVT-005. A time without zone may be meant in any zone and is not judged."""
    items = _of_meter(scene)
    if not items:
        yield _finding(scene, f"an event of {_meter(scene)}", "none came")
    skew = scene.terms.max_clock_skew_s
    for item in items:
        created = parse_time(item.event.created)
        if created is not None and created.tzinfo is None:
            continue
        if created is None or not scene.started - skew <= as_utc(created).timestamp() <= item.source.at + skew:
            expected = f"createdDateTime as it happened (skew {skew:g} s)"
            yield _finding(scene, expected, f"it is {shown(item.event.created)}", f"line {item.event.line}")


@check("the published readings name the meter")
def readings_of_meter(scene: Scene) -> Iterator[Finding]:
    """Judge MR-017."""
    named = [
        entry.meter
        for item in _published(scene, "MeterReadings")
        if item.message is not None
        for entry in read_meter_readings(item.message)
    ]
    if not any(same_device(meter, _meter(scene)) for meter in named):
        observed = ", ".join(str(meter) for meter in named) or "no readings came"
        yield _finding(scene, f"readings of {_meter(scene)}", observed, "MeterReading/Meter")
