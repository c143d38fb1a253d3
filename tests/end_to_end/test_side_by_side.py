"""More than one at a time: two runs on one machine, and one run with two workers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.end_to_end.commands import begin, end, run, verdicts

if TYPE_CHECKING:
    from pathlib import Path

#: Reads, controls and events, and what looks back over them.
SELECTED = ("--select", "MR-00*,CTL-00*,events,ENV-00*")


def test_two_runs(tmp_path: Path) -> None:
    """Two runs at the same time, each with its own system, judge everything and take nothing from each other."""
    processes = [begin("run", "--select", "reading,controls", "--out", name, cwd=tmp_path) for name in ("A", "B")]
    ended = [end(process) for process in processes]
    assert [item.code for item in ended] == [0, 0], ended[0].stdout + ended[1].stdout
    ours, theirs = (
        {name for row in verdicts(tmp_path / out)["scenarios"] for name in row["exchanges"]} for out in "AB"
    )
    assert ours
    assert not ours & theirs


def test_two_workers(tmp_path: Path) -> None:
    """--jobs 2 comes to the verdicts of --jobs 1, scenario by scenario."""
    for jobs in (1, 2):
        ended = run("run", *SELECTED, "--jobs", jobs, "--out", f"OUT{jobs}", cwd=tmp_path)
        assert ended.code == 0, ended.stdout + ended.stderr
    one, two = (_normal(verdicts(tmp_path / f"OUT{jobs}")) for jobs in (1, 2))
    assert one == two
    results = [len(list((tmp_path / f"OUT{jobs}" / "allure-results").glob("*-result.json"))) for jobs in (1, 2)]
    assert results[0] == results[1] == len(one["scenarios"])


@pytest.mark.nightly
def test_two_workers_find_a_fault(tmp_path: Path) -> None:
    """A fault is found by the same scenarios whoever runs them."""
    options = ("--fault", "message_id_reused", "--select", "ENV-008,ENV-009,MR-00*,REP-002")
    found = []
    for jobs in (1, 2):
        ended = run("run", *options, "--jobs", jobs, "--out", f"OUT{jobs}", cwd=tmp_path)
        assert ended.code == 1, ended.stdout + ended.stderr
        found.append(_normal(verdicts(tmp_path / f"OUT{jobs}")))
    assert found[0] == found[1]


def _normal(found: dict[str, Any]) -> dict[str, Any]:
    """Return what must be the same in every run: verdicts, the texts of steps and their ends, never times and ids."""
    return {
        "requirements": {row["id"]: (row["verdict"], row["warnings"]) for row in found["requirements"]},
        "scenarios": {
            row["id"]: (row["verdict"], [(step["text"], step["status"]) for step in row["steps"]])
            for row in found["scenarios"]
        },
        "counts": found["counts"],
        "exit_code": found["exit_code"],
        "complete": found["complete"],
    }
