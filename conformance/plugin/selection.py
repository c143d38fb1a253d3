"""Which requirements a run is about: ids, areas or patterns, separated by commas; ``!X`` leaves X out."""

from __future__ import annotations

from difflib import get_close_matches
from fnmatch import fnmatchcase

from conformance.errors import ConfigurationError
from conformance.standard.catalogue import catalogue


def selected(expression: str | None) -> set[str]:
    """Return the ids that ``expression`` selects; all when it is None.

    Raises ConfigurationError for a term that means no requirement.
    """
    every = set(catalogue())
    if expression is None:
        return every
    terms = [term.strip() for term in expression.split(",") if term.strip()]
    unknown = [term for term in terms if not _meant(term.removeprefix("!"))]
    if unknown or not terms:
        raise ConfigurationError(f"--select {expression!r} cannot be understood", [_hint(term) for term in unknown])
    wanted = [_meant(term) for term in terms if not term.startswith("!")]
    unwanted = [_meant(term.removeprefix("!")) for term in terms if term.startswith("!")]
    return (set().union(*wanted) if wanted else every) - set().union(*unwanted)


def _meant(term: str) -> set[str]:
    return {row.id for row in catalogue().values() if row.area == term or fnmatchcase(row.id, term.upper())}


def _hint(term: str) -> str:
    term = term.removeprefix("!")
    known = [*catalogue(), *{row.area for row in catalogue().values()}]
    near = get_close_matches(term, known, n=3, cutoff=0.4)
    return f"{term} is no requirement, area or pattern" + (f"; did you mean {', '.join(near)}?" if near else "")
