"""The hooks of an active run: collect, guard, plan, follow, and write the verdicts in the end."""

from __future__ import annotations

from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from conformance.errors import ConfigurationError, ConformanceError
from conformance.plugin import guards
from conformance.plugin.fixtures import RUN, carrier_of, scenario_id_of
from conformance.plugin.recorder import Recorder
from conformance.plugin.run import Run, begin, default_out, finish, join
from conformance.plugin.selection import selected
from conformance.plugin.tags import apply
from conformance.report import write_all, write_verdicts
from conformance.resources import directory
from conformance.standard.catalogue import catalogue
from conformance.sut.claims import obstacle
from conformance.transport.jms.desk import DeskAddress

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

_STEPS = ("reading", "controls", "events", "description", "jms", "soap_jms", "whole_run", "judgement")
_SUITE = Path(__file__).resolve().parent.parent / "suite"


def activate(config: pytest.Config) -> None:
    """Begin the run (or join it, in a worker) and take over collection.

    Raises pytest.UsageError, which is exit code 4, for everything that the user has to put right.
    """
    try:
        run = _join(config) if hasattr(config, "workerinput") else _begin(config)
    except ConfigurationError as problem:
        raise pytest.UsageError(str(problem)) from problem
    config.stash[RUN] = run
    if config.args_source is not pytest.Config.ArgsSource.ARGS or hasattr(config, "workerinput"):
        config.args = [str(_SUITE)]
    for name in _STEPS:
        config.pluginmanager.register(import_module(f"conformance.steps.{name}"), f"conformance-steps-{name}")
    config.pluginmanager.register(import_module("conformance.plugin.fixtures"), "conformance-fixtures")
    config.pluginmanager.register(Hooks(run, selected(config.getoption("--select"))), "conformance-hooks")
    if config.getoption("allure_report_dir", None):
        config.pluginmanager.register(
            import_module("conformance.plugin.allure_steps").AllureSteps(run.journal), "conformance-allure"
        )
    # Its name depends on who loaded it: an entry point, or -p.
    xdist = any(config.pluginmanager.hasplugin(name) for name in ("xdist", "xdist.plugin"))
    if xdist and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Distribution(run), "conformance-distribution")


def _begin(config: pytest.Config) -> Run:
    selected(config.getoption("--select"))
    return begin(
        config.getoption("--sut"),
        config.getoption("--out") or default_out(),
        {"select": config.getoption("--select"), "transport": config.getoption("--transport")},
        pre_flight=not config.getoption("--skip-pre-flight"),
        in_thread=config.getoption("--gateway-in-thread"),
    )


def _join(config: pytest.Config) -> Run:
    given = config.workerinput["conformance"]  # type: ignore[attr-defined]  # xdist gives it to workers
    desk = DeskAddress(**given["desk"]) if given["desk"] else None
    addresses = given["reply_addresses"]
    return join(config.getoption("--sut"), Path(given["out"]), addresses, port=given["port"], desk=desk)


class Distribution:
    """Tell the workers of pytest-xdist where the run is."""

    def __init__(self, run: Run) -> None:
        """Keep the run of this first process."""
        self._run = run

    def pytest_configure_node(self, node: Any) -> None:
        """Give a worker the directory and the callback address of the run."""
        desk = asdict(self._run.desk) if self._run.desk else None
        given = {
            "out": str(self._run.out),
            "reply_addresses": dict(self._run.reply_addresses),
            "port": self._run.gateway.port if self._run.gateway is not None else 0,
            "desk": desk,
        }
        node.workerinput["conformance"] = given


