"""Checks of controls and of the events that they cause (CTL; TR 61968-900, 7.2 to 7.5)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from conformance.checks.answers import came
from conformance.checks.each import shown
from conformance.checks.finding import NothingToJudgeError
from conformance.checks.naming import same_device
from conformance.checks.registry import check
from conformance.checks.replies import about
from conformance.checks.scene import Arrived
from conformance.message.controls import Event, read_controls, read_events
from conformance.standard.times import as_utc, parse_time

if TYPE_CHECKING:
    from conformance.checks.finding import Finding
    from conformance.checks.scene import Scene
    from conformance.message.model import Identified, Message

CONTROL, EVENT = "EndDeviceControlType", "EndDeviceEventType"
#: Two sockets are read by two processes; within this many seconds (s) their order says nothing.
_RACE_S = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """An event and the message that brought it."""

    event: Event
    source: Arrived


def reported(scene: Scene) -> list[Reported]:
    """Return the events that came for the newest control.

    A meter may report other things meanwhile: what counts carries the CorrelationID of the control, or is of a type
    that is declared for a control.
    """
    request = scene.last.asked.message
    correlation = request.correlation_id if request is not None else None
    due = set(scene.terms.control_events.values())
    return [
        Reported(event=event, source=item)
        for item in scene.last.later
        if item.message is not None
        for event in read_events(item.message)
        if event.event_type in due or (correlation and item.message.correlation_id == correlation)
    ]


def _ordered(scene: Scene) -> list[tuple[Identified, str]]:
    """Return (device, control type) of the known devices of the newest control."""
    message = scene.last.asked.message
    return [
        (device, control.control_type or "")
        for control in (read_controls(message) if message is not None else ())
        for device in control.devices
        if scene.terms.meter(device) is not None
    ]


def _events_of(scene: Scene, device: Identified) -> list[Reported]:
    meter = scene.terms.meter(device) or device
    return [item for item in reported(scene) if same_device(item.event.device, meter)]


def _some(scene: Scene) -> Iterator[Finding]:
    if not reported(scene):
        others = ", ".join(str(item) for item in (*scene.last.later, *scene.unsolicited)) or "nothing"
        observed = f"to the request: {came(scene.last)}; later: {others}"
        yield about(scene, "created(EndDeviceEvents) for the control", observed)


@check("each meter is reported by an event")
def each_reported(scene: Scene) -> Iterator[Finding]:
    """Judge CTL-002, CTL-004, CTL-011, CTL-014: created(EndDeviceEvents), an EventMessage."""
    for device, control_type in _ordered(scene):
        events = _events_of(scene, device)
        if not events:
            observed = f"{len(reported(scene))} event(s) came, none of which names it"
            expected = f"an event of {device} for the control {scene.terms.code(CONTROL, control_type)}"
            yield about(scene, expected, observed)
        elif not any(_is_news(item.source.message) for item in events):
            message = events[0].source.message
            observed = f"{message} in a {message.kind if message else 'message'}"
            yield about(scene, "created(EndDeviceEvents) in an EventMessage", observed, events[0].source)


def _is_news(message: Message | None) -> bool:
    return message is not None and (message.kind, message.verb) == ("EventMessage", "created")


@check("no event reports the refused control")
def nothing_reported(scene: Scene) -> Iterator[Finding]:
    """Judge CTL-013 and CTL-018: what was refused must not be done all the same."""
    for item in reported(scene):
        observed = f"an event {scene.terms.code(EVENT, item.event.event_type)} of {item.event.device}"
        yield about(scene, "no event, since the control was refused", observed, item.source)


@check("no meter is reported twice")
def none_reported_twice(scene: Scene) -> Iterator[Finding]:
    """Judge CTL-005. Events of other types may accompany a control."""
    yield from _some(scene)
    for device, _control_type in _ordered(scene):
        for event_type, times in Counter(item.event.event_type for item in _events_of(scene, device)).items():
            if times > 1:
                expected = f"one event {scene.terms.code(EVENT, event_type)} of {device}"
                yield about(scene, expected, f"{times} events")


@check("each event carries the CorrelationID of the control")
def events_correlated(scene: Scene) -> Iterator[Finding]:
    """Judge CTL-003, for systems that claim it."""
    yield from _some(scene)
    request = scene.last.asked.message
    for item in reported(scene):
        message = item.source.message
        if message is not None and request is not None and message.correlation_id != request.correlation_id:
            expected = f'CorrelationID "{request.correlation_id}"'
            yield about(scene, expected, f'it is "{message.correlation_id}"', item.source, "Header/CorrelationID")


@check("each event is of the type declared for its control")
def event_type_declared(scene: Scene) -> Iterator[Finding]:
    """Judge CTL-006 and CTL-015: against test_data.controls of SUT.toml."""
    yield from _some(scene)
    for device, control_type in _ordered(scene):
        due = scene.terms.control_events.get(control_type)
        types = [item.event.event_type for item in _events_of(scene, device)]
        if due is not None and due not in types:
            observed = ", ".join(scene.terms.code(EVENT, name) for name in types) or "no event"
            control = scene.terms.code(CONTROL, control_type)
            yield about(
                scene, f"an event {scene.terms.code(EVENT, due)} of {device} for the control {control}", observed
            )


@check("each event names its meter as the control did")
def event_names_meter(scene: Scene) -> Iterator[Finding]:
    """Judge CTL-007."""
    yield from _some(scene)
    devices = [device for device, _control_type in _ordered(scene)]
    for item in reported(scene):
        if not any(same_device(item.event.device, device) for device in devices):
            expected = f"Assets with {' or '.join(str(device) for device in devices)}"
            observed = f"the event names {item.event.device}"
            yield about(scene, expected, observed, item.source, f"EndDeviceEvent, line {item.event.line}")


@check("no event was created before the control")
def event_not_earlier(scene: Scene) -> Iterator[Finding]:
    """Judge CTL-008. A time without zone may be meant in any zone and is not judged; no time at all is no proof."""
    yield from _some(scene)
    earliest = scene.last.asked.at - scene.terms.max_clock_skew_s
    for item in reported(scene):
        created = parse_time(item.event.created)
        if created is None or (created.tzinfo is not None and as_utc(created).timestamp() < earliest):
            expected = f"createdDateTime not before the control (skew {scene.terms.max_clock_skew_s:g} s)"
            yield about(scene, expected, f"it is {shown(item.event.created)}", item.source, f"line {item.event.line}")


@check("the reply comes before the events")
def reply_first(scene: Scene) -> Iterator[Finding]:
    """Judge CTL-017: an event came clearly earlier, and its own Timestamp does not say otherwise.

    Raises NothingToJudgeError when no event or no reply came; that is for other requirements to say.
    """
    answer = scene.last.answer
    if answer is None or answer.message is None or not reported(scene):
        raise NothingToJudgeError("no event came, or no reply")
    for item in reported(scene):
        if item.source.at < answer.at - _RACE_S and not _stamped_later(item.source, answer):
            early = answer.at - item.source.at
            yield about(scene, "the reply first, then the events", f"an event came {early:.3f} s earlier", item.source)


def _stamped_later(one: Arrived, other: Arrived) -> bool:
    stamps = [parse_time(item.message.header.timestamp) if item.message and item.message.header else None
              for item in (one, other)]  # fmt: skip
    return stamps[0] is not None and stamps[1] is not None and as_utc(stamps[0]) > as_utc(stamps[1])
