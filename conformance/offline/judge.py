"""Judge what was read: every message by itself, requests with their answers, and all together."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

from conformance.checks.answers import brought_by, wanted
from conformance.checks.finding import Finding, NothingToJudgeError
from conformance.checks.registry import judge
from conformance.checks.scene import Asked, ExchangeView, Scene
from conformance.message.xml import local_name
from conformance.offline import rules
from conformance.offline.model import SEVERITIES, Judged, Place, Verdict
from conformance.offline.reading import Opened, shown
from conformance.standard.catalogue import catalogue
from conformance.standard.codes import is_type_code
from conformance.standard.editions import OK

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from conformance.checks.answers import Brought, Wanted
    from conformance.offline.model import Severity
    from conformance.offline.rules import Rule

#: What a schema finds is said by another requirement, in better words, when that found something at the same element.
_GENERAL = frozenset({"ENV-002", "ENV-019"})
_LINE = re.compile(r"\bline (\d+)")

Found = tuple[str, Finding]


def judge_all(opened: Sequence[Opened]) -> list[Verdict]:
    """Return what is said of every piece, in their order."""
    found: dict[int, list[Found]] = defaultdict(list)
    for item in opened:
        found[item.number] += _alone(item)
    for asked, answer in _pairs(opened):
        found[answer.number] += _together(asked, answer, found[asked.number])
    for finding in _apply((rules.OF_ALL,), _scene_of_all(opened)):
        found[max(finding[1].messages)].append(finding)
    return [
        Verdict(file=item.piece.name, what=shown(item), findings=tuple(_told(item, found[item.number])))
        for item in opened
    ]


def _alone(item: Opened) -> Iterator[Found]:
    if item.problem is not None:
        yield "ENV-001", Finding(expected="a message of IEC 61968-100", observed=str(item.problem))
        return
    if item.escaped is not None:
        observed = "the message stands as text, with its markup escaped or in CDATA"
        yield "ENV-001", Finding(expected="a message as XML elements", observed=observed, element=item.escaped)
    for odd in item.oddities:
        found = Finding(expected=odd.expected, observed=odd.observed, element=odd.element)
        yield ("ENV-019" if odd.in_payload else "ENV-002"), found
    scene = Scene(exchanges=(ExchangeView(asked=Asked(id=0, at=0.0, message=None), answer=item.arrived),))
    yield from _apply(rules.OF_A_MESSAGE, scene)
    if any(brought_by(item.arrived)):
        yield from _apply(rules.OF_READINGS, scene)


def _apply(these: Iterable[Rule], scene: Scene) -> Iterator[Found]:
    for rule in these:
        try:
            found = judge(rule.sentence, scene)
        except NothingToJudgeError:
            continue
        for finding in found:
            yield rule.requirement, finding


# -- requests with their answers ---------------------------------------------------------------------------


def _pairs(opened: Sequence[Opened]) -> Iterator[tuple[Opened, Opened]]:
    """Iterate over requests with their answers: as the file says, or by the CorrelationID when it is of one request."""
    by_file = {item.piece.pair: item for item in opened if item.piece.pair is not None and not item.piece.is_answer}
    by_id: dict[str, list[Opened]] = defaultdict(list)
    for item in opened:
        if item.message is not None and item.message.kind == "RequestMessage" and item.message.correlation_id:
            by_id[item.message.correlation_id].append(item)
    for item in opened:
        if item.message is None or item.message.kind != "ResponseMessage":
            continue
        if item.piece.is_answer and item.piece.pair in by_file:
            yield by_file[item.piece.pair], item
        elif item.piece.pair is None and len(by_id[item.message.correlation_id or ""]) == 1:
            yield by_id[item.message.correlation_id or ""][0], item


def _together(asked: Opened, answer: Opened, wrong: Sequence[Found]) -> Iterator[Found]:
    view = ExchangeView(asked=Asked(id=asked.number, at=0.0, message=asked.message), answer=answer.arrived)
    scene = Scene(exchanges=(view,))
    if asked.message is None:
        return
    broken = any(requirement in _GENERAL for requirement, _ in wrong) and not asked.oddities
    reply = answer.message.reply if answer.message is not None else None
    if broken and reply is not None and reply.result == OK:
        yield from _apply((rules.OF_A_BROKEN_REQUEST,), scene)
        return
    yield from _apply(rules.OF_A_PAIR, scene)
    readings, wants = list(brought_by(answer.arrived)), wanted(asked.message)
    if readings and wants and _comparable(readings, wants):
        yield from _apply(rules.OF_A_READ, scene)
        yield from _apply(rules.OF_INTERVALS if any(item.reading.in_block for item in readings) else (), scene)


def _comparable(readings: list[Brought], wants: list[Wanted]) -> bool:
    """Return whether both sides name meters and types in one way: who is who is known to the system only."""
    meters = [*(item.meter for item in readings), *(want.meter for want in wants)]
    by_mrid = all(meter.mrid for meter in meters)
    by_name = all(meter.names and not meter.mrid for meter in meters)
    return (by_mrid or by_name) and all(is_type_code("ReadingType", want.reading_type) for want in wants)


def _scene_of_all(opened: Sequence[Opened]) -> Scene:
    return Scene(unsolicited=tuple(item.arrived for item in opened if item.message is not None))


# -- in words -----------------------------------------------------------------------------------------------


def _told(item: Opened, found: Sequence[Found]) -> list[Judged]:
    """Return the findings in the order of the file, the same ones as one."""
    merged: dict[tuple[str, str], Judged] = {}
    for requirement, finding in _once(found):
        message = f"{finding.observed}; expected: {finding.expected}"
        known = merged.get((requirement, message))
        merged[requirement, message] = Judged(
            requirement=requirement,
            severity=_severity(requirement),
            message=message,
            place=known.place if known is not None else _place(item, finding),
            count=1 if known is None else known.count + 1,
        )
    return sorted(merged.values(), key=lambda one: (one.place.line or 0, one.place.column or 0))


def _once(found: Sequence[Found]) -> Iterator[Found]:
    """Iterate over what is said once: where a schema and a special check mean the same, the graver, or the better."""
    dropped = set()
    for general in (item for item in found if item[0] in _GENERAL):
        for special in (item for item in found if item[0] not in _GENERAL and _same_thing(general[1], item[1])):
            worse = _severity(special[0]) != "error" and _severity(general[0]) == "error"
            dropped.add(id(special) if worse else id(general))
    yield from (item for item in found if id(item) not in dropped)


def _same_thing(general: Finding, special: Finding) -> bool:
    """Return whether both are about one element, or about one that is missing at the same place."""
    if general.element is None or general.element is not special.element:
        return False
    name = special.where.partition(",")[0].rpartition("/")[2]
    return local_name(general.element) == name or f" lacks {name}" in general.observed


def _severity(requirement: str) -> Severity:
    return SEVERITIES[catalogue()[requirement].level]


def _place(item: Opened, finding: Finding) -> Place:
    if item.problem is not None:
        return Place(line=item.problem.line, column=item.problem.column)
    place = item.place(finding.element)
    line = _LINE.search(finding.where)
    return place if place.line is not None or line is None else Place(line=int(line[1]), path="")
