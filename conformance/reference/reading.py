"""get(MeterReadings): what is asked, which meters and types that is, and their readings (TR 61968-900, 6.3, 6.5)."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from conformance.message.build import timestamp
from conformance.message.meter_readings import MeterReading, Reading, asked, read_window
from conformance.message.parse import identified
from conformance.message.xml import child, children, text
from conformance.reference.admission import request_elements
from conformance.reference.consumption import INTERVAL, INTERVAL_LENGTH, REGISTERS, SUPPORTED, moments
from conformance.reference.deviation import Ask, Pair, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lxml import etree

    from conformance.message.meter_readings import Window
    from conformance.message.model import Message
    from conformance.reference.deviation import Conduct, Scene

    Element = etree._Element
    Period = tuple[datetime | None, datetime | None]

_CODE = re.compile(r"-?\d+(\.-?\d+){17}")


def asks(message: Message) -> list[Ask]:
    """Return what each GetMeterReadings of the request asks for."""
    return [_ask(element, message) for element in request_elements(message)]


def _ask(element: Element, message: Message) -> Ask:
    meters, types, window = asked(element)
    if window is None:
        window = read_window(child(child(element, "Reading"), "timePeriod"))
    period = _period(window)
    if period is None:
        start, end = text(message.request, "StartTime"), text(message.request, "EndTime")
        period = (moment(start), moment(end)) if start or end else None
    return Ask(meters=tuple(meters), reading_types=tuple(types), window=period)


def _period(window: Window | None) -> Period | None:
    if window is None or (window.start is None and window.end is None):
        return None
    return moment(window.start), moment(window.end)


def moment(said: str | None) -> datetime | None:
    """Return an xs:dateTime as UTC; one without a zone is taken for UTC, an unreadable one for none."""
    if not said:
        return None
    try:
        parsed = datetime.fromisoformat(said.strip())
    except ValueError:
        return None
    return (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).astimezone(UTC)


def usage_points(message: Message) -> list[Problem]:
    """Return a problem for each usage point that is asked for: this system knows none."""
    return [
        Problem(name="usage-point", subject=identified(item))
        for element in request_elements(message)
        for item in children(element, "UsagePoint")
    ]


def resolve(wanted: Sequence[Ask], scene: Scene, conduct: Conduct) -> tuple[list[Pair], list[Problem]]:
    """Return the pairs of meter and type to read, each once, and a problem for each object that is not known.

    Within one element meters and types multiply, several elements add up (TR 61968-900, Figures 22, 23).
    """
    pairs: dict[tuple[str, str, object], Pair] = {}
    problems: dict[Problem, None] = {}
    for ask in wanted:
        types = []
        for name in ask.reading_types or REGISTERS:
            problem = _type_problem(name)
            if problem is None:
                types.append(name)
            else:
                problems[problem] = None
        for identity in ask.meters:
            meter = scene.fleet.find(identity, conduct.naming)
            if meter is None:
                problems[Problem(name="meter", subject=identity)] = None
                continue
            for name in types:
                pair = Pair(meter=meter, reading_type=name, window=ask.window)
                pairs[meter.mrid, name, ask.window] = pair
    return list(pairs.values()), list(problems)


def _type_problem(name: str) -> Problem | None:
    if name in SUPPORTED:
        return None
    kind = "unsupported-type" if _CODE.fullmatch(name.strip()) else "reading-type"
    return Problem(name=kind, subject=name)


def entries(pairs: Iterable[Pair], now: datetime) -> list[MeterReading]:
    """Return one MeterReading for each meter, with the readings of all its pairs."""
    by_meter: dict[str, list[Pair]] = {}
    for pair in pairs:
        by_meter.setdefault(pair.meter.mrid, []).append(pair)
    return [_entry(items, now) for items in by_meter.values()]


def _entry(pairs: list[Pair], now: datetime) -> MeterReading:
    readings = [reading for pair in pairs for reading in read(pair, now)]
    return MeterReading(
        meter=pairs[0].meter.identity,
        readings=tuple(readings),
        block_types=(INTERVAL,) if any(reading.in_block for reading in readings) else (),
    )


def read(pair: Pair, now: datetime) -> list[Reading]:
    """Return the readings of one pair: those in its window, or without a window the one of now."""
    interval = pair.reading_type == INTERVAL
    if pair.window is not None:
        when = list(moments(pair.reading_type, *pair.window, now))
    elif interval:
        when = list(moments(INTERVAL, now - 2 * INTERVAL_LENGTH, now, now))[-1:]
    else:
        when = [now]
    return [
        Reading(
            reading_type=pair.reading_type,
            value=pair.meter.value(pair.reading_type, at),
            time_stamp=timestamp(at),
            in_block=interval,
        )
        for at in when
    ]
