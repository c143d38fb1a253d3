"""`conformance calibrate` measures the suite, and is honest about what it finds."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from conformance.reference import faults, null_systems
from tests.cli.patched import WHAT
from tests.end_to_end.commands import Ended, run
from tests.jms.conftest import needed

if TYPE_CHECKING:
    from pathlib import Path

FAULT = "message_id_missing"


@pytest.fixture(scope="session")
def classic() -> object:
    """Return the class path of ActiveMQ Classic."""
    return needed("classic")


def _calibrate(tmp_path: Path, only: str, patch: str = "") -> tuple[Ended, dict[str, Any]]:
    module, more = ("tests.cli.patched", {WHAT: patch}) if patch else ("conformance", {})
    options = ("calibrate", "--only", only, "--jobs", "1", "--json", "--out", "out.json")
    ended = run(*options, cwd=tmp_path, module=module, **more)
    found: dict[str, Any] = json.loads(ended.stdout)
    assert found == json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert found.keys() >= {"faults", "variants", "null_systems"}
    assert found["broken"].keys() <= ({FAULT} if patch == "broken" else set()), found["broken"]
    return ended, found


def test_a_fault_that_is_caught(tmp_path: Path) -> None:
    """A detected fault counts as such, and the exit code is 0."""
    ended, found = _calibrate(tmp_path, FAULT)
    assert found["faults"] == {"total": 1, "detected": 1, "missed": []}
    assert found["variants"] == {"total": 0, "false_alarms": []}
    assert (ended.code, found["null_systems"], found["good"]) == (0, {}, True)


@pytest.mark.nightly  # the false alarm below runs the same way
def test_a_variant_that_is_green(tmp_path: Path) -> None:
    """A legal variant that costs nothing is no false alarm, although every requirement was judged."""
    ended, found = _calibrate(tmp_path, "gzip")
    assert found["variants"] == {"total": 1, "false_alarms": []}
    assert (ended.code, found["faults"]["total"]) == (0, 0)


@pytest.mark.parametrize("name", ["dead", pytest.param("always_ok", marks=pytest.mark.nightly)])
def test_null_systems(tmp_path: Path, name: str) -> None:
    """Who does nothing right passes nothing of the kind: {passed, failed, exit_code}; the dead one is stopped."""
    assert name in {item.name for item in null_systems()}
    ended, found = _calibrate(tmp_path, name)
    told = found["null_systems"][name]
    assert told.keys() >= {"passed", "failed", "exit_code"}
    assert told["wrong_passes"] == []
    assert ended.code == 0
    assert told["exit_code"] == {"dead": 2}.get(name, 1)
    assert (told["passed"] > 0, told["failed"] > 0) == (name == "always_ok", name != "dead")


@pytest.mark.parametrize("patch", ["crashing", pytest.param("late", marks=pytest.mark.nightly)])
def test_what_is_no_detection(tmp_path: Path, patch: str) -> None:
    """By a crash or by a time-out a fault is not detected: it is missed, and the exit code is 1."""
    ended, found = _calibrate(tmp_path, FAULT, patch)
    fault = next(item for item in faults() if item.name == FAULT)
    missed = [{"fault": FAULT, "requirements": list(fault.requirements)}]
    assert found["faults"] == {"total": 1, "detected": 0, "missed": missed}
    assert (ended.code, found["good"]) == (1, False)


def test_a_false_alarm(tmp_path: Path) -> None:
    """A check that finds fault with what is legal is a false alarm, by name of variant and requirement."""
    ended, found = _calibrate(tmp_path, "baseline", "alarmed")
    (alarm,) = found["variants"]["false_alarms"]
    assert alarm["variant"] == "baseline"
    assert len(alarm["requirements"]) > 60
    assert (ended.code, found["good"]) == (1, False)


def test_a_broken_measurement(tmp_path: Path) -> None:
    """A case that could not be measured is named with its reason, and nothing is good."""
    ended, found = _calibrate(tmp_path, FAULT, "broken")
    assert found["broken"] == {FAULT: "OSError: no space left on device"}
    assert (ended.code, found["good"]) == (1, False)


def test_words_for_people(tmp_path: Path) -> None:
    """Without --json: what was missed because its check finds nothing, and the rates."""
    options = ("calibrate", "--only", FAULT, "--jobs", "1")
    ended = run(*options, cwd=tmp_path, module="tests.cli.patched", **{WHAT: "blind"})
    assert ended.code == 1
    assert f"MISSED       {FAULT} by ENV-008" in ended.stdout
    assert "detection 0 of 1 faults (0.0 %), false alarms 0 of 0 legal variants" in ended.stdout


def test_an_unknown_name(tmp_path: Path) -> None:
    """Nothing of that name: exit 2."""
    ended = run("calibrate", "--only", "nothing_like_it", cwd=tmp_path)
    assert (ended.code, "no fault, variant or null system is called nothing_like_it" in ended.stderr) == (2, True)


OVER_JMS = "jms_correlation_missing"


def test_a_fault_over_jms(classic: object, tmp_path: Path) -> None:
    """A fault that shows over JMS only is caught over a real broker, by a warning."""
    ended, found = _calibrate(tmp_path, OVER_JMS)
    assert found["faults"] == {"total": 1, "detected": 1, "missed": []}
    assert (ended.code, found["good"]) == (0, True)


@pytest.mark.nightly  # the same code as for a crash over HTTP, with a broker
def test_silence_over_jms_is_no_detection(classic: object, tmp_path: Path) -> None:
    """A system that takes requests and never says anything proves nothing."""
    ended, found = _calibrate(tmp_path, "jms_answer_published", "mute")
    assert [item["fault"] for item in found["faults"]["missed"]] == ["jms_answer_published"]
    assert (ended.code, found["good"]) == (1, False)


def test_without_java(tmp_path: Path) -> None:
    """What cannot be measured ends the calibration in one line, which says what to install and how to do without."""
    no_java = {WHAT: "no_java"}
    ended = run("calibrate", "--only", OVER_JMS, cwd=tmp_path, module="tests.cli.patched", **no_java)
    assert (ended.code, ended.stdout) == (2, "")
    (line,) = ended.stderr.splitlines()
    assert "apt-get install default-jre-headless" in line
    assert line.endswith("without JMS: conformance calibrate --transport soap")
    options = ("calibrate", "--only", FAULT, "--transport", "soap", "--jobs", "1")
    assert run(*options, cwd=tmp_path, module="tests.cli.patched", **no_java).code == 0


def test_an_unknown_transport(tmp_path: Path) -> None:
    """There are two transports, and all."""
    ended = run("calibrate", "--transport", "pigeon", cwd=tmp_path)
    assert (ended.code, "--transport pigeon is not known; there are: soap, jms, all" in ended.stderr) == (2, True)
