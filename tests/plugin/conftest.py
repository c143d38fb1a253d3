"""What the tests of the plugin share: the real suite against the reference system, and tiny suites of our own."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from conformance.checks import registry
from conformance.reference import ReferenceServer
from conformance.steps import define
from conformance.sut.write import to_toml

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

# pytester forgets modules that were first imported in a run of its own, but checks register only once.
registry.load()

#: Runs the guards over a tiny suite, as the hooks do over the real one. Its features are in ``features``.
CONFTEST = """
from pathlib import Path
import pytest
from conformance.errors import ConformanceError
from conformance.plugin import guards
from conformance.plugin.tags import apply
from conformance.steps.define import given, when, then

FEATURES = Path(__file__).parent / "features"

def pytest_configure(config):
    config.addinivalue_line("markers", "requirement(id): x")
    config.addinivalue_line("markers", "whole_run: x")

def pytest_bdd_apply_tag(tag, function):
    return apply(tag, function)

def pytest_collection_modifyitems(items):
    try:
        for item in items:
            guards.check_item(item)
        guards.check_bound(FEATURES, items)
    except ConformanceError as problem:
        raise pytest.UsageError(str(problem)) from problem

@given("a premise")
def premise():
    pass

@when(r'meter "(?P<name>[^"]+)" is read')
def read(name):
    pass

@then("the reply is OK")
def ok():
    pass
"""
#: A suite of this feature alone passes every guard: what a test changes is what the guard sees.
FEATURE = """Feature: Tiny
  Rule: It is small

    @MR-001
    Scenario: One read
      Given a premise
      When meter "A" is read
      Then the reply is OK
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """How a pytest run ended: its exit code and everything that it printed."""

    code: int
    text: str


@pytest.fixture
def tiny(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Tried]:
    """Return a function that runs a tiny suite; ``features`` by name, each bound by a module of its own."""
    # In this process, because that is quick; so steps are defined in a table that nobody else sees.
    monkeypatch.setattr(define, "DEFINED", {})

    def run(features: dict[str, str], conftest: str = "", modules: dict[str, str] | None = None) -> Tried:
        pytester.makeconftest(CONFTEST + conftest)
        pytester.mkdir("features")
        for name, text in features.items():
            (pytester.path / "features" / f"{name}.feature").write_text(text, encoding="utf-8")
        if modules is None:
            modules = {f"test_{name}": f"features/{name}.feature" for name in features}
        for module, target in modules.items():
            (pytester.path / f"{module}.py").write_text(
                f"from pathlib import Path\nfrom pytest_bdd import scenarios\n"
                f"scenarios(str(Path(__file__).parent / {target!r}))\n",
                encoding="utf-8",
            )
        result = pytester.runpytest_inprocess("-p", "no:cacheprovider")
        return Tried(code=int(result.ret), text=str(result.stdout) + str(result.stderr))

    return run


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged(Tried):
    """A run of the real suite: ``verdicts`` is None when none were written."""

    verdicts: dict[str, Any] | None
    out: Path

    def scenarios(self) -> dict[str, dict[str, Any]]:
        """Return the scenarios by their ids."""
        assert self.verdicts is not None, self.text
        return {row["id"]: row for row in self.verdicts["scenarios"]}

    def requirement(self, name: str) -> dict[str, Any]:
        """Return the row of a requirement."""
        assert self.verdicts is not None, self.text
        return next(row for row in self.verdicts["requirements"] if row["id"] == name)


@pytest.fixture
def judge(pytester: pytest.Pytester) -> Callable[..., Judged]:
    """Return a function that runs the real suite against the reference system, or against ``sut``."""

    def run(
        *arguments: str,
        faults: tuple[str, ...] = (),
        sabotage: str = "",
        replace: tuple[str, str] = ("", ""),
    ) -> Judged:
        out = pytester.path / "out"
        if sabotage:
            (pytester.path / "sabotage.py").write_text(sabotage, encoding="utf-8")
            pytester.syspathinsert()
            arguments = ("-p", "sabotage", *arguments)
        with ReferenceServer(faults=faults) as server:
            sut = pytester.path / "SUT.toml"
            text = to_toml(server.configuration())
            assert replace[0] in text
            sut.write_text(text.replace(*replace) if replace[0] else text, encoding="utf-8")
            result = pytester.runpytest_subprocess(
                "--sut", sut, "--out", out, "--skip-pre-flight", "-p", "no:cacheprovider", *arguments
            )
        file = out / "verdicts.json"
        verdicts = json.loads(file.read_text(encoding="utf-8")) if file.exists() else None
        text = str(result.stdout) + str(result.stderr)
        return Judged(code=int(result.ret), text=text, verdicts=verdicts, out=out)

    return run
