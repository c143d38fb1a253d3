"""What is judged offline, and what is said of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

#: How bad: of a shall, of a should, and what is unusual but legal.
Severity = Literal["error", "warning", "note"]
SEVERITIES: dict[str, Severity] = {"shall": "error", "should": "warning", "may": "note"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Bytes that may be one message. ``name`` is a file, or ``archive.zip!member``, or ``file.har#3 request``.

    ``pair`` is the same for a request and the answer to it, where the file tells; ``status`` is the HTTP status,
    0 when no answer came. ``problem`` says why there are no bytes.
    """

    name: str
    body: bytes = b""
    content_type: str = ""
    pair: str | None = None
    is_answer: bool = False
    status: int | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a finding is: line and column from 1, and the way from the outermost element of the message."""

    line: int | None = None
    column: int | None = None
    path: str = ""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """All that is said of one file."""

    file: str
    what: str
    findings: tuple[Judged, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return it for machines."""
        return {"file": self.file, "what": self.what, "findings": [item.as_dict() for item in self.findings]}
