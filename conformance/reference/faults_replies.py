"""Faults in results and refusals (requirements REP) and in naming (requirements NAM)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from conformance.message.build import Draft, new_id
from conformance.message.meter_readings import MeterReading, Reading
from conformance.message.model import Header, ObjectId, Reply, ReplyError
from conformance.reference.admission import CONTROL, READ, refusal
from conformance.reference.consumption import FORWARD
from conformance.reference.deviation import Conduct, Deviation, Outcome, Outgoing, Problem
from conformance.reference.edit import repaired
from conformance.reference.fault import Fault, fault, reply
from conformance.reference.reading import asks
from conformance.standard.editions import EDITION_2013, FAILED, OK, PARTIAL, VERBS

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.message.model import Message
    from conformance.reference.deviation import Pair, Scene

_SOUND = Conduct()


def _verb_guessed(message: Message, _: Scene) -> Message:
    if not message.verb or message.verb in VERBS:
        return message
    return repaired(message, "Verb", CONTROL[0] if message.noun == CONTROL[1] else READ[0])


def _noun_guessed(message: Message, _: Scene) -> Message:
    if not message.noun or message.noun in EDITION_2013.nouns:
        return message
    return repaired(message, "Noun", _noun_for(message))


def _noun_added(message: Message, _: Scene) -> Message:
    return message if message.noun or message.header is None else repaired(message, "Noun", _noun_for(message))


def _noun_for(message: Message) -> str:
    return CONTROL[1] if message.verb == CONTROL[0] else READ[1]


def _without(*names: str) -> Deviation:
    """Do not report these problems: what is left is answered as if nothing had been wrong."""
    return Deviation(problems=lambda found, _: [item for item in found if item.name not in names])


def _unnamed(said: Reply) -> Reply:
    return replace(said, errors=tuple(replace(item, ids=()) for item in said.errors))


def _said_as(result: str) -> Callable[[Reply], Reply]:
    return lambda said: replace(said, result=result)


def _nothing_when(*names: str) -> Deviation:
    """Serve nothing at all as soon as one object is not known."""

    def pairs(found: list[Pair], scene: Scene) -> list[Pair]:
        return [] if scene.memory.get("problems") else found

    def problems(found: list[Problem], scene: Scene) -> list[Problem]:
        scene.memory["problems"] = any(item.name in names for item in found)
        return found

    return Deviation(problems=problems, pairs=pairs)


def _served_also_reported(outcome: Outcome, scene: Scene) -> Outcome:
    answer = outcome.answer
    if answer is None or answer.role != "response" or answer.reply is None or scene.request is None:
        return outcome
    if answer.reply.result != PARTIAL:
        return outcome
    known = [item.mrid for ask in asks(scene.request) for item in ask.meters if scene.fleet.find(item) and item.mrid]
    more = tuple(
        ReplyError(code="2.4", level="FATAL", ids=(ObjectId(value=mrid, kind="uuid", object_type="Meter"),))
        for mrid in known
    )
    said = replace(answer.reply, errors=(*answer.reply.errors, *more))
    return replace(outcome, answer=answer.with_reply(said))


def _one_of_each(found: list[Problem], _: Scene) -> list[Problem]:
    return list({item.name: item for item in reversed(found)}.values())


def _invented(found: list[MeterReading], scene: Scene) -> list[MeterReading]:
    if scene.request is None:
        return found
    unknown = [item for ask in asks(scene.request) for item in ask.meters if not scene.fleet.find(item)]
    stamp = scene.now.replace(minute=0, second=0, microsecond=0).isoformat()
    made = Reading(reading_type=FORWARD, value="0", time_stamp=stamp)
    return [*found, *(MeterReading(meter=item, readings=(made,)) for item in unknown)]


def _malformed_ok(outcome: Outcome, scene: Scene) -> Outcome:
    answer = outcome.answer
    if answer is None or answer.role != "fault" or scene.request is not None:
        return outcome
    header = Header(verb="reply", noun=answer.noun, message_id=new_id())
    draft = Draft(kind="ResponseMessage", header=header, reply=Reply(result=OK))
    return Outcome(answer=Outgoing(role="response", draft=draft, verb="reply", noun=answer.noun))


def _stopped_by_malformed(outcome: Outcome, scene: Scene) -> Outcome:
    if outcome.answer is not None and outcome.answer.role == "fault":
        scene.memory["stopped"] = True
    return outcome


def _stopped(_: Message, scene: Scene) -> Problem | None:
    if scene.memory.get("stopped"):
        return Problem(name="combination", reason="the service is not available")
    return None


def _stopped_by_refusal(message: Message, scene: Scene) -> Problem | None:
    stopped = _stopped(message, scene)
    if stopped is None and refusal(message, _SOUND) is not None:
        scene.memory["stopped"] = True
    return stopped


REFUSALS = (
    ("invalid_verb", "verb", "REP-003", "an unknown verb", "2.5"),
    ("invalid_noun", "noun", "REP-005", "an unknown noun", "2.4"),
    ("missing_noun", "header", "REP-007", "a header without Noun", "2.5"),
    ("missing_request", "request", "REP-009", "a get without its parameters", "1.7"),
    ("missing_payload", "payload", "REP-011", "a create without payload", "1.6"),
    ("schema_violation", "schema", "REP-013", "a broken schema", "5.2"),
    ("revision", "revision", "REP-015", "an unsupported revision", "1.5"),
    ("unknown_meter", "meter", "REP-019", "an unknown meter", "2.12"),
    ("unknown_type", "reading-type", "REP-025", "an unknown reading type", "2.5"),
    ("unsupported_type", "unsupported-type", "REP-027", "an unsupported reading type", "2.4"),
)
_WRONG_CODES = tuple(
    fault(f"{name}_wrong_code", requirement, f"{what} is refused with code {code}", Deviation(codes={problem: code}))
    for name, problem, requirement, what, code in REFUSALS
)

REPLIES: tuple[Fault, ...] = (
    fault(
        "success_said_partial",
        "REP-001",
        "full success is said as PARTIAL",
        reply(lambda _: Reply(result=PARTIAL, errors=(ReplyError(code="0.2"),)), OK),
    ),
    fault(
        "success_said_failed",
        "REP-001",
        "full success is said as FAILED",
        reply(lambda _: Reply(result=FAILED, errors=(ReplyError(code="5.3"),)), OK),
    ),
    fault(
        "invalid_verb_executed",
        "REP-002",
        "an unknown verb is taken for the usual one",
        Deviation(request=_verb_guessed),
    ),
    fault(
        "invalid_noun_answered_ok",
        "REP-004",
        "an unknown noun is taken for the usual one",
        Deviation(request=_noun_guessed),
    ),
    fault("missing_noun_answered_ok", "REP-006", "a missing noun is guessed", Deviation(request=_noun_added)),
    fault(
        "missing_request_answered_ok",
        "REP-008",
        "a get that names nothing is answered OK",
        Deviation(skips=frozenset({"request"})),
    ),
    fault(
        "missing_payload_answered_ok",
        "REP-010",
        "a create without payload is answered OK",
        Deviation(skips=frozenset({"payload"})),
    ),
    fault(
        "schema_violation_ignored",
        "REP-012",
        "the schema of a request is not looked at",
        Deviation(skips=frozenset({"schema"})),
    ),
    fault("revision_ignored", "REP-014", "any revision is accepted", Deviation(skips=frozenset({"revision"}))),
    fault("unknown_meter_ignored", "REP-016", "unknown meters are passed over in silence", _without("meter")),
    fault(
        "partial_said_as_failed", "REP-016", "a Result of PARTIAL is said as FAILED", reply(_said_as(FAILED), PARTIAL)
    ),
    fault(
        "partial_said_as_ok",
        "REP-016 ENV-013",
        "a Result of PARTIAL is said as OK, beside its errors",
        reply(_said_as(OK), PARTIAL),
    ),
    fault(
        "unknown_meter_fails_all",
        "REP-017",
        "one unknown meter costs all others their readings",
        _nothing_when("meter"),
    ),
    fault(
        "unknown_meter_not_named", "REP-018", "no Error says which object it is about", reply(_unnamed, PARTIAL, FAILED)
    ),
    fault(
        "success_also_reported_as_error",
        "REP-020",
        "beside an unknown meter the served ones are reported as errors too",
        Deviation(outcome=_served_also_reported),
    ),
    fault("all_unknown_partial", "REP-021", "a Result of FAILED is said as PARTIAL", reply(_said_as(PARTIAL), FAILED)),
    fault(
        "one_error_for_two_unknown",
        "REP-022",
        "several unknown meters are reported by one Error",
        Deviation(problems=_one_of_each),
    ),
    fault(
        "invented_reading_for_unknown_meter",
        "REP-023",
        "an unknown meter gets a reading of zero",
        Deviation(entries=_invented),
    ),
    fault(
        "unknown_type_ignored",
        "REP-024",
        "reading types that are no codes are passed over in silence",
        _without("reading-type"),
    ),
    fault(
        "unsupported_type_ignored",
        "REP-026",
        "unsupported reading types are passed over in silence",
        _without("unsupported-type"),
    ),
    fault(
        "unknown_type_fails_all",
        "REP-028",
        "one unknown reading type costs all others their readings",
        _nothing_when("reading-type", "unsupported-type"),
    ),
    fault(
        "malformed_answered_ok",
        "REP-029",
        "a message that cannot be read is answered OK",
        Deviation(outcome=_malformed_ok),
    ),
    fault(
        "stops_after_malformed",
        "REP-030",
        "after a message that cannot be read everything is refused",
        Deviation(outcome=_stopped_by_malformed, refuses=_stopped),
    ),
    *_WRONG_CODES,
)
