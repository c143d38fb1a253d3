"""What benchmarks share: a reference system in a process of its own, and the lines that tell what was measured."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from conformance.sut.load import Loaded, load

if TYPE_CHECKING:
    from _pytest.terminal import TerminalReporter

_START_S = 20.0
TOLD: list[str] = []


@pytest.fixture
def tell() -> Callable[[str], None]:
    """Return what puts a line under the tables of the benchmarks."""
    return TOLD.append


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    """Print what was measured against its goal."""
    if TOLD:
        terminalreporter.section("measured against the goals")
        for line in TOLD:
            terminalreporter.write_line(line)


@pytest.fixture
def reference(tmp_path: Path) -> Iterator[Loaded]:
    """Return the configuration of a reference system, in another process so that it takes no time of ours."""
    yield from _served(tmp_path / "reference.toml")


@pytest.fixture
def reference_with_broker(tmp_path: Path) -> Iterator[Loaded]:
    """Return the same for one that serves over JMS, with a broker in its own virtual machine."""
    yield from _served(tmp_path / "reference.toml", "--transport", "jms")


def _served(path: Path, *options: str) -> Iterator[Loaded]:
    command = [sys.executable, "-m", "conformance", "serve", "--write", str(path), *options]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as serving:
        try:
            _wait_for(path, serving)
            yield load(path)
        finally:
            serving.terminate()


def _wait_for(path: Path, serving: subprocess.Popen[bytes]) -> None:
    limit = time.monotonic() + _START_S
    while not (path.exists() and path.read_text(encoding="utf-8").endswith("\n")):
        assert serving.poll() is None, "the reference system ended"
        assert time.monotonic() < limit, "the reference system did not start"
        time.sleep(0.05)
    time.sleep(0.5)
