"""The suite as a pytest plugin: `pytest --sut` anywhere, and nothing at all without it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from conformance.reference import ReferenceServer
from tests.end_to_end.commands import run, verdicts, write

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

OWN_TEST = """
import sys

def test_mine():
    heavy = {"lxml", "requests", "pydantic", "zeep", "xmlschema", "starlette", "uvicorn"}
    ours = sorted(name for name in sys.modules if name.startswith("conformance.") and name != "conformance.plugin")
    assert sorted(heavy & set(sys.modules)) + ours == []
"""


@pytest.fixture
def sut(tmp_path: Path) -> Iterator[str]:
    """Return the name of a SUT.toml in the directory of the test, whose system runs."""
    with ReferenceServer() as server:
        yield write(server.configuration(), tmp_path / "SUT.toml").name


def test_in_an_empty_directory(tmp_path: Path, sut: str) -> None:
    """With nothing but SUT.toml: every selected scenario, the verdicts, and pytest's own exit code is theirs."""
    ended = run("--sut", sut, "--out", "OUT", "--select", "naming", cwd=tmp_path, module="pytest")
    assert ended.code == 0, ended.stdout
    found = verdicts(tmp_path / "OUT")
    assert {row["area"] for row in found["scenarios"]} == {"naming"}
    assert {row["verdict"] for row in found["scenarios"]} == {"pass"}
    assert f"{len(found['scenarios'])} passed" in ended.stdout
    assert (tmp_path / "OUT" / "report.html").exists()


@pytest.mark.parametrize("options", [pytest.param((), marks=pytest.mark.nightly), ("-n", "2"), ("-W", "error")])
def test_beside_own_tests(tmp_path: Path, sut: str, options: tuple[str, ...]) -> None:
    """In a directory with tests and settings of its own: the scenarios run, the own tests do not get in the way."""
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_mine.py").write_text("def test_mine():\n    assert False\n", encoding="utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\ntestpaths = tests\naddopts = --strict-markers\n", encoding="utf-8")
    given = ("--sut", sut, "--out", "OUT", "--select", "naming", *options)
    ended = run(*given, cwd=tmp_path, module="pytest")
    assert ended.code == 0, ended.stdout + ended.stderr
    assert "test_mine" not in ended.stdout
    assert {row["verdict"] for row in verdicts(tmp_path / "OUT")["scenarios"]} == {"pass"}


def test_exit_code_of_a_failure(tmp_path: Path) -> None:
    """A finding is a failed test, told in words and without a traceback through the suite."""
    with ReferenceServer(faults=("correlation_id_of_its_own",)) as server:
        write(server.configuration(), tmp_path / "SUT.toml")
        given = ("--sut", "SUT.toml", "--out", "OUT", "--select", "EXC-016", "-p", "no:cacheprovider")
        ended = run(*given, cwd=tmp_path, module="pytest")
    assert ended.code == 1, ended.stdout
    assert "EXC-016: A CorrelationID of any characters comes back unchanged." in ended.stdout
    assert "observed: CorrelationID is" in ended.stdout
    assert "Traceback" not in ended.stdout
    assert "conformance/steps" not in ended.stdout


def test_inert_without_a_system(tmp_path: Path) -> None:
    """Without --sut a trivial test runs as ever: no scenario is collected, nothing heavy is imported."""
    (tmp_path / "test_own.py").write_text(OWN_TEST, encoding="utf-8")
    # Only this plugin: others of the environment import what they like.
    alone = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_PLUGINS": "conformance.plugin"}
    ended = run("-q", cwd=tmp_path, module="pytest", **alone)
    assert (ended.code, "1 passed" in ended.stdout) == (0, True), ended.stdout
    assert sorted(path.name for path in tmp_path.iterdir() if not path.name.startswith((".", "__"))) == ["test_own.py"]


def test_version(tmp_path: Path) -> None:
    """`pytest --version` and `pytest --help` work with the plugin; the help names its options."""
    assert run("--version", cwd=tmp_path, module="pytest").code == 0
    helped = run("--help", cwd=tmp_path, module="pytest")
    assert (helped.code, "--sut=SUT.toml" in helped.stdout) == (0, True)


def test_allure_shows_the_scenario(tmp_path: Path, sut: str) -> None:
    """--alluredir gets a result for each scenario, with its Gherkin steps and the messages."""
    given = ("--sut", sut, "--out", "OUT", "--select", "MR-001", "--alluredir", "allure")
    assert run(*given, cwd=tmp_path, module="pytest").code == 0
    (file,) = (tmp_path / "allure").glob("*-result.json")
    result = json.loads(file.read_text(encoding="utf-8"))
    (scenario,) = verdicts(tmp_path / "OUT")["scenarios"]
    assert result["status"] == "passed"
    assert [step["name"] for step in result["steps"]] == [step["text"] for step in scenario["steps"]]
