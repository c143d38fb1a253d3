"""What the suite knows, for people and for machines; the shapes are those that design.md calls stable."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from conformance.reference import faults
from conformance.standard.catalogue import BASES, LEVELS, catalogue
from tests.end_to_end.commands import run

if TYPE_CHECKING:
    from pathlib import Path

STABLE = {"id", "area", "clause", "level", "role", "basis", "editions", "tested", "not_tested"}


def test_requirements_for_machines(tmp_path: Path) -> None:
    """A list with one object for each requirement, in the order of the catalogue."""
    ended = run("requirements", "--json", cwd=tmp_path)
    rows = json.loads(ended.stdout)
    assert (ended.code, ended.stderr) == (0, "")
    assert [row["id"] for row in rows] == list(catalogue())
    assert len(rows) >= 60
    for row in rows:
        assert row.keys() >= STABLE
        assert row["level"] in LEVELS
        assert row["basis"] in BASES
        assert row["editions"] == ["2013"]
        assert row["tested"] is (row["not_tested"] is None)
        assert (row["basis"], row["level"]) != ("recalled", "shall")


def test_requirements_for_people(tmp_path: Path) -> None:
    """A table with ids, levels and obligations, narrowed by area; a filter that fits nothing says so."""
    ended = run("requirements", "--area", "naming", cwd=tmp_path, COLUMNS="200")
    mine = [row for row in catalogue().values() if row.area == "naming"]
    assert ended.code == 0
    assert [line.split()[0] for line in ended.stdout.splitlines()[1:-1]] == [row.id for row in mine]
    assert mine[0].text in ended.stdout
    assert ended.stdout.endswith(f"{len(mine)} requirement(s)\n")
    assert run("requirements", "--untested", cwd=tmp_path).stdout.endswith("0 requirement(s)\n")


def test_faults(tmp_path: Path) -> None:
    """A list of {name, requirements, what}; each requirement is one of the catalogue. The table has the same names."""
    ended = run("faults", "--json", cwd=tmp_path)
    rows = json.loads(ended.stdout)
    assert [row["name"] for row in rows] == [item.name for item in faults()]
    for row in rows:
        assert row.keys() == {"name", "requirements", "what"}
        assert row["requirements"]
        assert set(row["requirements"]) <= set(catalogue())
        assert row["what"]
    assert {name for row in rows for name in row["requirements"]} == set(catalogue())
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


def test_explain_what_is_not_there(tmp_path: Path) -> None:
    """An unknown id: exit 2, with the nearest ones."""
    ended = run("explain", "MR-01", cwd=tmp_path)
    assert (ended.code, "there is no requirement MR-01; did you mean MR-0" in ended.stderr) == (2, True)