class Hooks:
    """Follows pytest through the run. One object in each process; the journal is what they share."""

    def __init__(self, run: Run, wanted: set[str]) -> None:
        """Take the run and the requirements that it is about."""
        self._run = run
        self._wanted = wanted
        self._recorder = Recorder(run.journal)

    @pytest.hookimpl(trylast=True)
    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Plan each scenario once for each transport, when there are several."""
        if len(self._run.carriers) > 1 and guards.is_scenario(metafunc.function):
            metafunc.parametrize("carrier", self._run.carriers)

    @pytest.hookimpl(wrapper=True)
    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Item]
    ) -> Generator[None, None, None]:
        """Guard everything; plan what -k and the like leave of it; who looks back on the run comes last."""
        try:
            self._guard([item for item in items if guards.scenario_of(item) is not None])
        except ConformanceError as problem:
            raise pytest.UsageError(str(problem)) from problem
        yield
        ours = [item for item in items if guards.scenario_of(item) is not None]
        ours.sort(key=lambda item: item.get_closest_marker("whole_run") is not None)
        kept = [item for number, item in enumerate(ours) if self._plan(number, item)]
        config.hook.pytest_deselected(items=[item for item in items if item not in kept])
        items[:] = kept

    def _guard(self, items: list[pytest.Item]) -> None:
        for item in items:
            guards.check_item(item)
        guards.check_bound(directory("features"), items)
        guards.check_traced(items)

    def _plan(self, number: int, item: pytest.Item) -> bool:
        """Write the scenario into the plan; return whether it shall run."""
        scenario = guards.scenario_of(item)
        row = catalogue()[next(item.iter_markers("requirement")).args[0]]
        carrier = carrier_of(item)
        if row.id not in self._wanted or (carrier is not None and row.transport not in (None, carrier)):
            return False
        hindered = obstacle(row, self._run.loaded.configuration, carrier or self._run.carriers[0])
        plan = {
            "feature": f"features/{scenario.feature.rel_filename}",
            "area": row.area,
            "rule": scenario.rule.name if scenario.rule is not None else None,
            "name": scenario.name,
            "requirements": [row.id],
            "tags": sorted(scenario.tags),
            "line": scenario.line_number,
            "steps": _texts(item),
            "whole_run": item.get_closest_marker("whole_run") is not None,
            "skipped": {"verdict": hindered[0], "reason": hindered[1]} if hindered else None,
        }
        if carrier is not None:
            plan["transport"] = carrier
        self._run.journal.plan(scenario_id_of(item), number, plan)
        if hindered:
            self._run.journal.finish(scenario_id_of(item), hindered[0], hindered[1], 0.0, [])
        return hindered is None

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, Any, Any]:
        """Follow one scenario from begin to end."""
        if guards.scenario_of(item) is None:
            return (yield)
        self._recorder.begin(scenario_id_of(item))
        result = yield
        self._recorder.end(scenario_id_of(item), _texts(item))
        return result

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
        """Judge a phase by what it raised."""
        report = yield
        self._recorder.judge(call.excinfo.value if call.excinfo is not None else None, report)
        return report

    def pytest_bdd_apply_tag(self, tag: str, function: Callable[..., Any]) -> bool:
        """Read a tag of a feature."""
        return apply(tag, function)

    def pytest_bdd_before_step(self) -> None:
        """Begin a step."""
        self._recorder.begin_step()

    def pytest_bdd_after_step(self, step: Any) -> None:
        """End a step that passed."""
        self._recorder.end_step(_text(step), None)

    def pytest_bdd_step_error(self, step: Any, exception: BaseException) -> None:
        """End a step that did not."""
        self._recorder.end_step(_text(step), exception)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Write the verdicts, once, in the first process; the exit code is theirs, never pytest's green."""
        if hasattr(session.config, "workerinput"):
            self._run.close()
            return
        broken_off = (pytest.ExitCode.INTERRUPTED, pytest.ExitCode.INTERNAL_ERROR, pytest.ExitCode.USAGE_ERROR)
        interrupted = exitstatus in broken_off
        write = write_verdicts if session.config.getoption("--verdicts-only") else write_all
        verdicts = finish(self._run, interrupted=interrupted, write=write)
        if exitstatus not in (pytest.ExitCode.INTERNAL_ERROR, pytest.ExitCode.USAGE_ERROR):
            session.exitstatus = verdicts["exit_code"]


def _text(step: Any) -> str:
    return f"{step.keyword} {step.name}"


def _texts(item: pytest.Item) -> list[str]:
    scenario = guards.scenario_of(item)
    return [_text(step) for step in scenario.render(guards.example_of(item)).steps]
