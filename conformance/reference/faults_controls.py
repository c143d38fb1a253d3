"""Faults in controls and in the events that follow them or come by themselves (requirements CTL, EVT)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from conformance.message.build import new_id
from conformance.message.controls import read_controls
from conformance.message.model import Identified, Reply, ReplyError
from conformance.reference.deviation import Deviation, Outcome, Problem
from conformance.reference.fault import Fault, fault, later
from conformance.reference.faults_events import (
    changed_events,
    control_events,
    doubled,
    nameless,
    next_device,
    too_early,
)
from conformance.reference.switching import CONNECT, CONNECTED, DISCONNECT, DISCONNECTED
from conformance.standard.editions import FAILED, OK

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.message.controls import Event
    from conformance.message.model import Message
    from conformance.reference.deviation import Order, Outgoing, Scene, Wire


NOUN = "EndDeviceControls"


def _control_reply(change: Callable[[Reply], Reply], *results: str) -> Deviation:
    """Change the Reply to controls whose Result is one of ``results``."""

    def changed(outgoing: Outgoing, _: Scene) -> Outgoing:
        said = outgoing.reply
        fits = outgoing.noun == NOUN and outgoing.role in ("response", "result")
        return outgoing.with_reply(change(said)) if fits and said is not None and said.result in results else outgoing

    return Deviation(outgoing=changed)


def _no_answer(outcome: Outcome, scene: Scene) -> Outcome:
    mine = scene.request is not None and scene.request.noun == NOUN
    return replace(outcome, answer=None) if mine else outcome


def _opposite(item: Event, _: Scene) -> Event:
    other = {CONNECTED: DISCONNECTED, DISCONNECTED: CONNECTED}
    return replace(item, event_type=other.get(item.event_type or "", item.event_type))


def _other_identifier(item: Event, scene: Scene) -> Event:
    controls = read_controls(scene.request) if scene.request is not None else []
    by_name = any(device.names for control in controls for device in control.devices)
    device = Identified(mrid=item.device.mrid) if by_name else Identified(names=item.device.names)
    return replace(item, device=device)


def _control_problems(change: Callable[[list[Problem]], list[Problem]]) -> Deviation:
    def changed(found: list[Problem], scene: Scene) -> list[Problem]:
        mine = scene.request is not None and scene.request.noun == NOUN
        return change(found) if mine else found

    return Deviation(problems=changed)


def _without_meters(found: list[Problem]) -> list[Problem]:
    return [item for item in found if item.name != "meter"]


def _none_executed(found: list[Order], scene: Scene) -> list[Order]:
    return [] if _some_unknown(scene) else found


def _some_unknown(scene: Scene) -> bool:
    controls = read_controls(scene.request) if scene.request is not None else []
    return any(scene.fleet.find(device) is None for control in controls for device in control.devices)


def _partial_without_events(outcome: Outcome, scene: Scene) -> Outcome:
    if scene.request is None or scene.request.noun != NOUN or not _some_unknown(scene):
        return outcome
    return replace(outcome, later=tuple(item for item in outcome.later if item.role != "event"))


def _mixed_up(found: list[Order], _: Scene) -> list[Order]:
    types = [order.control_type for order in found]
    other = {CONNECT: DISCONNECT, DISCONNECT: CONNECT}
    if len(set(types)) < 2:
        return found
    return [replace(order, control_type=other.get(order.control_type, order.control_type)) for order in found]


def _events_first(outcome: Outcome, _: Scene) -> Outcome:
    events = tuple(item for item in outcome.later if item.role == "event")
    rest = tuple(item for item in outcome.later if item.role != "event")
    return replace(outcome, before=events, later=rest) if events and outcome.answer is not None else outcome


def _reply_delayed(wire: Wire, scene: Scene) -> Wire:
    """Hold the reply to a control back: an event that is only just earlier could be a race of the network."""
    control = scene.role == "response" and scene.request is not None and scene.request.noun == NOUN
    return replace(wire, delay_s=1.0) if control else wire


def _wrong_correlation(items: list[Outgoing]) -> list[Outgoing]:
    return [item.with_header(correlation_id=new_id()) for item in items]


def _by_name_refused(message: Message, _: Scene) -> Problem | None:
    devices = [device for control in read_controls(message) for device in control.devices]
    nameless = [device for device in devices if device.mrid is None]
    return Problem(name="meter", subject=nameless[0]) if nameless else None


def _type_added(outcome: Outcome, scene: Scene) -> Outcome:
    request = scene.request
    untyped = request is not None and any(item.control_type is None for item in read_controls(request))
    if not untyped or outcome.answer is None:
        return outcome
    return replace(outcome, answer=outcome.answer.with_reply(Reply(result=OK)))


def _refused_but_done(outcome: Outcome, scene: Scene) -> Outcome:
    request = scene.request
    types = [item.control_type for item in read_controls(request)] if request is not None else []
    if outcome.answer is None or "99.99.99.999" not in types:
        return outcome
    refusal = Reply(result=FAILED, errors=(ReplyError(code="5.2", level="FATAL", reason="unknown control type"),))
    return replace(outcome, answer=outcome.answer.with_reply(refusal))


def _never_for_controls(items: list[Outgoing]) -> list[Outgoing]:
    return [item for item in items if item.noun != NOUN]


CONTROLS: tuple[Fault, ...] = (
    fault(
        "control_not_replied",
        "CTL-001",
        "a control gets an empty HTTP 202 instead of a reply",
        Deviation(outcome=_no_answer),
    ),
    fault(
        "control_replied_failed",
        "CTL-001",
        "a control that is done is answered with FAILED",
        _control_reply(lambda _: Reply(result=FAILED, errors=(ReplyError(code="5.3"),)), OK),
    ),
    fault("control_event_missing", "CTL-002", "no event says that a control was done", control_events(lambda _: [])),
    fault(
        "control_event_wrong_correlation",
        "CTL-003",
        "the events of a control have a CorrelationID of their own",
        control_events(_wrong_correlation),
    ),
    fault(
        "control_event_without_correlation",
        "CTL-003",
        "the events of a control have no CorrelationID",
        control_events(lambda items: [item.with_header(correlation_id=None) for item in items]),
    ),
    fault(
        "control_one_event_for_two",
        "CTL-004",
        "a control of several meters is reported for the first one only",
        control_events(lambda items: items[:1]),
    ),
    fault("control_event_doubled", "CTL-005", "each event of a control comes twice", control_events(doubled)),
    fault(
        "control_event_wrong_type",
        "CTL-006",
        "connected is reported as disconnected, and the reverse",
        changed_events(_opposite, asked=True),
    ),
    fault(
        "control_event_without_device",
        "CTL-007",
        "the events of a control name no meter",
        Deviation(tree=lambda item, scene: nameless(item) if scene.request is not None else item),
    ),
    fault(
        "control_event_of_another_meter",
        "CTL-007",
        "the events of a control name the next meter",
        changed_events(next_device, asked=True),
    ),
    fault(
        "control_event_names_device_differently",
        "CTL-007",
        "an event of a control by name brings the mRID only, and the reverse",
        changed_events(_other_identifier, asked=True),
    ),
    fault(
        "control_event_created_before_request",
        "CTL-008",
        "the events of a control are a day older than the control",
        changed_events(too_early, asked=True),
    ),
    fault(
        "control_unknown_meter_ok",
        "CTL-009",
        "unknown meters in a control are passed over in silence",
        _control_problems(_without_meters),
    ),
    fault(
        "control_unknown_meter_not_named",
        "CTL-010",
        "the Error of an unknown meter in a control does not say which",
        _control_reply(
            lambda said: replace(said, errors=tuple(replace(item, ids=()) for item in said.errors)), "PARTIAL", "FAILED"
        ),
    ),
    fault(
        "control_unknown_meter_executed_none",
        "CTL-011",
        "a control answered PARTIAL is neither done nor reported",
        Deviation(outcome=_partial_without_events),
    ),
    fault(
        "control_unknown_meter_fails_all",
        "CTL-009 CTL-011",
        "one unknown meter makes the whole control fail",
        Deviation(orders=_none_executed),
    ),
    fault(
        "control_all_unknown_ok",
        "CTL-012",
        "a control of unknown meters only is answered OK",
        _control_reply(lambda _: Reply(result=OK), FAILED),
    ),
    fault(
        "control_all_unknown_partial",
        "CTL-012",
        "a control of unknown meters only is answered PARTIAL",
        _control_reply(lambda said: replace(said, result="PARTIAL"), FAILED),
    ),
    fault(
        "control_unknown_type_ok",
        "CTL-013",
        "an unknown control type is executed as a disconnection",
        Deviation(skips=frozenset({"control-type"})),
    ),
    fault(
        "control_refused_but_done",
        "CTL-013",
        "an unknown control type is refused, and executed as a disconnection all the same",
        Deviation(skips=frozenset({"control-type"}), outcome=_refused_but_done),
    ),
    fault(
        "control_by_name_refused",
        "CTL-014",
        "a control of a meter by name is refused",
        Deviation(refuses=_by_name_refused),
    ),
    fault(
        "control_types_mixed_up",
        "CTL-015",
        "two different controls in one message are exchanged",
        Deviation(orders=_mixed_up),
    ),
    fault(
        "control_result_not_sent",
        "CTL-016",
        "the later reply to a control never comes",
        later(_never_for_controls, "result", noun=NOUN),
    ),
    fault(
        "control_event_before_reply",
        "CTL-017",
        "the events of a control come before its reply",
        Deviation(outcome=_events_first, wire=_reply_delayed),
    ),
    fault(
        "control_without_type_ok",
        "CTL-018",
        "a control without its type is answered OK",
        Deviation(outcome=_type_added),
    ),
)
