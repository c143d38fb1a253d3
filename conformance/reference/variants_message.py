"""Benign variants of what messages say: optional elements, other legal forms and orders."""

from __future__ import annotations

import copy
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from itertools import count
from typing import TYPE_CHECKING

from lxml import etree

from conformance.message.build import sub
from conformance.message.model import ReplyError
from conformance.message.xml import child, children, local_name, namespace
from conformance.reference.deviation import Deviation
from conformance.reference.edit import every
from conformance.reference.fault import header, tree
from conformance.reference.reading import moment
from conformance.reference.variant import Variant, variant
from conformance.standard.editions import OK, PARTIAL

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.message.model import Reply
    from conformance.reference.deviation import Element, Outcome, Outgoing, Scene

_OWN = "urn:example:neighbour"
_counter = count(1)


def _times(form: Callable[[datetime], str]) -> Deviation:
    """Write every date of every message in another legal form of xs:dateTime."""

    def change(element: Element) -> Element:
        for name in ("Timestamp", "timeStamp", "createdDateTime", "start", "end"):
            for item in every(element, name):
                parsed = moment(item.text)
                if parsed is not None:
                    item.text = form(parsed)
        return element

    return tree(change)


def _offset(at: datetime) -> str:
    return at.astimezone(timezone(timedelta(hours=1))).isoformat(timespec="milliseconds")


