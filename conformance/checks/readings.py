"""Checks of the readings that came against what was asked for (MR, NAM)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from conformance.checks.answers import (
    Brought,
    brought,
    came,
    final,
    has_value_or_quality,
    is_of,
    known,
    moment,
    reading_key,
    reply_of,
    resolved_type,
    tolerance,
    wanted,
)
from conformance.checks.finding import Finding
from conformance.checks.naming import same_device
from conformance.checks.registry import check
from conformance.checks.replies import about
from conformance.checks.results import codes
from conformance.standard.times import as_utc, parse_time

if TYPE_CHECKING:
    from conformance.checks.scene import ExchangeView, Scene
    from conformance.message.meter_readings import Window
    from conformance.message.model import Identified


def _some(scene: Scene) -> tuple[list[Brought], list[Finding]]:
    """Return the readings, and a finding when there are none: no claim about readings holds without any."""
    items = brought(scene.last)
    if items:
        return items, []
    reply = reply_of(final(scene.last))
    observed = f"{came(scene.last)}, without readings" + (f" ({codes(reply)})" if reply is not None else "")
    return [], [about(scene, "readings of what was asked for", observed)]


@check("there are readings of every meter and type that was asked for")
def everything_came(scene: Scene) -> Iterator[Finding]:
    """Judge MR-001 to MR-003, NAM-001, NAM-002, EXC-010: every known pair has a reading."""
    items, findings = _some(scene)
    yield from findings
    for want in known(scene, wanted(scene.last.asked.message)) if items else ():
        found = [
            item for item in items if is_of(item, want.meter, scene) and want.reading_type in ("", resolved_type(item))
        ]
        if not found:
            meter = scene.terms.meter(want.meter) or want.meter
            kind = scene.terms.code("ReadingType", want.reading_type)
            yield about(scene, f"a reading of {meter} for {kind}", "there is none", where="MeterReadings")


@check("no reading is of a meter that was not asked for")
def no_other_meter(scene: Scene) -> Iterator[Finding]:
    """Judge MR-005."""
    items, findings = _some(scene)
    yield from findings
    meters = [want.meter for want in wanted(scene.last.asked.message)]
    for item in _first_of_each(items):
        if not any(is_of(item, meter, scene) for meter in meters):
            yield about(scene, "readings of the meters asked for", f"a reading of {item}", item.source, _line(item))


@check("no reading is of a type that was not asked for")
def no_other_type(scene: Scene) -> Iterator[Finding]:
    """Judge MR-006."""
    items, findings = _some(scene)
    yield from findings
    types = {want.reading_type for want in wanted(scene.last.asked.message)}
    for item in _first_of_each(items):
        if resolved_type(item) not in types:
            expected = f"readings of {', '.join(scene.terms.code('ReadingType', name) for name in sorted(types))}"
            yield about(scene, expected, f"a reading of {item}", item.source, _line(item))


@check("no meter brings a type that was asked of another meter")
def pairs_stay_pairs(scene: Scene) -> Iterator[Finding]:
    """Judge MR-004."""
    items, findings = _some(scene)
    yield from findings
    pairs = wanted(scene.last.asked.message)
    for item in _first_of_each(items):
        if not any(is_of(item, want.meter, scene) and want.reading_type == resolved_type(item) for want in pairs):
            kinds = {want.reading_type: scene.terms.code("ReadingType", want.reading_type) for want in pairs}
            expected = "; ".join(f"{want.meter} with {kinds[want.reading_type]}" for want in pairs)
            yield about(scene, expected, f"a reading of {item}", item.source, _line(item))


def _first_of_each(items: list[Brought]) -> list[Brought]:
    """Return one reading for each meter and type: a hundred of the same kind are one deviation."""
    return list({(str(item.meter), item.reading.reading_type): item for item in reversed(items)}.values())


def _line(item: Brought) -> str:
    return f"MeterReadings, line {item.reading.line}"


@check("every reading lies within the window of the request")
def within_window(scene: Scene) -> Iterator[Finding]:
    """Judge MR-007; both ends belong to the window. Some reading must be of a meter asked for, and say its time."""
    items, findings = _some(scene)
    yield from findings
    judged = False
    for item in items:
        windows = [want.window for want in wanted(scene.last.asked.message) if is_of(item, want.meter, scene)]
        if moment(item) is None or not windows:
            continue
        judged = True
        if not any(_inside(item, window) for window in windows):
            window = windows[0]
            expected = f"times from {window.start} to {window.end}" if window else "times in the window"
            yield about(scene, expected, f"a reading of {item}", item.source, _line(item))
    if items and not judged:
        observed = f"{len(items)} reading(s), none of a meter asked for and with a time"
        yield about(scene, "readings that lie in the window", observed)


def _inside(item: Brought, window: Window | None) -> bool:
    when, slack = moment(item), tolerance(item)
    if window is None or when is None:
        return True
    start, end = parse_time(window.start), parse_time(window.end)
    return (start is None or as_utc(start) - slack <= when) and (end is None or when <= as_utc(end) + slack)


@check("every reading has a value or a quality")
def has_value(scene: Scene) -> Iterator[Finding]:
    """Judge MR-008."""
    items, findings = _some(scene)
    yield from findings
    for item in items:
        if not has_value_or_quality(item):
            expected = "a value, or a quality that says why not"
            yield about(scene, expected, f"neither in {item}", item.source, _line(item))


@check("every reading says its time")
def has_time(scene: Scene) -> Iterator[Finding]:
    """Judge MR-009."""
    items, findings = _some(scene)
    yield from findings
    for item in items:
        if moment(item) is None:
            yield about(scene, "a timeStamp or a timePeriod", f"neither in {item}", item.source, _line(item))


@check("there are no readings")
def no_readings(scene: Scene) -> Iterator[Finding]:
    """Judge MR-010 and NAM-005: an answer comes, a Reply or a fault, and it brings nothing."""
    answer = scene.last.answer
    carried = answer.carried if answer is not None else None
    if carried is None or (carried.fault is None and reply_of(answer) is None):
        yield about(scene, "a reply without readings", came(scene.last))
    for item in brought(scene.last)[:1]:
        yield about(scene, "no reading", f"a reading of {item}: {item.reading.value}", item.source, _line(item))


@check("both answers bring the same values")
def same_again(scene: Scene) -> Iterator[Finding]:
    """Judge MR-011 over the two newest exchanges; empty values are no values."""
    items, findings = _some(scene)
    yield from findings
    if items and not any((item.reading.value or "").strip() for item in items):
        yield about(scene, "the same value twice", "no reading has a value")
    before, after = (_values(exchange) for exchange in scene.exchanges[-2:])
    for key in sorted(before.keys() | after.keys()) if items else ():
        if before.get(key) != after.get(key):
            observed = f"first {before.get(key, ['nothing'])}, then {after.get(key, ['nothing'])}"
            yield about(scene, "the same value twice", f"{' '.join(key)}: {observed}")


def _values(exchange: ExchangeView) -> dict[tuple[str, str, str], list[str]]:
    found: dict[tuple[str, str, str], list[str]] = {}
    for item in brought(exchange):
        found.setdefault(reading_key(item), []).append((item.reading.value or "").strip())
    return {key: sorted(values) for key, values in found.items()}


@check("the value was read after the request was sent")
def read_now(scene: Scene) -> Iterator[Finding]:
    """Judge MR-012, give or take the agreed clock skew."""
    items, findings = _some(scene)
    yield from findings
    earliest = scene.last.asked.at - scene.terms.max_clock_skew_s
    newest = max((when + tolerance(item) for item in items if (when := moment(item)) is not None), default=None)
    if items and (newest is None or newest.timestamp() < earliest):
        expected = f"a reading from {datetime.fromtimestamp(earliest, UTC):%Y-%m-%dT%H:%M:%SZ} or later"
        observed = f"the newest is of {newest:%Y-%m-%dT%H:%M:%SZ}" if newest else "none says its time"
        yield about(scene, expected, observed)


@check("no reading comes twice")
def no_doubles(scene: Scene) -> Iterator[Finding]:
    """Judge NAM-003 and EXC-011: one reading for each meter, type and time. One without time is MR-009's business."""
    items, findings = _some(scene)
    yield from findings
    meters = [(scene.terms.meter(item.meter) or item.meter, item) for item in items]
    count = Counter((str(meter), resolved_type(item), moment(item)) for meter, item in meters)
    for (meter, reading_type, when), times in count.items():
        if times > 1 and when is not None:
            observed = f"{times} readings of {meter} {reading_type} {when.isoformat()}"
            yield about(scene, "one reading for each meter, type and time", observed)


@check("the answer names the meter as the request did")
def named_as_asked(scene: Scene) -> Iterator[Finding]:
    """Judge NAM-004: the identifier of the request is among those of the answer."""
    items, findings = _some(scene)
    yield from findings
    meters = [want.meter for want in wanted(scene.last.asked.message)]
    for item in _first_of_each(items):
        if not any(_shares_identifier(item.meter, meter) for meter in meters):
            asked = ", ".join(str(meter) for meter in meters)
            yield about(scene, f"the identifier {asked}", f"the meter is named {item.meter}", item.source, _line(item))


def _shares_identifier(one: Identified, other: Identified) -> bool:
    # NameType and authority may be left out where the name alone is what was asked by.
    return same_device(one, other) or bool({name.name for name in one.names} & {name.name for name in other.names})
