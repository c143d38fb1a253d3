"""A system that is never reached is not to blame, and the reason says what to do."""

from __future__ import annotations

import queue
import socket
import time
from typing import TYPE_CHECKING, Any

import pytest

from conformance.errors import ConfigurationError, TransportError
from conformance.transport import reasons
from conformance.transport.deadline import Attempt
from conformance.transport.settings import SoapSettings
from conformance.transport.soap import SoapTransport

if TYPE_CHECKING:
    from collections.abc import Callable

BOUND = 5.0


@pytest.fixture
def free_port() -> int:
    """Return a port on which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as sock:
        port: int = sock.getsockname()[1]
    return port


def failure(transport: Any, request_to: Any, url: str, seconds: float = BOUND, **more: object) -> TransportError:
    """Send to ``url`` and return the error, which must come in time and blame the surroundings."""
    begun = time.monotonic()
    with pytest.raises(TransportError) as caught:
        transport(url, **more).send(request_to(url), seconds)
    assert time.monotonic() - begun < BOUND
    assert caught.value.blame == "surroundings"
    return caught.value


def test_refused(transport: Any, request_to: Any, free_port: int) -> None:
    """Nothing listens: the reason names the address."""
    assert "nothing listens at" in str(failure(transport, request_to, f"http://127.0.0.1:{free_port}/x"))


def test_unknown_name(transport: Any, request_to: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A host name that does not exist is named."""

    def fail(*_: Any, **__: Any) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    problem = failure(transport, request_to, "http://hes.invalid/x")
    assert "hes.invalid" in str(problem)
    assert not problem.timed_out


def test_name_that_cannot_be_encoded(transport: Any, request_to: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A host name that is none is an error of the surroundings, not a crash."""

    def fail(*_: Any, **__: Any) -> None:
        raise UnicodeError("label too long")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    assert "label too long" in str(failure(transport, request_to, f"http://{'a' * 60}.example/x"))


def test_name_service_that_hangs(transport: Any, request_to: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even a name service that never answers cannot hold the run up."""
    never: queue.SimpleQueue[None] = queue.SimpleQueue()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: never.get())
    problem = failure(transport, request_to, "http://hes.example/x", connect_s=0.2)
    never.put(None)
    assert problem.timed_out


def test_name_without_address(transport: Any, request_to: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that resolves to nothing is told as such."""
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [])
    assert "no address" in str(failure(transport, request_to, "http://hes.example/x"))


def test_unreachable(transport: Any, request_to: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The operating system's own words are passed on for everything else."""

    def fail(self: Any, address: Any) -> None:
        raise OSError(113, "No route to host")

    monkeypatch.setattr(socket.socket, "connect", fail)
    assert "No route to host" in str(failure(transport, request_to, "http://127.0.0.1:9/x"))


@pytest.fixture
def full_backlog() -> Any:
    """Listen without accepting, with the backlog full: a further connection hangs."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        sock.listen(0)
        waiting = []
        for _ in range(4):
            client = socket.socket()
            client.setblocking(False)
            client.connect_ex(sock.getsockname())
            waiting.append(client)
        yield sock.getsockname()[1]
        for client in waiting:
            client.close()


def test_connect_timeout(transport: Any, request_to: Any, full_backlog: int) -> None:
    """A connection that does not come about ends after connect_s, long before the deadline."""
    problem = failure(transport, request_to, f"http://127.0.0.1:{full_backlog}/x", 60.0, connect_s=0.3)
    assert problem.timed_out
    assert "within 0.3 s" in str(problem)


def test_second_address_is_tried(
    hostile: Any, transport: Any, request_to: Any, free_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of several addresses (IPv6, IPv4) one that works is enough."""
    server = hostile(lambda peer: peer.say(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"))
    kind = (socket.AF_INET, socket.SOCK_STREAM, 6, "")
    found = [(*kind, ("127.0.0.1", free_port)), (*kind, ("127.0.0.1", server.port))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    url = f"http://hes.example:{server.port}/x"
    assert transport(url).send(request_to(url), BOUND).status == 200


def test_deadline_before_connecting(transport: Any, request_to: Any, hostile: Any) -> None:
    """A deadline that is over at once is an error, not a hang."""
    server = hostile(lambda peer: peer.hold())
    with pytest.raises(TransportError) as caught:
        transport(server.url).send(request_to(server.url), 0.0)
    assert caught.value.timed_out


def test_too_late_without_connection() -> None:
    """When the time is over before a connection stood, the system is not to blame."""
    with Attempt(1.0, 0.5) as attempt:
        problem = reasons.too_late("http://x", attempt, 1.0)
    assert (problem.blame, problem.timed_out) == ("surroundings", True)


def test_expired_attempt_cuts_what_comes_later() -> None:
    """A socket that is guarded after the time was over is shut down at once, and no clock runs again."""
    left, right = socket.socketpair()
    with left, right, Attempt(0.01, 0.01) as attempt:
        attempt.connecting()
        deadline = time.monotonic() + BOUND
        while not attempt.expired:
            assert time.monotonic() < deadline
        attempt.guard(left)
        attempt.exchanging(reused=False)
        assert right.recv(1) == b""


@pytest.mark.parametrize(
    "url", ["ftp://host/x", "http://", "host:80/x", "http://host:99999/", "http://host:0/", "http://[::1/x"]
)
def test_urls_that_cannot_be_used(url: str) -> None:
    """A bad URL is an error of the configuration, which names it."""
    with pytest.raises(ConfigurationError) as caught:
        SoapTransport(SoapSettings(style="generic", version="1.1", urls={"": url}))
    assert url in str(caught.value)


def test_url_with_credentials() -> None:
    """Credentials in a URL would end up in the journal: refused, without repeating them."""
    urls = {"": "http://ann:hush@host/x"}
    with pytest.raises(ConfigurationError, match="username and password") as caught:
        SoapTransport(SoapSettings(style="generic", version="1.1", urls=urls))
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: ValueError("strange"), "strange"),
        (lambda: _wrapped(ConnectionResetError("peer")), "reset the connection"),
    ],
)
def test_reasons_look_inside(make: Callable[[], Exception], words: str) -> None:
    """The reason is the innermost that is known; an unknown one is passed on."""
    with Attempt(60.0, 5.0) as attempt:
        attempt.exchanging(reused=False)
        problem = reasons.broken_off(make(), "http://x", attempt, 60.0)
    assert words in str(problem)
    assert problem.blame == "system"


def _wrapped(inner: Exception) -> Exception:
    outer = RuntimeError("outer", inner)
    inner.__context__ = outer  # a circle, as urllib3 sometimes makes
    return outer
