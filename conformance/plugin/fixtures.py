"""What steps are given."""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest

from conformance.checks.scene import Scene
from conformance.errors import ConformanceError
from conformance.exchange import Party
from conformance.journal import Journal
from conformance.plugin.guards import scenario_of
from conformance.plugin.run import Run
from conformance.standard.catalogue import Requirement, catalogue
from conformance.steps.controls import connect_again
from conformance.steps.vocabulary import Vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterator

RUN: pytest.StashKey[Run] = pytest.StashKey()


def scenario_id_of(item: Any) -> str:
    """Return the id of a scenario: its feature and its name, whatever pytest makes of the name.

    A run over several transports adds which one: ``…[jms]``.
    """
    scenario = scenario_of(item)
    carrier = carrier_of(item)
    inner = item.callspec.id if hasattr(item, "callspec") else ""
    example = inner.removesuffix(carrier).removesuffix("-") if carrier else inner
    suffix = "".join(f"[{part}]" for part in (example, carrier) if part)
    return f"{scenario.feature.rel_filename.removesuffix('.feature')}::{scenario.name}{suffix}"


def carrier_of(item: Any) -> str | None:
    """Return the transport that a scenario is planned for; None when the run has only one."""
    return item.callspec.params.get("carrier") if hasattr(item, "callspec") else None


@pytest.fixture
def run(pytestconfig: pytest.Config) -> Run:
    """Return the run that this scenario belongs to."""
    return pytestconfig.stash[RUN]


@pytest.fixture(autouse=True)
def carrier(run: Run) -> str:
    """Return which transport carries the messages: :class:`conformance.plugin.hooks.Hooks` says it if there are two."""
    return run.carriers[0]


@pytest.fixture
def journal(run: Run) -> Journal:
    """Return the journal of the run."""
    return run.journal


@pytest.fixture
def scenario_id(request: pytest.FixtureRequest) -> str:
    """Return the id of this scenario."""
    return scenario_id_of(request.node)


@pytest.fixture
def requirement(request: pytest.FixtureRequest) -> Requirement:
    """Return the obligation that this scenario is about."""
    return catalogue()[next(request.node.iter_markers("requirement")).args[0]]


@pytest.fixture
def words(run: Run) -> Vocabulary:
    """Return what the words of the scenario stand for."""
    return Vocabulary(configuration=run.loaded.configuration)


#: Longer than any scenario waits, in seconds.
_LOCKED_S = 24 * 3600.0


@pytest.fixture
def turn(run: Run, requirement: Requirement) -> Iterator[None]:
    """Let scenarios that change the system's state take turns, whichever worker they run in.

    The lock is a SQLite transaction, because that ends with its process, on every platform. (The groups of
    pytest-xdist 3.8 have no effect with pytest 9.2, which no longer makes a test's id from ``_nodeid``.)
    """
    if not any(need.startswith(("create(", "stimuli.")) for need in requirement.needs):
        yield
        return
    lock = sqlite3.connect(run.out / "turn.lock", timeout=_LOCKED_S, isolation_level=None)
    try:
        lock.execute("BEGIN EXCLUSIVE")
        yield
    finally:
        lock.close()


@pytest.fixture
def party(
    run: Run, scenario_id: str, carrier: str, words: Vocabulary, turn: None  # noqa: ARG001 - its effect
) -> Iterator[Party]:  # fmt: skip
    """Return the suite's side of the exchanges; meters that it switched are connected again in the end."""
    party = run.party(scenario_id, carrier)
    yield party
    with suppress(ConformanceError):
        connect_again(party, words)


@pytest.fixture
def scene(party: Party) -> Scene:
    """Return what happened so far in this scenario, for its first judgement and all that follow."""
    return party.scene
