"""What a user waits for: the start of the command, and a whole run."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path

from pytest_benchmark.fixture import BenchmarkFixture

_HELP_ROUNDS = 15
_RUN_ROUNDS = 3
COMMAND = (sys.executable, "-m", "conformance")


def test_help(benchmark: BenchmarkFixture, tell: Callable[[str], None]) -> None:
    """Start the command and print its help."""

    def start() -> None:
        subprocess.run([*COMMAND, "--help"], check=True, capture_output=True)

    benchmark.group = "start-up"
    benchmark.pedantic(start, rounds=_HELP_ROUNDS, warmup_rounds=1)
    if benchmark.stats is not None:
        tell(f"conformance --help: {benchmark.stats.stats.median:.2f} s (goal: at most 0.4 s)")


def test_whole_run(benchmark: BenchmarkFixture, tmp_path: Path, tell: Callable[[str], None]) -> None:
    """Judge the bundled reference system, start-up and all reports included."""
    number = count()

    def run() -> None:
        out = tmp_path / str(next(number))
        subprocess.run([*COMMAND, "run", "--out", str(out)], check=True, capture_output=True, cwd=tmp_path)

    benchmark.group = "whole run"
    benchmark.pedantic(run, rounds=_RUN_ROUNDS)
    if benchmark.stats is not None:
        tell(f"conformance run: {benchmark.stats.stats.median:.1f} s (goal: under 60 s)")
