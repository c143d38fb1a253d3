"""What the documents promise: commands that parse, links that lead somewhere, quotations and tables that agree."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from conformance.cli import app
from conformance.plugin.selection import selected
from conformance.reference import faults
from conformance.report.verdicts import schema
from conformance.standard.catalogue import catalogue
from tools import matrix, sut_keys

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), ROOT / "bench/README.md", ROOT / "reports/README.md"])
CLI: Any = get_command(app)
_FENCED = re.compile(r"^ *```(\w*)\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
_INLINE = re.compile(r"`(conformance [^`]*)`")
_LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
_QUOTED = re.compile(r"<!-- from: (\S+) -->\n```\w*\n(.*?)^```", re.MULTILINE | re.DOTALL)


def told() -> Iterator[tuple[str, bool]]:
    """Yield each command line of the documents, and whether it is to be typed as it stands."""
    for document in DOCUMENTS:
        text = document.read_text(encoding="utf-8")
        for language, block in _FENCED.findall(text):
            if language == "sh":
                yield from ((part.strip(), True) for line in block.splitlines() for part in line.split("&&"))
        yield from ((line, False) for line in _INLINE.findall(_FENCED.sub("", text)))


def commands() -> list[tuple[str, bool]]:
    """Return those that start our own command."""
    return sorted({(line, whole) for line, whole in told() if re.match(r"(\S*/)?conformance ", line)})


def arguments_of(line: str) -> list[str]:
    """Return what follows the command's name."""
    return shlex.split(line, comments=True)[1:]


def refusal(arguments: list[str], *, whole: bool = True) -> str | None:
    """Return why the command line would refuse ``arguments``; what is missing counts only when they are ``whole``."""
    name, *rest = arguments
    if name not in CLI.commands:
        return None if name in ("--help", "--version") and not rest else f"there is no command {name}"
    try:
        CLI.commands[name].make_context(name, rest)
    except Exception as problem:
        missing = type(problem).__name__ == "MissingParameter"
        return None if missing and not whole else str(problem)
    return None


@pytest.mark.parametrize(("line", "whole"), commands(), ids=str)
def test_a_documented_command_exists(line: str, whole: bool) -> None:
    """Its subcommand and its options do, and nothing that it needs is missing."""
    assert refusal(arguments_of(line), whole=whole) is None


def test_documented_commands_are_found() -> None:
    """Otherwise the test above would be empty and green."""
    found = {arguments_of(line)[0] for line, _ in commands()}
    assert set(CLI.commands) <= found


@pytest.mark.parametrize("line", ["judge", "run --no-such-option", "explain", "run --jobs many"])
def test_a_command_that_does_not_exist_is_refused(line: str) -> None:
    """A wrong name, a wrong option, a missing argument and a wrong value are each told."""
    assert refusal(line.split())


def test_documented_names_exist() -> None:
    """Faults and selections that the documents name mean something."""
    lines = [arguments_of(line) for line, _ in commands()]
    values = [(option, value) for line in lines for option, value in pairwise(line)]
    assert {value for option, value in values if option == "--fault"} <= {fault.name for fault in faults()}
    assert all(selected(value) for option, value in values if option == "--select" and value != "EXPR")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(document: Path) -> None:
    """Every relative link is a file of the repository."""
    links = _LINK.findall(document.read_text(encoding="utf-8"))
    dead = [link for link in links if "://" not in link and not (document.parent / link).exists()]
    assert not dead


def test_quotations_are_current() -> None:
    """What CONTRIBUTING.md quotes stands in the file that it names."""
    quoted = _QUOTED.findall((ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"))
    assert len(quoted) >= 4
    for name, text in quoted:
        assert text in (ROOT / name).read_text(encoding="utf-8"), name


def test_the_matrix_is_current() -> None:
    """docs/requirements.md is what the catalogue, the features and the faults say: python -m tools.matrix."""
    assert matrix.TARGET.read_text(encoding="utf-8") == matrix.matrix()


def test_the_matrix_has_every_requirement_once() -> None:
    """Each row has its scenarios and its faults."""
    rows = [line for line in matrix.matrix().splitlines() if re.match(r"\| [A-Z]{2,4}-\d{3} \|", line)]
    assert len(rows) == len(catalogue())
    assert not [row for row in rows if "|  |" in row]


def test_the_keys_of_sut_toml_are_current() -> None:
    """docs/sut_toml.md is what the model says: python -m tools.sut_keys."""
    assert sut_keys.TARGET.read_text(encoding="utf-8") == sut_keys.page()


def test_text_of_the_catalogue_is_no_markdown() -> None:
    """A bar or a bracket in a clause does not break the table."""
    assert matrix.plain("a|b <c> *d* e_f") == r"a\|b &lt;c> \*d\* e\_f"
    assert matrix.code("a|b") == r"`a\|b`"


def _properties(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        yield from node.get("properties", {})
        for value in node.values():
            yield from _properties(value)


def test_every_field_of_the_verdicts_is_explained() -> None:
    """docs/verdicts.md names each property of the JSON Schema, each verdict and each exit code."""
    text = (ROOT / "docs/verdicts.md").read_text(encoding="utf-8")
    names = {*_properties(schema()), *schema()["$defs"]["verdict"]["enum"]}
    assert not [name for name in names if f"`{name}`" not in text]
    assert all(f"| {code} |" in text for code in schema()["properties"]["exit_code"]["enum"])
