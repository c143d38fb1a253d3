"""Faults in how meters are named (requirements NAM)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from conformance.message.model import Identified
from conformance.reference.deviation import Deviation
from conformance.reference.fault import Fault, fault
from conformance.reference.meters import Naming
from conformance.reference.reading import asks

if TYPE_CHECKING:
    from conformance.message.meter_readings import MeterReading
    from conformance.reference.deviation import Scene


def _counted_twice(found: list[MeterReading], scene: Scene) -> list[MeterReading]:
    if scene.request is None:
        return found
    several = {
        meter.mrid
        for ask in asks(scene.request)
        for item in ask.meters
        if (meter := scene.fleet.find(item)) and (item.mrid is not None) + len(item.names) > 1
    }
    return [copy for entry in found for copy in [entry] * (2 if entry.meter.mrid in several else 1)]


def _other_identifier(found: list[MeterReading], scene: Scene) -> list[MeterReading]:
    if scene.request is None:
        return found
    by_name = any(item.names for ask in asks(scene.request) for item in ask.meters)
    return [
        replace(entry, meter=Identified(mrid=entry.meter.mrid) if by_name else Identified(names=entry.meter.names))
        for entry in found
    ]


NAMING: tuple[Fault, ...] = (
    fault("mrid_not_known", "NAM-001", "meters are found by name only", Deviation(naming=Naming(knows_mrids=False))),
    fault("name_not_known", "NAM-002", "meters are found by mRID only", Deviation(naming=Naming(knows_names=False))),
    fault(
        "identifiers_counted_as_meters",
        "NAM-003",
        "a meter with several identifiers is read several times",
        Deviation(entries=_counted_twice),
    ),
    fault(
        "answer_names_meter_differently",
        "NAM-004",
        "a meter asked for by name is answered by mRID, and the reverse",
        Deviation(entries=_other_identifier),
    ),
    fault("name_type_ignored", "NAM-005", "the NameType does not count", Deviation(naming=Naming(by_type=False))),
    fault(
        "authority_ignored",
        "NAM-006",
        "the NameTypeAuthority does not count",
        Deviation(naming=Naming(by_authority=False)),
    ),
    fault(
        "first_of_the_same_name",
        "NAM-007",
        "of two meters that share a name the first is taken",
        Deviation(naming=Naming(by_type=False, first_match=True)),
    ),
)
