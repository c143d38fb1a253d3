"""One hard deadline for one request: when it is over, the socket is shut down, whatever it was doing.

The time-outs of sockets count from one byte to the next, so a system that drips one byte a second never meets
them. The deadline counts everything: name, connection, TLS, sending, and the answer to its last byte.
"""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress
from contextvars import ContextVar
from typing import TYPE_CHECKING, Self

from conformance.transport.watchdog import WATCHDOG

if TYPE_CHECKING:
    from types import TracebackType

    from conformance.transport.watchdog import Alarm


class Attempt:
    """One try to carry a request: how long it may take (seconds), and how far it came.

    A context manager: inside it, :func:`current` returns it to the connection that serves the request.
    """

    def __init__(self, seconds: float, connect_s: float) -> None:
        """Allow ``seconds`` in all, of which at most ``connect_s`` until connected."""
        self._ends = time.monotonic() + seconds
        self.connect_s = min(connect_s, seconds)
        self.connected = False
        self.reused = False
        self.arrived = 0
        self.expired = False
        self._lock = threading.Lock()
        self._twin: socket.socket | None = None
        self._alarm: Alarm | None = None

    def __enter__(self) -> Self:
        self._token = _CURRENT.set(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        _CURRENT.reset(self._token)
        with self._lock:
            self._disarm()
            self._drop()

    @property
    def remaining(self) -> float:
        """Return the seconds that are left; never negative."""
        return max(0.0, self._ends - time.monotonic())

    @property
    def over(self) -> bool:
        """Return whether the time is over, for the connection or in all."""
        return self.expired or self.remaining == 0.0

    def connecting(self) -> None:
        """From now on a connection is made."""
        self.connected = self.reused = False
        self._arm(min(self.connect_s, self.remaining))

    def guard(self, sock: socket.socket) -> None:
        """Shut ``sock`` down when the time is over.

        A second descriptor of the connection is kept: TLS takes the first one away.
        """
        with self._lock:
            self._drop()
            self._twin = socket.fromfd(sock.fileno(), sock.family, sock.type)
            if self.expired:
                self._cut()

    def exchanging(self, *, reused: bool) -> None:
        """The connection stands; what happens from now on is up to the system."""
        self.connected = True
        self.reused = reused
        self._arm(self.remaining)

    def _arm(self, seconds: float) -> None:
        with self._lock:
            self._disarm()
            if not self.expired:
                self._alarm = WATCHDOG.set(seconds, self._expire)

    def _expire(self, alarm: Alarm) -> None:
        with self._lock:
            if alarm is self._alarm:  # else it was replaced or ended at the last moment
                self.expired = True
                self._cut()

    def _cut(self) -> None:
        if self._twin is not None:
            with suppress(OSError):
                self._twin.shutdown(socket.SHUT_RDWR)

    def _disarm(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None

    def _drop(self) -> None:
        if self._twin is not None:
            self._twin.close()
            self._twin = None


_CURRENT: ContextVar[Attempt] = ContextVar("attempt")


def current() -> Attempt:
    """Return the attempt that this thread makes."""
    return _CURRENT.get()
