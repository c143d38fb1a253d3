"""A server that misbehaves on purpose, and messages to send to it."""

from __future__ import annotations

import socket
import ssl
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest

from conformance.journal import Entry, Journal
from conformance.message.build import Draft, build
from conformance.message.model import Header
from conformance.transport.base import Outbound, Sent
from conformance.transport.gateway import Gateway
from conformance.transport.settings import GatewaySettings, SoapSettings
from conformance.transport.soap import SoapTransport

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Behaviour = Callable[["Peer"], None]


class Peer:
    """One connection to the server: ``sock`` to misbehave on, ``request`` as it arrived."""

    def __init__(self, server: HostileServer, sock: socket.socket, number: int) -> None:
        self.server = server
        self.sock = sock
        self.number = number
        self.request = b""

    def say(self, *pieces: bytes) -> None:
        """Send all pieces."""
        for piece in pieces:
            self.sock.sendall(piece)

    def hold(self, seconds: float = 30.0) -> bool:
        """Keep the connection open until the test ends; return whether it has."""
        return self.server.stopping.wait(seconds)

    def read_request(self) -> bytes:
        """Read one whole request; empty when the client has gone."""
        data = b""
        while b"\r\n\r\n" not in data:
            piece = self.sock.recv(65536)
            if not piece:
                return b""
            data += piece
        head, _, body = data.partition(b"\r\n\r\n")
        lengths = [line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
        wanted = int(lengths[0].split(b":")[1]) if lengths else 0
        while len(body) < wanted:
            piece = self.sock.recv(65536)
            if not piece:
                break
            body += piece
        self.request = head + b"\r\n\r\n" + body
        self.server.requests.append(self.request)
        return self.request


class HostileServer:
    """Listens on a free loopback port and lets ``behave`` loose on every connection."""

    def __init__(self, behave: Behaviour, context: ssl.SSLContext | None = None, *, read: bool = True) -> None:
        self.stopping = threading.Event()
        self.requests: list[bytes] = []
        self.connections = 0
        self._behave, self._context, self._read = behave, context, read
        self._sock = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._sock.getsockname()[1]
        self._open: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    @property
    def url(self) -> str:
        """Return the address for SOAP requests."""
        scheme = "https" if self._context else "http"
        return f"{scheme}://{'localhost' if self._context else '127.0.0.1'}:{self.port}/soap"

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._sock.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(sock)
            thread = threading.Thread(target=self._serve, args=(sock, self.connections))
            self._threads.append(thread)
            thread.start()

    def _serve(self, sock: socket.socket, number: int) -> None:
        try:
            if self._context is not None:
                sock = self._context.wrap_socket(sock, server_side=True)
                self._open.append(sock)
            peer = Peer(self, sock, number)
            if not self._read or peer.read_request():
                self._behave(peer)
        except OSError:
            pass  # the client gave up first, as most of these tests want
        finally:
            sock.close()

    def stop(self) -> None:
        """Close everything and wait for every thread."""
        self.stopping.set()
        with suppress(OSError):
            self._sock.shutdown(socket.SHUT_RDWR)
        self._sock.close()
        for sock in self._open:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(10)
        assert not any(thread.is_alive() for thread in self._threads)


@pytest.fixture
def hostile() -> Iterator[Callable[..., HostileServer]]:
    """Start a server for a behaviour; all are stopped at the end."""
    started: list[HostileServer] = []

    def start(behave: Behaviour, context: ssl.SSLContext | None = None, *, read: bool = True) -> HostileServer:
        started.append(HostileServer(behave, context, read=read))
        return started[-1]

    yield start
    for server in started:
        server.stop()


@pytest.fixture
def outbound() -> Outbound:
    """Return get(MeterReadings)."""
    header = Header(verb="get", noun="MeterReadings", message_id="m-1", correlation_id="c-1")
    return Outbound(message=build(Draft(kind="RequestMessage", header=header)), verb="get", noun="MeterReadings")


@pytest.fixture
def transport() -> Iterator[Callable[..., SoapTransport]]:
    """Make a SoapTransport for a URL, with further settings by name; all are closed at the end."""
    made: list[SoapTransport] = []

    def make(url: str, **more: object) -> SoapTransport:
        given = {"style": "generic", "version": "1.1", "urls": {"": url}, "connect_s": 2.0, **more}
        made.append(SoapTransport(SoapSettings(**given)))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for item in made:
        item.close()


@pytest.fixture
def request_to() -> Callable[[str], Sent]:
    """Return a small request to a URL."""
    return lambda url: Sent(url=url, body=b"<x/>", content_type="text/xml; charset=utf-8")


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Gateway]]:
    """Start a gateway on a free port with its journal in ``tmp_path``; all are stopped at the end."""
    started: list[Gateway] = []

    def run(*, in_thread: bool = True, **more: Any) -> Gateway:
        settings = GatewaySettings(journal=tmp_path / "journal.db", **more)
        started.append(Gateway(settings, in_thread=in_thread))
        started[-1].start()
        return started[-1]

    yield run
    for item in started:
        item.stop()
        assert not item.alive


@pytest.fixture
def entries(tmp_path: Path) -> Callable[[], list[Entry]]:
    """Return the journal as it is now."""

    def read() -> list[Entry]:
        journal = Journal(tmp_path / "journal.db")
        try:
            return list(journal.entries())
        finally:
            journal.close()

    return read
