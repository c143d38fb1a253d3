"""What becomes of a scenario: its verdict, its reason, its steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conformance.errors import Inconclusive, NotApplicable, RequirementBroken
from conformance.journal import Journal
from conformance.plugin.recorder import Recorder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    """Return a journal with one scenario in its plan."""
    journal = Journal(tmp_path / "journal.db")
    journal.plan("s", 1, {})
    yield journal
    journal.close()


def report(outcome: str = "failed") -> pytest.TestReport:
    """Return how pytest sees a phase."""
    return pytest.TestReport(
        "nodeid", ("file.py", 3, "test"), {}, outcome, "a trace of ours", "call"  # type: ignore[arg-type]
    )  # fmt: skip


@pytest.mark.parametrize(
    ("problem", "verdict", "reason", "outcome"),
    [
        (RequirementBroken("the finding"), "fail", "the finding", "failed"),
        (Inconclusive("silence"), "inconclusive", "silence", "skipped"),
        (NotApplicable("declared"), "not-applicable", "declared", "skipped"),
        (AssertionError("ours"), "error", "AssertionError: ours", "failed"),
        (AssertionError(), "error", "AssertionError: AssertionError", "failed"),
    ],
)
def test_verdict_and_outcome(journal: Journal, problem: Exception, verdict: str, reason: str, outcome: str) -> None:
    """The journal gets the verdict with its reason; pytest, and so Allure, sees the outcome that fits."""
    seen = report()
    recorder = Recorder(journal)
    recorder.begin("s")
    assert journal.scenarios()[0]["state"] == "running"
    recorder.judge(problem, seen)
    recorder.end("s", [])
    row = journal.scenarios()[0]
    assert (row["state"], row["verdict"], row["reason"]) == ("done", verdict, reason)
    assert seen.outcome == outcome
    assert ("a trace of ours" in str(seen.longrepr)) == (verdict == "error")


def test_a_skip_by_hand_is_seen_as_failed(journal: Journal) -> None:
    """Pytest would call it skipped, and Allure would be silent about it."""
    seen = report("skipped")
    recorder = Recorder(journal)
    recorder.begin("s")
    recorder.judge(pytest.skip.Exception("in silence"), seen)
    assert (seen.outcome, seen.longrepr) == ("failed", "Skipped: in silence")


def test_the_first_problem_counts(journal: Journal) -> None:
    """What goes wrong while cleaning up does not change what was found; each scenario begins anew."""
    recorder = Recorder(journal)
    recorder.begin("s")
    recorder.judge(None, report("passed"))
    recorder.judge(RequirementBroken("first"), report())
    recorder.judge(KeyError("second"), report())
    recorder.end("s", [])
    assert journal.scenarios()[0]["reason"] == "first"
    recorder.begin("s")
    recorder.end("s", [])
    row = journal.scenarios()[0]
    assert (row["verdict"], row["reason"]) == ("pass", "")


def test_cleaning_up_can_be_an_error(journal: Journal) -> None:
    """A scenario that passed and could not be ended is the suite's own fault."""
    recorder = Recorder(journal)
    recorder.begin("s")
    recorder.judge(None, report("passed"))
    recorder.judge(KeyError("left open"), report())
    recorder.end("s", [])
    assert journal.scenarios()[0]["verdict"] == "error"


def test_steps(journal: Journal) -> None:
    """Passed, failed, broken; and what was planned and not reached was not run."""
    recorder = Recorder(journal)
    recorder.begin("s")
    for text, problem in (("a", None), ("b", RequirementBroken()), ("c", KeyError())):
        recorder.begin_step()
        recorder.end_step(text, problem)
    recorder.end("s", ["a", "b", "c", "d", "e"])
    steps = journal.scenarios()[0]["steps"]
    assert [(step["text"], step["status"]) for step in steps] == [
        ("a", "passed"),
        ("b", "failed"),
        ("c", "broken"),
        ("d", "not-run"),
        ("e", "not-run"),
    ]
    assert all(0 <= step["duration"] < 60 for step in steps)
