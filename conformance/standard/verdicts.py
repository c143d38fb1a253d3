"""The verdict words (ISO/IEC 9646 where it has one) and their order."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class Verdict(StrEnum):
    """What a scenario or a requirement ended with; later members are worse."""

    PASS = "pass"  # noqa: S105 - the word of the standard, not a password
    NOT_APPLICABLE = "not-applicable"
    NOT_TESTED = "not-tested"
    INCONCLUSIVE = "inconclusive"
    ERROR = "error"
    FAIL = "fail"


_ORDER = list(Verdict)


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """Return the worst of ``verdicts``; ``not-tested`` when there is none.

    ``pass`` beats ``not-applicable``: a requirement that passed somewhere is not inapplicable.
    """
    seen = set(verdicts)
    if not seen:
        return Verdict.NOT_TESTED
    if Verdict.PASS in seen:
        seen -= {Verdict.NOT_APPLICABLE, Verdict.NOT_TESTED}
    return max(seen, key=_ORDER.index)


def exit_code(counts: Mapping[str, int], proposed: Mapping[str, int] | None = None) -> int:
    """Return the exit code of ``conformance run`` for the counts of requirement verdicts (design, exit codes).

    ``proposed`` counts the verdicts on what is proposed and not published: that it failed, or could not be judged,
    changes nothing. An error of the suite counts wherever it happens. ``not-tested`` never counts: it says what this
    suite cannot do, with the reason, and nothing of the system.
    """
    beside = proposed or {}
    if counts.get(Verdict.FAIL):
        return 1
    judged = counts.get(Verdict.PASS, 0) + beside.get(Verdict.PASS, 0) + beside.get(Verdict.FAIL, 0)
    errors = counts.get(Verdict.ERROR, 0) + beside.get(Verdict.ERROR, 0)
    return 3 if counts.get(Verdict.INCONCLUSIVE) or errors or not judged else 0
