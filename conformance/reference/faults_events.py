"""Faults in the events that come by themselves (requirements EVT), and what they share with those of controls."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from conformance.message.build import new_id, timestamp
from conformance.reference.deviation import Deviation, Outcome
from conformance.reference.edit import every, remove
from conformance.reference.fault import Fault, fault, later

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.message.controls import Event
    from conformance.reference.deviation import Element, Outgoing, Scene

    Change = Callable[[Event, Scene], Event]

EVENTS = "EndDeviceEvents"


def changed_events(change: Change, *, asked: bool) -> Deviation:
    """Change every event that a control causes (``asked``), or that comes by itself."""

    def changed(found: list[Event], scene: Scene) -> list[Event]:
        fits = (scene.request is not None) == asked
        return [change(item, scene) for item in found] if fits else found

    return Deviation(events=changed)


def own_events(change: Callable[[list[Outgoing]], list[Outgoing]]) -> Deviation:
    """Change the event messages that come by themselves."""
    inner = later(change, "event", noun=EVENTS)

    def changed(outcome: Outcome, scene: Scene) -> Outcome:
        return inner.outcome(outcome, scene) if inner.outcome and scene.request is None else outcome

    return Deviation(outcome=changed)


def doubled(items: list[Outgoing]) -> list[Outgoing]:
    """Return each message twice, as two messages."""
    return [part for item in items for part in (item, item.with_header(message_id=new_id()))]


def next_device(item: Event, scene: Scene) -> Event:
    """Name the next meter."""
    mrids = [meter.mrid for meter in scene.fleet.meters]
    place = mrids.index(item.device.mrid or mrids[0])
    return replace(item, device=scene.fleet.meters[(place + 1) % len(mrids)].identity)


def too_early(item: Event, scene: Scene) -> Event:
    """Date the event to yesterday."""
    return replace(item, created=timestamp(scene.now - timedelta(days=1)))


def nameless(element: Element) -> Element:
    """Leave out which device it was."""
    for item in every(element, "EndDeviceEvent"):
        remove(item, "Assets")
    return element


def control_events(change: Callable[[list[Outgoing]], list[Outgoing]]) -> Deviation:
    """Change the event messages that a control causes."""
    inner = later(change, "event", noun=EVENTS)

    def changed(outcome: Outcome, scene: Scene) -> Outcome:
        return inner.outcome(outcome, scene) if inner.outcome and scene.request is not None else outcome

    return Deviation(outcome=changed)


EVENT_FAULTS: tuple[Fault, ...] = (
    fault("event_not_published", "EVT-001", "a power failure is not published", own_events(lambda _: [])),
    fault(
        "event_with_wrong_verb",
        "EVT-001",
        "a power failure is published with the verb changed",
        own_events(lambda items: [item.with_header(verb="changed") for item in items]),
    ),
    fault(
        "event_of_another_meter",
        "EVT-002",
        "a power failure is published for the next meter",
        changed_events(next_device, asked=False),
    ),
    fault(
        "event_without_device",
        "EVT-002",
        "a power failure is published without a meter",
        Deviation(tree=lambda item, scene: nameless(item) if scene.request is None else item),
    ),
    fault(
        "event_type_wrong",
        "EVT-003",
        "a power failure is published as power restored",
        changed_events(lambda item, _: replace(item, event_type="3.26.0.216"), asked=False),
    ),
    fault("event_doubled", "EVT-004", "a power failure is published twice", own_events(doubled)),
    fault(
        "event_created_a_day_ago",
        "EVT-005",
        "a power failure is dated to yesterday",
        changed_events(too_early, asked=False),
    ),
)
