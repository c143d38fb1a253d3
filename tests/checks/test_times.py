"""xs:dateTime, read: any legal form names its moment, anything else names none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.standard.times import as_utc, parse_time

#: A day away from the ends of what Python's calendar holds: there is no moment in UTC beyond them.
MOMENTS = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30))
ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(MOMENTS, ZONES)
def test_a_moment_survives_its_text(moment: datetime, zone: timezone) -> None:
    """Written with any offset and read again, it is the same moment."""
    aware = moment.replace(tzinfo=zone)
    assert parse_time(aware.isoformat()) == aware


@given(MOMENTS)
def test_a_time_without_zone_stays_without(moment: datetime) -> None:
    """What it means is for the caller to say."""
    found = parse_time(moment.isoformat())
    assert found == moment
    assert found.tzinfo is None


@given(st.text())
def test_any_text_is_a_time_or_none(text: str) -> None:
    """Whatever a system writes, reading it never breaks."""
    found = parse_time(text)
    assert found is None or isinstance(found, datetime)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-03-10T12:00:00Z", datetime(2026, 3, 10, 12, tzinfo=UTC)),
        (" 2026-03-10T12:00:00Z\n", datetime(2026, 3, 10, 12, tzinfo=UTC)),
        ("2026-03-10T12:00:00.5Z", datetime(2026, 3, 10, 12, 0, 0, 500000, tzinfo=UTC)),
        ("2026-03-10T12:00:00.123456789Z", datetime(2026, 3, 10, 12, 0, 0, 123456, tzinfo=UTC)),
        ("2026-03-10T17:45:00+05:45", datetime(2026, 3, 10, 12, tzinfo=UTC)),
        ("2026-02-28T24:00:00Z", datetime(2026, 3, 1, tzinfo=UTC)),
        ("2024-02-29T00:00:00-00:00", datetime(2024, 2, 29, tzinfo=UTC)),
    ],
)
def test_legal_forms(text: str, moment: datetime) -> None:
    """XML Schema Part 2, 3.2.7."""
    assert parse_time(text) == moment


@pytest.mark.parametrize(
    "text",
    [
        None, "", "false", "2026-03-10", "2026-03-10 12:00:00Z", "2026-03-10T12:00Z", "2026-03-10T12:00:00z",
        "2026-03-10T12:00:00+0100", "2026-02-29T12:00:00Z", "2026-13-01T00:00:00Z", "2026-03-10T25:00:00Z",
        "2026-03-10T12:00:00,5Z", "20260310T120000Z", "2026-03-10T12:00:00.Z", "2026-03-10T24:00:01Z",
    ],
)  # fmt: skip
def test_what_is_no_time(text: str | None) -> None:
    """None of these is an xs:dateTime."""
    assert parse_time(text) is None


def test_utc() -> None:
    """A time without zone is taken as UTC by those who ask for UTC."""
    assert as_utc(datetime(2026, 3, 10)) == datetime(2026, 3, 10, tzinfo=UTC)
    assert as_utc(datetime(2026, 3, 10, tzinfo=timezone(timedelta(hours=1)))).hour == 23


def test_the_ends_of_the_calendar_are_no_crash() -> None:
    """The earliest time of some platforms has no UTC, and the last midnight no next day: they name no moment."""
    assert parse_time("0001-01-01T00:00:00+01:00") is None
    assert parse_time("9999-12-31T24:00:00Z") is None
