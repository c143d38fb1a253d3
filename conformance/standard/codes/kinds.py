"""What kinds of codes there are, and what each of their parts is (61968-9 Annexes B to F).

Ranges are only those that the meaning of a part implies: numbers of a list are not negative, an exponent may be, a
currency has the three digits of ISO 4217. That a table does not list a value is no matter of its range.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

#: More digits than any number of a code has: what is longer is refused, not converted.
MAX_DIGITS = 9
_MOST = 10**MAX_DIGITS - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One part of a code: its name in the standard, what people call it, and its smallest and largest value."""

    name: str
    title: str
    low: int = 0
    high: int = _MOST

    @property
    def expected(self) -> str:
        """Say the range in words."""
        if self.low == -_MOST:
            return "a whole number"
        return f"a whole number from {self.low} to {self.high}" if self.high < _MOST else "a whole number, 0 or more"


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of code; ``words`` are what people call it, ``clause`` says where the standard has it."""

    name: str
    words: str
    clause: str
    fields: tuple[Field, ...]

    def __str__(self) -> str:
        """Return the name, which is also that of the element (but for ``ReplyCode``)."""
        return self.name

    @property
    def parts(self) -> int:
        """Return how many parts a code of this kind has."""
        return len(self.fields)

    @property
    def shape(self) -> str:
        """Say what a code looks like: ``an 18-part code``."""
        return f"{'an' if self.parts in (8, 11, 18) else 'a'} {self.parts}-part code"

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Return what matches the shape. A sign is part of it only where some part may be negative."""
        sign = "-?" if any(field.low < 0 for field in self.fields) else ""
        return re.compile(rf"{sign}[0-9]+(?:\.{sign}[0-9]+){{{self.parts - 1}}}")

    def index(self, name: str) -> int:
        """Return the place of the field ``name``, from 0. Raises KeyError when there is none."""
        for place, field in enumerate(self.fields):
            if field.name == name:
                return place
        raise KeyError(name)


READING_TYPE = Kind(
    name="ReadingType",
    words="reading type",
    clause="61968-9 Annex C",
    fields=(
        Field(name="macroPeriod", title="macro period"),
        Field(name="aggregate", title="aggregate"),
        Field(name="measuringPeriod", title="measuring period"),
        Field(name="accumulation", title="accumulation"),
        Field(name="flowDirection", title="flow direction"),
        Field(name="commodity", title="commodity"),
        Field(name="measurementKind", title="measurement kind"),
        Field(name="interharmonicNumerator", title="interharmonic numerator"),
        Field(name="interharmonicDenominator", title="interharmonic denominator"),
        Field(name="argumentNumerator", title="argument numerator", low=-_MOST),
        Field(name="argumentDenominator", title="argument denominator"),
        Field(name="tou", title="time of use"),
        Field(name="cpp", title="critical peak period"),
        Field(name="consumptionTier", title="consumption tier"),
        Field(name="phases", title="phases"),
        Field(name="multiplier", title="multiplier (power of ten)", low=-_MOST),
        Field(name="unit", title="unit"),
        Field(name="currency", title="currency", high=999),
    ),
)
READING_QUALITY = Kind(
    name="ReadingQualityType",
    words="reading quality",
    clause="61968-9 Annex D",
    fields=(
        Field(name="system", title="system"),
        Field(name="category", title="category"),
        Field(name="subCategory", title="subcategory"),
    ),
)
_DEVICE_FIELDS = (
    Field(name="type", title="device type"),
    Field(name="domain", title="domain"),
    Field(name="subDomain", title="subdomain"),
    Field(name="eventOrAction", title="event or action"),
)
EVENT_TYPE = Kind(name="EndDeviceEventType", words="end device event", clause="61968-9 Annex E", fields=_DEVICE_FIELDS)
CONTROL_TYPE = Kind(
    name="EndDeviceControlType", words="end device control", clause="61968-9 Annex F", fields=_DEVICE_FIELDS
)
REPLY_CODE = Kind(
    name="ReplyCode",
    words="reply code",
    clause="61968-9 Annex B, informative",
    fields=(Field(name="category", title="category"), Field(name="index", title="index in the category")),
)

#: Every kind by its name. Where two have one shape, the first is meant when nothing else tells.
KINDS = {kind.name: kind for kind in (READING_TYPE, READING_QUALITY, EVENT_TYPE, CONTROL_TYPE, REPLY_CODE)}


def kinds_with(parts: int) -> list[Kind]:
    """Return the kinds whose codes have so many parts."""
    return [kind for kind in KINDS.values() if kind.parts == parts]
