"""Meters and their measurements: the same from the same seed, never falling, never growing in memory."""

from datetime import timedelta

import pytest

from conformance.message.meter_readings import get_meter_readings
from conformance.message.model import Identified, Name
from conformance.reference.consumption import (
    DEMAND,
    FORWARD,
    INTERVAL,
    INTERVAL_LENGTH,
    MAX_PAUSES,
    REVERSE,
    Pauses,
    moments,
    value,
)
from conformance.reference.meters import AUTHORITY, BADGE, LOG_LENGTH, METERS, SERIAL_NUMBER, SHARED_NAME, Fleet
from tests.reference.battery import NOW, WINDOW, Bench, controls, drive, get

DAY = timedelta(days=1)


def test_the_same_seed_makes_the_same_system() -> None:
    """Every byte is the same for the same seed, clock and ids; another seed makes other meters."""
    assert drive(Bench(seed=7)) == drive(Bench(seed=7))
    assert {meter.mrid for meter in Fleet(1).meters}.isdisjoint(meter.mrid for meter in Fleet(2).meters)


@pytest.mark.parametrize("reading_type", [FORWARD, REVERSE])
def test_registers_never_fall(reading_type: str) -> None:
    """A register rises hour by hour, also across a time without supply."""
    pauses = Pauses([(NOW - 5 * DAY, NOW - 4 * DAY)])
    found = [float(value(1, 2, reading_type, at, pauses)) for at in moments(reading_type, None, None, NOW)]
    assert found == sorted(found)
    assert len(found) > 900


def test_nothing_is_used_while_disconnected() -> None:
    """The register stands still from disconnection to connection, and an interval in between is zero."""
    fleet = Fleet(1)
    meter = fleet.meters[0]
    meter.switch(connected=False, moment=NOW)
    assert not meter.connected
    later = NOW + 3 * DAY
    assert meter.value(FORWARD, NOW) == meter.value(FORWARD, later)
    assert float(meter.value(INTERVAL, later)) == 0
    assert float(meter.value(DEMAND, later)) == 0
    meter.switch(connected=True, moment=later)
    assert float(meter.value(FORWARD, later + DAY)) > float(meter.value(FORWARD, later))


def test_merged_pauses_keep_their_length() -> None:
    """However often a switch is used the ledger stays small, and the sum of all pauses stays right."""
    pauses = Pauses()
    for number in range(3 * MAX_PAUSES):
        pauses.open(NOW + number * timedelta(minutes=10))
        pauses.close(NOW + number * timedelta(minutes=10) + timedelta(minutes=4))
    assert len(pauses.closed) <= MAX_PAUSES
    assert pauses.before(NOW + 100 * DAY) == 3 * MAX_PAUSES * timedelta(minutes=4)


def test_intervals_are_stamped_at_their_end() -> None:
    """A window of two hours holds eight intervals, the first of which ends 15 minutes after its start."""
    start = NOW.replace(hour=0, minute=0, second=0, microsecond=0) - DAY
    found = list(moments(INTERVAL, start, start + timedelta(hours=2), NOW))
    assert found[0] == start + INTERVAL_LENGTH
    assert len(found) == 8


def test_names_need_the_right_type_and_authority() -> None:
    """A shared name alone is ambiguous, its type decides, and contradicting identifiers name nobody."""
    fleet = Fleet(1)
    first, second = fleet.meters[:2]
    assert fleet.find(Identified(names=(Name(name="M1001"),))) is first
    assert fleet.find(Identified(names=(Name(name=SHARED_NAME),))) is None
    assert fleet.find(Identified(names=(Name(name=SHARED_NAME, name_type=BADGE),))) is fleet.meters[-1]
    assert fleet.find(Identified(names=(Name(name="M1001", name_type=SERIAL_NUMBER, authority="X"),))) is None
    assert fleet.find(Identified(mrid=second.mrid, names=first.identity.names)) is None
    assert fleet.find(first.identity) is first
    assert fleet.find(Identified()) is None
    assert first.identity.names[0].authority == AUTHORITY
    assert len(fleet.meters) == METERS >= 12


def test_reset_returns_to_the_initial_state() -> None:
    """After a reset every switch is closed and the log is empty."""
    bench = Bench()
    for draft in controls(bench):
        bench.send(draft)
    assert bench.service.fleet.log
    bench.service.reset()
    assert not bench.service.fleet.log
    assert all(meter.connected and not meter.pauses.closed for meter in bench.service.fleet.meters)


def test_many_requests_grow_nothing() -> None:
    """After 5,000 requests no structure of the system is larger than its bound."""
    bench = Bench()
    switching = list(controls(bench))
    for number in range(5000):
        bench.send(switching[number % len(switching)] if number % 3 else get(
            get_meter_readings(bench.meters[:1], [FORWARD], WINDOW)
        ))  # fmt: skip
        bench.transcript.clear()
    fleet = bench.service.fleet
    assert len(fleet.log) <= LOG_LENGTH
    assert all(len(meter.pauses.closed) <= MAX_PAUSES for meter in fleet.meters)
    assert bench.service.memory == {}
