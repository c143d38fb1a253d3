"""The messages behind the findings as files: the exact bytes, one file each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conformance.report.files import write_atomically
from conformance.report.text import slug
from conformance.report.wire import shown_in_part

if TYPE_CHECKING:
    from pathlib import Path

    from conformance.journal import Entry, Journal

DIRECTORY = "messages"
_NOBODY = "without-scenario"


def write(journal: Journal, verdicts: dict[str, Any], out_dir: Path) -> dict[int, str]:
    """Write every message of each scenario with findings, and every message too large for report.html.

    Returns the path of each message that was written, relative to ``out_dir``, by its id in the journal.
    """
    with_findings = {scenario["id"] for scenario in verdicts["scenarios"] if scenario["findings"]}
    numbers = {
        message: number
        for scenario in verdicts["scenarios"]
        for number, message in enumerate(scenario["messages"], start=1)
    }
    written = {}
    for entry in journal.entries():
        if entry.scenario in with_findings or shown_in_part(entry.body):
            path = _path(entry, numbers.get(entry.id, entry.id))
            write_atomically(out_dir / path, [entry.body])
            written[entry.id] = path
    return written


def directory(scenario: str | None) -> str:
    """Return where the messages of ``scenario`` are, relative to the directory of the reports."""
    return f"{DIRECTORY}/{_NOBODY if scenario is None else slug(scenario)}"


def file_of(out_dir: Path, scenario: dict[str, Any], message: int) -> str:
    """Return the file of ``message``, relative to ``out_dir``; its directory when there is no such file."""
    place = directory(scenario["id"])
    if message in scenario["messages"]:
        number = scenario["messages"].index(message) + 1
        for path in sorted((out_dir / place).glob(f"{number:02}-*.xml")):
            return f"{place}/{path.name}"
    return place


def _path(entry: Entry, number: int) -> str:
    return f"{directory(entry.scenario)}/{number:02}-{slug_word(entry.direction)}-{slug_word(entry.channel)}.xml"


def slug_word(word: str) -> str:
    """Return ``word`` fit for a file name."""
    return "".join(letter for letter in word if letter.isalnum() or letter in "-_") or "unknown"
