"""The ten ways to a green that means nothing (design, "Hazards"): each is met by a guard, and the guard works."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conformance.errors import (
    ConfigurationError,
    ConformanceError,
    Inconclusive,
    InternalError,
    MessageError,
    NotApplicable,
    RequirementBroken,
    TransportError,
)
from conformance.plugin.recorder import verdict_of
from conformance.standard.verdicts import Verdict
from conformance.steps import define
from tests.plugin.conftest import FEATURE

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.plugin.conftest import Judged, Tried

    Tiny = Callable[..., Tried]
    Judge = Callable[..., Judged]


def test_a_sound_suite_passes_every_guard(tiny: Tiny) -> None:
    """The twin of all that follows: nothing is wrong with it, and it runs."""
    tried = tiny({"one": FEATURE})
    assert tried.code == 0, tried.text
    assert "1 passed" in tried.text


@pytest.fixture
def definitions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a test define steps that nobody sees afterwards."""
    monkeypatch.setattr(define, "DEFINED", dict(define.DEFINED))


@pytest.mark.usefixtures("definitions")
def test_hazard_01_an_async_step_is_refused() -> None:
    """An ``async def`` step would pass whatever it asserts: it cannot even be defined."""

    async def step() -> None:
        raise AssertionError

    async def generator() -> object:
        yield None

    for function in (step, generator):
        for kind in (define.given, define.when, define.then):
            with pytest.raises(InternalError, match="is async: it would pass whatever it asserts"):
                kind("an async step")(function)


def test_hazard_01_in_a_run(tiny: Tiny) -> None:
    """A module with such a step ends the run."""
    tried = tiny({"one": FEATURE}, '\n@then("x")\nasync def x():\n    assert False\n')
    assert tried.code != 0
    assert "is async: it would pass whatever it asserts" in tried.text


@pytest.mark.usefixtures("definitions")
def test_hazard_02_two_equal_steps_are_refused() -> None:
    """The last of two steps with the same text would win in silence; another kind of step is another step."""

    def first() -> None: ...

    def second() -> None: ...

    define.when("the same words")(first)
    define.given("the same words")(second)
    with pytest.raises(InternalError, match=r"two steps have the same text: .*second.*first.*: the same words"):
        define.when("the same words")(second)


def test_hazard_02_in_a_run(tiny: Tiny) -> None:
    """A second definition of the same text ends the run."""
    tried = tiny({"one": FEATURE}, '\n@given("a premise")\ndef again():\n    pass\n')
    assert tried.code != 0
    assert "two steps have the same text" in tried.text


def test_hazard_03_an_ambiguous_step_is_refused(tiny: Tiny) -> None:
    """A text that two patterns match is nobody's guess."""
    tried = tiny({"one": FEATURE}, '\n@when(r"meter (?P<name>.+) is read")\ndef also(name):\n    pass\n')
    assert tried.code == 4
    assert '2 definitions match the when step: meter "A" is read' in tried.text


@pytest.mark.parametrize("text", ['meter "A" and "B" is read', 'meter "A" is read twice', 'Meter "A" is read'])
def test_hazard_03_a_step_that_nothing_matches_whole(tiny: Tiny, text: str) -> None:
    """A pattern matches the whole text or nothing: two meters are not one meter with a long name."""
    tried = tiny({"one": FEATURE.replace('meter "A" is read', text)})
    assert tried.code == 4
    assert f"0 definitions match the when step: {text}" in tried.text


OUTLINE = FEATURE.replace("Scenario:", "Scenario Outline:").replace('"A"', '"<name of it>"')


EXAMPLES = "      Examples:\n        | {} |\n"


@pytest.mark.parametrize(
    "rows",
    ["", EXAMPLES.format("name of it"), EXAMPLES.format("other") + "        | A |\n"],
    ids=["none", "empty", "other"],
)
def test_hazard_04_examples_that_fill_nothing(tiny: Tiny, rows: str) -> None:
    """An outline whose placeholder no row fills would run once with the placeholder in its place."""
    tried = tiny({"one": OUTLINE + rows})
    assert tried.code == 4
    assert 'the step has a placeholder that no Examples fill: meter "<name of it>" is read' in tried.text


