"""What is asked of a part of a MeterReadings payload, as XPath: libxml2 looks at the readings, not Python."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lxml import etree

Query = Callable[..., Any]

#: No value and no quality (MR-008), or no timeStamp (MR-009): those few are looked at in Python. Whether a timeStamp
#: is a time is the schema's business.
_SUSPECT = "[not(m:timeStamp) or not(normalize-space(m:value))]"
_QUALITY = "/m:ReadingQualities/m:ReadingQualityType"
_NEW = "/@ref[. != $latest]"


@dataclass(frozen=True, slots=True)
class Queries:
    """The queries about some readings: those to look at, all of them, their number, and what types they refer to.

    ``refs`` (with the element's name) also take ``latest``, a value to leave out. ``tag`` is the name of a reading
    in a holder, ``nth`` the one with the number ``n``.
    """

    suspects: tuple[Query, ...]
    all: Query
    counts: tuple[Query, ...]
    refs: tuple[tuple[str, Query], ...]
    tag: str = ""
    nth: Query = bool


class PayloadQueries:
    """The queries for payloads MeterReadings in one namespace, which may be none at all."""

    def __init__(self, space: str) -> None:
        """Compile them."""
        self._space = space
        self.payloads = self._query(".//m:MeterReadings")
        self.entries = self._query("count(m:MeterReading)")
        self.entry = self._query("m:MeterReading[position() = $n]")
        self.everything = self._query("count(//*)")
        self.blocks = self._query("m:IntervalBlocks")
        self.of_block = self._held("IntervalReadings")
        self.of_entry = self._held("Readings")
        self.of_complete = self._complete()

    def _query(self, path: str) -> Query:
        if not self._space:
            return etree.XPath(path.replace("m:", ""), smart_strings=False)
        return etree.XPath(path, namespaces={"m": self._space}, smart_strings=False)

    def _held(self, name: str) -> Queries:
        """Return the queries about the readings of an IntervalBlock, or of a MeterReading itself."""
        some = f"m:{name}"
        types = (("ReadingType", self._query(f"{some}/m:ReadingType{_NEW}")),) if name == "Readings" else ()
        return Queries(
            suspects=(self._query(some + _SUSPECT),),
            all=self._query(some),
            counts=(self._query(f"count({some})"),),
            refs=(*types, ("ReadingQualityType", self._query(f"{some}{_QUALITY}{_NEW}"))),
            tag=f"{{{self._space}}}{name}" if self._space else name,
            nth=self._query(f"m:{name}[position() = $n]"),
        )

    def _complete(self) -> Queries:
        """Return the queries about every MeterReading but the last."""
        entry = "m:MeterReading[position() < last()]"
        own, inner = f"{entry}/m:Readings", f"{entry}/m:IntervalBlocks/m:IntervalReadings"
        either = "self::m:Readings[parent::m:MeterReading] or self::m:IntervalReadings[parent::m:IntervalBlocks]"
        return Queries(
            suspects=(self._query(own + _SUSPECT), self._query(inner + _SUSPECT)),
            all=self._query(f"{entry}/descendant::*[{either}]"),
            counts=(self._query(f"count({own})"), self._query(f"count({inner})")),
            refs=(
                ("ReadingType", self._query(f"{entry}/*/m:ReadingType{_NEW}")),
                ("ReadingQualityType", self._query(f"{own}{_QUALITY}{_NEW}")),
                ("ReadingQualityType", self._query(f"{inner}{_QUALITY}{_NEW}")),
                ("EndDeviceEventType", self._query(f"{entry}/m:EndDeviceEvents/m:EndDeviceEventType{_NEW}")),
            ),
        )
