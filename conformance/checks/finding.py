"""What a check returns. The caller adds requirement and severity."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lxml import etree


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One deviation, in words: what was expected, what was observed, and where.

    ``messages`` are the journal ids of the messages that show it. ``element`` is the one that deviates, or lacks
    something, where one can be pointed at: it lives as long as the message that was read.
    """

    expected: str
    observed: str
    where: str = ""
    messages: tuple[int, ...] = ()
    element: etree._Element | None = field(default=None, compare=False, repr=False)

    def as_dict(self) -> dict[str, Any]:
        """Return what can be kept: everything but the element."""
        return {
            "expected": self.expected, "observed": self.observed, "where": self.where, "messages": self.messages,
        }  # fmt: skip


class NothingToJudgeError(Exception):
    """No message came that the check is about: never a pass."""
