"""`conformance --help` is there at once: it imports nothing that it does not need."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import conformance
from tests.end_to_end.commands import environment, run

if TYPE_CHECKING:
    from pathlib import Path

_PROGRAM = """
import sys
from conformance.cli import app
try:
    app(["--help"])
except SystemExit as ended:
    heavy = {"lxml", "pytest", "pydantic", "requests", "zeep", "xmlschema", "starlette", "uvicorn", "sqlite3"}
    print("imported:", sorted(heavy & set(sys.modules)), "code:", ended.code)
"""


def test_help_imports_nothing_heavy(tmp_path: Path) -> None:
    """Neither lxml nor pytest nor pydantic nor requests is imported for the help, which names every command."""
    ended = subprocess.run(
        [sys.executable, "-c", _PROGRAM], cwd=tmp_path, env=environment(), capture_output=True, text=True, check=True
    )
    assert ended.stdout.endswith("imported: [] code: 0\n")
    for name in (
        "run",
        "init",
        "doctor",
        "serve",
        "report",
        "requirements",
        "explain",
        "decode",
        "faults",
        "calibrate",
    ):
        assert f"\n  {name} " in ended.stdout


def test_version(tmp_path: Path) -> None:
    """--version prints the version of the package."""
    assert run("--version", cwd=tmp_path).stdout == f"conformance {conformance.__version__}\n"


def test_no_command(tmp_path: Path) -> None:
    """Without a command the help is shown, and the exit code says that nothing was done."""
    ended = run(cwd=tmp_path)
    assert (ended.code, "Usage: " in ended.stdout + ended.stderr) == (2, True)
