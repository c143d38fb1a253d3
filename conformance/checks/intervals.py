"""Checks of interval data (MR-013 to MR-015; TR 61968-900, 6.5.6)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from conformance.checks.answers import Brought, Wanted, brought, came, is_of, resolved_type, wanted
from conformance.checks.registry import check
from conformance.checks.readings import moment
from conformance.checks.replies import about
from conformance.standard.times import as_utc, parse_time

if TYPE_CHECKING:
    from conformance.checks.finding import Finding
    from conformance.checks.scene import Scene


@check("the interval data come in IntervalBlocks")
def in_blocks(scene: Scene) -> Iterator[Finding]:
    """Judge MR-013."""
    items = brought(scene.last)
    if not any(item.reading.in_block for item in items):
        observed = "they came in Readings" if items else f"{came(scene.last)}, without readings"
        yield about(scene, "IntervalBlocks with IntervalReadings", observed, where="MeterReading")


def _of(scene: Scene, want: Wanted) -> list[Brought]:
    return [
        item
        for item in brought(scene.last)
        if is_of(item, want.meter, scene) and resolved_type(item) == want.reading_type
    ]


@check("no interval of the window is missing")
def complete(scene: Scene) -> Iterator[Finding]:
    """Judge MR-014: as many intervals as fit into the window, one length apart.

    Which end of an interval its time stamp marks is left open here (exchange rule 23 is only recalled), so the
    distance between neighbours and the number count, not the position in the window.
    """
    length = timedelta(seconds=scene.terms.interval_s or 0)
    for want in wanted(scene.last.asked.message):
        times = sorted({when for item in _of(scene, want) if (when := moment(item)) is not None})
        start, end = (parse_time(text) for text in ((want.window.start, want.window.end) if want.window else ("", "")))
        if start is None or end is None or not length:
            continue
        due = int((as_utc(end) - as_utc(start)) / length)
        if len(times) < due:
            gap = _gap(times, length)
            observed = f"{len(times)} of {due}" + (f"; the first gap is after {gap.isoformat()}" if gap else "")
            yield about(scene, f"{due} intervals of {length.seconds} s of {want.meter}", observed, where="IntervalBlocks")


def _gap(times: list[datetime], length: timedelta) -> datetime | None:
    return next((one for one, other in zip(times, times[1:], strict=False) if other - one > length), None)


@check("no interval comes twice")
def no_interval_twice(scene: Scene) -> Iterator[Finding]:
    """Judge MR-015."""
    if not brought(scene.last):
        yield about(scene, "interval data", f"{came(scene.last)}, without readings")
    for want in wanted(scene.last.asked.message):
        for when, times in Counter(moment(item) for item in _of(scene, want)).items():
            if times > 1 and when is not None:
                observed = f"{times} for {want.meter} at {when.isoformat()}"
                yield about(scene, "one value for each interval", observed, where="IntervalBlocks")
