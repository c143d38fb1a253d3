"""Promises of the whole repository: sizes, words that must not slip in, and files that must agree."""

import ast
import re
import subprocess
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests import conftest

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
MAX_FILE_LINES = 300
MAX_FUNCTION_LINES = 30

# Exceptions need a reason each: {path below the root: why}.
LONG_FILES: Mapping[str, str] = {}
# {"path::qualified.name": why}
LONG_FUNCTIONS: Mapping[str, str] = {}
# One fact per row: their length is the standard's, not ours.
TABLES = {".csv", ".tsv"}

# What belongs to one machine or one mirror, and not into a repository.
FORBIDDEN = {
    "a path of one machine": re.compile(r"(?<![\w.*/-])/(?:work|root)/"),
    "the host of a package registry": re.compile(
        r"pypi\.org|deb\.debian\.org|registry\.npmjs\.org|repo1\.maven\.org", re.IGNORECASE
    ),
}
WORDS_ALLOWED: Mapping[str, str] = {"tests/test_project.py": "names the words in order to forbid them"}


def tracked(*patterns: str) -> list[str]:
    """Return the paths that git tracks and that still exist, relative to the root."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--", *patterns], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [name for name in listing.stdout.split("\0") if name and (ROOT / name).is_file()]


def functions(node: ast.AST, prefix: str) -> Iterator[tuple[str, int]]:
    """Yield each function below ``node`` with its number of lines, decorators and docstring left out."""
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield from functions(child, prefix)
            continue
        name = f"{prefix}{child.name}"
        if not isinstance(child, ast.ClassDef):
            yield name, _lines(child)
        yield from functions(child, f"{name}.")


def _lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    lines = (function.end_lineno or function.lineno) - function.lineno + 1
    if ast.get_docstring(function, clean=False) is not None:
        docstring = function.body[0]
        lines -= (docstring.end_lineno or docstring.lineno) - docstring.lineno + 1
    return lines


def forbidden_words(name: str, text: str) -> list[str]:
    """Return ``file:line: what`` for each forbidden word in ``text``."""
    return [
        f"{name}:{number}: {what}"
        for number, line in enumerate(text.splitlines(), 1)
        for what, pattern in FORBIDDEN.items()
        if pattern.search(line)
    ]


def lock() -> dict[str, str]:
    """Return the pinned version of each package in requirements-dev.lock."""
    lines = (ROOT / "requirements-dev.lock").read_text(encoding="utf-8").splitlines()
    pins = [line.split("==") for line in lines if line and not line.startswith("#")]
    return {canonicalize_name(name): version for name, version in pins}


def test_files_of_the_package_are_short() -> None:
    """A file that outgrows the limit becomes a package."""
    long = {
        name: count
        for name in tracked("conformance")
        if Path(name).suffix not in TABLES
        and (count := (ROOT / name).read_bytes().count(b"\n")) > MAX_FILE_LINES
        and name not in LONG_FILES
    }
    assert not long, f"more than {MAX_FILE_LINES} lines: {long}"


def test_functions_of_the_package_are_short() -> None:
    """A function that outgrows the limit does more than one thing."""
    long = {
        where: lines
        for name in tracked("conformance/*.py")
        for function, lines in functions(ast.parse((ROOT / name).read_bytes()), "")
        if lines > MAX_FUNCTION_LINES and (where := f"{name}::{function}") not in LONG_FUNCTIONS
    }
    assert not long, f"more than {MAX_FUNCTION_LINES} lines: {long}"


def test_length_of_functions_is_measured() -> None:
    """Methods and nested functions are found; decorator and docstring do not count."""
    source = 'class A:\n  @deco\n  def f(self):\n    """One.\n\n    Two."""\n    def g():\n      return 1\n    return g'
    assert dict(functions(ast.parse(source), "")) == {"A.f": 4, "A.f.g": 2}


def test_exceptions_are_still_needed() -> None:
    """An exception for a file that is gone is an exception for its next namesake."""
    excepted = {*LONG_FILES, *WORDS_ALLOWED, *(where.split("::")[0] for where in LONG_FUNCTIONS)}
    assert excepted <= set(tracked())


def test_no_machine_specific_words() -> None:
    """Nothing in the repository names one machine's paths or a registry's host."""
    found = []
    for name in tracked():
        if name not in WORDS_ALLOWED:
            found += forbidden_words(name, (ROOT / name).read_text(encoding="utf-8", errors="replace"))
    assert not found, "\n".join(found)


@pytest.mark.parametrize("line", ["cd /work/main", "open('/root/x')", "see https://PyPI.org/project/x"])
def test_forbidden_word_is_found(line: str) -> None:
    """Each kind of word is found, wherever it stands in its line."""
    assert forbidden_words("file", f"fine\n{line}\n")[0].startswith("file:2: ")


@pytest.mark.parametrize("line", ["docs/work/plan.md", "//root/child", "a path of /workers/1"])
def test_similar_word_is_not_forbidden(line: str) -> None:
    """Relative paths, XPath and longer words are none of these."""
    assert forbidden_words("file", line) == []


def test_dependencies_are_explained() -> None:
    """ARCHITECTURE.md names every run-time dependency, so that each has its reason."""
    architecture = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8").lower()
    names = [Requirement(text).name for text in PROJECT["project"]["dependencies"]]
    missing = [name for name in names if not re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", architecture)]
    assert not missing, f"ARCHITECTURE.md does not name {missing}"


def test_lock_satisfies_the_project() -> None:
    """Each dependency is pinned, at a version that pyproject.toml accepts."""
    extras = PROJECT["project"]["optional-dependencies"]
    required = [Requirement(text) for text in [*PROJECT["project"]["dependencies"], *extras["jms"], *extras["dev"]]]
    pins = lock()
    for requirement in required:
        if requirement.name != PROJECT["project"]["name"]:
            assert pins[canonicalize_name(requirement.name)] in requirement.specifier, requirement


def test_wheel_has_something_to_ship() -> None:
    """The build hook leaves out what is absent, so here the absence of schemas or features is an error."""
    for directory in ("xsd", "features"):
        assert tracked(directory), f"git tracks nothing in {directory}/"


def test_changelog_fragments_are_collected() -> None:
    """A fragment of an unknown type would silently be left out of the changelog."""
    kinds = "|".join(kind["directory"] for kind in PROJECT["tool"]["towncrier"]["type"])
    wrong = [name for name in tracked("changelog.d") if not re.fullmatch(rf"changelog\.d/\+?\w+\.({kinds})\.md", name)]
    assert not wrong, f"not NUMBER.({kinds}).md: {wrong}"


@pytest.mark.parametrize("name", ["run", "tests"])
def test_readme_command_is_one_line(name: str) -> None:
    """CI runs the commands of README.md as they stand there, so each is a fenced block of one line."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    block = re.search(rf"<!-- command: {name} -->\s*\n+ *```\w*\n([^\n]+)\n *```", readme)
    assert block, f"README.md lacks a one-line fenced block below <!-- command: {name} -->"


@pytest.mark.parametrize(("tonight", "left"), [("", ["test_short"]), ("1", ["test_short", "test_long"])])
def test_what_is_nightly_waits_for_the_night(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, tonight: str, left: list[str]
) -> None:
    """Only what is marked is left out, and only by day."""
    monkeypatch.setattr(conftest, "NIGHTLY", bool(tonight))
    items = pytester.getitems("import pytest\ndef test_short(): pass\n@pytest.mark.nightly\ndef test_long(): pass\n")
    conftest.pytest_collection_modifyitems(items[0].config, items)
    assert [item.name for item in items] == left
