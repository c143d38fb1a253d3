"""What a check returns. The caller adds requirement and severity."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One deviation, in words: what was expected, what was observed, and where.

    ``messages`` are the journal ids of the messages that show it.
    """

    expected: str
    observed: str
    where: str = ""
    messages: tuple[int, ...] = ()


class NothingToJudgeError(Exception):
    """No message came that the check is about: never a pass."""
