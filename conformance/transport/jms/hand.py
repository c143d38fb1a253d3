"""A thread that does one thing after the other, so that whoever waits for a Java call can stop waiting."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")
_Work = tuple[Callable[[], Any], "queue.SimpleQueue[tuple[bool, Any]]"]


class Hand:
    """Starts its thread with the first task. A hand whose task never returns is dropped by its owner."""

    def __init__(self, name: str) -> None:
        """Start nothing yet."""
        self._name = name
        self._tasks: queue.SimpleQueue[_Work | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    def do(self, task: Callable[[], T], seconds: float) -> T:
        """Return what ``task`` returns, or raise what it raises; TimeoutError when that takes too long."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
            self._thread.start()
        done: queue.SimpleQueue[tuple[bool, Any]] = queue.SimpleQueue()
        self._tasks.put((task, done))
        try:
            well, result = done.get(timeout=max(0.001, seconds))
        except queue.Empty:
            raise TimeoutError from None
        if not well:
            raise result
        answer: T = result
        return answer

    def rest(self) -> None:
        """End the thread after what it is doing."""
        self._tasks.put(None)

    def _run(self) -> None:
        while (work := self._tasks.get()) is not None:
            task, done = work
            try:
                done.put((True, task()))
            except Exception as problem:
                done.put((False, problem))