def test_hazard_04_examples_that_fill(tiny: Tiny) -> None:
    """Each row is a test of its own."""
    tried = tiny({"one": OUTLINE + EXAMPLES.format("name of it") + "        | A |\n        | B |\n"})
    assert tried.code == 0, tried.text
    assert "2 passed" in tried.text


def test_hazard_04_a_placeholder_in_a_table(tiny: Tiny) -> None:
    """A table of a step is a place for a placeholder too."""
    tried = tiny({"one": FEATURE.replace("      When", "        | <row> |\n      When")})
    assert tried.code == 4
    assert "a table has a placeholder that no Examples fill" in tried.text


@pytest.mark.parametrize(
    ("tag", "place"),
    [(tag, "    @MR-001") for tag in ("skip", "xfail", "wip", "MR-999", "requirement", "Whole-Run")]
    + [("skip", "  Rule"), ("xfail", "Feature")],
)
def test_hazard_05_tags_that_silence(tiny: Tiny, tag: str, place: str) -> None:
    """A tag that is neither a requirement nor @whole-run ends the run, wherever it stands."""
    tagged = FEATURE.replace(place, f"{place} @{tag}" if "@" in place else f"@{tag}\n{place}", 1)
    tried = tiny({"one": tagged})
    assert tried.code not in (0, 5)
    assert f"@{tag} is no requirement of the catalogue" in tried.text


@pytest.mark.parametrize(("tags", "words"), [("", "this one about none"), ("@MR-001 @MR-002", "MR-00")])
def test_hazard_05_one_requirement_each(tiny: Tiny, tags: str, words: str) -> None:
    """A scenario without a requirement would count for nothing, one with two for either."""
    tried = tiny({"one": FEATURE.replace("@MR-001", tags)})
    assert tried.code == 4
    assert "a scenario is about exactly one requirement" in tried.text
    assert words in tried.text


def test_hazard_06_a_feature_that_nothing_binds(tiny: Tiny) -> None:
    """A feature file without its module is told by name."""
    tried = tiny({"one": FEATURE, "two": FEATURE}, modules={"test_one": "features/one.feature"})
    assert tried.code == 4
    assert "no module of conformance.suite binds: two.feature" in tried.text


def test_hazard_06_scenarios_that_share_a_name(tiny: Tiny) -> None:
    """pytest-bdd keeps the last of them, without a word."""
    tried = tiny({"one": FEATURE + FEATURE[FEATURE.index("    @MR-001") :]})
    assert tried.code == 4
    assert "one.feature: scenarios that share their name, or that nothing binds: ['One read']" in tried.text


@pytest.mark.parametrize(
    "arguments",
    [["-k", "nothing-is-called-so"], ["-m", "slow"], ["--deselect", "x", "--select", "MR-001", "-k", "no"]],
)
def test_hazard_07_nothing_executed_is_not_green(judge: Judge, arguments: list[str]) -> None:
    """Whatever leaves nothing to run, the exit code says so, and the verdict is no pass."""
    judged = judge(*arguments)
    assert judged.code == 3, judged.text
    assert judged.verdicts is not None
    assert judged.verdicts["counts"].get("pass", 0) == 0


def test_hazard_07_nothing_applicable_is_not_green(judge: Judge) -> None:
    """A selection that the system declares to lack: not-applicable, with the reason, and exit code 3."""
    judged = judge("--select", "MR-013", replace=("interval_data = true", "interval_data = false"))
    assert judged.code == 3, judged.text
    row = judged.requirement("MR-013")
    assert row["verdict"] == "not-applicable"
    assert "options.interval_data" in row["reason"]


