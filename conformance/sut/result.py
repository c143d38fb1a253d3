"""What the pre-flight finds, and how much time it may take."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from conformance.sut.wiring import soap_settings
from conformance.transport.security import blotted, one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conformance.sut.load import Loaded
    from conformance.transport.settings import SoapSettings

Status = Literal["ok", "warning", "problem", "skipped"]
_LONGEST = 300
_SHORTEST_S = 0.05


@dataclass(frozen=True, slots=True)
class Result:
    """One finding. A ``problem`` means that a run must not start; ``fix`` says what to do in words of SUT.toml."""

    name: str
    status: Status
    what: str
    fix: str = ""

    def without(self, secrets: Sequence[str]) -> Result:
        """Return the finding with every secret blotted out: a system may repeat what was sent to it."""
        return replace(self, what=blotted(self.what, secrets), fix=blotted(self.fix, secrets))


class Budget:
    """The time, in seconds, that all probes have together."""

    def __init__(self, seconds: float) -> None:
        """The time runs from now on; a tenth is kept for what cannot be interrupted."""
        self._seconds = 0.9 * seconds
        self._ends = time.monotonic() + self._seconds

    @property
    def over(self) -> bool:
        """Return whether the time is over."""
        return time.monotonic() >= self._ends

    def share(self, part: float) -> float:
        """Return ``part`` (of 1) of the whole, or what is left if that is less; never quite zero."""
        return max(_SHORTEST_S, min(self._seconds * part, self._ends - time.monotonic()))


class Case:
    """The system that is examined, and the time for it."""

    def __init__(self, loaded: Loaded, budget_s: float) -> None:
        """The time runs from now on."""
        self.loaded = loaded
        self.budget = Budget(budget_s)

    @cached_property
    def settings(self) -> SoapSettings:
        """Return how requests reach the system over SOAP. Raises ConfigurationError when they do not."""
        return soap_settings(self.loaded)

    @property
    def style(self) -> str:
        """Return the style that SUT.toml configures."""
        return self.settings.style

    @property
    def url(self) -> str:
        """Return where a get(MeterReadings) goes."""
        return self.settings.urls[""]

    @property
    def url_key(self) -> str:
        """Return the key of SUT.toml that holds :attr:`url`."""
        return f"endpoints.{self.style}.{'get_meter_readings' if self.style == 'typed' else 'url'}"


def clipped(text: str) -> str:
    """Return ``text`` of a stranger on one line, printable, and not longer than a person reads."""
    line = one_line(text)
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"
