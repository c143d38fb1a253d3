"""What the suite knows, for people and for machines; the shapes are those that design.md calls stable."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from conformance.cli import app
from conformance.errors import ConfigurationError
from conformance.reference import faults
from conformance.standard.catalogue import BASES, EDITIONS, LEVELS, catalogue, with_scenarios
from tests.end_to_end.commands import run

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conformance.standard.catalogue import Requirement

STABLE = {"id", "area", "clause", "level", "role", "basis", "editions", "tested", "not_tested"}


def test_requirements_for_machines(tmp_path: Path) -> None:
    """A list with one object for each requirement, in the order of the catalogue."""
    ended = run("requirements", "--json", cwd=tmp_path)
    rows = json.loads(ended.stdout)
    assert (ended.code, ended.stderr) == (0, "")
    assert [row["id"] for row in rows] == list(catalogue())
    assert len(rows) >= 350
    for row in rows:
        assert row.keys() >= STABLE
        assert row["level"] in LEVELS
        assert row["basis"] in BASES
        assert set(row["editions"]) <= set(EDITIONS)
        assert row["outline"] or row["area"] not in ("reading", "controls")
        assert row["tested"] is (row["not_tested"] is None)
        assert (row["basis"], row["level"]) != ("recalled", "shall")


def test_requirements_for_people(tmp_path: Path) -> None:
    """A table with ids, levels and obligations, narrowed by area; a filter that fits nothing says so."""
    ended = run("requirements", "--area", "naming", cwd=tmp_path, COLUMNS="200")
    mine = [row for row in catalogue().values() if row.area == "naming"]
    assert ended.code == 0
    assert [line.split()[0] for line in ended.stdout.splitlines()[1:-1]] == [row.id for row in mine]
    assert mine[0].text in ended.stdout
    missing = sum(row.not_tested is not None for row in mine)
    assert ended.stdout.endswith(f"{len(mine)} requirement(s), {missing} of them not tested\n")


@pytest.mark.parametrize(
    ("options", "wanted"),
    [
        (("--untested",), lambda row: row.not_tested is not None),
        (("--edition", "2024"), lambda row: "2024" in row.editions),
        (("--role", "publisher"), lambda row: row.role == "publisher"),
        (("--role", "MDM"), lambda row: "MDM" in row.systems),
        (("--basis", "recalled"), lambda row: row.basis == "recalled"),
        (("--level", "shall", "--area", "reading"), lambda row: (row.level, row.area) == ("shall", "reading")),
        (("--status", "proposed"), lambda row: row.status == "proposed"),
        (("--area", "replies", "--untested"), lambda row: False),
    ],
)
def test_filters(options: tuple[str, ...], wanted: Callable[[Requirement], bool]) -> None:
    """Each filter leaves what it names, several leave what all of them name."""
    found = CliRunner().invoke(app, ["requirements", "--json", *options])
    assert [row["id"] for row in json.loads(found.stdout)] == [row.id for row in catalogue().values() if wanted(row)]


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("--area", "nameing", "no requirement has --area nameing; did you mean naming"),
        ("--edition", "2009", "no requirement has --edition 2009; there are: 2013, 2024"),
        ("--role", "x", "no requirement has --role x; there are: any, responder"),
        ("--level", "must", "no requirement has --level must; "),
    ],
)
def test_a_filter_that_names_nothing(option: str, value: str, words: str) -> None:
    """A slip is told with the nearest value, and is no empty list."""
    found = CliRunner().invoke(app, ["requirements", option, value])
    assert isinstance(found.exception, ConfigurationError)
    assert words in str(found.exception)


def test_faults(tmp_path: Path) -> None:
    """A list of {name, requirements, what}; each requirement is one of the catalogue. The table has the same names."""
    ended = run("faults", "--json", cwd=tmp_path)
    rows = json.loads(ended.stdout)
    assert [row["name"] for row in rows] == [item.name for item in faults()]
    for row in rows:
        assert row.keys() == {"name", "requirements", "what"}
        assert row["requirements"]
        assert set(row["requirements"]) <= set(with_scenarios())
        assert row["what"]
    assert {name for row in rows for name in row["requirements"]} == set(with_scenarios())
    shown = run("faults", cwd=tmp_path, COLUMNS="250").stdout
    assert all(row["name"] in shown for row in rows)


def test_explain(tmp_path: Path) -> None:
    """One requirement in words: level, basis, clause, obligation, reason, scenario, faults; small letters will do."""
    row = catalogue()["MR-001"]
    ended = run("explain", "mr-001", cwd=tmp_path)
    assert ended.code == 0
    for words in (row.id, row.clause, row.text, row.why, "reading/on_request.feature: ", "    When "):
        assert words in ended.stdout
    falsified = [item.name for item in faults() if row.id in item.requirements]
    assert falsified
    assert all(name in ended.stdout for name in falsified)


def explained(requirement: str) -> str:
    """Return what ``explain`` prints."""
    return CliRunner().invoke(app, ["explain", requirement]).stdout


def test_explain_the_usual_mistake() -> None:
    """How products get it wrong is told where it is known, and not made up where it is not."""
    with_mistake, without = catalogue()["ENV-003"], catalogue()["MR-001"]
    assert f"How products usually get it wrong: {with_mistake.usual_mistake}\n" in explained("ENV-003")
    assert without.usual_mistake is None
    assert "How products" not in explained("MR-001")


def test_explain_what_is_not_tested() -> None:
    """The reason stands where the scenarios would, and no fault is promised; who is bound is told, too."""
    text = explained("RDC-004")
    assert f"Not tested. {catalogue()['RDC-004'].not_tested}\n" in text
    assert "role: responder, of MDM)" in text
    assert "Faults" not in text
    assert "How it is tested" not in text


def test_explain_what_is_proposed() -> None:
    """A proposal says that it is one."""
    assert "Proposed, not published: " in explained("PRT-001")
    assert "Proposed" not in explained("LNK-017")


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("MR-1", "did you mean MR-"),
        ("reading", "reading is an area; see: conformance requirements --area reading"),
        ("?", "there is no requirement ?; see: conformance requirements"),
    ],
)
def test_near_misses(asked: str, words: str) -> None:
    """Half an id, an area, nonsense: each is told what to do."""
    found = CliRunner().invoke(app, ["explain", asked])
    assert isinstance(found.exception, ConfigurationError)
    assert words in str(found.exception)


def test_explain_what_is_not_there(tmp_path: Path) -> None:
    """An unknown id: exit 2, with the nearest ones."""
    ended = run("explain", "MR-01", cwd=tmp_path)
    assert (ended.code, "there is no requirement MR-01; did you mean MR-0" in ended.stderr) == (2, True)
