"""Delivers later messages: in order for each peer, bounded, and without letting a dead peer hold up the others."""

from __future__ import annotations

import queue
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import requests

from conformance.errors import ConformanceError
from conformance.reference.deviation import Receipt
from conformance.transport.jms.settings import is_destination

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from conformance.message.soap import SoapVersion
    from conformance.reference.carriage import Posted

MAX_PEERS = 32
MAX_WAITING = 500
#: Seconds for a connection and for its answer.
PATIENCE_S = (2.0, 10.0)
ATTEMPTS = 2
_IDLE_S = 1.0


@dataclass(slots=True)
class Counters:
    """What became of the later messages."""

    delivered: int = 0
    given_up: int = 0
    dropped: int = 0
    nowhere: int = 0


@dataclass(slots=True)
class _Lane:
    waiting: queue.Queue[tuple[Posted, SoapVersion]] = field(default_factory=lambda: queue.Queue(maxsize=MAX_WAITING))


def headers_of(message: Posted, version: SoapVersion) -> dict[str, str]:
    """Return the HTTP headers of ``message``; what its wire says counts more than what is usual."""
    headers = {"Content-Type": message.wire.content_type}
    if version == "1.1" and message.action is not None:
        headers["SOAPAction"] = f'"{message.action}"'
    elif version == "1.2" and message.action:
        headers["Content-Type"] += f'; action="{message.action}"'
    return {**headers, **message.wire.headers}


def in_pieces(body: bytes) -> Iterator[bytes]:
    """Cut ``body`` so that HTTP sends it in chunks."""
    for start in range(0, len(body), 100):
        yield body[start : start + 100]


class Courier:
    """One lane with a thread of its own for each peer (host and port); a lane that is idle ends.

    ``by_jms`` delivers what is addressed to a queue or a topic; ``judge`` may think otherwise of what a peer said.
    """

    def __init__(self, verify: str | bool = True) -> None:
        """Start nothing yet; ``verify`` is the CA file that peers with TLS are checked against."""
        self.counters = Counters()
        self.by_jms: Callable[[Posted], None] | None = None
        self.judge: Callable[[Receipt], Receipt] = lambda receipt: receipt
        self._verify = verify
        self._lanes: dict[str, _Lane] = {}
        self._lock = threading.Lock()
        self._idle = threading.Condition(self._lock)
        self._under_way = 0
        self._closed = threading.Event()

    def send(self, messages: Sequence[Posted], version: SoapVersion) -> None:
        """Queue ``messages``; they leave in this order. What does not fit is dropped and counted."""
        for message in messages:
            with self._lock:
                if not message.address:
                    self.counters.nowhere += 1
                    continue
                lane = self._lane(urlsplit(message.address).netloc)
                try:
                    if lane is None:
                        raise queue.Full
                    lane.waiting.put_nowait((message, version))
                    self._under_way += 1
                except queue.Full:
                    self.counters.dropped += 1

    def post(self, message: Posted, version: SoapVersion) -> None:
        """Deliver one message now; give up after the second attempt."""
        if is_destination(message.address or ""):
            self._post_by_jms(message)
            return
        headers = headers_of(message, version)
        wire = message.wire
        for _ in range(ATTEMPTS):
            try:
                with requests.Session() as session:
                    session.trust_env = False
                    answer = session.post(
                        message.address or "", in_pieces(wire.body) if wire.chunked else wire.body,
                        headers=headers, timeout=PATIENCE_S,
                        verify=self._verify, allow_redirects=False,
                    )  # fmt: skip
            except (requests.RequestException, ValueError):
                continue
            status = answer.status_code
            if self.judge(Receipt(status=status, body=answer.content, done=status < 500)).done:
                self.count("delivered")
                return
        self.count("given_up")

    def _post_by_jms(self, message: Posted) -> None:
        try:
            if self.by_jms is None:
                raise ConformanceError("this system has no broker")
            self.by_jms(message)
        except ConformanceError:
            self.count("given_up")
        else:
            self.count("delivered")

    def settle(self, timeout: float) -> bool:
        """Wait until nothing is under way; False when ``timeout`` seconds were not enough."""
        with self._idle:
            return self._idle.wait_for(lambda: self._under_way == 0, timeout)

    def forget(self) -> None:
        """Drop whatever has not left yet."""
        with self._idle:
            for lane in self._lanes.values():
                while True:
                    try:
                        lane.waiting.get_nowait()
                    except queue.Empty:
                        break
                    self._under_way -= 1
            self._idle.notify_all()

    def close(self) -> None:
        """Drop what waits and end every lane."""
        self._closed.set()
        self.forget()

    def count(self, what: str) -> None:
        """Count what became of a message: a name of :class:`Counters`."""
        with self._lock:
            setattr(self.counters, what, getattr(self.counters, what) + 1)

    def _lane(self, peer: str) -> _Lane | None:
        lane = self._lanes.get(peer)
        if lane is None and len(self._lanes) < MAX_PEERS and not self._closed.is_set():
            lane = self._lanes[peer] = _Lane()
            threading.Thread(target=self._run, args=(peer, lane), name=f"courier {peer}", daemon=True).start()
        return lane

    def _run(self, peer: str, lane: _Lane) -> None:
        while not self._closed.is_set():
            try:
                message, version = lane.waiting.get(timeout=_IDLE_S)
            except queue.Empty:
                with self._lock:
                    if lane.waiting.empty():
                        self._lanes.pop(peer, None)
                        return
                continue
            try:
                self.post(message, version)
            finally:
                with self._idle:
                    self._under_way -= 1
                    self._idle.notify_all()
