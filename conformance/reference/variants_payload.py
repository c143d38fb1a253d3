"""Benign variants of payloads: optional elements, other legal forms and orders of readings and events."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from lxml import etree

from conformance.message.build import sub
from conformance.message.meter_readings import MeterReading, Reading, Window
from conformance.message.xml import child, namespace
from conformance.reference.deviation import Deviation
from conformance.reference.edit import every, first
from conformance.reference.fault import tree
from conformance.reference.reading import asks
from conformance.reference.variant import Variant, variant

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.reference.deviation import Element, Scene


def _split_by_type(found: list[MeterReading], _: Scene) -> list[MeterReading]:
    made = []
    for entry in found:
        types = dict.fromkeys(item.reading_type for item in entry.readings) or {None: None}
        for name in types:
            mine = tuple(item for item in entry.readings if item.reading_type == name)
            blocks = tuple(block for block in entry.block_types if block == name)
            made.append(replace(entry, readings=mine, block_types=blocks))
    return made


def _shared_types(*, by_name: bool) -> Callable[[Element], Element]:
    """Add a ReadingType element for each type used, and refer to it by mRID or by name (Figures 26 to 32)."""

    def change(element: Element) -> Element:
        payload = first(element, "MeterReadings")
        if payload is None:
            return element
        known: dict[str, str] = {}
        for item in list(every(payload, "ReadingType")):
            code = item.get("ref")
            if code is not None:
                known.setdefault(code, f"type-{len(known) + 1}" if by_name else code)
                item.set("ref", known[code])
        for code, name in known.items():
            shared = sub(payload, "ReadingType")
            sub(shared, "mRID", code)
            sub(sub(shared, "Names"), "name", name)
        return element

    return change


def _qualified(element: Element) -> Element:
    for name in ("Readings", "IntervalReadings"):
        for item in every(element, name):
            made = etree.Element(f"{{{namespace(item)}}}ReadingQualities")
            sub(made, "ReadingQualityType").set("ref", "1.0.0")
            value = child(item, "value")
            item.insert(0 if value is None else item.index(value) + 1, made)
    return element


def _meter_reading_extras(element: Element) -> Element:
    for item in every(element, "MeterReading"):
        stamps = sorted(stamp.text or "" for stamp in every(item, "timeStamp"))
        flag = etree.Element(f"{{{namespace(item)}}}isCoincidentTrigger")
        flag.text = "false"
        item.insert(0, flag)
        if stamps:
            interval = sub(item, "valuesInterval")
            sub(interval, "end", stamps[-1])
            sub(interval, "start", stamps[0])
    return element


def _reading_extras(element: Element) -> Element:
    for item in every(element, "Readings"):
        for name, text in (("source", "AMI"), ("reason", "inquiry")):
            made = etree.Element(f"{{{namespace(item)}}}{name}")
            made.text = text
            item.insert(0, made)
    return element


def _event_extras(element: Element) -> Element:
    for item in every(element, "EndDeviceEvent"):
        created = child(item, "createdDateTime")
        for name, text in (("severity", "high"), ("reason", "told by the meter"), ("issuerID", "HES-1")):
            made = etree.Element(f"{{{namespace(item)}}}{name}")
            made.text = text
            item.insert(0 if created is None else item.index(created) + 1, made)
    return element


def _by_period(found: list[MeterReading], _: Scene) -> list[MeterReading]:
    return [replace(entry, readings=tuple(map(_with_period, entry.readings))) for entry in found]


def _with_period(item: Reading) -> Reading:
    if item.in_block or item.time_stamp is None:
        return item
    return replace(item, period=Window(start=item.time_stamp, end=item.time_stamp))


def _asked_identifier_only(found: list[MeterReading], scene: Scene) -> list[MeterReading]:
    """Name each meter exactly as it was asked for, and in no other way."""
    if scene.request is None:
        return found
    wanted = {
        meter.mrid: item for ask in asks(scene.request) for item in ask.meters if (meter := scene.fleet.find(item))
    }
    return [replace(entry, meter=wanted.get(entry.meter.mrid or "", entry.meter)) for entry in found]


def _numbers(change: Callable[[str], str]) -> Deviation:
    return Deviation(
        entries=lambda found, _: [
            replace(
                entry,
                readings=tuple(replace(item, value=item.value and change(item.value)) for item in entry.readings),
            )
            for entry in found
        ]
    )


PAYLOADS: tuple[Variant, ...] = (
    variant(
        "identifier_as_asked",
        "a meter is named only by what it was asked for with",
        Deviation(entries=_asked_identifier_only),
    ),
    variant("meters_reversed", "meters come in reverse order", Deviation(entries=lambda found, _: found[::-1])),
    variant(
        "readings_reversed",
        "readings come in reverse order",
        Deviation(entries=lambda found, _: [replace(entry, readings=entry.readings[::-1]) for entry in found]),
    ),
    variant(
        "meter_reading_for_each_type", "a MeterReading for each type of a meter", Deviation(entries=_split_by_type)
    ),
    variant(
        "shared_types_by_mrid",
        "ReadingType elements in the payload, referred to by mRID",
        tree(_shared_types(by_name=False)),
    ),
    variant(
        "shared_types_by_name",
        "ReadingType elements in the payload, referred to by name",
        tree(_shared_types(by_name=True)),
    ),
    variant("reading_qualities", "readings carry a ReadingQuality", tree(_qualified)),
    variant("meter_reading_extras", "isCoincidentTrigger and valuesInterval", tree(_meter_reading_extras)),
    variant("reading_extras", "readings carry reason and source", tree(_reading_extras)),
    variant("reading_period", "readings carry a timePeriod beside the timeStamp", Deviation(entries=_by_period)),
    variant("values_with_more_digits", "values with trailing zeros", _numbers(lambda said: f"{said}00")),
    variant("event_extras", "events carry severity, reason and issuer", tree(_event_extras)),
)
