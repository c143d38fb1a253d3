"""What the user has to put right: exit 2, all of it at once, and nothing is written."""

from __future__ import annotations

import socket
import time
from typing import TYPE_CHECKING

import pytest

from conformance.reference import ReferenceServer
from conformance.sut.model import Callback
from conformance.sut.template import template
from tests.end_to_end.commands import run, write

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from conformance.sut.model import Configuration

EXIT_USAGE = 2


@pytest.fixture(scope="module")
def configuration() -> Iterator[Configuration]:
    """Return the configuration of a reference system that runs meanwhile."""
    with ReferenceServer() as server:
        yield server.configuration()


def test_every_option_at_once(tmp_path: Path) -> None:
    """Seven wrong options are seven lines, each with what would be right; nothing is made."""
    wrong = (
        "--select", "ZZZ,MR-O01,replies", "--transport", "pigeon", "--edition", "1999", "--style", "baroque",
        "--fault", "nope", "--fault", "neither", "--variant", "nor_this",
    )  # fmt: skip
    ended = run("run", *wrong, "--out", "OUT", cwd=tmp_path)
    assert ended.code == EXIT_USAGE
    assert ended.stdout == ""
    for words in (
        "6 things are wrong",
        "ZZZ is no requirement, area or pattern\n",
        "MR-O01 is no requirement, area or pattern; did you mean ",
        "--transport pigeon is not known to this version; it knows: soap, jms, all",
        "--edition 1999 is not known to this version; it knows: 2013",
        "--style baroque with --soap 1.1 cannot be: styles are generic, typed, bare",
        "there is no fault nope, neither: `conformance faults` lists the faults",
        "there is no variant nor_this; there are: odd_prefixes",
    ):
        assert words in ended.stderr
    assert "Traceback" not in ended.stderr
    assert list(tmp_path.iterdir()) == []


def test_reference_only(tmp_path: Path, configuration: Configuration) -> None:
    """Options for the bundled system are refused beside a SUT.toml, together with an edition that it does not have."""
    write(configuration, tmp_path / "SUT.toml")
    options = ("--fault", "result_lowercase", "--style", "bare", "--edition", "2024")
    ended = run("run", "SUT.toml", *options, "--out", "OUT", cwd=tmp_path)
    assert ended.code == EXIT_USAGE
    assert "--fault, --style: for the bundled reference system only" in ended.stderr
    assert "--edition 2024 was asked for, but SUT.toml says edition 2013" in ended.stderr
    assert not (tmp_path / "OUT").exists()


@pytest.mark.parametrize("name", ["journal.db", "notes.txt"])
def test_nothing_is_overwritten(tmp_path: Path, name: str) -> None:
    """A directory that holds a run, or anything else, stays as it is."""
    out = tmp_path / "OUT"
    out.mkdir()
    (out / name).write_bytes(b"mine")
    ended = run("run", "--out", "OUT", cwd=tmp_path)
    assert ended.code == EXIT_USAGE
    assert ("already holds a run" if name == "journal.db" else "is not empty") in ended.stderr
    assert [(path.name, path.read_bytes()) for path in out.iterdir()] == [(name, b"mine")]


def test_out_is_a_file(tmp_path: Path) -> None:
    """A file in the place of the directory is told, and a place that cannot be made."""
    (tmp_path / "file").write_bytes(b"mine")
    ended = run("run", "--out", "file", cwd=tmp_path)
    assert (ended.code, "--out file is a file" in ended.stderr) == (EXIT_USAGE, True)
    ended = run("run", "--out", "file/OUT", cwd=tmp_path)
    assert (ended.code, "--out file/OUT cannot be made" in ended.stderr) == (EXIT_USAGE, True)


@pytest.mark.parametrize("command", ["run", "doctor"])
def test_missing_file(tmp_path: Path, command: str) -> None:
    """A SUT.toml that is not there: exit 2, and how to make one."""
    ended = run(command, "SUT.toml", cwd=tmp_path)
    assert ended.code == EXIT_USAGE
    assert "SUT.toml does not exist; make one with: conformance init" in ended.stderr
    assert list(tmp_path.iterdir()) == []


def test_broken_file(tmp_path: Path) -> None:
    """A SUT.toml that is no TOML: the line, and a fix."""
    (tmp_path / "SUT.toml").write_text('[system_under_test]\nvendor = "x"\nproduct = oops\n', encoding="utf-8")
    ended = run("run", "SUT.toml", cwd=tmp_path)
    assert ended.code == EXIT_USAGE
    assert "SUT.toml:3: not legal TOML" in ended.stderr


