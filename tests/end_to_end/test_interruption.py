"""Ctrl-C and kill -9 in mid-run: what was captured is reported, and what was not run is said."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from conformance.journal import Journal
from conformance.reference import ReferenceServer
from conformance.report.verdicts import schema
from conformance.resources import directory
from tests.end_to_end.commands import begin, end, processes, run, until, verdicts, write
from tests.end_to_end.systems import Detour, begun

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator
    from pathlib import Path

#: The scenario in which the system stops answering; some before it, many after it.
HELD = 4


@pytest.fixture
def held(tmp_path: Path) -> Iterator[Path]:
    """Return a SUT.toml whose system conforms until the journal in OUT shows HELD scenarios begun."""
    with ReferenceServer() as server:
        detour = Detour(server.url, tmp_path / "OUT" / "journal.db", HELD)
        here = detour.url.removesuffix("/soap")
        configuration = server.configuration()
        text = write(configuration, tmp_path / "SUT.toml").read_text(encoding="utf-8")
        (tmp_path / "SUT.toml").write_text(text.replace(server.url, here), encoding="utf-8")
        yield tmp_path / "SUT.toml"
        detour.stop()


def _started(sut: Path, *options: str) -> subprocess.Popen[str]:
    """Start a run and return once its system no longer answers."""
    process = begin("run", sut.name, "--select", "reading", "--out", "OUT", *options, cwd=sut.parent)
    journal = sut.parent / "OUT" / "journal.db"

    def is_held() -> bool:
        assert process.poll() is None, process.communicate()
        return begun(journal) >= HELD and _waits_for_answer(journal)

    try:
        until(is_held, "the run comes to the scenario that is held")
    except BaseException:
        process.kill()
        process.communicate()
        raise
    return process


def _waits_for_answer(path: Path) -> bool:
    journal = Journal(path)
    try:
        entries = list(journal.entries())
    finally:
        journal.close()
    answered = {entry.answers for entry in entries}
    return any(entry.channel == "request" and entry.id not in answered for entry in entries)


def _children(pid: int) -> set[int]:
    """Return the ids of the processes that ``pid`` started."""
    found = processes()
    return {child for child, parent in found.items() if parent == pid}


def _written() -> int:
    """Return how many scenarios the features of the selected area have."""
    features = (directory("features") / "reading").glob("*.feature")
    return sum(path.read_text(encoding="utf-8").count("Scenario:") for path in features)


def _check_partial(found: dict[str, Any]) -> None:
    """Check that the verdicts say what was not run."""
    jsonschema.validate(found, schema())
    assert not found["complete"]
    assert len(found["scenarios"]) == _written()
    reached = [row for row in found["scenarios"] if row["started"] is not None]
    missed = [row for row in found["scenarios"] if row["started"] is None]
    # Two workers can be held in two of the scenarios.
    assert sum(row["verdict"] == "pass" for row in reached) >= HELD - 2
    assert missed
    assert {row["verdict"] for row in missed} == {"inconclusive"}
    assert {row["reason"] for row in missed} == {"the run ended before it was executed"}


@pytest.mark.parametrize("options", [(), pytest.param(("--jobs", "2"), marks=pytest.mark.nightly)])
def test_ctrl_c(held: Path, options: tuple[str, ...]) -> None:
    """Ctrl-C ends the run in good order: reports, what was not run, and not exit code 0."""
    process = _started(held, *options)
    children = _children(process.pid)
    os.killpg(process.pid, signal.SIGINT)
    ended = end(process)
    out = held.parent / "OUT"
    assert ended.code == 3, ended.stderr
    found = verdicts(out)
    _check_partial(found)
    assert "The run is not complete: " in ended.stdout
    assert "Traceback" not in ended.stderr
    assert all((out / name).exists() for name in ("report.html", "junit.xml"))
    until(lambda: not children & set(processes()), "the gateway and the workers have ended")


@pytest.mark.parametrize("options", [pytest.param((), marks=pytest.mark.nightly), ("--jobs", "2")])
def test_kill(held: Path, options: tuple[str, ...]) -> None:
    """SIGKILL leaves a journal that `report` makes a report of, and no process behind."""
    process = _started(held, *options)
    children = _children(process.pid)
    assert children, "a run has a gateway process"
    process.kill()
    process.communicate()
    out = held.parent / "OUT"
    assert not (out / "verdicts.json").exists()
    until(lambda: not children & set(processes()), "the gateway and the workers have ended")
    ended = run("report", "OUT", cwd=held.parent)
    assert ended.code == 3, ended.stderr
    found = verdicts(out)
    _check_partial(found)
    cut = [row for row in found["scenarios"] if row["reason"] == "the run ended while it was being executed"]
    assert cut
    missed = next(row["name"] for row in found["scenarios"] if row["started"] is None)
    assert missed in (out / "report.html").read_text(encoding="utf-8")
    assert "The run is not complete: " in ended.stdout
    assert (out / "junit.xml").exists()
