"""Every fixture is judged as its name says, and no refusal counts without its accepted twin."""

from __future__ import annotations

import difflib
from collections import Counter
from functools import cache
from typing import TYPE_CHECKING

import pytest

from conformance.checks.finding import NothingToJudgeError
from conformance.checks.registry import judge, resolve, sentences
from conformance.standard.catalogue import with_scenarios
from tests.fixture_scenes import FIXTURES, Fixture, fixture_files, judged, load, scenarios, sentences_of

if TYPE_CHECKING:
    from pathlib import Path

FILES = fixture_files()
#: One deviation may show in several places: a changed mRID at the meter and in both of its names, say.
MAX_HUNKS = 4


@cache
def loaded(path: Path) -> Fixture:
    """Return the fixture in ``path``, read once."""
    return load(path)


def name_of(path: Path) -> str:
    """Return how a test of ``path`` is called."""
    return f"{path.parent.name}-{path.stem}"


def files(kind: str) -> list[Path]:
    """Return the fixtures of one kind."""
    return [path for path in FILES if path.name.startswith(f"{kind}-")]


@pytest.mark.parametrize("path", files("pass"), ids=name_of)
def test_what_conforms_passes(path: Path) -> None:
    """No sentence of the requirement finds anything, and each has something to judge."""
    assert judged(path.parent.name, loaded(path).scene) == ([], [])


@pytest.mark.parametrize("path", files("fail"), ids=name_of)
def test_what_deviates_fails(path: Path) -> None:
    """Some sentence of the requirement finds something, and says what."""
    findings, _silent = judged(path.parent.name, loaded(path).scene)
    assert findings
    assert all(item.expected and item.observed and item.expected != item.observed for item in findings)


@pytest.mark.parametrize("path", files("na"), ids=name_of)
def test_where_nothing_is_to_be_judged_the_check_is_silent(path: Path) -> None:
    """No sentence finds anything, and at least one says that it had nothing to judge."""
    findings, silent = judged(path.parent.name, loaded(path).scene)
    assert findings == []
    assert silent


@pytest.mark.parametrize("path", files("fail"), ids=name_of)
def test_a_failure_differs_from_its_twin_in_one_thing(path: Path) -> None:
    """The twin passes, so what differs is the reason: a few places, or one that is there or not."""
    twin = loaded(path).twin
    assert twin in files("pass")
    mine, other = (item.read_text(encoding="utf-8").splitlines()[1:] for item in (path, twin))
    blocks = difflib.SequenceMatcher(None, other, mine, autojunk=False).get_opcodes()
    assert 1 <= sum(tag != "equal" for tag, *_range in blocks) <= MAX_HUNKS


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_a_fixture_is_filed_properly(path: Path) -> None:
    """Its folder is a requirement, its name says its kind, and it says in a line what it is."""
    fixture = loaded(path)
    assert fixture.requirement in with_scenarios()
    assert fixture.kind in ("pass", "fail", "na")
    assert fixture.about
    assert "\n" not in fixture.about


@pytest.mark.parametrize("requirement", with_scenarios())
def test_every_requirement_has_fixtures(requirement: str) -> None:
    """One that passes and one that fails, at least."""
    kinds = Counter(path.name.partition("-")[0] for path in FILES if path.parent.name == requirement)
    assert kinds["pass"] >= 1
    assert kinds["fail"] >= 1


def test_no_folder_is_of_another_requirement() -> None:
    """A fixture that no test reads would be dead."""
    assert {path.name for path in FIXTURES.iterdir()} == set(with_scenarios())
    assert {path.suffix for path in FIXTURES.glob("*/*")} == {".xml"}


def _used() -> set[str]:
    return {sentence for requirement in with_scenarios() for sentence in sentences_of(requirement)}


def test_every_sentence_is_used_by_a_feature() -> None:
    """A check that no scenario calls is dead."""
    called = {resolve(sentence)[0] for sentence in _used()}
    assert len(called) == len(sentences())


@pytest.mark.parametrize("sentence", sorted(_used()))
def test_every_sentence_fires(sentence: str) -> None:
    """Each Then line finds something in some fixture: a check that cannot fail checks nothing."""
    requirements = [name for name in with_scenarios() if sentence in sentences_of(name)]
    fires = False
    for path in files("fail"):
        if path.parent.name in requirements:
            try:
                fires = fires or bool(judge(sentence, loaded(path).scene))
            except NothingToJudgeError:
                continue
    assert fires


def test_every_requirement_has_a_scenario() -> None:
    """The fixtures of a requirement are judged by the Then lines of its scenario."""
    assert set(scenarios()) == set(with_scenarios())
    assert all(sentences_of(requirement) for requirement in with_scenarios())
