"""The end of a run in the terminal: short, complete, and never obeyed by the terminal."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from rich.console import Console

from conformance.report import write_all
from conformance.report.console import MAX_WARNINGS, summary
from conformance.report.failure import MAX_LINES
from tests.report.hostile import ACTIVE, HOSTILE, READABLE
from tests.report.runs import Run, finding, requirement

if TYPE_CHECKING:
    from conformance.journal import Journal


def printed(journal: Journal, width: int = 120, *, terminal: bool = False) -> str:
    """Return what the console prints for the reports of ``journal``."""
    out = journal.path.parent
    verdicts = write_all(out)
    console = Console(file=io.StringIO(), width=width, force_terminal=terminal)
    for part in summary(verdicts, out):
        console.print(part)
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert isinstance(text, str)
    return text


def test_all_pass(run: Run) -> None:
    """A clean run ends with its verdict and what the exit code means."""
    run.scenario("reads", ["MR-001"])
    text = printed(run.end())
    assert "Conforms: 1 requirement judged, none failed" in text
    assert "Exit code 0: no requirement failed" in text
    assert "report.html, verdicts.json, junit.xml" in text
    assert "Judged by: built-in reconstruction, edition 2013" in text
    assert "FAIL" not in text


def test_hundreds_that_are_not_tested_are_a_line(run: Run) -> None:
    """Only areas in which something was judged have a row; the rest is counted together, and the verdict says it."""
    for number in range(400):
        run.catalogue.append(requirement(f"AB-{number:03d}", f"area{number % 20}", not_tested="no scenario"))
    run.scenario("reads", ["MR-001"])
    text = printed(run.end())
    assert "20 areas in which nothing was judged" in text
    assert "Conforms: 1 requirement judged, none failed; 400 not tested" in text
    assert len(text.splitlines()) < 12


def test_a_proposal_is_told_apart(run: Run) -> None:
    """Its fail is told, but not as a failure, and its area says what it is."""
    run.catalogue.append(requirement("PRT-001", "ports", status="proposed"))
    run.scenario("reads", ["MR-001"])
    run.scenario(
        "links twice", ["PRT-001"], "fail", reason="the first is lost", area="ports", findings=[finding("PRT-001")]
    )
    text = printed(run.end())
    assert "ports (proposed)" in text
    total = next(line for line in text.splitlines() if line.startswith("all "))
    assert total.split()[1:] == ["1", "–", "–", "–", "–", "–", "–"]
    assert "FAIL" not in text
    assert "Not kept, but only proposed (changes no exit code)" in text
    assert "the first is lost (PRT-001)" in text
    assert "Exit code 0" in text


def test_only_a_proposal_was_judged(run: Run) -> None:
    """Nobody conforms to what nobody published."""
    run.catalogue.append(requirement("PRT-001", "ports", status="proposed"))
    run.scenario("links twice", ["PRT-001"], area="ports")
    text = printed(run.end())
    assert "Nothing that is published was judged, only what is proposed" in text
    assert "Conforms" not in text


def test_failure_is_explained(run: Run) -> None:
    """Requirement in words, clause, expected, observed, where, and the file with the messages, which exists."""
    run.scenario("reads two meters", ["MR-001"], "fail", findings=[finding("MR-001"), finding("MR-001")])
    text = printed(run.end(), width=400)
    for part in (
        "FAIL reads two meters (and 1 more finding)", "Obligation MR-001 of the metering system is kept.",
        "TR 61968-900:2015, 6.3.2", "readings of the meters 4711 and 4712", "readings of meter 4711 only", "line 12",
    ):  # fmt: skip
        assert part in text, part
    file = next(line.split()[1] for line in text.splitlines() if line.startswith("  messages"))
    assert file.endswith("02-received-reply.xml")
    assert (run.journal.path.parent / file).is_file()


@pytest.mark.parametrize("width", [80, 120])
def test_a_failure_has_ten_lines_at_most(run: Run, width: int) -> None:
    """However long the texts are; the file is never cut short."""
    data = finding("MR-001", expected="expected " * 90, observed="observed " * 90, where="where " * 90)
    run.scenario("reads " * 40, ["MR-001"], "fail", findings=[data])
    text = printed(run.end(), width=width)
    block = text[text.index("FAIL") : text.index("Reports in")].strip()
    directory = len(str(run.journal.path.parent)) // (width - 13)  # a long directory may take lines of its own
    assert len(block.splitlines()) <= MAX_LINES + directory
    assert "…" in block
    assert block.replace("\n", "").replace(" ", "").endswith("02-received-reply.xml")


def test_fail_without_finding(run: Run) -> None:
    """A failure that no finding explains shows the reason."""
    run.scenario("reads", ["MR-001"], "fail", reason="no answer at all")
    assert "no answer at all" in printed(run.end())


def test_warnings_are_few(run: Run) -> None:
    """Each warning is one line; after some of them only the number is told."""
    for number in range(MAX_WARNINGS + 3):
        data = finding("MR-001", severity="should", observed="late " * 60)
        run.scenario(f"reads {number}", ["MR-001"], findings=[data])
    text = printed(run.end(), width=80)
    assert sum(line.startswith("  MR-001") for line in text.splitlines()) == MAX_WARNINGS
    assert "and 3 more in report.html" in text


def test_inconclusive_and_incomplete(run: Run) -> None:
    """Reasons are told once each, and a killed run says what is missing."""
    run.scenario("reads", ["MR-001"])
    for number in range(30):
        run.plan(f"reads {number}", ["MR-002"])
    text = printed(run.end(None))
    assert "30 ×" in text
    assert text.count("the run ended before it was executed") == 1
    assert "The run is not complete: 30 of 31 scenarios were not executed." in text
    assert "Exit code 3" in text


def test_suite_errors_are_told(run: Run) -> None:
    """An error of the suite is not hidden behind other verdicts."""
    run.scenario("reads", ["MR-001"], "error", reason="KeyError in a step")
    text = printed(run.end())
    assert "Suite errors" in text
    assert "KeyError in a step (MR-001)" in text


@pytest.mark.parametrize("terminal", [True, False])
def test_hostile_text_is_harmless(run: Run, *, terminal: bool) -> None:
    """Markup is printed as it stands, control sequences are made visible."""
    run.catalogue.append(requirement("MR-001", text=HOSTILE, area="[red]area"))
    stored = HOSTILE.replace("\ud800", "")
    run.scenario(stored, ["MR-001"], "fail", findings=[finding("MR-001", observed=HOSTILE, where="[/red]")])
    run.scenario("waits", ["MR-001"], "inconclusive", reason=stored)
    text = printed(run.end(), width=1000, terminal=terminal)
    assert all(part in text for part in READABLE)
    assert "[red]area" in text
    ours = text.replace("\x1b[", "") if terminal else text
    assert not any(character in ours for character in ACTIVE)
    assert "\x1b[31mred" not in text


def test_without_a_terminal_it_is_plain(run: Run) -> None:
    """Output that goes to a file has no colour codes."""
    run.scenario("reads", ["MR-001"], "fail", findings=[finding("MR-001")])
    assert "\x1b" not in printed(run.end())
