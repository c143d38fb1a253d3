"""Whole runs over JMS: the scenarios of SOAP, unchanged, over both brokers, with verdicts that are equal."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from conformance.reference import ReferenceServer
from conformance.reference.jms import JmsReference
from conformance.standard.catalogue import with_scenarios
from conformance.sut.load import load
from conformance.sut.write import to_toml
from tests.end_to_end.commands import begin, end, environment, judge, processes, write
from tests.jms.conftest import BOUND

_PATIENCE_S = 240


def run(out: Path, *options: str, sut: Path | None = None) -> tuple[int, dict[str, Any]]:
    """Run the suite over JMS against its reference system, or ``sut``; return the exit code and the verdicts."""
    command = [sys.executable, "-m", "conformance", "run", "--transport", "jms", "--out", str(out), *options]
    command += [str(sut)] if sut is not None else []
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=_PATIENCE_S, check=False)
    verdicts = out / "verdicts.json"
    assert verdicts.exists(), done.stdout + done.stderr
    return done.returncode, json.loads(verdicts.read_text(encoding="utf-8"))


def failed(verdicts: dict[str, Any], *, enveloped: bool = False) -> list[str]:
    """Return the requirements that did not pass, of those that were judged.

    Over JMS alone none about SOAP may be, and none about SOAP over JMS unless JMS messages are ``enveloped``.
    """
    rows = [row for row in verdicts["requirements"] if row["id"] in with_scenarios()]
    absent = {"soap": verdicts["selection"]["transport"] == "jms", "soap_over_jms": not enveloped}
    usual = {True: ("not-applicable", "not-tested"), False: ("pass", "not-tested")}
    return [row["id"] for row in rows if row["verdict"] not in usual[absent.get(row["area"], False)]]


def test_every_requirement_over_artemis(artemis: Any, tmp_path: Path) -> None:
    """Everything that passes over SOAP passes over Artemis, whose API is that of jakarta.jms.

    Over ActiveMQ Classic it is seen in test_run_all.
    """
    code, verdicts = run(tmp_path / "out", "--broker", "artemis")
    assert (code, failed(verdicts)) == (0, [])
    assert verdicts["selection"]["transport"] == "jms"
    assert verdicts["counts"]["requirements"]["pass"] >= 133


def with_machine(pid: int) -> set[int]:
    """Return which of ``pid`` and the processes below it have a Java virtual machine in them."""
    parents = processes()
    family = {pid}
    while grown := {child for child, parent in parents.items() if parent in family} - family:
        family |= grown
    found = set()
    for member in family:
        with suppress(OSError):
            if "libjvm" in Path(f"/proc/{member}/maps").read_text(encoding="utf-8", errors="replace"):
                found.add(member)
    return found


def test_one_virtual_machine(classic: Any, tmp_path: Path) -> None:
    """However many workers there are, one process of the run has a virtual machine: neither the first nor a worker."""
    seen: list[set[int]] = []
    with ReferenceServer() as server, JmsReference(server) as reference:
        sut = write(reference.configuration(), tmp_path / "SUT.toml")
        options = ("--transport", "jms", "--jobs", "2", "--select", "MR-00*", "--out", "OUT")
        process = begin("run", sut.name, *options, cwd=tmp_path)
        while process.poll() is None:
            seen.append(with_machine(process.pid))
        assert end(process).code == 0
    verdicts = json.loads((tmp_path / "OUT" / "verdicts.json").read_text(encoding="utf-8"))
    assert verdicts["counts"]["requirements"]["pass"] == 9
    # That of the pre-flight has ended before the gateway starts its own.
    assert {len(these) for these in seen} == {0, 1}
    assert process.pid not in set.union(*seen)


@pytest.mark.nightly  # test_run_all has a small sibling
@pytest.mark.parametrize(
    ("fault", "requirement"), [("correlation_id_of_its_own", "ENV-007"), ("control_event_missing", "CTL-002")]
)
def test_a_fault_fails_over_jms(classic: Any, tmp_path: Path, fault: str, requirement: str) -> None:
    """A deviation is found over JMS as it is over SOAP: no wrong answer turns into mere silence."""
    code, verdicts = run(tmp_path / "out", "--fault", fault, "--select", requirement)
    assert (code, failed(verdicts)) == (1, [requirement])


def without_soap(file: Path) -> None:
    """Take everything of SOAP out of a SUT.toml."""
    given = load(file).configuration
    endpoints = given.endpoints.model_copy(update={"style": None, "generic": None, "typed": None, "bare": None})
    file.write_text(to_toml(given.model_copy(update={"endpoints": endpoints})), encoding="utf-8")


def test_serve(classic: Any, tmp_path: Path) -> None:
    """``serve --transport all`` starts a broker, says where, and ends with its process; ``pytest --sut`` judges it.

    A run over JMS with that file needs nothing of SOAP.
    """
    file = tmp_path / "reference.toml"
    command = [sys.executable, "-m", "conformance", "serve", "--transport", "all", "--write", str(file)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    lines = [process.stdout.readline() for _ in range(4)]
    try:
        assert lines[0].startswith("broker       tcp://127.0.0.1:")
        found = judge(file, tmp_path / "out", "MR-001", "--transport", "all")["scenarios"]
        assert [(row["transport"], row["verdict"]) for row in found] == [("soap", "pass"), ("jms", "pass")]
        without_soap(file)
        selection = judge(file, tmp_path / "JMS", "MR-001", "--transport", "jms")["selection"]
        assert (selection["transport"], selection["style"], selection["soap"]) == ("jms", "none", "none")
    finally:
        os.kill(process.pid, signal.SIGTERM)
        process.wait(BOUND)
        process.stdout.close()


def test_without_table(tmp_path: Path) -> None:
    """A SUT.toml without [endpoints.jms] is told before anything starts."""
    from conformance.sut.template import template

    (tmp_path / "SUT.toml").write_text(template(), encoding="utf-8")
    command = [sys.executable, "-m", "conformance", "run", "SUT.toml", "--transport", "jms", "--out", "out"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=_PATIENCE_S, check=False)
    assert (done.returncode, "[endpoints.jms]" in done.stderr) == (2, True)
    assert not (tmp_path / "out" / "verdicts.json").exists()
