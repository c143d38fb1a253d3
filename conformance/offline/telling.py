"""Put what was found in words: each thing once, in the order of the file, and no more than a person can read."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

from conformance.message.xml import local_name
from conformance.offline.model import SEVERITIES, Found, Judged, Place
from conformance.standard.catalogue import catalogue

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from conformance.checks.finding import Finding
    from conformance.offline.model import Severity
    from conformance.offline.reading import Opened

#: So many different findings of one requirement are told of one file; the others are counted.
MAX_TOLD = 50
#: No text of a message is told at greater length.
_MAX_TEXT = 1000
#: What a schema finds is said by another requirement, in better words, when that found something at the same element.
_GENERAL = frozenset({"ENV-002", "ENV-019"})
_LINE = re.compile(r"\bline (\d+)")
_ORDER = ("error", "warning", "note")


def told(item: Opened, found: Sequence[Found]) -> tuple[Judged, ...]:
    """Return the findings about ``item`` in the order of the file; the same ones are one, with their number."""
    same: dict[tuple[str, Severity, str], list[Found]] = defaultdict(list)
    for one in _once(found):
        same[one.requirement, severity_of(one), _message(one.finding)].append(one)
    shown: list[Judged] = []
    rest: dict[tuple[str, Severity], int] = defaultdict(int)
    number: dict[str, int] = defaultdict(int)
    for (requirement, severity, message), alike in same.items():
        number[requirement] += 1
        if number[requirement] > MAX_TOLD:
            rest[requirement, severity] += len(alike)
            continue
        shown.append(
            Judged(requirement=requirement, severity=severity, message=message, place=_place(item, alike[0]),
                   count=len(alike))
        )  # fmt: skip
    shown.sort(key=lambda one: (one.place.line or 0, one.place.column or 0, one.requirement))
    for (requirement, severity), count in rest.items():
        shown.append(Judged(requirement=requirement, severity=severity, message="more of the kind", count=count))
    return tuple(shown)


def severity_of(found: Found) -> Severity:
    """Return how bad a finding is: as its requirement says, or less."""
    own = SEVERITIES[catalogue()[found.requirement].level]
    return max(own, found.at_most, key=_ORDER.index)


def _message(finding: Finding) -> str:
    text = f"{finding.observed}; expected: {finding.expected}"
    return text if len(text) <= _MAX_TEXT else f"{text[:_MAX_TEXT]}…"


def _once(found: Sequence[Found]) -> Iterator[Found]:
    """Iterate over what is said once: where a schema and a special check mean the same, the graver, or the better."""
    special: dict[int, list[Found]] = defaultdict(list)
    for item in found:
        if item.requirement not in _GENERAL and item.finding.element is not None:
            special[id(item.finding.element)].append(item)
    dropped: set[int] = set()
    for general in (item for item in found if item.requirement in _GENERAL):
        for other in special[id(general.finding.element)]:
            if _same_thing(general.finding, other.finding):
                worse = severity_of(other) != "error" and severity_of(general) == "error"
                dropped.add(id(other) if worse else id(general))
    yield from (item for item in found if id(item) not in dropped)


def _same_thing(general: Finding, special: Finding) -> bool:
    """Return whether both are about the element itself, or about one that is missing at the same place."""
    if general.element is None:
        return False
    name = special.where.partition(",")[0].rpartition("/")[2]
    return local_name(general.element) == name or f" lacks {name}" in general.observed


def _place(item: Opened, found: Found) -> Place:
    if found.place is not None:
        return found.place
    place = item.place(found.finding.element)
    line = _LINE.search(found.finding.where)
    return place if place.line is not None or line is None else Place(line=int(line[1]))
