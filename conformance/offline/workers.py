"""Do things in this process, or in several; imports nothing heavy, so that the others can start while this one does."""

from __future__ import annotations

import multiprocessing
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing.context import BaseContext
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

#: So many things are given to a process at a time, at most.
_BATCH = 250
#: What each process needs, imported once for all of them.
_NEEDED = ["conformance.cli", "conformance.offline.work"]

Given = TypeVar("Given")
Made = TypeVar("Made")


def prepare() -> BaseContext:
    """Start what the processes will be forked from; return the way to start them.

    They never inherit threads and locks in the middle of their work: the server that is forked has none. Where there
    is no fork, each process starts from nothing.
    """
    if sys.platform == "win32":
        return multiprocessing.get_context("spawn")
    from multiprocessing import forkserver

    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_NEEDED)
    forkserver.ensure_running()
    return context


class Workers:
    """Makes something of each of many things, in order, in ``jobs`` processes."""

    def __init__(self, jobs: int) -> None:
        """Start the processes when there are to be several."""
        self._jobs = jobs
        self._pool = ProcessPoolExecutor(jobs, mp_context=prepare()) if jobs > 1 else None

    def __enter__(self) -> Workers:
        """Do nothing more."""
        return self

    def __exit__(self, *_error: object) -> None:
        """End the processes."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def map(self, do: Callable[[Given], Made], these: Sequence[Given]) -> Iterator[Made]:
        """Iterate over what ``do`` makes of each."""
        if self._pool is None:
            return map(do, these)
        size = max(1, min(_BATCH, len(these) // (self._jobs * 4)))
        return self._pool.map(do, these, chunksize=size)