def test_three_errors_in_the_file(tmp_path: Path) -> None:
    """A wrong value, an unknown key and a missing value are told at once, each with its line."""
    lines = template().splitlines()
    lines = [line for line in lines if not line.startswith("vendor = ")]
    lines = ['role = "KING"' if line.startswith("role = ") else line for line in lines]
    text = "\n".join(lines) + "\n\n[timeouts.more]\nreply_z = 3\n"
    (tmp_path / "SUT.toml").write_text(text, encoding="utf-8")
    ended = run("run", "SUT.toml", "--out", "OUT", cwd=tmp_path)
    assert ended.code == EXIT_USAGE
    assert "3 problems" in ended.stderr
    role = lines.index('role = "KING"') + 1
    unknown = text.splitlines().index("[timeouts.more]") + 1
    section = lines.index("[system_under_test]") + 1
    for line, words in ((role, "system_under_test.role"), (unknown, "timeouts.more"), (section, "vendor")):
        assert any(f"SUT.toml:{line}: " in told and words in told for told in ended.stderr.splitlines()), ended.stderr
    assert not (tmp_path / "OUT").exists()


def test_callback_port_is_taken(tmp_path: Path, configuration: Configuration) -> None:
    """A port for callbacks that another program has: exit 2 with the fix, before any verdict."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        write(configuration, tmp_path / "SUT.toml", callback=Callback(port=port))
        ended = run("run", "SUT.toml", "--out", "OUT", cwd=tmp_path)
    assert ended.code == EXIT_USAGE
    assert f"port = {port}" in ended.stderr
    assert "taken" in ended.stderr
    assert not (tmp_path / "OUT").exists()


def test_init(tmp_path: Path) -> None:
    """`init` writes a file that says how to go on, keeps one that is there, and overwrites it when told to."""
    first = run("init", cwd=tmp_path)
    path = tmp_path / "SUT.toml"
    assert (first.code, path.read_text(encoding="utf-8")) == (0, template())
    assert "conformance doctor SUT.toml" in first.stdout
    path.write_text("mine", encoding="utf-8")
    again = run("init", cwd=tmp_path)
    assert (again.code, path.read_text(encoding="utf-8")) == (EXIT_USAGE, "mine")
    assert "--force" in again.stderr
    assert run("init", "--force", cwd=tmp_path).code == 0
    assert path.read_text(encoding="utf-8") == template()
    nowhere = run("init", "no/such/SUT.toml", cwd=tmp_path)
    assert (nowhere.code, "cannot be written" in nowhere.stderr) == (EXIT_USAGE, True)


def test_doctor_of_a_live_system(tmp_path: Path, configuration: Configuration) -> None:
    """`doctor` finds nothing wrong with the reference system, says what it looked at, and writes nothing."""
    write(configuration, tmp_path / "SUT.toml")
    ended = run("doctor", "SUT.toml", cwd=tmp_path)
    assert (ended.code, "problem" in ended.stdout) == (0, False), ended.stdout
    for name in ("callback", "connection", "WSDL", "SOAP", "namespace", "clock", "test data"):
        assert f"ok       {name}: " in ended.stdout
    assert ended.stdout.endswith("ready: conformance run SUT.toml\n")
    assert [path.name for path in tmp_path.iterdir()] == ["SUT.toml"]


@pytest.mark.parametrize("command", ["doctor", "run"])
def test_dead_port(tmp_path: Path, command: str) -> None:
    """Nobody listens: exit 2 in less than 10 s, with the fix, and nothing is written."""
    with ReferenceServer() as server:
        write(server.configuration(), tmp_path / "SUT.toml")
    began = time.monotonic()
    ended = run(command, "SUT.toml", cwd=tmp_path)
    assert (ended.code, time.monotonic() - began < 10) == (EXIT_USAGE, True)
    told = ended.stdout + ended.stderr
    assert "nothing listens there" in told
    assert "start the system" in told
    assert [path.name for path in tmp_path.iterdir()] == ["SUT.toml"]


def test_report_of_nothing(tmp_path: Path) -> None:
    """`report` of a directory without a run: exit 2, and which directory is wanted."""
    ended = run("report", ".", cwd=tmp_path)
    assert ended.code == EXIT_USAGE
    assert "there is no journal in ." in ended.stderr
    assert list(tmp_path.iterdir()) == []
