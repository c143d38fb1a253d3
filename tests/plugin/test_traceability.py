"""Both ways: every scenario has its requirement, every requirement has its scenario or says why not."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from conformance.checks.registry import resolve
from conformance.errors import InternalError
from conformance.plugin import guards
from conformance.plugin.tags import apply
from conformance.reference import faults
from conformance.resources import directory
from conformance.standard.catalogue import Requirement, catalogue

if TYPE_CHECKING:
    from collections.abc import Iterator

FEATURES = sorted(directory("features").rglob("*.feature"))


def item(*requirements: str) -> pytest.Item:
    """Return what the guard sees of a test that is about ``requirements``."""

    def iter_markers(name: str) -> Iterator[object]:
        return (pytest.mark.requirement(row).mark for row in requirements if name == "requirement")

    return cast("pytest.Item", SimpleNamespace(iter_markers=iter_markers))


def use(monkeypatch: pytest.MonkeyPatch, rows: dict[str, Requirement]) -> None:
    """Let the guard see another catalogue."""
    monkeypatch.setattr(guards, "catalogue", lambda: rows)


def two() -> dict[str, Requirement]:
    """Return a catalogue of two requirements."""
    return {row: catalogue()[row] for row in ("MR-001", "MR-002")}


def test_everything_is_traced(monkeypatch: pytest.MonkeyPatch) -> None:
    """A catalogue whose rows are all tested, or say why they are not, is sound."""
    use(monkeypatch, two())
    guards.check_traced([item("MR-001"), item("MR-002"), item("MR-002")])
    use(monkeypatch, {**two(), "MR-002": replace(two()["MR-002"], not_tested="needs a year")})
    guards.check_traced([item("MR-001")])


def test_an_untested_row_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A requirement without a scenario and without a reason ends the run."""
    use(monkeypatch, two())
    with pytest.raises(InternalError, match="MR-002 is tested by no scenario and does not say why"):
        guards.check_traced([item("MR-001")])


def test_a_tested_row_that_denies_it_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A reason that is out of date is told with its words."""
    use(monkeypatch, {**two(), "MR-002": replace(two()["MR-002"], not_tested="needs a year")})
    with pytest.raises(InternalError, match="MR-002 is tested, yet says that it is not: needs a year"):
        guards.check_traced([item("MR-001"), item("MR-002")])


def test_tags_become_marks() -> None:
    """A requirement's id and @whole-run are the two kinds of tag."""

    def scenario() -> None: ...

    assert apply("MR-001", scenario) is True
    assert apply("whole-run", scenario) is True
    marks = cast("Any", scenario).pytestmark
    assert [(mark.name, mark.args) for mark in marks] == [("requirement", ("MR-001",)), ("whole_run", ())]


@pytest.mark.parametrize("tag", ["skip", "xfail", "MR-1", "mr-001", "", "whole_run"])
def test_an_unknown_tag_is_refused(tag: str) -> None:
    """Whatever is no requirement of the catalogue is a mistake."""
    with pytest.raises(InternalError, match=f"@{tag} is no requirement of the catalogue"):
        apply(tag, test_an_unknown_tag_is_refused)


@pytest.mark.parametrize("feature", FEATURES, ids=lambda path: path.stem)
def test_every_feature_has_its_module(feature: Path) -> None:
    """The module's name is the feature's path: the tree is the table of contents."""
    area = feature.parent.name
    module = Path(guards.__file__).parent.parent / "suite" / f"test_{area}_{feature.stem}.py"
    assert f"{area}/{feature.name}" in module.read_text(encoding="utf-8")


@pytest.mark.parametrize("feature", FEATURES, ids=lambda path: path.stem)
def test_features_are_in_the_words_of_the_business(feature: Path) -> None:
    """No XPath, no element of HTTP or SOAP; at most seven steps each; every judgement has its check (style, 4)."""
    text = feature.read_text(encoding="utf-8")
    assert not re.search(r"//|xmlns|SOAP|HTTP|Content-Type|{.*}", re.sub(r"@[A-Z]+-\d+", "", text))
    for scenario in re.split(r"^\s*Scenario", text, flags=re.MULTILINE)[1:]:
        steps = re.findall(r"^\s*(Given|When|Then|And|But) (.*)$", scenario, re.MULTILINE)
        assert 2 <= len(steps) <= 7
        judgements = steps[next(number for number, step in enumerate(steps) if step[0] == "Then") :]
        for _, sentence in judgements:
            assert callable(resolve(sentence)[0])


def tags() -> list[str]:
    """Return the requirement tag of every scenario of every feature."""
    return [tag for path in FEATURES for tag in re.findall(r"@([A-Z]+-\d+)", path.read_text(encoding="utf-8"))]


def test_every_requirement_is_in_a_feature() -> None:
    """Computed from the files alone, so that a guard that is switched off is noticed."""
    tested = {row.id for row in catalogue().values() if row.not_tested is None}
    assert set(tags()) == tested


def test_every_fault_breaks_a_requirement() -> None:
    """A fault of the reference system names requirements that exist and are tested."""
    tested = set(tags())
    assert len({fault.name for fault in faults()}) == len(faults())
    for fault in faults():
        assert fault.requirements, fault.name
        assert set(fault.requirements) <= tested, fault.name


def test_every_requirement_has_a_fault() -> None:
    """A requirement that no fault breaks is one whose test may never fail."""
    broken = {requirement for fault in faults() for requirement in fault.requirements}
    assert set(tags()) - broken == set()
