"""Checks of every received header: verb, noun, identifiers, time (ENV-003 to ENV-012)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from lxml import etree

from conformance.checks.each import each, finding, shown
from conformance.checks.envelope import store
from conformance.checks.finding import Finding, NothingToJudgeError
from conformance.checks.registry import check
from conformance.standard.editions import EVENT_VERBS, PAST_TENSE, REQUEST_VERBS, VERBS
from conformance.standard.times import as_utc, parse_time

if TYPE_CHECKING:
    from conformance.checks.scene import Arrived, Asked, Scene
    from conformance.message.model import Message


def _headed(message: Message) -> bool:
    return message.header is not None


def _like(verb: str | None) -> str:
    """Return the verb of the standard that was meant, whatever its capitals; empty when none was."""
    folded = (verb or "").strip().lower()
    return folded if folded in VERBS else ""


@check("every Verb is one of the standard's")
def verb_known(scene: Scene) -> Iterator[Finding]:
    """Judge ENV-003."""

    def judge_one(arrived: Arrived, message: Message, _asked: Asked | None) -> Iterator[Finding]:
        if message.verb not in VERBS:
            meant = _like(message.verb)
            hint = f"; the standard writes {meant}" if meant else ""
            expected = f"one of: {', '.join(sorted(VERBS))}"
            yield finding(arrived, expected, f"Verb is {shown(message.verb)}{hint}", "Header/Verb")

    yield from each(scene, _headed, judge_one)


@check("every Noun is a profile's name")
def noun_known(scene: Scene) -> Iterator[Finding]:
    """Judge ENV-004."""

    def judge_one(arrived: Arrived, message: Message, _asked: Asked | None) -> Iterator[Finding]:
        if message.noun not in scene.terms.edition.nouns:
            expected = "the name of a profile of 61968-9:2013"
            yield finding(arrived, expected, f"Noun is {shown(message.noun)}", "Header/Noun")

    # A refusal of an unknown noun echoes that noun, and rightly so.
    yield from each(scene, _headed, lambda arrived, message, asked: (
        [] if asked and asked.message and asked.message.noun == message.noun else judge_one(arrived, message, asked)
    ))  # fmt: skip


@check("every Verb fits the type of its message")
def verb_fits(scene: Scene) -> Iterator[Finding]:
    """Judge ENV-005. An unknown verb is ENV-003's business and is passed over."""

    def judge_one(arrived: Arrived, message: Message, _asked: Asked | None) -> Iterator[Finding]:
        verb = _like(message.verb)
        expected = None
        if message.kind == "EventMessage" and verb and verb not in EVENT_VERBS:
            expected = f"the Verb {PAST_TENSE.get(verb, 'in the past tense')} in an EventMessage"
        elif message.kind == "ResponseMessage" and verb in REQUEST_VERBS:
            expected = "the Verb reply in a ResponseMessage"
        elif message.kind == "RequestMessage" and verb and verb not in REQUEST_VERBS:
            expected = "a request verb in a RequestMessage"
        if expected is not None:
            yield finding(arrived, expected, f'Verb is "{message.verb}"', "Header/Verb")

    yield from each(scene, _headed, judge_one)


@check("every response carries the verb reply")
def response_says_reply(scene: Scene) -> Iterator[Finding]:
    """Judge ENV-006: the past tense is met in the field (exchange rule 2)."""

    def judge_one(arrived: Arrived, message: Message, _asked: Asked | None) -> Iterator[Finding]:
        if _like(message.verb) in EVENT_VERBS:
            yield finding(arrived, "the Verb reply", f'Verb is "{message.verb}"', "Header/Verb")

    yield from each(scene, lambda message: message.kind == "ResponseMessage", judge_one)


@check("every response carries the CorrelationID of its request")
def correlation_echoed(scene: Scene) -> Iterator[Finding]:
    """Judge ENV-007, for requests that carried one and could be read."""
    judged = False
    for exchange in scene.exchanges:
        asked, answer = exchange.asked.message, exchange.answer
        if asked is None or asked.correlation_id is None or answer is None or answer.message is None:
            continue
        # A refusal of a message that breaks the schema may not have got as far as its header.
        if answer.message.kind != "ResponseMessage" or not store(scene).is_valid(asked.root):
            continue
        judged = True
        if answer.message.correlation_id != asked.correlation_id:
            observed = f"CorrelationID is {shown(answer.message.correlation_id)}"
            yield finding(answer, f'CorrelationID "{asked.correlation_id}"', observed, "Header/CorrelationID")
    if not judged:
        raise NothingToJudgeError("no response came to a request with a CorrelationID")


