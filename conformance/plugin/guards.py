"""Guards against a green that means nothing (design, hazards 1 to 9); each raises InternalError at collection.

Hazards 1 to 3 are also met where steps are defined (:mod:`conformance.steps.define`), hazard 5 where tags are read
(:mod:`conformance.plugin.tags`), hazard 7 by the exit code, hazard 10 by :class:`conformance.errors.RequirementBroken`.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_bdd.scenario import scenario_wrapper_template_registry

from conformance.checks.registry import resolve
from conformance.errors import InternalError
from conformance.standard.catalogue import catalogue
from conformance.steps.define import matching

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pytest

_PLACEHOLDER = re.compile(r"<[^<>]+>")
_SCENARIO = re.compile(r"^\s*(?:Scenario|Example|Scenario Outline|Scenario Template):\s*(.*?)\s*$", re.MULTILINE)


def scenario_of(item: pytest.Item) -> Any:
    """Return pytest-bdd's scenario template of a test, or None when the test is none of ours."""
    function = getattr(item, "function", None)
    return None if function is None else scenario_wrapper_template_registry.get(function)


def is_scenario(function: Any) -> bool:
    """Return whether a test function was made of a scenario."""
    return function in scenario_wrapper_template_registry


def check_item(item: pytest.Item) -> None:
    """Check one collected scenario: its name, its tags, its steps."""
    scenario = scenario_of(item)
    where = f"{scenario.feature.rel_filename}:{scenario.line_number} ({scenario.name})"
    if not re.match(r"[A-Za-z]", scenario.name):
        raise InternalError(f"{where}: the name must start with a letter, or the test's id loses its beginning")
    marks = [mark.args[0] for mark in item.iter_markers("requirement")]
    if len(marks) != 1:
        raise InternalError(f"{where}: a scenario is about exactly one requirement, this one about {marks or 'none'}")
    for step in scenario.render(example_of(item)).steps:
        _check_step(step.type, step.name, where)
        _check_table(step.datatable, where)


def example_of(item: pytest.Item) -> dict[str, Any]:
    """Return the row of Examples that an outline's test is made of; empty for a plain scenario."""
    callspec = getattr(item, "callspec", None)
    return dict(callspec.params.get("_pytest_bdd_example", {})) if callspec is not None else {}


def _check_step(kind: str, text: str, where: str) -> None:
    if _PLACEHOLDER.search(text):
        raise InternalError(f"{where}: the step has a placeholder that no Examples fill: {text}")
    found = matching(kind, text)
    if len(found) != 1:
        raise InternalError(f"{where}: {len(found)} definitions match the {kind} step: {text}")
    if kind == "then":
        resolve(text)


def _check_table(table: Any, where: str) -> None:
    cells = [cell.value for row in table.rows for cell in row.cells] if table is not None else []
    if any(_PLACEHOLDER.search(cell) for cell in cells):
        raise InternalError(f"{where}: a table has a placeholder that no Examples fill: {cells}")


def check_bound(features: Path, items: Sequence[pytest.Item]) -> None:
    """Check that every feature file is bound, by a module of its own, with every scenario that is in it."""
    bound: dict[str, set[str]] = {}
    names: dict[str, set[str]] = {}
    for item in items:
        scenario = scenario_of(item)
        if scenario is not None:
            bound.setdefault(str(scenario.feature.filename), set()).add(str(item.path))
            names.setdefault(str(scenario.feature.filename), set()).add(scenario.name)
    unbound = sorted(str(path.relative_to(features)) for path in features.rglob("*.feature") if str(path) not in bound)
    if unbound:
        raise InternalError(f"no module of conformance.suite binds: {', '.join(unbound)}")
    modules = Counter(module for found in bound.values() for module in found)
    crowded = [module for module, count in modules.items() if count > 1]
    if crowded or any(len(found) > 1 for found in bound.values()):
        raise InternalError(f"a module binds one feature, and a feature has one module; see {crowded or bound}")
    for file, found in names.items():
        _check_complete(Path(file), found)


def _check_complete(feature: Path, bound: set[str]) -> None:
    """Check that no scenario is missing: pytest-bdd keeps the last of those that share a name, in silence."""
    written = Counter(_SCENARIO.findall(feature.read_text(encoding="utf-8")))
    missing = sorted({*(name for name, count in written.items() if count > 1), *(written.keys() - bound)})
    if missing:
        raise InternalError(f"{feature.name}: scenarios that share their name, or that nothing binds: {missing}")


def check_traced(items: Iterable[pytest.Item]) -> None:
    """Check that every requirement has a scenario or says why it has none."""
    tested = {mark.args[0] for item in items for mark in item.iter_markers("requirement")}
    for row in catalogue().values():
        if row.not_tested is None and row.id not in tested:
            raise InternalError(f"{row.id} is tested by no scenario and does not say why (not_tested)")
        if row.not_tested is not None and row.id in tested:
            raise InternalError(f"{row.id} is tested, yet says that it is not: {row.not_tested}")
