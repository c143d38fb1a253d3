"""Exit codes of `conformance run`: 0 judged and none failed, 1 failed, 2 wrong input, 3 not everything was judged."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conformance.reference import ReferenceServer
from conformance.sut.model import Stimuli
from tests.end_to_end.commands import run, verdicts, write

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from conformance.sut.model import Configuration


@pytest.fixture(scope="module")
def configuration() -> Iterator[Configuration]:
    """Return the configuration of a reference system that runs meanwhile."""
    with ReferenceServer() as server:
        yield server.configuration()


def _without(configuration: Configuration, name: str) -> dict[str, object]:
    """Return the capabilities without the message ``name``."""
    claimed = configuration.capabilities
    messages = claimed.messages.model_copy(update={name: []})
    return {"capabilities": claimed.model_copy(update={"messages": messages})}


def test_nothing_wrong_is_0(tmp_path: Path, configuration: Configuration) -> None:
    """Everything that was selected passed: 0, also through a SUT.toml of one's own, whatever pytest is told."""
    write(configuration, tmp_path / "SUT.toml")
    told = {
        "PYTEST_ADDOPTS": "--no-such-option",
        "PYTEST_PLUGINS": "no_such_plugin",
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    }
    ended = run("run", "SUT.toml", "--select", "reading", "--out", "OUT", cwd=tmp_path, **told)
    assert ended.code == verdicts(tmp_path / "OUT")["exit_code"] == 0, ended.stdout


def test_missing_stimulus_is_3(tmp_path: Path, configuration: Configuration) -> None:
    """What the system claims and nobody can see is inconclusive, with the reason; the rest is judged."""
    write(configuration, tmp_path / "SUT.toml", stimuli=Stimuli())
    ended = run("run", "SUT.toml", "--select", "EVT-001,MR-001", "--out", "OUT", cwd=tmp_path)
    rows = {row["id"]: row for row in verdicts(tmp_path / "OUT")["requirements"]}
    assert ended.code == 3
    assert (rows["MR-001"]["verdict"], rows["EVT-001"]["verdict"]) == ("pass", "inconclusive")
    assert rows["EVT-001"]["reason"] == "[stimuli.end_device_event] is missing in SUT.toml"
    assert "[stimuli.end_device_event] is missing in SUT.toml (EVT-001)" in ended.stdout
    assert "Exit code 3" in ended.stdout
    assert "error" not in ended.stderr


def test_nothing_executed_is_3(tmp_path: Path, configuration: Configuration) -> None:
    """A run that judges nothing is never green."""
    changes = _without(configuration, "created_end_device_events")
    stimuli = Stimuli(meter_readings=configuration.stimuli.meter_readings)
    write(configuration, tmp_path / "SUT.toml", stimuli=stimuli, **changes)
    ended = run("run", "SUT.toml", "--select", "EVT-001", "--out", "OUT", cwd=tmp_path)
    assert ended.code == 3
    assert "No verdict: nothing was executed" in ended.stdout


def test_absent_capability_is_not_applicable(tmp_path: Path, configuration: Configuration) -> None:
    """What the system declares that it lacks is not applicable, with the reason, and costs nothing."""
    changes = _without(configuration, "created_end_device_events")
    stimuli = Stimuli(meter_readings=configuration.stimuli.meter_readings)
    write(configuration, tmp_path / "SUT.toml", stimuli=stimuli, **changes)
    ended = run("run", "SUT.toml", "--select", "events,controls,MR-001", "--out", "OUT", cwd=tmp_path)
    rows = {row["id"]: row for row in verdicts(tmp_path / "OUT")["requirements"]}
    assert (rows["EVT-001"]["verdict"], rows["MR-001"]["verdict"]) == ("not-applicable", "pass")
    assert rows["EVT-001"]["reason"] == "the system declares created(EndDeviceEvents) without publish"
    assert (rows["CTL-001"]["verdict"], rows["CTL-002"]["verdict"]) == ("pass", "not-applicable")
    assert ended.code == 0, ended.stdout
