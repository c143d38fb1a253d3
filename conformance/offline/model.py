"""What is judged offline, and what is said of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.checks.finding import Finding
    from conformance.message.xml import Limits

#: How bad: of a shall, of a should, and what is unusual but legal.
Severity = Literal["error", "warning", "note"]
SEVERITIES: dict[str, Severity] = {"shall": "error", "should": "warning", "may": "note"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Bytes that may be one message. ``name`` is a file, or ``archive.zip!member``, or ``file.har#3 request``.

    ``number`` tells it from the others in an archive or a recording, so that it can be read again.
    ``size`` is that of the message; ``stream`` opens it again and again, and is set instead of ``body`` when it is
    large. ``pair`` is the same for a request and the answer to it, where the file tells; ``status`` is the HTTP
    status, 0 when no answer came. ``problem`` says why there are no bytes. ``world`` is the scene that it is of:
    messages of different scenes have nothing to do with each other.
    """

    name: str
    number: int = 0
    body: bytes = b""
    stream: Callable[[], BinaryIO] | None = None
    content_type: str = ""
    pair: str | None = None
    is_answer: bool = False
    status: int | None = None
    url: str = ""
    problem: str = ""
    world: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a finding is: line and column from 1, and the way from the outermost element of the message."""

    line: int | None = None
    column: int | None = None
    path: str = ""


class Found(NamedTuple):
    """A finding of a check with its requirement; ``place`` where no element can be pointed at any more.

    ``at_most`` is the severity where that is less than the requirement's, since not everything is known offline.
    """

    requirement: str
    finding: Finding
    place: Place | None = None
    at_most: Severity = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One finding about one file. ``count`` is how often the same was found; the place is that of the first."""

    requirement: str
    severity: Severity
    message: str
    place: Place = field(default_factory=Place)
    count: int = 1

    def as_dict(self) -> dict[str, Any]:
        """Return it for machines."""
        return {
            "requirement": self.requirement, "severity": self.severity, "message": self.message,
            "line": self.place.line, "column": self.place.column, "path": self.place.path, "count": self.count,
        }  # fmt: skip


class Verdict(NamedTuple):
    """All that is said of one file."""

    file: str
    what: str
    findings: tuple[Judged, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return it for machines."""
        return {"file": self.file, "what": self.what, "findings": [item.as_dict() for item in self.findings]}


class Facts(NamedTuple):
    """What must be known of a message to judge it together with others, when it is gone itself.

    ``number`` is that of its piece. ``digest`` is that of its content, whatever its white space and prefixes.
    """

    number: int
    kind: str
    correlation_id: str
    message_id: str
    digest: bytes
    is_answer: bool
    noun: str = ""
    world: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How to judge: limits, the SUT.toml that tells what is agreed, if there is one, and the edition.

    Without ``edition`` each message is judged by that which its own namespace names.
    """

    limits: Limits
    sut: Path | None = None
    edition: str | None = None
