"""Steps that are about JMS itself: message classes, queues for answers, expiry, repetition, durable subscribers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from conformance.checks.answers import brought, came, later_replies
from conformance.checks.jms_delivery import not_expired, tellers
from conformance.errors import Inconclusive, TransportError
from conformance.message.build import new_id
from conformance.message.controls import Control, end_device_controls
from conformance.message.meter_readings import get_meter_readings
from conformance.steps.define import given, when
from conformance.steps.events import make_event
from conformance.steps.reading import everything_asked_for_came
from conformance.steps.requests import (
    UNUSUAL_ID,
    create_controls,
    encoded,
    get_readings,
    header_with,
    later,
    outbound,
    padded,
)
from conformance.sut.claims import event_topics

if TYPE_CHECKING:
    from conformance.exchange import Party
    from conformance.message.build import Draft
    from conformance.steps.vocabulary import Vocabulary

_MIB = 1024 * 1024
#: How long the expired request lives, in ms, and how much later it is delivered, in seconds.
_SHORT_MS, _HELD_S = "20", 0.2
#: A life that is long enough for any system, in ms.
_LONG_MS = "3600000"


def _read(words: Vocabulary, meters: str) -> Draft:
    return get_readings([get_meter_readings(words.meters(meters), words.types("R1"), words.window)])


@when(r"a (?P<kind>TextMessage|BytesMessage) in (?P<encoding>UTF-8|UTF-16) asks for readings of (?P<meters>M\d)")
def ask_in(party: Party, words: Vocabulary, kind: str, encoding: str, meters: str) -> None:
    """Ask with characters beyond ASCII, so that a wrong decoding shows in the correlation of the answer."""
    draft = header_with(_read(words, meters), correlation_id=f"{UNUSUAL_ID} {new_id()}")
    message_class = kind.removesuffix("Message").lower()
    party.ask(replace(encoded(outbound(draft), encoding), headers={"JMSMessageClass": message_class}))


@when(r"the largest message that the system takes asks for readings of (?P<meters>M\d)")
def ask_at_length(party: Party, words: Vocabulary, meters: str) -> None:
    """Ask with a message as large as capabilities.jms.max_message_mib says, and not a byte larger."""
    claims = words.configuration.capabilities.jms
    largest = (claims.max_message_mib if claims is not None else None) or 1.0
    if largest > words.configuration.limits.max_message_mib:
        raise Inconclusive("capabilities.jms.max_message_mib is more than limits.max_message_mib: raise that limit")
    party.ask(padded(outbound(_read(words, meters)), int(largest * _MIB)))


@when(r"a (?P<kind>temporary|named) queue is given for the answer about (?P<meters>M\d)")
def ask_with_queue(party: Party, words: Vocabulary, meters: str, kind: str) -> None:
    """Ask with a queue of this kind in JMSReplyTo. The named one is the queue for later answers."""
    request = outbound(_read(words, meters))
    if kind == "temporary":
        party.ask(replace(request, headers={"JMSReplyTo": kind}))
        if party.scene.last.answer is None:
            party.listen(party.patience.quiet_s)  # it may have gone elsewhere
        return
    party.post(replace(request, headers={"JMSReplyTo": party.reply_address}))
    party.wait("the answer at the named queue", lambda scene: bool(later_replies(scene.last)), party.patience.reply_s)


def _post_read(party: Party, words: Vocabulary, meters: str, alive_ms: str, held_s: float = 0.0) -> None:
    request = outbound(later(_read(words, meters), party.reply_address))
    headers = {"JMSReplyTo": party.reply_address, "JMSTimeToLive": alive_ms}
    party.post(replace(request, headers=headers), held_s=held_s)


@given(r"a request that lives long enough brings readings of (?P<meters>M\d)")
def living(party: Party, words: Vocabulary, meters: str) -> None:
    """Establish that a request with an expiry is carried out in time: only then silence means anything."""
    _post_read(party, words, meters, _LONG_MS)
    party.wait("the later reply(MeterReadings)", everything_asked_for_came, party.patience.result_s)
    if not brought(party.scene.last):
        told = came(party.scene.last)
        raise Inconclusive(f"the premise is broken: a request that can expire brought no readings ({told})")


@when(r"an expired request asks for readings of (?P<meters>M\d)")
def ask_too_late(party: Party, words: Vocabulary, meters: str) -> None:
    """Send a request in a transaction that ends when it has expired: no system can take it in time."""
    _post_read(party, words, meters, _SHORT_MS, _HELD_S)
    party.wait("silence", lambda scene: bool(list(not_expired(scene))), party.patience.quiet_s)


@when(r"the request that disconnects (?P<meters>M\d) is delivered twice")
def control_twice(party: Party, words: Vocabulary, meters: str) -> None:
    """Send the very same control twice, as a broker does that lost an acknowledgement."""
    control = Control(control_type=words.control("disconnect").control_type, devices=tuple(words.meters(meters)))
    request = outbound(create_controls(end_device_controls([control]), party.reply_address))
    party.post(replace(request, headers={"JMSReplyTo": party.reply_address}), copies=2)
    party.wait("created(EndDeviceEvents)", lambda scene: bool(tellers(scene)), party.patience.event_s)


@when("something happens at the meter while a durable subscriber is away")
def happen_unseen(party: Party, words: Vocabulary) -> None:
    """Subscribe durably and go away; let an event come to the ordinary subscription; come back."""
    broker, name = party.over_broker, f"away-{new_id()}"
    topic = event_topics(words.configuration)[0]
    try:
        broker.leave(topic, name, party.patience.reply_s)
        make_event(party, words)
        party.listen(party.patience.quiet_s)  # it is away for a while, and an event that lives too short is gone
        party.take_in(broker.back(topic, name, party.patience.event_s))
    except TransportError as problem:
        raise Inconclusive(f"no durable subscription to {topic}: {problem}") from problem
