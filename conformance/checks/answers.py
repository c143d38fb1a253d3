"""What checks of a scenario have in common: the reply that the scenario is about, and what was asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from conformance.checks.naming import same_device
from conformance.message.meter_readings import MeterReading, Reading, Window, asked, read_meter_readings
from conformance.message.xml import children
from conformance.standard.codes import is_type_code, named
from conformance.standard.times import as_utc, parse_time

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from conformance.checks.scene import Arrived, ExchangeView, Scene
    from conformance.message.model import Identified, Message, Reply


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One meter and one reading type that a request asked for, with its window. An empty type means any."""

    meter: Identified
    reading_type: str
    window: Window | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """One reading, with the meter that the answer says it is of."""

    meter: Identified
    reading: Reading
    source: Arrived

    def __str__(self) -> str:
        """Say which reading it is."""
        when = self.reading.time_stamp or (self.reading.period and self.reading.period.end) or "without time"
        return f"{self.meter} {named('ReadingType', self.reading.reading_type)} {when}"


def replies(exchange: ExchangeView) -> list[Arrived]:
    """Return the messages that answer a request: what came at once, and what came later for it."""
    answers = [exchange.answer] if exchange.answer is not None else []
    return [item for item in [*answers, *later_replies(exchange)] if item.message is not None]


def later_replies(exchange: ExchangeView) -> list[Arrived]:
    """Return the answers that came later: responses, or events with the noun of the request (exchange rule 10)."""
    noun = exchange.asked.message.noun if exchange.asked.message is not None else None
    return [
        item
        for item in exchange.later
        if item.message is not None and (item.message.kind == "ResponseMessage" or item.message.noun == noun)
    ]


def final(exchange: ExchangeView) -> Arrived | None:
    """Return the message that tells the outcome: the last answer, whichever way it came."""
    found = replies(exchange)
    return found[-1] if found else None


def reply_of(arrived: Arrived | None) -> Reply | None:
    """Return the Reply element of what came, if it has one."""
    return arrived.message.reply if arrived is not None and arrived.message is not None else None


def came(exchange: ExchangeView) -> str:
    """Say in words what answered the request."""
    if exchange.answer is not None:
        return str(exchange.answer)
    return exchange.no_answer or "no answer"


def wanted(message: Message | None) -> list[Wanted]:
    """Return what a get(MeterReadings) asks for: the product within each element, the sum of all elements."""
    found: list[Wanted] = []
    for element in children(message.request, "GetMeterReadings") if message is not None else ():
        meters, types, window = asked(element)
        found += [Wanted(meter=meter, reading_type=name, window=window) for meter in meters for name in types or [""]]
    return found


def known(scene: Scene, items: list[Wanted]) -> list[Wanted]:
    """Return what can be served: meters and reading types of the test data."""
    types = {*scene.terms.reading_types, ""}
    return [item for item in items if scene.terms.meter(item.meter) is not None and item.reading_type in types]


def unknown_meters(scene: Scene, meters: list[Identified]) -> list[Identified]:
    """Return those of ``meters`` that the test data does not have, each once."""
    found: list[Identified] = []
    for meter in meters:
        if scene.terms.meter(meter) is None and meter not in found:
            found.append(meter)
    return found


def brought(exchange: ExchangeView) -> list[Brought]:
    """Return every reading that any answer to the request brought."""
    return [item for arrived in replies(exchange) for item in brought_by(arrived)]


def brought_by(arrived: Arrived) -> Iterator[Brought]:
    """Iterate over the readings of one message."""
    entries: list[MeterReading] = read_meter_readings(arrived.message) if arrived.message is not None else []
    for entry in entries:
        for reading in entry.readings:
            yield Brought(meter=entry.meter, reading=reading, source=arrived)


def resolved_type(item: Brought) -> str:
    """Return the reading type code of a reading; a ref to a shared ReadingType element is followed to its mRID."""
    ref = (item.reading.reading_type or "").strip()
    for payload in item.source.message.payloads if item.source.message is not None else ():
        for shared in children(payload, "ReadingType"):
            mrid = next((part.text or "" for part in children(shared, "mRID")), "")
            names = [name.text or "" for part in children(shared, "Names") for name in children(part, "name")]
            if ref in (mrid, *names):
                return next((text for text in (mrid, *names) if is_type_code("ReadingType", text)), ref)
    return ref


def moment(item: Brought) -> datetime | None:
    """Return the time of a reading in UTC: its timeStamp, or the end of its timePeriod."""
    found = _time(item)
    return None if found is None else as_utc(found)


def tolerance(item: Brought) -> timedelta:
    """Return how far off the time of a reading may be meant: one without zone is of any zone, up to 14 hours away."""
    found = _time(item)
    return timedelta(hours=14) if found is not None and found.tzinfo is None else timedelta()


def _time(item: Brought) -> datetime | None:
    return parse_time(item.reading.time_stamp or (item.reading.period.end if item.reading.period else None))


def has_value_or_quality(item: Brought) -> bool:
    """Return whether a reading has a value, or a quality that may say why there is none."""
    return bool((item.reading.value or "").strip()) or any(item.reading.qualities)


def reading_key(item: Brought) -> tuple[str, str, str]:
    """Return (meter, reading type, time): what a reading is told from others by."""
    when = moment(item)
    return str(item.meter), resolved_type(item), when.isoformat() if when else ""


def is_of(item: Brought, meter: Identified, scene: Scene) -> bool:
    """Return whether a reading is of ``meter``, by whatever identifiers of the test data either is named."""
    known_meter = scene.terms.meter(meter) or meter
    return same_device(item.meter, known_meter)
