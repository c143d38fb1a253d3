"""Faults in readings: another meter, another type, another time, another value (requirements MR)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import product
from typing import TYPE_CHECKING

from conformance.message.build import timestamp
from conformance.message.meter_readings import MeterReading, Reading
from conformance.message.model import Identified
from conformance.reference.consumption import DEMAND, FORWARD, REVERSE
from conformance.reference.deviation import Deviation, Pair
from conformance.reference.edit import every, remove
from conformance.reference.fault import Fault, fault, later
from conformance.reference.reading import asks

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.reference.deviation import Ask, Element, Scene

    Change = Callable[[list[Reading]], list[Reading]]


def _entries(change: Change, *, published: bool = False) -> Deviation:
    """Change the readings of every meter in an answer (or, when ``published``, in what nobody asked for)."""

    def changed(found: list[MeterReading], scene: Scene) -> list[MeterReading]:
        if (scene.request is None) != published:
            return found
        return [replace(entry, readings=tuple(change(list(entry.readings)))) for entry in found]

    return Deviation(entries=changed)


def _windowed(change: Callable[[list[Reading], Ask, Scene], list[Reading]], *, past: bool) -> Deviation:
    """Change the readings of reads with a time window (``past``), or of those without."""

    def changed(found: list[MeterReading], scene: Scene) -> list[MeterReading]:
        wanted = asks(scene.request) if scene.request is not None else []
        if not wanted or (wanted[0].window is None) == past:
            return found
        return [replace(entry, readings=tuple(change(list(entry.readings), wanted[0], scene))) for entry in found]

    return Deviation(entries=changed)


def _other_meter(found: list[MeterReading], scene: Scene) -> list[MeterReading]:
    return found if scene.request is None else [replace(entry, meter=_next(entry, scene)) for entry in found]


def _next(entry: MeterReading, scene: Scene) -> Identified:
    mrids = [meter.mrid for meter in scene.fleet.meters]
    place = mrids.index(entry.meter.mrid) if entry.meter.mrid in mrids else 0
    return scene.fleet.meters[(place + 1) % len(mrids)].identity


def _swapped_types(found: list[Reading]) -> list[Reading]:
    other = {FORWARD: REVERSE, REVERSE: FORWARD}
    return [replace(item, reading_type=other.get(item.reading_type or "", item.reading_type)) for item in found]


def _last_type_missing(found: list[Pair], _: Scene) -> list[Pair]:
    types = list(dict.fromkeys(pair.reading_type for pair in found))
    return [pair for pair in found if pair.reading_type in types[: max(1, len(types) - 1)]]


def _last_meter_missing(found: list[Pair], _: Scene) -> list[Pair]:
    mrids = list(dict.fromkeys(pair.meter.mrid for pair in found))
    return [pair for pair in found if pair.meter.mrid in mrids[: max(1, len(mrids) - 1)]]


def _product(found: list[Pair], _: Scene) -> list[Pair]:
    meters = {pair.meter.mrid: pair for pair in found}
    types = dict.fromkeys(pair.reading_type for pair in found)
    return [replace(pair, reading_type=name) for pair, name in product(meters.values(), types)]


def _extra_meter(found: list[Pair], scene: Scene) -> list[Pair]:
    taken = {pair.meter.mrid for pair in found}
    free = [meter for meter in scene.fleet.meters if meter.mrid not in taken]
    return [*found, replace(found[0], meter=free[0])] if found and free else found


def _extra_type(found: list[Pair], _: Scene) -> list[Pair]:
    meters = {pair.meter.mrid: pair for pair in found}
    return [*found, *(replace(pair, reading_type=DEMAND) for pair in meters.values())]


def _one_before(found: list[Reading], ask: Ask, _: Scene) -> list[Reading]:
    start = ask.window[0] if ask.window else None
    if not found or start is None:
        return found
    return [replace(found[0], time_stamp=timestamp(start - timedelta(hours=1))), *found]


def _invented(found: list[Reading], ask: Ask, _: Scene) -> list[Reading]:
    if found or not ask.window or ask.window[0] is None:
        return found
    return [
        Reading(reading_type=name, value="1.0000", time_stamp=timestamp(ask.window[0] + timedelta(seconds=1)))
        for name in ask.reading_types or (FORWARD,)
    ]


def _drifting(found: list[Reading], _: Ask, scene: Scene) -> list[Reading]:
    count = scene.memory["asked"] = scene.memory.get("asked", 0) + 1
    return [replace(item, value=f"{float(item.value or 0) + count / 100:.4f}") for item in found]


def _stale(found: list[Reading], _: Ask, scene: Scene) -> list[Reading]:
    hour = scene.now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=1)
    return [replace(item, time_stamp=timestamp(hour)) for item in found]


def _as_readings(found: list[MeterReading], _: Scene) -> list[MeterReading]:
    return [
        replace(entry, block_types=(), readings=tuple(replace(item, in_block=False) for item in entry.readings))
        for entry in found
    ]


def _blocks(change: Change) -> Deviation:
    def changed(found: list[Reading]) -> list[Reading]:
        inside = [item for item in found if item.in_block]
        return [*(item for item in found if not item.in_block), *change(inside)]

    return _entries(changed)


def _gap(found: list[Reading]) -> list[Reading]:
    return [*found[:1], *found[2:]] if len(found) > 2 else found


def _unlabelled(element: Element) -> Element:
    for entry in every(element, "MeterReading"):
        remove(entry, "Meter")
    return element


def _published_without_meter(element: Element, scene: Scene) -> Element:
    return _unlabelled(element) if scene.role == "event" else element


def _shifted_window(wanted: list[Ask], _: Scene) -> list[Ask]:
    return [_shifted(ask) for ask in wanted]


def _shifted(ask: Ask) -> Ask:
    if ask.window is None:
        return ask
    day = timedelta(days=1)
    start, end = ask.window
    return replace(ask, window=(start and start - day, end and end - day))


READINGS: tuple[Fault, ...] = (
    fault(
        "reading_of_another_meter",
        "MR-001",
        "the readings of a meter come under the name of the next one",
        Deviation(entries=_other_meter),
    ),
    fault(
        "reading_types_swapped",
        "MR-001",
        "delivered energy comes as received energy, and the reverse",
        _entries(_swapped_types),
    ),
    fault(
        "one_type_missing",
        "MR-002",
        "of several reading types the last one does not come",
        Deviation(pairs=_last_type_missing),
    ),
    fault(
        "one_meter_missing",
        "MR-002",
        "of several meters the last one does not come",
        Deviation(pairs=_last_meter_missing),
    ),
    fault(
        "second_element_ignored",
        "MR-003",
        "of several GetMeterReadings elements only the first counts",
        Deviation(asks=lambda wanted, _: wanted[:1]),
    ),
    fault(
        "pairs_become_product",
        "MR-004",
        "several GetMeterReadings elements are multiplied with each other",
        Deviation(pairs=_product),
    ),
    fault("extra_meter", "MR-005", "a meter comes that nobody asked for", Deviation(pairs=_extra_meter)),
    fault("extra_type", "MR-006", "a reading type comes that nobody asked for", Deviation(pairs=_extra_type)),
    fault("outside_window", "MR-007", "a reading from before the window comes too", _windowed(_one_before, past=True)),
    fault("window_off_by_a_day", "MR-007", "the window is taken to be a day earlier", Deviation(asks=_shifted_window)),
    fault(
        "reading_without_value",
        "MR-008",
        "readings have no value",
        _entries(lambda found: [replace(item, value=None) for item in found]),
    ),
    fault(
        "reading_with_empty_value",
        "MR-008",
        "the value of readings is empty",
        _entries(lambda found: [replace(item, value="") for item in found]),
    ),
    fault(
        "reading_without_time",
        "MR-009",
        "readings have no timeStamp",
        _entries(lambda found: [item if item.in_block else replace(item, time_stamp=None) for item in found]),
    ),
    fault(
        "interval_without_time",
        "MR-014",
        "interval readings have no timeStamp",
        _blocks(lambda found: [replace(item, time_stamp=None) for item in found]),
    ),
    fault(
        "invented_reading_in_empty_window",
        "MR-010",
        "for a window without data a reading is made up",
        _windowed(_invented, past=True),
    ),
    fault("unstable_history", "MR-011", "past values grow with every question", _windowed(_drifting, past=True)),
    fault(
        "on_demand_stale",
        "MR-012",
        "a read on demand brings the value of the hour before",
        _windowed(_stale, past=False),
    ),
    fault("intervals_as_readings", "MR-013", "interval data come as Readings", Deviation(entries=_as_readings)),
    fault("interval_missing", "MR-014", "one interval is left out in silence", _blocks(_gap)),
    fault("interval_doubled", "MR-015", "one interval comes twice", _blocks(lambda found: [*found[:1], *found])),
    fault(
        "readings_not_published",
        "MR-016",
        "readings are never sent without being asked for",
        later(lambda _: [], "event", noun="MeterReadings"),
    ),
    fault(
        "readings_with_wrong_verb",
        "MR-016",
        "published readings carry the verb changed",
        later(lambda items: [item.with_header(verb="changed") for item in items], "event", noun="MeterReadings"),
    ),
    fault(
        "published_readings_without_meter",
        "MR-017",
        "published readings do not say of which meter",
        Deviation(tree=_published_without_meter),
    ),
    fault(
        "published_readings_of_another_meter",
        "MR-017",
        "published readings name the next meter",
        Deviation(
            entries=lambda found, scene: (
                found if scene.request is not None else [replace(entry, meter=_next(entry, scene)) for entry in found]
            )
        ),
    ),
)
