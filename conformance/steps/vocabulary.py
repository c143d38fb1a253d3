"""The words of the features: M1, R1, "an unknown meter" … and what they stand for in the test data."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from conformance.errors import Inconclusive, InternalError, NotApplicable
from conformance.message.build import timestamp
from conformance.message.meter_readings import Window
from conformance.message.model import Identified, Name
from conformance.sut.claims import shared_name

if TYPE_CHECKING:
    from conformance.sut.model import Configuration, ControlPair, Meter, MeterName

#: A code of no edition: neither the number of its parts nor its values can be right.
UNKNOWN_READING_TYPE = "99.99.99"
UNKNOWN_CONTROL_TYPE = "99.99.99.999"
#: A well-formed period long before any smart meter.
_LONG_AGO = Window(start="1971-01-01T00:00:00Z", end="1971-01-02T00:00:00Z")


@dataclass(slots=True, kw_only=True)
class Vocabulary:
    """Turns the words of a scenario into objects. Unknown meters stay the same within one scenario."""

    configuration: Configuration
    _unknown: dict[str, Identified] = field(default_factory=dict)

    def meters(self, text: str) -> list[Identified]:
        """Return the meters that ``text`` names: ``M1``, ``M1 and M2``, ``M1 by name and an unknown meter``."""
        return [self._meter(part) for part in _parts(text)]

    def types(self, text: str) -> list[str]:
        """Return the reading types that ``text`` names: ``R1``, ``R1 and R2``, ``interval data`` …"""
        return [self._type(part) for part in _parts(text)]

    def control(self, text: str) -> ControlPair:
        """Return the control that ``text`` names: ``connect`` or ``disconnect``."""
        controls = self.configuration.test_data.controls
        if controls is None:
            raise Inconclusive("test_data.controls is missing in SUT.toml")
        return {"connect": controls.connect, "disconnect": controls.disconnect}[text]

    @property
    def window(self) -> Window:
        """Return the period for which the meters have data."""
        period = self.configuration.test_data.window
        return Window(start=timestamp(period.start), end=timestamp(period.end))

    @property
    def window_without_data(self) -> Window:
        """Return a period for which no meter can have data."""
        return _LONG_AGO

    def _meter(self, text: str) -> Identified:
        if text.endswith("unknown meter"):
            return self._unknown.setdefault(text, Identified(mrid=str(uuid.uuid4())))
        found = re.fullmatch(r"M(\d)(?: by (.+))?", text)
        if found is None:
            raise InternalError(f"no meter is meant by: {text}")
        index, manner = int(found[1]) - 1, found[2] or "mRID"
        if manner == "the name that another meter bears too":
            return self._sharing()
        meter = self.configuration.test_data.meters[index]
        if manner == "mRID":
            return meter.by_mrid
        if manner == "mRID and names":
            return meter.in_full
        return _by_name(meter, manner)

    def _sharing(self) -> Identified:
        """Name the second of the two meters that share a name: a system that takes the first takes the wrong one."""
        found = shared_name(self.configuration)
        if found is None:
            raise Inconclusive("no two meters of test_data.meters share a name under different types")
        _first, second, shared = found
        meter = self.configuration.test_data.meters[second]
        return Identified(names=(_name(next(name for name in meter.names if name.name == shared)),))

    def _type(self, text: str) -> str:
        data = self.configuration.test_data
        words = {
            "R1": data.reading_types[0],
            "R2": data.reading_types[1],
            "interval data": data.interval_type,
            "an unknown reading type": UNKNOWN_READING_TYPE,
            "an unsupported reading type": data.unsupported_reading_type,
        }
        if text == "interval data" and data.interval_type is None:
            raise NotApplicable("the system declares no interval data")
        found = words.get(text)
        if found is None:
            raise InternalError(f"no reading type is meant by: {text}")
        return found


def _parts(text: str) -> list[str]:
    return [part for part in re.split(r", | and (?!names)", text) if part]


def _name(name: MeterName) -> Name:
    return Name(name=name.name, name_type=name.type, authority=name.authority)


def _by_name(meter: Meter, manner: str) -> Identified:
    if not meter.names:
        raise Inconclusive(f"the meter {meter.mrid} of test_data.meters has no names")
    name = _name(meter.names[0])
    changed = {
        "name": name,
        "a name of another type": Name(name=name.name, name_type="NoSuchNameType", authority=name.authority),
        "a name of another authority": Name(name=name.name, name_type=name.name_type, authority="No such authority"),
    }.get(manner)
    if changed is None:
        raise InternalError(f"a meter cannot be named by: {manner}")
    return Identified(names=(changed,))
