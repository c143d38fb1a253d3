"""Steps that control meters. Whatever a scenario does, the meters are connected again when it ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.checks.answers import later_replies, reply_of
from conformance.checks.controls import each_reported, event_type_declared, reported
from conformance.errors import Inconclusive, InternalError
from conformance.message.controls import Control, end_device_controls, read_controls
from conformance.standard.editions import FAILED
from conformance.steps.define import given, when
from conformance.steps.requests import MANNERS, create_controls, later, outbound
from conformance.steps.vocabulary import UNKNOWN_CONTROL_TYPE

if TYPE_CHECKING:
    from conformance.checks.scene import Scene
    from conformance.exchange import Party
    from conformance.message.build import Draft
    from conformance.message.model import Identified
    from conformance.steps.vocabulary import Vocabulary

WORDS = {"disconnected": "disconnect", "connected": "connect"}


@given(r"(?P<meters>M\d) (?:can be|has been) disconnected")
def premise(party: Party, words: Vocabulary, meters: str) -> None:
    """Establish that the system serves what is legal: no refusal counts without its accepted twin."""
    send_control(party, words, meters, "disconnect")
    reply = reply_of(party.scene.last.answer)
    if reply is None or reply.result == FAILED:
        raise Inconclusive(f"the premise is broken: disconnecting {meters} was answered by {party.scene.last.answer}")


def send_control(party: Party, words: Vocabulary, meters: str, control: str) -> None:
    """Send one control for ``meters`` and wait for the events that it causes."""
    controls = [Control(control_type=words.control(control).control_type, devices=tuple(words.meters(meters)))]
    _send(party, words, create_controls(end_device_controls(controls), party.reply_address))


def _send(party: Party, words: Vocabulary, draft: Draft) -> None:
    """Send a control, and wait for what it leads to: the later reply if one was asked for, and events if claimed."""
    party.ask(outbound(draft))
    reply = reply_of(party.scene.last.answer)
    if reply is None or reply.result == FAILED:
        return
    if draft.header is not None and draft.header.is_async:
        what = "the later reply(EndDeviceControls)"
        party.wait(what, lambda scene: bool(later_replies(scene.last)), party.patience.result_s)
    if words.configuration.capabilities.messages.created_end_device_events:
        party.wait("created(EndDeviceEvents)", every_meter_reported, party.patience.event_s)


def every_meter_reported(scene: Scene) -> bool:
    """Return whether each known meter of the newest control has its event, of the declared type if it names it."""
    events = [item for item in reported(scene) if item.event.event_type]
    return bool(events) and not list(each_reported(scene)) and not list(event_type_declared(scene))


@when(r"(?P<meters>[^,]+(?:, [^,]+)*?) (?:is|are) (?P<done>disconnected|connected)")
def control_meters(party: Party, words: Vocabulary, meters: str, done: str) -> None:
    """Connect or disconnect meters."""
    send_control(party, words, meters, WORDS[done])


@when(r"(?P<meters>M\d) is (?P<done>disconnected|connected), to be answered later")
def control_later(party: Party, words: Vocabulary, meters: str, done: str) -> None:
    """Connect or disconnect meters; the reply comes later too."""
    control = words.control(WORDS[done])
    controls = [Control(control_type=control.control_type, devices=tuple(words.meters(meters)))]
    _send(party, words, later(create_controls(end_device_controls(controls), party.reply_address), party.reply_address))


@when("these controls are sent in one message")
def control_each(party: Party, words: Vocabulary, datatable: list[list[str]]) -> None:
    """Send several controls in one message, each for its own meter."""
    controls = [
        Control(control_type=words.control(control).control_type, devices=tuple(words.meters(meter)))
        for meter, control in datatable[1:]
    ]
    _send(party, words, create_controls(end_device_controls(controls), party.reply_address))


@when(r"a control of (?P<meters>M\d) is sent (?P<manner>.+)")
def send_odd_control(party: Party, words: Vocabulary, meters: str, manner: str) -> None:
    """Send a control that must be refused, in the manner that the scenario says."""
    if manner == "of a type that nobody knows":
        control_type = UNKNOWN_CONTROL_TYPE
    elif manner in MANNERS:
        control_type = words.control("disconnect").control_type
    else:
        raise InternalError(f"no manner of a control is meant by: {manner}")
    controls = [Control(control_type=control_type, devices=tuple(words.meters(meters)))]
    draft = create_controls(end_device_controls(controls), party.reply_address)
    party.ask(MANNERS[manner](draft) if manner in MANNERS else outbound(draft))


def connect_again(party: Party, words: Vocabulary) -> None:
    """Connect the meters that this scenario disconnected; how that goes is no part of its verdict."""
    meters = _disconnected(party.scene)
    if meters:
        control = Control(control_type=words.control("connect").control_type, devices=tuple(meters))
        _send(party, words, create_controls(end_device_controls([control]), party.reply_address))


def _disconnected(scene: Scene) -> list[Identified]:
    """Return the known meters whose newest control in this scenario is not the last of ``control_events``: connect."""
    newest: dict[str, tuple[Identified, str | None]] = {}
    for exchange in scene.exchanges:
        for control in read_controls(exchange.asked.message) if exchange.asked.message is not None else ():
            for device in control.devices:
                meter = scene.terms.meter(device)
                if meter is not None:
                    newest[str(meter)] = meter, control.control_type
    connect = list(scene.terms.control_events)[-1:]
    return [meter for meter, control_type in newest.values() if [control_type] != connect]
