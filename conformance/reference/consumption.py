"""What a meter has measured at a moment: a pure function of seed, meter, reading type and time.

Registers never fall. While a meter's switch is open, the time in between does not count.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

FORWARD = "0.0.0.1.1.1.12.0.0.0.0.0.0.0.0.3.72.0"
REVERSE = "0.0.0.1.19.1.12.0.0.0.0.0.0.0.0.3.72.0"
INTERVAL = "0.0.2.4.1.1.12.0.0.0.0.0.0.0.0.3.72.0"
DEMAND = "0.0.0.12.1.1.37.0.0.0.0.0.0.0.0.3.38.0"
#: Energy in kWh since the meter was installed: what a read without a reading type brings.
REGISTERS = (FORWARD, REVERSE)
SUPPORTED = (FORWARD, REVERSE, INTERVAL, DEMAND)

INTERVAL_LENGTH = timedelta(minutes=15)
READ_EVERY = timedelta(hours=1)
#: How far back the history reaches.
HISTORY = timedelta(days=40)
#: More switchings than this are merged, oldest first, so that days of use do not grow the ledger.
MAX_PAUSES = 256

_INSTALLED = datetime(2020, 1, 1, tzinfo=UTC)
_DAY_S = 86_400.0
_SHARE = {FORWARD: 1.0, REVERSE: 0.2, INTERVAL: 1.0, DEMAND: 1.0}


@lru_cache(maxsize=4096)
def fraction(*parts: object) -> float:
    """Return a number in [0, 1) that depends on nothing but ``parts``."""
    digest = hashlib.sha256("|".join(map(str, parts)).encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


@dataclass(slots=True)
class Pauses:
    """When the meter was disconnected: closed periods as (start, end), and the start of an open one."""

    closed: list[tuple[datetime, datetime]] = field(default_factory=list)
    since: datetime | None = None

    def open(self, moment: datetime) -> None:
        """Disconnect at ``moment``; disconnecting twice changes nothing."""
        if self.since is None:
            self.since = moment

    def close(self, moment: datetime) -> None:
        """Connect at ``moment``; connecting twice changes nothing."""
        if self.since is None:
            return
        self.closed.append((self.since, max(self.since, moment)))
        self.since = None
        if len(self.closed) > MAX_PAUSES:
            (start, first_end), (second_start, second_end) = self.closed[:2]
            # As long as both were: no total changes outside the merged pause, so registers still never fall.
            self.closed[:2] = [(start, start + (first_end - start) + (second_end - second_start))]

    def before(self, moment: datetime) -> timedelta:
        """Return how long the meter had been disconnected until ``moment``."""
        total = sum((min(end, moment) - start for start, end in self.closed if start < moment), timedelta())
        if self.since is not None and self.since < moment:
            total += moment - self.since
        return total


def registered(seed: int, number: int, reading_type: str, moment: datetime, pauses: Pauses) -> float:
    """Return the register in kWh at ``moment``: a steady load with a daily swing, always rising."""
    elapsed_s = (moment - _INSTALLED - pauses.before(moment)).total_seconds()
    rate = 0.4 + 1.2 * fraction(seed, number, "rate")
    phase = 2 * math.pi * fraction(seed, number, "phase")
    angle = 2 * math.pi * elapsed_s / _DAY_S + phase
    swing = 0.6 * _DAY_S / (2 * math.pi) * (math.sin(angle) - math.sin(phase))
    start = 1000 * fraction(seed, number, "start")
    return start + _SHARE[reading_type] * rate * (elapsed_s + swing) / 3600


def value(seed: int, number: int, reading_type: str, moment: datetime, pauses: Pauses) -> str:
    """Return the value of ``reading_type`` at ``moment``: kWh for registers and intervals, kW for demand."""
    if reading_type in REGISTERS:
        return f"{registered(seed, number, reading_type, moment, pauses):.4f}"
    length = INTERVAL_LENGTH if reading_type == INTERVAL else timedelta(minutes=1)
    used = registered(seed, number, reading_type, moment, pauses) - registered(
        seed, number, reading_type, moment - length, pauses
    )
    if reading_type == DEMAND:
        used /= length / timedelta(hours=1)
    return f"{max(used, 0.0):.4f}"


def moments(reading_type: str, start: datetime | None, end: datetime | None, now: datetime) -> Iterator[datetime]:
    """Yield when ``reading_type`` was read in the window: hourly, or at the ends of its intervals.

    Register windows include both ends; an interval belongs to a window when it lies in it, so its end is later
    than the start (facts/exchange_rules.md, row 23).
    """
    step = INTERVAL_LENGTH if reading_type == INTERVAL else READ_EVERY
    first = max(start or now - HISTORY, now - HISTORY)
    last = min(end or now, now)
    count = math.ceil((first - _INSTALLED) / step)
    moment = _INSTALLED + count * step
    if reading_type == INTERVAL and moment - step < first:
        moment += step
    while moment <= last:
        yield moment
        moment += step
