"""Says what a namespace is meant to be, whatever its host or year (facts/deviations.md: both differ in the field)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from conformance.standard.editions import EDITION_2013, EDITION_2024, EDITIONS, Edition

Kind = Literal["envelope", "profile", "wrapper", "service", "none", "foreign"]
_FORM = re.compile(
    r"(?:(?P<scheme>\w+):(?://)?)?(?P<host>[^/]*)/(?:[^#]*/)??TC57/(?:(?P<year>(?:19|20)\d\d)/)?"
    r"(?:(?P<envelope>schema/message)|(?P<noun>[A-Za-z][\w-]*?)(?P<wrapper>Message)?)(?P<end>[#/]*)",
    re.IGNORECASE,
)
#: Every URI of edition 2 of the envelope, and of the profiles made for it, is of this year or later.
_YEAR_OF_2024 = 2020


@dataclass(frozen=True, slots=True, kw_only=True)
class Namespace:
    """What a URI means. ``edition`` is set when it is exactly a namespace of that edition.

    ``expected`` is the URI that the nearest edition has instead, and ``deviations`` say how the two differ.
    """

    uri: str
    kind: Kind
    noun: str = ""
    edition: str | None = None
    expected: str | None = None
    deviations: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Say in words what it is, such as ``the profile MeterReadings, with the host www.iec.ch``."""
        plain = {"none": "no namespace", "foreign": "a namespace that is not of IEC TC 57", "envelope": "the envelope"}
        text = plain.get(self.kind) or f"the {self.kind} {self.noun}".replace("the wrapper", "the typed wrapper")
        text += f" of the {self.edition} edition" if self.edition else ""
        return ", ".join([text, *self.deviations])


def recognise(uri: str, editions: Iterable[Edition] = tuple(EDITIONS.values())) -> Namespace:
    """Return what ``uri`` is meant to be; ``editions`` are those whose own namespaces count as exact."""
    for edition in editions:
        exact = _exact(uri, edition)
        if exact is not None:
            return exact
    if not uri:
        return Namespace(uri=uri, kind="none")
    found = _FORM.fullmatch(uri)
    if found is None:
        return Namespace(uri=uri, kind="foreign")
    year = int(found["year"] or 0)
    edition = EDITION_2024 if year >= _YEAR_OF_2024 else EDITION_2013
    noun = found["noun"] or ""
    if found["envelope"]:
        kind, expected = "envelope", edition.envelope
    elif found["wrapper"]:
        kind, expected = "wrapper", edition.wrapper(noun)
    elif found["end"] or noun in edition.nouns or noun.startswith("Get"):
        kind, expected = "profile", edition.profile(noun)
    else:
        kind, expected = "service", edition.service(noun)
    deviations = tuple(_deviations(found, expected))
    return Namespace(uri=uri, kind=kind, noun=noun, expected=expected, deviations=deviations)  # type: ignore[arg-type]


def _exact(uri: str, edition: Edition) -> Namespace | None:
    patterns: tuple[tuple[Kind, str], ...] = (
        ("envelope", edition.envelope),
        ("wrapper", edition.wrapper_pattern),
        ("profile", edition.profile_pattern),
    )
    for kind, pattern in patterns:
        before, variable, after = pattern.partition("{noun}")
        found = re.fullmatch(re.escape(before) + (r"(\w+)" if variable else "") + re.escape(after), uri)
        if found is not None:
            return Namespace(uri=uri, kind=kind, noun=found[1] if variable else "", edition=edition.name, expected=uri)
    return None


def _deviations(found: re.Match[str], expected: str) -> Iterator[str]:
    wanted = _FORM.fullmatch(expected)
    if wanted is None:  # a user's own namespaces may have any form
        return
    if (found["scheme"] or "").lower() != wanted["scheme"]:
        yield f"with {found['scheme'] or 'nothing'} before the host instead of {wanted['scheme']}"
    if found["host"] != wanted["host"]:
        yield f"with the host {found['host'] or '(none)'} instead of {wanted['host']}"
    if found["year"] != wanted["year"]:
        yield f"with the year {found['year'] or '(none)'} instead of {wanted['year']}"
    if found["end"] != wanted["end"]:
        yield f"with {found['end'] or 'nothing'} at the end instead of {wanted['end'] or 'nothing'}"
    mine, theirs = _tail(found), _tail(wanted)
    if mine != theirs and mine.lower() == theirs.lower():
        yield f"with {mine} instead of {theirs}"


def _tail(found: re.Match[str]) -> str:
    """Return what stands behind the host, without the year."""
    tail = found[0][found.end("host") :].strip("/#")
    return tail.replace(f"/{found['year']}/", "/")
