"""Show Allure what it cannot see by itself: Gherkin steps, feature and rule, the requirement, the messages.

allure-pytest-bdd would do the first two, but together with allure-pytest it stops pytest from starting; so these
few hooks do it (design, "Choices"). Nothing here holds a fact that the journal lacks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import allure
import allure_commons
import pytest
from allure_commons.utils import uuid4

from conformance.plugin.fixtures import carrier_of, scenario_id_of
from conformance.plugin.guards import scenario_of
from conformance.report.wire import show
from conformance.standard.catalogue import catalogue

if TYPE_CHECKING:
    from collections.abc import Generator

    from conformance.journal import Entry, Journal


class AllureSteps:
    """Hooks for a run with ``--alluredir``."""

    def __init__(self, journal: Journal) -> None:
        """Take messages from ``journal``."""
        self._journal = journal
        self._step = ""

    def pytest_bdd_before_scenario(self, request: pytest.FixtureRequest, feature: Any, scenario: Any) -> None:
        """Label the scenario."""
        marks = [mark.args[0] for mark in request.node.iter_markers("requirement")]
        carrier = carrier_of(request.node)
        allure.dynamic.title(f"{scenario.name} [{carrier}]" if carrier else scenario.name)
        if carrier:
            allure.dynamic.tag(carrier)
        allure.dynamic.feature(feature.name)
        if scenario.rule is not None:
            allure.dynamic.story(scenario.rule.name)
        for name in marks:
            row = catalogue()[name]
            allure.dynamic.tag(name)
            allure.dynamic.label("requirement", name)
            allure.dynamic.parent_suite(row.area)
            allure.dynamic.description(f"{name}: {row.text} ({row.clause})")

    def pytest_bdd_before_step(self, step: Any) -> None:
        """Begin a step."""
        self._step = uuid4()
        allure_commons.plugin_manager.hook.start_step(uuid=self._step, title=f"{step.keyword} {step.name}", params={})

    def pytest_bdd_after_step(self) -> None:
        """End a step that passed."""
        self._stop(None)

    def pytest_bdd_step_error(self, exception: BaseException) -> None:
        """End a step that did not."""
        self._stop(exception)

    def _stop(self, problem: BaseException | None) -> None:
        allure_commons.plugin_manager.hook.stop_step(
            uuid=self._step,
            title="",
            exc_type=None if problem is None else type(problem),
            exc_val=problem,
            exc_tb=None if problem is None else problem.__traceback__,
        )

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, Any, Any]:
        """Attach the messages, in one piece, once the steps are through."""
        try:
            return (yield)
        finally:
            if scenario_of(item) is not None:
                entries = list(self._journal.entries(scenario=scenario_id_of(item)))
                if entries:
                    text = "\n\n".join(_readable(entry) for entry in entries)
                    allure.attach(text, name="messages", attachment_type=allure.attachment_type.TEXT)


def _readable(entry: Entry) -> str:
    shown = show(entry)
    status = f", HTTP status {entry.status}" if entry.status is not None else ""
    cut = "\n(cut; the whole is in journal.db)" if shown.cut else ""
    return f"#{entry.id} {entry.direction} {entry.channel}: {shown.label}{status}\n{shown.text}{cut}"
