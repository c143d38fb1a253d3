"""What is wrong with a large message, in words and with its place, where only the readings' number is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.checks.envelope import shared_types
from conformance.checks.finding import Finding
from conformance.offline.large import MAX_PROBLEMS
from conformance.offline.large_places import places_of_problems, places_of_readings
from conformance.offline.model import Found, Place
from conformance.standard.codes import TYPE_CODES, is_type_code
from conformance.standard.schema_problems import without_namespaces

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.offline.large import Emptied
    from conformance.offline.reading import Opened

#: So many problems are shown with their place; the same ones count as one.
_SHOWN = 100
_LACKS = {
    "MR-008": ("a value, or a quality that says why not", "a reading with neither"),
    "MR-009": ("a timeStamp or a timePeriod", "a reading with neither"),
}


def of_large(item: Opened, large: Emptied) -> Iterator[Found]:
    """Iterate over what was found while the message was read: by the schema, and in the readings that are gone."""
    if large.unvalidated:
        found = Finding(expected="elements in the namespaces of the standard", observed=large.unvalidated)
        yield Found("ENV-002", found, Place(line=1), at_most="note")
    yield from _of_schema(item, large)
    yield from _of_readings(item, large)
    yield from _of_refs(item, large)


def _of_schema(item: Opened, large: Emptied) -> Iterator[Found]:
    """Iterate over what the schema refused; of a small rest only what is in the payload: the rest is judged apart."""
    space = large.head.payload[: large.head.payload.find("}") + 1]
    odd_payload = any(odd.in_payload for odd in item.oddities)
    shown = [
        (number, words)
        for number, (_chunk, words) in enumerate(large.problems)
        if large.is_large or (large.readings and space and f"'{space}" in words)
    ]
    if item.piece.stream is None or not shown:
        return
    places = places_of_problems(large, item.piece.stream, _SHOWN)
    for number, words in shown:
        in_payload = bool(space) and f"'{space}" in words
        if in_payload and odd_payload and "not expected" in words and f"'{large.head.payload}'" in words:
            continue  # its namespace is told already
        requirement, what = ("ENV-019", "payload") if in_payload else ("ENV-002", "message")
        found = Finding(expected=f"a {what} valid against its schema", observed=without_namespaces(words))
        yield Found(requirement, found, places[number] if number < len(places) else Place())
    if large.stopped:
        observed = f"more than {MAX_PROBLEMS} problems, after which reading stopped"
        yield Found("ENV-019", Finding(expected="a payload valid against its schema", observed=observed), Place())


def _of_readings(item: Opened, large: Emptied) -> Iterator[Found]:
    if item.piece.stream is None or not large.counts:
        return
    at = places_of_readings(item.piece.stream, {number for number, _ in large.odd})
    for requirement, count in large.counts.items():
        expected, observed = _LACKS[requirement]
        first = next((at.get(number, Place()) for number, name in large.odd if name == requirement), Place())
        many = f", and {count - 1} more like it" if count > 1 else ""
        yield Found(requirement, Finding(expected=expected, observed=observed + many), first)


def _of_refs(item: Opened, large: Emptied) -> Iterator[Found]:
    payloads = item.message.payloads if item.message is not None else ()
    bad = [
        (name, ref)
        for name, ref in large.refs
        if not is_type_code(name, ref.strip()) and not any(ref in shared_types(payload, name) for payload in payloads)
    ]
    if item.piece.stream is None or not bad:
        return
    at = places_of_readings(item.piece.stream, {large.refs[key] for key in bad})
    for name, ref in bad:
        expected = f"{TYPE_CODES[name][1]}, or the mRID or name of a {name} in the same message"
        place = at.get(large.refs[name, ref], Place())
        yield Found("ENV-017", Finding(expected=expected, observed=f'{name} ref="{ref}"'), place)
