"""One thread that wakes when a deadline is over: a thread for each deadline costs as much as a short exchange."""

from __future__ import annotations

import heapq
import itertools
import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Alarm:
    """A deadline that was set. ``action`` gets the alarm itself, so that one that came too late is recognised."""

    def __init__(self, action: Callable[[Alarm], None]) -> None:
        """Keep what to do."""
        self._action: Callable[[Alarm], None] | None = action

    def cancel(self) -> None:
        """Forget the deadline; nothing happens when it was over already."""
        self._action = None

    def ring(self) -> None:
        """Do it, unless it was cancelled."""
        action, self._action = self._action, None
        if action is not None:
            action(self)


class Watchdog:
    """Rings alarms. Its thread starts with the first alarm and ends with the process."""

    def __init__(self) -> None:
        """Watch over nothing yet."""
        self._changed = threading.Condition()
        self._due: list[tuple[float, int, Alarm]] = []
        self._numbers = itertools.count()
        self._thread: threading.Thread | None = None

    def set(self, seconds: float, action: Callable[[Alarm], None]) -> Alarm:
        """Do ``action`` in ``seconds``, in the watchdog's thread, which it must not hold up."""
        alarm = Alarm(action)
        when = time.monotonic() + seconds
        with self._changed:
            heapq.heappush(self._due, (when, next(self._numbers), alarm))
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="watchdog", daemon=True)
                self._thread.start()
            elif self._due[0][2] is alarm:
                self._changed.notify()
        return alarm

    def _run(self) -> None:
        while True:
            self._next().ring()

    def _next(self) -> Alarm:
        with self._changed:
            while True:
                wait = self._due[0][0] - time.monotonic() if self._due else None
                if wait is not None and wait <= 0:
                    return heapq.heappop(self._due)[2]
                self._changed.wait(wait)


#: The watchdog of this process.
WATCHDOG = Watchdog()
