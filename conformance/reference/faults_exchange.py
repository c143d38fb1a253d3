"""Faults in the exchange of messages: acknowledgements, later answers, legal requests refused (requirements EXC)."""

from __future__ import annotations

import copy
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from lxml import etree

from conformance.message.build import new_id
from conformance.message.controls import end_device_events
from conformance.message.model import Reply
from conformance.message.xml import children, local_name, namespace
from conformance.reference.codes import MORE_FOLLOWS
from conformance.reference.deviation import Deviation, Outcome, Outgoing, Problem
from conformance.reference.fault import Fault, fault, header, later
from conformance.standard.editions import OK

if TYPE_CHECKING:
    from conformance.message.model import Header, Message
    from conformance.reference.deviation import Element, Scene

_IEC = "http://iec.ch/TC57/"
_KNOWN_PREFIXES = (None, "w", "m", "msg")
_OPTIONAL = ("ReplayDetection", "Context", "User", "Comment", "Property")


def _event_instead(outgoing: Outgoing, _: Scene) -> Outgoing:
    if outgoing.role != "response" or outgoing.reply is None or outgoing.reply.result != OK:
        return outgoing
    payload = outgoing.draft.payload or (end_device_events([]),)
    draft = replace(outgoing.draft, kind="EventMessage", reply=None, payload=payload)
    return replace(outgoing, draft=draft, verb="created").with_header(verb="created")


def _other_noun(outgoing: Outgoing, _: Scene) -> Outgoing:
    return outgoing.with_header(noun="UsagePointConfig") if outgoing.role == "response" else outgoing


def _full_acknowledgement(outcome: Outcome, _: Scene) -> Outcome:
    results = [item for item in outcome.later if item.role == "result" and item.draft.payload]
    if outcome.answer is None or outcome.answer.role != "acknowledgement" or not results:
        return outcome
    return replace(outcome, answer=outcome.answer.with_payload(_copied(results[0])))


def _copied(outgoing: Outgoing) -> list[Element]:
    return [copy.deepcopy(item) for item in outgoing.draft.payload]


def _on_the_spot(outcome: Outcome, _: Scene) -> Outcome:
    results = [item for item in outcome.later if item.role == "result"]
    if not results:
        return outcome
    answer = replace(results[0], role="response", address=None)
    return replace(outcome, answer=answer, later=tuple(item for item in outcome.later if item not in results))


def _no_answer(role: str) -> Deviation:
    def silent(outcome: Outcome, _: Scene) -> Outcome:
        answer = outcome.answer
        return replace(outcome, answer=None) if answer is not None and answer.role == role else outcome

    return Deviation(outcome=silent)


def _also_later(outcome: Outcome, scene: Scene) -> Outcome:
    answer = outcome.answer
    if answer is None or answer.role != "response" or scene.request is None:
        return outcome
    said = scene.request.header
    address = (said.reply_address if said else None) or scene.events_address
    again = replace(answer, role="result", address=address).with_header(message_id=scene.new_id())
    return replace(outcome, later=(again, *outcome.later))


def _result(**changes: str | None) -> Deviation:
    def changed(outgoing: Outgoing, _: Scene) -> Outgoing:
        return outgoing.with_header(**changes) if outgoing.role == "result" else outgoing

    return Deviation(outgoing=changed)


def _fresh_correlation(outgoing: Outgoing, scene: Scene) -> Outgoing:
    return outgoing.with_header(correlation_id=scene.new_id()) if outgoing.role == "result" else outgoing


def _unmarked(outgoing: Outgoing, _: Scene) -> Outgoing:
    reply = outgoing.reply
    if outgoing.role != "result" or reply is None or MORE_FOLLOWS not in reply.codes:
        return outgoing
    return outgoing.with_reply(Reply(result=OK))


def _all_marked(results: list[Outgoing]) -> list[Outgoing]:
    if len(results) < 2 or results[0].reply is None:
        return results
    return [item.with_reply(results[0].reply) for item in results]


def _repeated(results: list[Outgoing]) -> list[Outgoing]:
    return [results[0], *_again(results[0]), *results[1:]] if len(results) > 1 else results


def _again(outgoing: Outgoing) -> list[Outgoing]:
    return [outgoing.with_payload(_copied(outgoing)).with_header(message_id=new_id())]


def _lost(results: list[Outgoing]) -> list[Outgoing]:
    return results[1:] if len(results) > 1 else results


def _optional_refused(message: Message, _: Scene) -> Problem | None:
    found = next(children(message.root, "Header"), None)
    strange = [local_name(item) for item in (found if found is not None else ()) if local_name(item) in _OPTIONAL]
    return Problem(name="schema", reason=f"not expected: {', '.join(strange)}") if strange else None


def _prefix_refused(message: Message, _: Scene) -> Problem | None:
    ours = (item for item in message.root.iter(etree.Element) if namespace(item).startswith(_IEC))
    strange = next((item.prefix for item in ours if item.prefix not in _KNOWN_PREFIXES), None)
    return None if strange is None else Problem(name="schema", reason=f"the prefix {strange} is not known")


