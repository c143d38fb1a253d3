"""GetMeterReadings and MeterReadings: build the one, read and build the other (TR 61968-900, 6.3 and 6.5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from conformance.message.build import add_identity, root, sub
from conformance.message.model import Identified
from conformance.message.parse import identified
from conformance.message.xml import child, children, local_name, text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lxml import etree

    from conformance.message.model import Message

    Element = etree._Element


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A period of time, both ends as xs:dateTime texts; None is open."""

    start: str | None = None
    end: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One value. ``in_block`` tells whether it stood in an IntervalBlock; then ``time_stamp`` ends its interval."""

    reading_type: str | None
    value: str | None
    time_stamp: str | None
    period: Window | None = None
    qualities: tuple[str, ...] = ()
    in_block: bool = False
    line: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterReading:
    """What one MeterReading says of one meter. ``block_types`` are the reading types of its IntervalBlocks."""

    meter: Identified
    readings: tuple[Reading, ...] = ()
    block_types: tuple[str | None, ...] = ()
    usage_point: Identified | None = None
    line: int | None = None


def get_meter_readings(
    meters: Sequence[Identified],
    reading_types: Sequence[str] = (),
    window: Window | None = None,
) -> Element:
    """Return a GetMeterReadings element that asks for ``reading_types`` of ``meters``, within ``window``."""
    element = root("GetMeterReadings")
    for meter in meters:
        add_identity(sub(element, "EndDevice"), meter)
    for reading_type in reading_types:
        sub(sub(sub(element, "ReadingType"), "Names"), "name", reading_type)
    if window is not None:
        interval = sub(sub(element, "TimeSchedule"), "scheduleInterval")
        _window(interval, window)
    return element


def asked(element: Element) -> tuple[list[Identified], list[str], Window | None]:
    """Return meters, reading types and window of a GetMeterReadings element; the inverse of get_meter_readings."""
    types = [_type_name(item) for item in children(element, "ReadingType")]
    interval = child(child(element, "TimeSchedule"), "scheduleInterval")
    return [identified(item) for item in children(element, "EndDevice")], types, read_window(interval)


def _type_name(element: Element) -> str:
    identity = identified(element)
    return identity.mrid or (identity.names[0].name if identity.names else "")


def meter_readings(entries: Sequence[MeterReading]) -> Element:
    """Return a MeterReadings element with one MeterReading for each of ``entries``."""
    element = root("MeterReadings")
    for entry in entries:
        reading = sub(element, "MeterReading")
        blocks: dict[str | None, Element] = {name: sub(reading, "IntervalBlocks") for name in entry.block_types}
        meter = sub(reading, "Meter")
        add_identity(meter, entry.meter)
        for item in entry.readings:
            parent = blocks[item.reading_type] if item.in_block else reading
            _value(sub(parent, "IntervalReadings" if item.in_block else "Readings"), item)
        for name, block in blocks.items():
            sub(block, "ReadingType").set("ref", name or "")
        if entry.usage_point is not None:
            add_identity(sub(reading, "UsagePoint"), entry.usage_point)
    return element


def read_meter_readings(message: Message) -> list[MeterReading]:
    """Return every MeterReading of every MeterReadings payload of ``message``."""
    return [
        _meter_reading(item)
        for payload in message.payloads
        if local_name(payload) == "MeterReadings"
        for item in children(payload, "MeterReading")
    ]


def _meter_reading(element: Element) -> MeterReading:
    readings = [_reading(item, _ref(item, "ReadingType")) for item in children(element, "Readings")]
    blocks = list(children(element, "IntervalBlocks"))
    for block in blocks:
        reading_type = _ref(block, "ReadingType")
        readings += [_reading(item, reading_type, in_block=True) for item in children(block, "IntervalReadings")]
    meter = child(element, "Meter")
    usage_point = child(element, "UsagePoint")
    return MeterReading(
        meter=Identified() if meter is None else identified(meter),
        readings=tuple(readings),
        block_types=tuple(_ref(block, "ReadingType") for block in blocks),
        usage_point=None if usage_point is None else identified(usage_point),
        line=element.sourceline,
    )


def _ref(element: Element, name: str) -> str | None:
    found = child(element, name)
    return None if found is None else found.get("ref")


def _reading(element: Element, reading_type: str | None, *, in_block: bool = False) -> Reading:
    return Reading(
        reading_type=reading_type,
        value=text(element, "value"),
        time_stamp=text(element, "timeStamp"),
        period=read_window(child(element, "timePeriod")),
        qualities=tuple(_ref(item, "ReadingQualityType") or "" for item in children(element, "ReadingQualities")),
        in_block=in_block,
        line=element.sourceline,
    )


def read_window(element: Element | None) -> Window | None:
    """Return a DateTimeInterval element as a Window; None when there is none."""
    return None if element is None else Window(start=text(element, "start"), end=text(element, "end"))


def _window(element: Element, window: Window) -> None:
    # The profile puts end before start (facts/profiles, DateTimeInterval).
    if window.end is not None:
        sub(element, "end", window.end)
    if window.start is not None:
        sub(element, "start", window.start)


def _value(element: Element, item: Reading) -> None:
    if item.time_stamp is not None:
        sub(element, "timeStamp", item.time_stamp)
    if item.value is not None:
        sub(element, "value", item.value)
    for quality in item.qualities:
        sub(sub(element, "ReadingQualities"), "ReadingQualityType").set("ref", quality)
    if not item.in_block:
        sub(element, "ReadingType").set("ref", item.reading_type or "")
    if item.period is not None:
        _window(sub(element, "timePeriod"), item.period)