def test_hazard_08_a_module_that_binds_several_features(tiny: Tiny) -> None:
    """Ids of tests would not say what they test: one module, one feature."""
    tried = tiny({"one": FEATURE, "two": FEATURE}, modules={"test_all": "features"})
    assert tried.code == 4
    assert "a module binds one feature, and a feature has one module" in tried.text


def test_hazard_08_a_feature_with_two_modules(tiny: Tiny) -> None:
    """A feature that is bound twice runs twice."""
    modules = {"test_one": "features/one.feature", "test_again": "features/one.feature"}
    tried = tiny({"one": FEATURE}, modules=modules)
    assert tried.code == 4
    assert "a module binds one feature, and a feature has one module" in tried.text


@pytest.mark.parametrize("name", ["2 meters are read", "-", "«quoted»", "äther"])
def test_hazard_09_names_begin_with_a_letter(tiny: Tiny, name: str) -> None:
    """Leading digits are cut from the name of the test."""
    tried = tiny({"one": FEATURE.replace("One read", name)})
    assert tried.code == 4
    assert "the name must start with a letter" in tried.text


@pytest.mark.parametrize(
    ("problem", "verdict"),
    [
        (RequirementBroken("the system"), Verdict.FAIL),
        (AssertionError("ours"), Verdict.ERROR),
        (InternalError("ours"), Verdict.ERROR),
        (ConfigurationError("ours"), Verdict.ERROR),
        (ConformanceError("ours"), Verdict.ERROR),
        (MessageError("not mapped at its seam"), Verdict.ERROR),
        (TransportError("not mapped at its seam", blame="system"), Verdict.ERROR),
        (KeyError("ours"), Verdict.ERROR),
        (KeyboardInterrupt(), Verdict.ERROR),
        (pytest.skip.Exception("by hand"), Verdict.ERROR),
        (pytest.xfail.Exception("by hand"), Verdict.ERROR),
        (Inconclusive("the surroundings"), Verdict.INCONCLUSIVE),
        (NotApplicable("declared"), Verdict.NOT_APPLICABLE),
    ],
)
def test_hazard_10_only_a_finding_is_a_fail(problem: BaseException, verdict: Verdict) -> None:
    """Findings are AssertionErrors, so that Allure says *failed*; not every AssertionError is a finding."""
    assert verdict_of(problem) is verdict
    assert isinstance(problem, AssertionError) == (verdict is Verdict.FAIL or type(problem) is AssertionError)


SABOTAGE = """
import pytest
import conformance.steps.judgement as judgement

def judge(sentence, scene):
    {0}

judgement.judge = judge
"""


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("assert 1 == 2, 'ours'", "AssertionError: ours"),
        pytest.param("raise ZeroDivisionError('ours')", "ZeroDivisionError: ours", marks=pytest.mark.nightly),
        ("pytest.skip('in silence')", "Skipped: in silence"),
        pytest.param("pytest.xfail('in silence')", "in silence", marks=pytest.mark.nightly),
    ],
)
def test_hazard_10_our_own_fault_is_an_error(judge: Judge, statement: str, reason: str) -> None:
    """A judgement that breaks is neither a fail of the system nor a pass, and nobody can skip one."""
    judged = judge("--select", "MR-001", sabotage=SABOTAGE.format(statement))
    assert judged.code == 3, judged.text
    row = judged.requirement("MR-001")
    assert row["verdict"] == "error"
    assert reason in row["reason"]
    [scenario] = judged.scenarios().values()
    assert [step["status"] == "passed" for step in scenario["steps"]] == [True, False, False]
    assert "1 failed" in judged.text


def test_hazard_10_a_finding_is_a_fail(judge: Judge) -> None:
    """The system's own fault fails, with the finding in words, and the steps that were not run say so."""
    judged = judge("--select", "MR-005,MR-001", faults=("extra_meter",))
    assert judged.code == 1, judged.text
    assert judged.requirement("MR-005")["verdict"] == "fail"
    assert "expected:" in judged.text
