"""The architecture is a contract: a lower layer never imports a higher one, and nothing runs in circles."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
COMMAND = "from importlinter.cli import lint_imports_command as run; run()"
CLEAN = {
    "__init__.py": "",
    "errors.py": "",
    "message/__init__.py": "import conformance.errors\n",
    "checks/__init__.py": "import conformance.message\n",
}


def lint_imports(directory: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Check the contracts of ``directory/pyproject.toml`` against ``directory/conformance``."""
    return subprocess.run(
        [sys.executable, "-c", COMMAND, "--no-cache", "--no-logo", *arguments],
        cwd=directory,
        capture_output=True,
        text=True,
        check=False,
    )


def write_package(directory: Path, files: dict[str, str]) -> None:
    """Write ``files`` as a package named ``conformance`` beside a copy of the real contracts."""
    shutil.copy(ROOT / "pyproject.toml", directory)
    for name, source in files.items():
        path = directory / "conformance" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source, encoding="utf-8")


def test_project_keeps_its_contracts() -> None:
    """All contracts of pyproject.toml hold for the package as it is."""
    result = lint_imports(ROOT)
    assert result.returncode == 0, result.stdout + result.stderr


def test_contracts_accept_a_clean_package(tmp_path: Path) -> None:
    """The twin of the cases below: downward imports break nothing."""
    write_package(tmp_path, CLEAN)
    result = lint_imports(tmp_path, "--contract", "layers", "--contract", "cycles")
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize(
    ("contract", "change", "named"),
    [
        pytest.param(
            "layers",
            {"errors.py": "import conformance.message\n", "message/__init__.py": ""},
            "conformance.errors is not allowed to import conformance.message",
            id="upward import",
        ),
        pytest.param(
            "layers",
            {
                "message/deep.py": "from conformance.checks import judge\n",
                "checks/__init__.py": "judge = None\n",
            },
            "conformance.message.deep -> conformance.checks",
            id="upward import from a nested module",
        ),
        pytest.param("layers", {"helpers.py": ""}, "helpers", id="package without a layer"),
        pytest.param(
            "cycles",
            {
                "message/a.py": "import conformance.message.b\n",
                "message/b.py": "import conformance.message.a\n",
            },
            "No cycles are allowed in conformance.message",
            id="cycle within a package",
        ),
    ],
)
def test_contracts_catch(tmp_path: Path, contract: str, change: dict[str, str], named: str) -> None:
    """Each deviation from the clean package breaks the contract and is named."""
    write_package(tmp_path, CLEAN | change)
    result = lint_imports(tmp_path, "--contract", contract)
    assert result.returncode == 1, result.stdout + result.stderr
    assert named in " ".join(result.stdout.split())