def _extension_refused(message: Message, _: Scene) -> Problem | None:
    parts = [part for name in ("Header", "Request") for part in children(message.root, name)]
    strange = [item for part in parts for item in part if not namespace(item).startswith(_IEC)]
    return Problem(name="schema", reason=f"not expected: {local_name(strange[0])}") if strange else None


def _header_refused(pattern: str, field: str, name: str) -> Deviation:
    def refuse(message: Message, _: Scene) -> Problem | None:
        said: Header | None = message.header
        value = getattr(said, field) if said else None
        known = value is None or re.fullmatch(pattern, value.strip())
        return None if known else Problem(name="schema", reason=f"{name} {value} is not understood")

    return Deviation(refuses=refuse)


def _bare_header_refused(message: Message, _: Scene) -> Problem | None:
    said = message.header
    if said is None or (said.message_id and said.correlation_id and said.timestamp):
        return None
    return Problem(name="header", reason="MessageID, CorrelationID or Timestamp is missing")


EXCHANGE: tuple[Fault, ...] = (
    fault(
        "answers_with_event_message",
        "EXC-001",
        "a request is answered by an EventMessage",
        Deviation(outgoing=_event_instead),
    ),
    fault(
        "noun_of_another_profile",
        "EXC-002",
        "answers carry the noun of another profile",
        Deviation(outgoing=_other_noun),
    ),
    fault(
        "ack_carries_payload",
        "EXC-003",
        "the acknowledgement already carries the readings",
        Deviation(outcome=_full_acknowledgement),
    ),
    fault(
        "async_answered_on_the_spot",
        "EXC-004",
        "what should come later is the answer itself, and nothing comes later",
        Deviation(outcome=_on_the_spot),
    ),
    fault(
        "result_not_sent",
        "EXC-004",
        "the later answer never comes",
        later(lambda _: [], "result", noun="MeterReadings"),
    ),
    fault(
        "result_with_new_correlation_id",
        "EXC-004",
        "the later answer has a CorrelationID of its own",
        Deviation(outgoing=_fresh_correlation),
    ),
    fault(
        "result_without_correlation_id",
        "EXC-004",
        "the later answer has no CorrelationID",
        _result(correlation_id=None),
    ),
    fault(
        "result_sent_twice",
        "EXC-005",
        "the later answer comes twice",
        later(lambda items: [part for item in items for part in (item, *_again(item))], "result"),
    ),
    fault(
        "async_without_address_accepted",
        "EXC-006",
        "AsyncReplyFlag without ReplyAddress is accepted, and nothing comes",
        Deviation(skips=frozenset({"address"})),
    ),
    fault(
        "sync_answer_also_sent_later",
        "EXC-007",
        "what was answered on the spot comes again at ReplyAddress",
        Deviation(outcome=_also_later),
    ),
    fault(
        "ack_missing",
        "EXC-008 EXC-003",
        "instead of an acknowledgement there is an empty HTTP 202",
        _no_answer("acknowledgement"),
    ),
    fault(
        "partial_not_marked", "EXC-009", "no part of an answer says that more follows", Deviation(outgoing=_unmarked)
    ),
    fault(
        "last_marked_partial",
        "EXC-009",
        "the last part of an answer says that more follows",
        later(_all_marked, "result"),
    ),
    fault("partial_loses_meter", "EXC-010", "the first part of an answer is lost", later(_lost, "result")),
    fault("partial_repeats_meter", "EXC-011", "the first part of an answer comes twice", later(_repeated, "result")),
    fault(
        "refuses_optional_header_elements",
        "EXC-012",
        "a request with Context, User or Property is refused",
        Deviation(refuses=_optional_refused),
    ),
    fault(
        "refuses_other_prefix",
        "EXC-013",
        "a request with another namespace prefix is refused",
        Deviation(refuses=_prefix_refused),
    ),
    fault(
        "refuses_extension",
        "EXC-014",
        "a request with an extension element is refused",
        Deviation(refuses=_extension_refused),
    ),
    fault(
        "refuses_timestamp_offset",
        "EXC-015",
        "a Timestamp that does not end with Z is refused",
        _header_refused(r".*Z", "timestamp", "Timestamp"),
    ),
    fault(
        "correlation_id_special_characters_lost",
        "EXC-016",
        "only letters, digits and hyphens of the CorrelationID come back",
        header(correlation_id=lambda said, _: re.sub(r"[^A-Za-z0-9-]", "", said)),
    ),
    fault(
        "refuses_correlation_id_that_is_no_uuid",
        "EXC-016",
        "a CorrelationID that is no UUID is refused",
        _header_refused(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}", "correlation_id", "CorrelationID"),
    ),
    fault(
        "refuses_bare_header",
        "EXC-017",
        "a header without MessageID, CorrelationID and Timestamp is refused",
        Deviation(refuses=_bare_header_refused),
    ),
)
