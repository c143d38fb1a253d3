"""Exports of verdicts and journal: JSON, JUnit, HTML, console."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conformance.errors import ConfigurationError

if TYPE_CHECKING:
    from pathlib import Path


def write_verdicts(out: Path) -> dict[str, Any]:
    """Write only verdicts.json from ``out/journal.db``; return the verdicts."""
    from conformance.journal import FILE_NAME, Journal
    from conformance.report import verdicts

    journal = Journal(out / FILE_NAME)
    try:
        return verdicts.write(journal, out)
    finally:
        journal.close()


def write_all(out: Path) -> dict[str, Any]:
    """Write verdicts.json, junit.xml, report.html and messages/ from ``out/journal.db``; return the verdicts.

    Works on the journal of a run that was killed, too. Raises ConfigurationError when ``out`` holds no
    journal or cannot be written.
    """
    # Loaded here: whoever only prints --help shall not wait for jinja2.
    from conformance.journal import FILE_NAME, Journal
    from conformance.report import html, junit, messages, verdicts

    path = out / FILE_NAME
    if not path.is_file():
        raise ConfigurationError(
            f"there is no journal in {out}",
            [f"{path} does not exist: give the directory that `conformance run --out` wrote to"],
        )
    journal = Journal(path)
    try:
        found = verdicts.write(journal, out)
        junit.write(found, out)
        html.write(journal, found, out, messages.write(journal, found, out))
    finally:
        journal.close()
    return found