@check("every message carries a MessageID")
def message_id_present(scene: Scene) -> Iterator[Finding]:
    """Judge ENV-008."""

    def judge_one(arrived: Arrived, message: Message, _asked: Asked | None) -> Iterator[Finding]:
        if message.header and not (message.header.message_id or "").strip():
            yield finding(arrived, "a MessageID", "there is none", "Header/MessageID")

    yield from each(scene, _headed, judge_one)


@check("no MessageID comes twice")
def message_id_unique(scene: Scene) -> Iterator[Finding]:
    """Judge ENV-009, for messages that carry one.

    A callback that is sent again as it was, because its acknowledgement got lost, is no second message.
    """
    seen: dict[str, Arrived] = {}
    for arrived, _asked in scene.arrived:
        header = arrived.message.header if arrived.message else None
        identifier = (header.message_id or "").strip() if header else ""
        if identifier in seen:
            first = seen[identifier]
            if _sent_again(first, arrived):
                continue
            yield Finding(
                expected="a MessageID of its own in each message",
                observed=f'MessageID "{identifier}" stands in message {first.id} ({first}) and in {arrived.id} too',
                where="Header/MessageID",
                messages=(first.id, arrived.id),
            )
        elif identifier:
            seen[identifier] = arrived
    if not seen:
        raise NothingToJudgeError("no message came with a MessageID")


def _sent_again(first: Arrived, second: Arrived) -> bool:
    texts = [etree.tostring(item.message.root, method="c14n") for item in (first, second) if item.message]
    return first.channel == second.channel == "callback" and texts[0] == texts[-1]


def _timed(message: Message) -> bool:
    return message.header is not None and message.header.timestamp is not None


@check("every message carries a Timestamp")
def timestamp_present(scene: Scene) -> Iterator[Finding]:
    """Judge ENV-010."""

    def judge_one(arrived: Arrived, message: Message, _asked: Asked | None) -> Iterator[Finding]:
        if not _timed(message):
            yield finding(arrived, "a Timestamp", "there is none", "Header/Timestamp")

    yield from each(scene, _headed, judge_one)


@check("every Timestamp says its time zone")
def timestamp_has_zone(scene: Scene) -> Iterator[Finding]:
    """Judge ENV-011."""

    def judge_one(arrived: Arrived, message: Message, _asked: Asked | None) -> Iterator[Finding]:
        text = message.header.timestamp if message.header else None
        moment = parse_time(text)
        if moment is not None and moment.tzinfo is None:
            yield finding(arrived, "Z or an offset such as +01:00", f"Timestamp is {shown(text)}", "Header/Timestamp")

    yield from each(scene, _timed, judge_one)


@check("every Timestamp tells when the message was made")
def timestamp_is_now(scene: Scene) -> Iterator[Finding]:
    """Judge ENV-012: not before its request (or the run), not after it came, give or take the agreed skew.

    A time without zone may be meant in any zone, so it is not judged here; ENV-011 warns of it.
    """
    skew = scene.terms.max_clock_skew_s

    def judge_one(arrived: Arrived, message: Message, asked: Asked | None) -> Iterator[Finding]:
        text = message.header.timestamp if message.header else None
        moment = parse_time(text)
        if moment is None or moment.tzinfo is None:
            return
        earliest = (asked.at if asked else scene.started) - skew
        if not earliest <= moment.timestamp() <= arrived.at + skew:
            first, last = (as_utc(datetime.fromtimestamp(at, UTC)) for at in (earliest, arrived.at + skew))
            expected = f"a time from {first:%Y-%m-%dT%H:%M:%SZ} to {last:%Y-%m-%dT%H:%M:%SZ} (skew {skew:g} s)"
            yield finding(arrived, expected, f"Timestamp is {shown(text)}", "Header/Timestamp")

    yield from each(scene, _timed, judge_one)
