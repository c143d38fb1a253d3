"""What a benign variant is: a legal variation of messages that must never cost a verdict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from conformance.reference.deviation import Deviation


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """A named legal variation; ``what`` says what the system does differently.

    ``envelope`` is the version of SOAP that JMS must carry to show it; None when plain XML does.
    """

    name: str
    what: str
    deviation: Deviation
    envelope: Literal["1.1", "1.2"] | None = None

    @property
    def over_jms(self) -> bool:
        """Return whether it shows over JMS only."""
        return self.deviation.over_jms


def variant(name: str, what: str, deviation: Deviation) -> Variant:
    """Return a row of a table."""
    return Variant(name=name, what=what, deviation=deviation)
