"""Judge one message, and a request with its answer: what the rules find, each thing once."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from conformance.checks.answers import brought_by, is_of, moment, resolved_type, wanted
from conformance.checks.envelope import profiles_of, schemas_of
from conformance.checks.finding import Finding, NothingToJudgeError
from conformance.checks.registry import judge
from conformance.checks.scene import Asked, ExchangeView, Scene
from conformance.message.xml import local_name, namespace
from conformance.offline import rules
from conformance.offline.large_findings import of_large
from conformance.offline.model import Found, Place
from conformance.standard.codes import is_type_code
from conformance.standard.editions import EDITION_2013, OK
from conformance.standard.schemas import SchemasDisagree

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from conformance.checks.answers import Brought, Wanted
    from conformance.offline.model import Severity
    from conformance.offline.reading import Opened
    from conformance.offline.rules import Rule


def judge_alone(item: Opened) -> Iterator[Found]:
    """Iterate over what is wrong with one message, whatever the others are."""
    if item.problem is not None:
        place = Place(line=item.problem.line, column=item.problem.column)
        observed = _PLACE.sub("", str(item.problem))
        yield Found("ENV-001", Finding(expected="a message of IEC 61968-100", observed=observed), place)
        return
    if item.message is None:
        return
    if item.escaped is not None:
        observed = "the message stands as text, with its markup escaped or in CDATA"
        yield Found("ENV-001", Finding(expected="a message as XML elements", observed=observed, element=item.escaped))
    yield from _namespaces(item)
    view = ExchangeView(asked=Asked(id=0, at=0.0, message=None), answer=item.arrived)
    scene = Scene(exchanges=(view,), terms=item.terms)
    try:
        yield from _apply(_schema_rules(item), scene)
        yield from _doubtful(item) if item.large is None else ()
    except SchemasDisagree as ours:
        finding = Finding(expected="a message that both validators judge alike", observed=f"not judged: {ours}")
        yield Found("ENV-002", finding, Place(line=1), at_most="note")
    if item.large is not None:
        yield from of_large(item, item.large)
    yield from _apply(rules.OF_A_MESSAGE, scene)
    for note in rules.UNUSUAL:
        if item.large is None or note.requirement != "ENV-036":
            yield from (Found(note.requirement, finding) for finding in note.check(item.arrived, item.message))
    if item.large is None and any(brought_by(item.arrived)):
        yield from _apply(rules.OF_READINGS, scene)


def _namespaces(item: Opened) -> Iterator[Found]:
    is_newer = item.edition.name != EDITION_2013.name
    if is_newer and not any(not odd.in_payload for odd in item.oddities):
        observed = "the envelope of IEC 61968-100:2022, as 61968-9:2024 uses it, most of which is not public"
        expected = "to be judged by what is public of edition 2024"
        yield Found("ENV-020", Finding(expected=expected, observed=observed, element=item.original), at_most="note")
    for odd in item.oddities:
        found = Finding(expected=odd.expected, observed=odd.observed, element=odd.element)
        kind = "profile" if odd.in_payload else "wrapper" if odd.expected.endswith("Message") else "envelope"
        # What is not public is held against nobody (namespaces.toml).
        at_most: Severity = "note" if kind in item.edition.unverified else "error"
        yield Found("ENV-019" if odd.in_payload else "ENV-020" if is_newer else "ENV-002", found, at_most=at_most)


# What a MessageError ends with, and is told apart here.
_PLACE = re.compile(r" \(line \d+, column \S+\)$")


def _apply(these: Iterable[Rule], scene: Scene, at_most: Severity = "error") -> Iterator[Found]:
    for rule in these:
        try:
            found = judge(rule.sentence, scene)
        except NothingToJudgeError:
            continue
        yield from (Found(rule.requirement, finding, at_most=at_most) for finding in found)


def _schema_rules(item: Opened) -> Iterator[Rule]:
    """Iterate over the rules that judge by schemas; of a large message only what is left is small enough for them."""
    for rule in rules.OF_SCHEMAS:
        if item.large is None or (
            not item.large.is_large and (rule.requirement == "ENV-002" or not item.large.readings)
        ):
            yield rule


def _doubtful(item: Opened) -> Iterator[Found]:
    """Iterate over what schemas refuse that are not authoritative: a run passes it over, and here it is a warning."""
    schemas = schemas_of(item.terms)
    for profile in profiles_of(item.message) if item.message is not None else ():
        name, space = local_name(profile), namespace(profile)
        if schemas.knows(space) and not schemas.is_authoritative(space):
            expected = f"a payload valid against this suite's own {name}.xsd, whose content is not public"
            for problem in schemas.problems(profile):
                finding = Finding(expected=expected, observed=problem.message, element=problem.element)
                yield Found("ENV-019", finding, at_most="warning")


# -- a request with its answer -------------------------------------------------------------------------------


def judge_pair(asked: Opened, answer: Opened) -> Iterator[Found]:
    """Iterate over what is wrong with an answer, given what was asked for."""
    view = ExchangeView(asked=Asked(id=asked.arrived.id, at=0.0, message=asked.message), answer=answer.arrived)
    scene = Scene(exchanges=(view,), terms=asked.terms)
    says_ok = answer.message is not None and answer.message.reply is not None and answer.message.reply.result == OK
    if asked.message is None:
        if says_ok and asked.problem is not None and str(asked.problem).startswith("not well-formed"):
            yield from _apply(rules.OF_AN_UNREADABLE_REQUEST, scene)
        return
    broken = _is_broken(asked)
    if says_ok and broken is not None:
        yield from _apply(rules.OF_A_BROKEN_REQUEST, scene, broken)
    elif asked.message.kind == "RequestMessage" and not _is_fault(answer):
        nouns = [(item.noun or "").removeprefix("Get") for item in (asked.message, answer.message) if item is not None]
        known = asked.message.noun in asked.edition.nouns and set(nouns) <= asked.edition.nouns
        at_most: Severity = "error" if answer.piece.pair is not None else "warning"
        yield from _apply((rule for rule in rules.OF_A_PAIR if known or rule.requirement != "EXC-002"), scene, at_most)
        yield from _of_a_read(scene, asked, answer)


def _of_a_read(scene: Scene, asked: Opened, answer: Opened) -> Iterator[Found]:
    """Iterate over what is wrong with the readings in an answer; what is said of each of them alone is not repeated."""
    readings, wants = list(brought_by(answer.arrived)), wanted(asked.message)
    if not readings or not wants or not (scene.terms.meters or _comparable(readings, wants)):
        return
    types = [*(resolved_type(item) for item in readings), *(want.reading_type for want in wants)]
    about = {"MR-005"}
    if all(is_type_code("ReadingType", one) for one in types):
        about |= {"MR-006", "MR-015"} if any(item.reading.in_block for item in readings) else {"MR-006"}
    if any(moment(item) is not None and is_of(item, want.meter, scene) for item in readings for want in wants):
        about.add("MR-007")
    yield from _apply((rule for rule in (*rules.OF_A_READ, *rules.OF_INTERVALS) if rule.requirement in about), scene)


def _is_fault(answer: Opened) -> bool:
    """Return whether an answer is a fault, with which any request may be refused (exchange rule 6)."""
    carried = answer.arrived.carried
    is_fault = answer.message is not None and answer.message.kind == "FaultMessage"
    return carried is None or carried.fault is not None or is_fault


def _is_broken(asked: Opened) -> Severity | None:
    """Return how surely a request breaks the schema, in more than the spelling of its namespaces."""
    if asked.large is not None:
        return "error" if asked.large.problems else None
    if asked.message is None or asked.oddities:
        return None
    schemas = schemas_of(asked.terms)
    sure: Severity | None = None
    for part in (asked.message.root, *profiles_of(asked.message)):
        space = namespace(part)
        if schemas.knows(space) and not schemas.is_valid(part):
            sure = "error" if schemas.is_authoritative(space) or sure == "error" else "warning"
    return sure


def _comparable(readings: list[Brought], wants: list[Wanted]) -> bool:
    """Return whether both sides name meters in one way: who is who is known to the system only."""
    meters = [*(item.meter for item in readings), *(want.meter for want in wants)]
    return all(meter.mrid for meter in meters) or all(meter.names and not meter.mrid for meter in meters)
