"""Systems that misbehave below HTTP, and one that stands between the suite and a system that conforms."""

from __future__ import annotations

import socket
import threading
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from conformance.journal import Journal
from conformance.reference.description import describe
from conformance.reference.meters import Fleet
from conformance.reference.service import utc_now
from conformance.sut.model import Timeouts
from tests.transport.conftest import HostileServer

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conformance.sut.model import Configuration

#: Short, because each of these systems lets the suite wait until its deadline. Seconds.
IMPATIENT = Timeouts(connect_s=1, reply_s=0.5, result_s=0.1, event_s=0.1, quiet_s=0.05)


def claims(server: HostileServer) -> Configuration:
    """Return what the reference system claims, with the address of ``server``; its stimuli are always accepted."""
    url = server.url.removesuffix("/soap")
    found = describe(Fleet(1), url, f"{url}/admin", utc_now())
    return found.model_copy(update={"timeouts": IMPATIENT})


def but_for_stimuli(behave: Callable[[Any], None]) -> Callable[[Any], None]:
    """Return the behaviour for requests; a stimulus is accepted, and nothing follows from it."""

    def answer(peer: Any) -> None:
        if b"/admin" in peer.request.partition(b"\r\n")[0]:
            peer.say(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
        else:
            behave(peer)

    return answer


def page(status: str, content_type: str, body: bytes) -> Callable[[Any], None]:
    """Return the behaviour of a server that answers everything with the same page."""
    head = (
        f"HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )

    def answer(peer: Any) -> None:
        peer.say(head.encode() + body)

    return answer


class Detour(HostileServer):
    """Passes requests on to a system that conforms, until the journal of the run shows enough started scenarios."""

    def __init__(self, url: str, journal: Path, started: int) -> None:
        """Stand before ``url``; from ``started`` scenarios in ``journal`` on, hold requests until released."""
        self.released = threading.Event()
        self._place = urlsplit(url)
        self._journal, self._enough = journal, started
        super().__init__(self._pass_on)

    def _pass_on(self, peer: Any) -> None:
        if begun(self._journal) >= self._enough:
            self.released.wait(120.0)
        if self.stopping.is_set():
            return
        with socket.create_connection((self._place.hostname, self._place.port)) as there:
            there.sendall(peer.request.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n", 1))
            while piece := there.recv(65536):
                peer.say(piece)

    def stop(self) -> None:
        """Let go of what is held, too."""
        self.stopping.set()
        self.released.set()
        super().stop()


def begun(path: Path) -> int:
    """Return how many scenarios of the run with this journal have begun."""
    if not path.exists():
        return 0
    journal = Journal(path)
    try:
        return sum(row["state"] in ("running", "done") for row in journal.scenarios())
    finally:
        journal.close()
