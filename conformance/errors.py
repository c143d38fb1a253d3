"""The two families of failure: the system under test broke a requirement, or we (or the surroundings) did.

Only a :class:`RequirementBroken` is a finding. It is an ``AssertionError``, because test reports count an
assertion as *failed* and everything else as *broken* (design, hazard 10).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


class RequirementBroken(AssertionError):  # noqa: N818 - it names what happened, as the reports do
    """The system under test broke the obligation that the running scenario is about."""


class ConformanceError(Exception):
    """Something else than the system under test failed. Says what, where, why and what to do."""


class InternalError(ConformanceError):
    """The suite's own fault: the verdict becomes ``error``."""


class ConfigurationError(ConformanceError):
    """The user's files or arguments cannot be used; every problem is named at once. Exit code 2."""

    def __init__(self, message: str, problems: Sequence[str] = ()) -> None:
        """Keep the head line and one line for each problem."""
        super().__init__("\n".join([message, *(f"  {problem}" for problem in problems)]))
        self.message = message
        self.problems = tuple(problems)


class Inconclusive(ConformanceError):  # noqa: N818 - the verdict's own word (ISO/IEC 9646)
    """The surroundings made a judgement impossible: the verdict becomes ``inconclusive``."""


class NotApplicable(ConformanceError):  # noqa: N818 - the verdict's own word
    """The system declares that it lacks the capability: the verdict becomes ``not-applicable``."""


class MessageError(ConformanceError):
    """Bytes that came are not a message of the standard. Says what is wrong and where (line, column)."""

    def __init__(self, message: str, *, line: int | None = None, column: int | None = None) -> None:
        """Keep the place, counted from 1, where the parser knows it."""
        place = f" (line {line}, column {column})" if line is not None else ""
        super().__init__(message + place)
        self.line = line
        self.column = column


class EmptyBodyError(MessageError):
    """A SOAP envelope came with nothing in its Body: legal where nothing is owed (WS-I Basic Profile 1.1, R9981)."""


class TransportError(ConformanceError):
    """No usable answer came over the wire.

    ``blame`` is ``"system"`` when the peer accepted the connection and then misbehaved (reset, truncated,
    too slow, too large, not HTTP), and ``"surroundings"`` when it was never reached (name, connection, TLS).
    ``timed_out`` is set when the deadline ended it.
    """

    def __init__(self, message: str, *, blame: str, timed_out: bool = False) -> None:
        """Keep whose fault it is, so that the exchange can turn it into the right verdict."""
        super().__init__(message)
        self.blame = blame
        self.timed_out = timed_out
