"""Are the test data true of the system: its meters, its reading types, its window?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.errors import ConformanceError
from conformance.message.meter_readings import read_meter_readings
from conformance.standard.codes import decode_reply_code, named
from conformance.standard.editions import FAILED
from conformance.standard.times import as_utc, parse_time
from conformance.sut.probe_soap import request, send
from conformance.sut.result import Case, Result, Status, clipped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.message.meter_readings import MeterReading
    from conformance.message.model import Identified, Message, ReplyError
    from conformance.sut.model import Meter, TestData

_SHARE = 0.4
_SLOW = "see whether the system is always this slow, and whether timeouts.reply_s is enough"


def probe(case: Case) -> Iterator[Result]:
    """Iterate over what the system says of the test data. Controls are never sent."""
    try:
        yield from _known(case)
        yield _unsupported(case)
    except ConformanceError as problem:  # a datum of which no legal message can be made
        yield Result("test data", "problem", clipped(str(problem)), "correct test_data")


def _types(case: Case) -> list[str]:
    data = case.loaded.configuration.test_data
    interval = case.loaded.configuration.capabilities.options.interval_data and data.interval_type
    return [*data.reading_types, *([interval] if interval else [])]


def _known(case: Case) -> Iterator[Result]:
    data = case.loaded.configuration.test_data
    outbound = request(case, [meter.by_mrid for meter in data.meters], _types(case))
    tried = send(case.settings, outbound, case.budget.share(_SHARE))
    if tried.timed_out:
        yield Result("test data", "warning", f"they were not looked at: {tried.trouble}", _SLOW)
        return
    if tried.message is None:
        fix = "see whether the system can read all test meters at once; else shorten test_data.window"
        yield Result("test data", "problem", f"a get for every test meter brings {tried.trouble}", fix)
        return
    failures = tried.message.reply.failures if tried.message.reply else ()
    refused = list(_refused(data, failures))
    yield from refused
    missing = [] if refused else list(_missing(case, tried.message))
    if missing:
        fix = "see whether these meters and reading types exist, and have data in test_data.window"
        yield Result("test data", "warning", f"no reading within the window for {_some(missing)}", fix)
    if not refused and not missing:
        yield Result("test data", "ok", "every test meter has every reading type within test_data.window")


def _refused(data: TestData, failures: tuple[ReplyError, ...]) -> Iterator[Result]:
    for error in failures:
        named = error.named()
        meters = [f"{meter.mrid}" for meter in data.meters if named & _identifiers(meter)]
        reason = f": {clipped(error.reason)}" if error.reason else ""
        what = f"{', '.join(meters) or _some(sorted(named)) or 'the get for all test meters'}"
        said = f"the system refuses {what} with {decode_reply_code(clipped(error.code))}{reason}"
        fix = "correct test_data.meters" if meters else "correct test_data (meters, reading_types, window)"
        yield Result("test data", "problem", said, fix)


def _identifiers(meter: Meter) -> set[str]:
    return {meter.mrid, *(name.name for name in meter.names)}


def _missing(case: Case, message: Message) -> Iterator[str]:
    entries = read_meter_readings(message)
    for meter in case.loaded.configuration.test_data.meters:
        found = {kind for entry in entries if _is(meter, entry.meter) for kind in _within(case, entry)}
        lacking = [named("ReadingType", kind) for kind in _types(case) if kind not in found]
        if lacking:
            yield f"{meter.mrid} ({'anything' if not found else ', '.join(lacking)})"


def _is(meter: Meter, identity: Identified) -> bool:
    if identity.mrid is not None:
        return identity.mrid == meter.mrid
    return any(name.name == mine.name for name in identity.names for mine in meter.names)


def _within(case: Case, entry: MeterReading) -> Iterator[str | None]:
    """Iterate over the reading types with a value in the window; a value without a time counts as one."""
    window = case.loaded.configuration.test_data.window
    for reading in entry.readings:
        moment = parse_time(reading.time_stamp)
        if moment is None or window.start <= as_utc(moment) <= window.end:
            yield reading.reading_type


def _unsupported(case: Case) -> Result:
    data = case.loaded.configuration.test_data
    unsupported = data.unsupported_reading_type
    kind = named("ReadingType", unsupported)
    outbound = request(case, [data.meters[0].by_mrid], [unsupported])
    tried = send(case.settings, outbound, case.budget.share(_SHARE))
    if tried.answer is None:
        said = f"a get for test_data.unsupported_reading_type brings {tried.trouble}"
        status: Status = "warning" if tried.timed_out else "problem"
        return Result("unsupported type", status, said, _SLOW if tried.timed_out else "look at the system's log")
    if tried.message is None:
        return Result("unsupported type", "ok", f"the system refuses {kind} with {tried.trouble}")
    if any(item.reading_type == unsupported for entry in read_meter_readings(tried.message) for item in entry.readings):
        fix = "name a reading type in test_data.unsupported_reading_type that no meter has"
        return Result("unsupported type", "problem", f"the system has readings of {kind}", fix)
    reply = tried.message.reply
    if reply is not None and (reply.failures or reply.result == FAILED):
        codes = ", ".join(decode_reply_code(clipped(error.code)) for error in reply.failures) or FAILED
        return Result("unsupported type", "ok", f"the system refuses {kind} with {codes}")
    said = f"the system neither refuses {kind} nor has readings of it"
    fix = "see whether it is really unsupported; the run will judge the answer"
    return Result("unsupported type", "warning", said, fix)


def _some(items: list[str], most: int = 5) -> str:
    more = f" and {len(items) - most} more" if len(items) > most else ""
    return ", ".join(clipped(item) for item in items[:most]) + more
