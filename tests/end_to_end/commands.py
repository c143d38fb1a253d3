"""Run the command as a user does, or the suite within this process where many short runs are wanted."""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
import threading
import time
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import conformance
from conformance.sut.write import to_toml

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conformance.sut.model import Configuration

#: A run that lasts longer than this hangs, in seconds.
HANGS_S = 120.0
_SUITE = Path(conformance.__file__).parent / "suite"
_PLUGINS = "conformance.plugin,pytest_bdd.plugin,allure_pytest.plugin,xdist.plugin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A command that has ended: its exit code, and what it wrote to the terminal."""

    code: int
    stdout: str
    stderr: str


def environment(**more: str) -> dict[str, str]:
    """Return an environment that knows nothing of the tests that run, with ``more`` variables.

    Nor of coverage: measuring every command twice over would take longer than running it.
    """
    dropped = ("PYTEST_", "COVERAGE_", "COLUMNS", "LINES", "FORCE_COLOR", "TTY_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
    return {**kept, "PYTHONPATH": str(Path(conformance.__file__).parents[1]), "NO_COLOR": "1", **more}


def begin(*arguments: object, cwd: Path, module: str = "conformance", **more: str) -> subprocess.Popen[str]:
    """Start ``python -m MODULE ARGUMENTS`` in a process group of its own; the caller ends it."""
    return subprocess.Popen(
        [sys.executable, "-m", module, *map(str, arguments)],
        cwd=cwd,
        env=environment(**more),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def end(process: subprocess.Popen[str]) -> Ended:
    """Wait for a command, and kill it when it hangs."""
    try:
        stdout, stderr = process.communicate(timeout=HANGS_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise
    return Ended(code=process.returncode, stdout=stdout, stderr=stderr)


def run(*arguments: object, cwd: Path, module: str = "conformance", **more: str) -> Ended:
    """Run ``python -m MODULE ARGUMENTS`` in ``cwd`` with ``more`` environment variables."""
    return end(begin(*arguments, cwd=cwd, module=module, **more))


def judge(sut: Path, out: Path, select: str | None = None, *options: str) -> dict[str, Any]:
    """Run scenarios within this process, without pre-flight and reports; return the verdicts."""
    arguments = [
        "-c", str(_SUITE / "pytest.ini"), "--sut", str(sut), "--out", str(out),
        "--skip-pre-flight", "--gateway-in-thread", "--verdicts-only", "--capture=sys", "--tb=short",
        "-p", "no:cacheprovider", "-p", "no:faulthandler", "-p", "no:unraisableexception", "-p", "no:threadexception",
    ]  # fmt: skip
    arguments += [*options, *([] if select is None else ["--select", select])]
    talk = io.StringIO()
    with _alone(), contextlib.redirect_stdout(talk), contextlib.redirect_stderr(talk):
        pytest.main(arguments)
    assert (out / "verdicts.json").exists(), talk.getvalue()
    return verdicts(out)


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """Keep the settings of the outer pytest away from the inner one."""
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        warnings.simplefilter("default")
        for name in [name for name in os.environ if name.startswith("PYTEST_")]:
            patch.delenv(name)
        patch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
        patch.setenv("PYTEST_PLUGINS", _PLUGINS)
        yield


def verdicts(out: Path) -> dict[str, Any]:
    """Return what verdicts.json of a run says."""
    found: dict[str, Any] = json.loads((out / "verdicts.json").read_text(encoding="utf-8"))
    return found


def write(configuration: Configuration, path: Path, **changes: object) -> Path:
    """Write a SUT.toml with some of its tables replaced; return its path."""
    path.write_text(to_toml(configuration.model_copy(update=changes)), encoding="utf-8")
    return path


def until(condition: Callable[[], bool], what: str, seconds: float = 30.0) -> None:
    """Wait until ``condition`` holds; fail, naming ``what`` was waited for, after ``seconds``."""
    limit, pause = time.monotonic() + seconds, threading.Event()
    while not condition():
        assert time.monotonic() < limit, f"{what}: not within {seconds:g} s"
        pause.wait(0.01)


def contents(folder: Path) -> Iterator[tuple[Path, bytes]]:
    """Iterate over every file below ``folder``, with its bytes."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield path, path.read_bytes()


def processes() -> dict[int, int]:
    """Return parent ids by process id; what has ended and is only waited for does not count."""
    found = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat", encoding="utf-8", errors="replace") as file:
                    state, parent = file.read().rpartition(")")[2].split()[:2]
            except OSError:
                continue
            if state != "Z":
                found[int(name)] = int(parent)
    return found
