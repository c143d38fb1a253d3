"""xs:dateTime as Python times (XML Schema Part 2, 3.2.7)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.standard.times import as_utc, parse_time

ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(moment=st.datetimes(datetime(2, 1, 1), datetime(9998, 1, 1), timezones=st.one_of(st.none(), ZONES)))
def test_what_python_writes_is_read(moment: datetime) -> None:
    """Any moment with or without a zone, with or without a fraction, comes back the same."""
    read = parse_time(moment.isoformat())
    assert read == moment
    assert read is not None
    assert read.utcoffset() == moment.utcoffset()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-01-01T00:00:00Z", datetime(2026, 1, 1, tzinfo=UTC)),
        (" \n2026-01-01T00:00:00Z\t", datetime(2026, 1, 1, tzinfo=UTC)),
        ("2026-01-01T00:00:00.5Z", datetime(2026, 1, 1, microsecond=500_000, tzinfo=UTC)),
        ("2026-01-01T00:00:00.1234567891Z", datetime(2026, 1, 1, microsecond=123_456, tzinfo=UTC)),
        ("2026-01-01T24:00:00Z", datetime(2026, 1, 2, tzinfo=UTC)),
        ("2025-12-31T24:00:00.000", datetime(2026, 1, 1)),
        ("2026-01-01T01:00:00+01:00", datetime(2026, 1, 1, tzinfo=UTC)),
        ("2026-01-01T00:00:00-00:00", datetime(2026, 1, 1, tzinfo=UTC)),
    ],
)
def test_forms_of_a_moment(text: str, expected: datetime) -> None:
    """White space, fractions of any length, 24:00:00 and offsets are legal."""
    read = parse_time(text)
    assert read == expected
    assert read is not None
    assert (read.tzinfo is None) == (expected.tzinfo is None)


@pytest.mark.parametrize(
    "text",
    [
        None, "", "now", "2026-01-01", "2026-01-01 00:00:00Z", "2026-1-1T00:00:00Z", "2026-01-01T00:00Z",
        "2026-02-30T00:00:00Z", "2026-01-01T25:00:00Z", "2026-01-01T24:00:01Z", "2026-01-01T00:00:60Z",
        "2026-01-01T00:00:00+0100", "2026-01-01T00:00:00z", "2026-01-01T00:00:00.Z", "12026-01-01T00:00:00Z",
        "-2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z and more", "9999-12-31T24:00:00Z",
        "٢026-01-01T00:00:00Z", "2026-01-01T00:00:00+24:00",
    ],
)  # fmt: skip
def test_what_is_no_moment(text: str | None) -> None:
    """What is no xs:dateTime, or no day that exists, is None; nothing is raised."""
    assert parse_time(text) is None


@given(text=st.text())
def test_any_text_is_a_moment_or_none(text: str) -> None:
    """Whatever a system writes, reading it raises nothing."""
    assert parse_time(text) is None or "T" in text


def test_utc() -> None:
    """A moment without zone is taken as UTC, one with a zone is turned into it."""
    assert as_utc(datetime(2026, 1, 1)) == datetime(2026, 1, 1, tzinfo=UTC)
    there = datetime(2026, 1, 1, 1, tzinfo=timezone(timedelta(hours=1)))
    assert as_utc(there) == there
    assert as_utc(there).utcoffset() == timedelta(0)
