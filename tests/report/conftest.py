"""Journals of runs that end in every possible way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conformance.journal import FILE_NAME, Journal
from tests.report.runs import Run, identify

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture
def new_run(tmp_path: Path) -> Iterator[Callable[[], Run]]:
    """Return a factory of runs, each in a directory of its own."""
    opened: list[Journal] = []

    def make() -> Run:
        journal = Journal(tmp_path / str(len(opened)) / FILE_NAME)
        opened.append(journal)
        identify(journal)
        return Run(journal)

    yield make
    for journal in opened:
        journal.close()


@pytest.fixture
def run(new_run: Callable[[], Run]) -> Run:
    """Return a run with an identified system and nothing planned."""
    return new_run()