def _seven_digits(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f") + "0Z"


def _negative_offset(at: datetime) -> str:
    return at.astimezone(timezone(-timedelta(hours=3, minutes=30))).isoformat(timespec="microseconds")


def _full_header(element: Element) -> Element:
    found = child(element, "Header")
    if found is None:
        return element
    _inserted(found, "Context", after=("Noun", "Revision")).text = "TESTING"
    _inserted(found, "Revision", after=("Noun",)).text = "2.0"
    user = _inserted(found, "User", after=("Source", "AckRequired"))
    sub(user, "UserID", "operator")
    sub(user, "Organization", "Reference Utility")
    sub(found, "Comment", "nothing to remark")
    named = sub(found, "Property")
    sub(named, "Name", "priority")
    sub(named, "Value", "low")
    return element


def _inserted(parent: Element, name: str, after: tuple[str, ...]) -> Element:
    places = [index for index, item in enumerate(parent) if local_name(item) in after]
    made = etree.Element(f"{{{namespace(parent)}}}{name}")
    parent.insert(max(places, default=-1) + 1, made)
    return made


def _extended(element: Element) -> Element:
    for name in ("Header", "Reply"):
        found = child(element, name)
        if found is not None:
            made = etree.SubElement(found, f"{{{_OWN}}}hop", nsmap={"ext": _OWN})
            made.text = "gateway 7"
    return element


def _error_details(said: Reply, scene: Scene) -> Reply:
    if scene.role == "acknowledgement":
        return said
    told = [replace(item, reason="see details", details="line 1\nline 2 <&>") for item in said.errors]
    return replace(said, errors=tuple(told))


def _explicit_success(said: Reply, _: Scene) -> Reply:
    if said.result != OK or said.errors:
        return said
    return replace(said, errors=(ReplyError(code="0.0", level="INFORM", reason="no errors"),))


def _simple_acknowledgement(said: Reply, scene: Scene) -> Reply:
    fits = scene.role == "acknowledgement" and said.result == OK
    return replace(said, errors=(ReplyError(code="0.3"),)) if fits else said


def _partial_told(said: Reply, scene: Scene) -> Reply:
    fits = scene.role in ("response", "result") and said.result == PARTIAL and said.failures
    return replace(said, errors=(ReplyError(code="0.2"), *said.errors)) if fits else said


def _objects(element: Element) -> Element:
    """Name failed objects by the deprecated Error/object instead of Error/ID (facts/envelope.md)."""
    for error in every(element, "Error"):
        said = child(error, "ID")
        if said is None:
            continue
        made = etree.Element(f"{{{namespace(error)}}}object")
        if said.get("kind") == "uuid":
            sub(made, "mRID", said.text)
        else:
            sub(sub(made, "Name"), "name", said.text)
        if said.get("objectType"):
            sub(made, "objectType", said.get("objectType"))
        error.replace(said, made)
    return element


def _success_told(outcome: Outcome, _: Scene) -> Outcome:
    """Say success with an Error of category 0 for each meter that was served."""
    answer = outcome.answer
    if answer is None or answer.role != "response" or answer.reply is None or not answer.draft.payload:
        return outcome
    meters = [child(meter, "mRID") for meter in every(answer.draft.payload[0], "Meter")]
    told = tuple(
        ReplyError(code="0.0", level="INFORM", reason=f"meter {item.text}") for item in meters if item is not None
    )
    return replace(outcome, answer=answer.with_reply(replace(answer.reply, errors=(*answer.reply.errors, *told))))


def _reordered(outcome: Outcome, _: Scene) -> Outcome:
    """Report the devices of a control in another order."""
    events = [item for item in outcome.later if item.role == "event"]
    rest = [item for item in outcome.later if item.role != "event"]
    return replace(outcome, later=(*rest, *reversed(events)))


def _one_event_message(outcome: Outcome, _: Scene) -> Outcome:
    """Put the events of one control into one message, one for each device."""
    events = [item for item in outcome.later if item.role == "event"]
    if len(events) < 2:
        return outcome
    payload = copy.deepcopy(events[0].draft.payload[0])
    for item in events[1:]:
        payload.extend(copy.deepcopy(list(item.draft.payload[0])))
    rest = [item for item in outcome.later if item.role != "event"]
    return replace(outcome, later=(*rest, events[0].with_payload([payload])))


def _one_answer(outcome: Outcome, _: Scene) -> Outcome:
    """Bring a later answer for several meters in one message, not in several."""
    results = [item for item in outcome.later if item.role == "result"]
    if len(results) < 2 or results[-1].reply is None:
        return outcome
    payload = copy.deepcopy(results[0].draft.payload[0])
    for item in results[1:]:
        payload.extend(copy.deepcopy(list(item.draft.payload[0])))
    rest = [item for item in outcome.later if item.role != "result"]
    return replace(outcome, later=(results[-1].with_payload([payload]), *rest))


def _formatted(element: Element) -> Element:
    payload = child(element, "Payload")
    if payload is not None and not list(children(payload, "Format")):
        sub(payload, "Format", "XML")
    return element


def _numbered(said: str, _: Scene) -> str:
    return f"{said[:8]}-{next(_counter)}"


def _retitled(outgoing: Outgoing, _: Scene) -> Outgoing:
    return outgoing.with_header(source=None)


MESSAGES: tuple[Variant, ...] = (
    variant("time_with_offset", "times with +01:00 instead of Z", _times(_offset)),
    variant("time_with_negative_offset", "times with -03:30 and six digits", _times(_negative_offset)),
    variant(
        "time_without_fraction_of_header",
        "the Timestamp has no fraction of a second",
        header(timestamp=lambda said, _: said.partition(".")[0] + "Z"),
    ),
    variant("time_with_seven_digits", "fractions of seven digits", _times(_seven_digits)),
    variant("message_id_counted", "the MessageID is a unique text, not a UUID", header(message_id=_numbered)),
    variant(
        "optional_header_elements", "Revision, Context, User, Comment and Property in the Header", tree(_full_header)
    ),
    variant("extension_elements", "elements of another namespace where the schema has a wildcard", tree(_extended)),
    variant("source_missing", "no Source in the Header", Deviation(outgoing=_retitled)),
    variant("success_said", "success is said with code 0.0", Deviation(reply=_explicit_success)),
    variant(
        "success_said_for_each_meter",
        "an Error of category 0 for each meter that was served",
        Deviation(outcome=_success_told),
    ),
    variant("acknowledged_with_code", "an acknowledgement carries code 0.3", Deviation(reply=_simple_acknowledgement)),
    variant("partial_with_code", "PARTIAL carries 0.2 beside the errors", Deviation(reply=_partial_told)),
    variant("error_details", "errors carry reason and details of several lines", Deviation(reply=_error_details)),
    variant("error_object", "errors name their object by the deprecated Error/object", tree(_objects)),
    variant(
        "later_answer_in_one", "a later answer for several meters comes in one message", Deviation(outcome=_one_answer)
    ),
    variant(
        "events_in_one_message",
        "the events of one control come in one message, one for each meter",
        Deviation(outcome=_one_event_message),
    ),
    variant("events_reordered", "the meters of a control are reported in reverse order", Deviation(outcome=_reordered)),
    variant("payload_format", "the Payload carries a Format", tree(_formatted)),
)
