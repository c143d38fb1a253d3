"""create(EndDeviceControls): which meters are switched, and the events that say so (TR 61968-900, 7.2 to 7.5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.message.build import timestamp
from conformance.message.controls import Control, Event, read_controls
from conformance.reference.deviation import Order, Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conformance.message.model import Message
    from conformance.reference.deviation import Conduct, Scene
    from conformance.reference.meters import ReferenceMeter

CONNECT, CONNECTED = "3.31.0.18", "3.31.0.42"
DISCONNECT, DISCONNECTED = "3.31.0.23", "3.31.0.68"
POWER_FAILED = "3.26.0.85"
#: The event that reports each control done (facts/codes/end_device_event_types.tsv).
REPORTED_AS = {CONNECT: CONNECTED, DISCONNECT: DISCONNECTED}


def orders(message: Message, scene: Scene, conduct: Conduct) -> tuple[list[Order], list[Problem]]:
    """Return what is to be done, and a problem for each object that is not known."""
    found: list[Order] = []
    problems: dict[Problem, None] = {}
    for control in read_controls(message):
        if control.control_type not in REPORTED_AS and not conduct.skips("control-type"):
            problems[Problem(name="control-type", subject=control.control_type or "")] = None
            continue
        for item in _devices(control, scene, conduct):
            if isinstance(item, Problem):
                problems[item] = None
            else:
                found.append(Order(meter=item, control_type=control.control_type or ""))
    return found, list(problems)


def _devices(control: Control, scene: Scene, conduct: Conduct) -> list[ReferenceMeter | Problem]:
    found: list[ReferenceMeter | Problem] = []
    for identity in control.devices:
        meter = scene.fleet.find(identity, conduct.naming)
        found.append(Problem(name="meter", subject=identity) if meter is None else meter)
    return found


def execute(wanted: Sequence[Order], scene: Scene) -> list[Event]:
    """Switch the meters and return one event for each order."""
    events = []
    for order in wanted:
        if order.control_type in REPORTED_AS:
            order.meter.switch(connected=order.control_type == CONNECT, moment=scene.now)
        event_type = REPORTED_AS.get(order.control_type, DISCONNECTED)
        scene.fleet.note(scene.now, order.meter.mrid, event_type)
        events.append(event(order.meter, event_type, scene))
    return events


def event(meter: ReferenceMeter, event_type: str, scene: Scene) -> Event:
    """Return what happened at ``meter`` just now."""
    return Event(
        event_type=event_type,
        created=timestamp(scene.now),
        device=meter.identity,
        mrid=scene.new_id(),
    )
