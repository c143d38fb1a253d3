"""xs:dateTime as Python times."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

_SHAPE = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)?", re.ASCII)


def parse_time(text: str | None) -> datetime | None:
    """Return the moment that an xs:dateTime names, or None when ``text`` is not one.

    A time without zone stays naive: what it means is for the caller to say. 24:00:00 is the next midnight
    (XML Schema Part 2, 3.2.7). Years beyond 9999 are not supported.
    """
    found = _SHAPE.fullmatch((text or "").strip())
    if found is None:
        return None
    day, clock, fraction, zone = found.groups()
    midnight = clock == "24:00:00"
    try:
        moment = datetime.fromisoformat(f"{day}T{'00:00:00' if midnight else clock}{(fraction or '')[:7]}{zone or ''}")
        moment += timedelta(days=1 if midnight else 0)
        as_utc(moment)  # the first and the last hours of the calendar may have no UTC
    except (ValueError, OverflowError):
        return None
    return moment


def as_utc(moment: datetime) -> datetime:
    """Return ``moment`` in UTC; one without zone is taken as UTC."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
