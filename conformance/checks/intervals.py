"""Checks of interval data (MR-013 to MR-015; TR 61968-900, 6.5.6)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from conformance.checks.answers import (
    Brought,
    Wanted,
    brought,
    came,
    has_value_or_quality,
    is_of,
    moment,
    resolved_type,
    wanted,
)
from conformance.checks.finding import NothingToJudgeError
from conformance.checks.registry import check
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
    """Judge MR-014: as many intervals as fit into the window, one length apart, with a value or a quality.

    Which end of an interval its time stamp marks is left open here (exchange rule 23 is only recalled), so the
    distance between neighbours and the number count, not the position in the window.
    """
    length = timedelta(seconds=scene.terms.interval_s or 0)
    judged = False
    for want in wanted(scene.last.asked.message):
        items = [item for item in _of(scene, want) if has_value_or_quality(item)]
        times = sorted({when for item in items if (when := moment(item)) is not None})
        start, end = (parse_time(text) for text in ((want.window.start, want.window.end) if want.window else ("", "")))
        if start is None or end is None or not length:
            continue
        judged = True
        due, gap = int((as_utc(end) - as_utc(start)) / length), _gap(times, length)
        if len(times) < due or gap is not None:
            observed = f"{len(times)} of {due}" + (f"; the first gap is after {gap.isoformat()}" if gap else "")
            expected = f"{due} intervals of {scene.terms.interval_s} s of {want.meter}"
            yield about(scene, expected, observed, where="IntervalBlocks")
    if not judged:
        raise NothingToJudgeError("the request has no window, or the length of its intervals is not agreed")


def _gap(times: list[datetime], length: timedelta) -> datetime | None:
    return next((one for one, other in pairwise(times) if other - one > length), None)


@check("no interval comes twice")
def no_interval_twice(scene: Scene) -> Iterator[Finding]:
    """Judge MR-015."""
    wants = wanted(scene.last.asked.message)
    if not any(moment(item) for want in wants for item in _of(scene, want)):
        yield about(scene, "interval data of what was asked for", f"{came(scene.last)}, without any")
    for want in wants:
        for when, times in Counter(moment(item) for item in _of(scene, want)).items():
            if times > 1 and when is not None:
                observed = f"{times} for {want.meter} at {when.isoformat()}"
                yield about(scene, "one value for each interval", observed, where="IntervalBlocks")
