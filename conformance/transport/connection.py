"""Connections under a hard deadline, and the session that uses them.

A connection that was never made raises a TransportError from here, which blames the surroundings; whatever
happens after it stands is told by :mod:`conformance.transport.reasons`.
"""

from __future__ import annotations

import http.client
import io
import queue
import socket
import ssl
import threading
from typing import TYPE_CHECKING, Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

from conformance.errors import TransportError
from conformance.transport.deadline import Attempt, current
from conformance.transport.reasons import tls_problem

if TYPE_CHECKING:
    from collections.abc import Sequence


class _CountingSocket(io.RawIOBase):
    """What arrives, counted: only an answer without a single byte may be asked for again."""

    def __init__(self, inner: io.RawIOBase, attempt: Attempt) -> None:
        self._inner = inner
        self._attempt = attempt
        self.ended = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int | None:
        count: int | None = self._inner.readinto(buffer)
        self._attempt.arrived += count or 0
        self.ended = self.ended or count == 0
        return count

    def close(self) -> None:
        self._inner.close()
        super().close()


class _Response(http.client.HTTPResponse):
    """An answer whose headers must be complete: http.client takes a cut header block for a whole one."""

    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self._raw = _CountingSocket(self.fp.detach(), current())
        self.fp = io.BufferedReader(self._raw)

    def begin(self) -> None:
        super().begin()
        if self._raw.ended:
            self.close()
            raise http.client.HTTPException("the connection ended within the headers")


class _Guarded:
    """What both connection classes share: the socket is made, and watched, under the attempt's deadline."""

    host: str
    port: int
    sock: socket.socket | None

    def _new_conn(self) -> socket.socket:
        attempt = current()
        attempt.connecting()
        sock = _open(self.host, self.port, attempt)
        attempt.guard(sock)
        return sock

    def _start(self) -> None:
        attempt = current()
        if self.sock is not None and not attempt.connected:
            attempt.guard(self.sock)
            attempt.exchanging(reused=True)


class _Http(_Guarded, HTTPConnection):
    response_class = _Response

    def connect(self) -> None:
        super().connect()
        current().exchanging(reused=False)

    def request(self, *args: Any, **kwargs: Any) -> None:
        self._start()
        super().request(*args, **kwargs)


class _Https(_Guarded, HTTPSConnection):
    response_class = _Response

    def connect(self) -> None:
        try:
            super().connect()
        except (OSError, ValueError) as problem:  # ValueError: a host name that TLS cannot carry
            raise tls_problem(problem, f"{self.host}:{self.port}", timed_out=current().expired) from problem
        current().exchanging(reused=False)

    def request(self, *args: Any, **kwargs: Any) -> None:
        self._start()
        try:
            super().request(*args, **kwargs)
        except OSError:
            # In TLS 1.3 a server refuses a client after the handshake: its alert waits to be read (RFC 8446, 4.4.2.4).
            if self.sock is not None:
                self.sock.recv(1)
            raise


class _HttpPool(HTTPConnectionPool):
    ConnectionCls = _Http


class _HttpsPool(HTTPSConnectionPool):
    ConnectionCls = _Https


class _Adapter(HTTPAdapter):
    """An adapter whose TLS context is ours alone: requests would add its own certificate authorities."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context
        super().__init__()

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **options: Any) -> None:
        super().init_poolmanager(connections, maxsize, block=block, ssl_context=self._context, **options)
        self.poolmanager.pool_classes_by_scheme = {"http": _HttpPool, "https": _HttpsPool}

    def build_connection_pool_key_attributes(
        self, request: requests.PreparedRequest, verify: Any, cert: Any = None
    ) -> Any:
        host, _ = super().build_connection_pool_key_attributes(request, verify, cert)
        return host, {}

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:
        """Leave the connection as it is: the context has everything."""


class Session(requests.Session):
    """A session that sends what it is given: no proxies, no cookies, no redirects, no environment."""

    def __init__(self, context: ssl.SSLContext) -> None:
        super().__init__()
        self.trust_env = False
        self.cookies.set_policy(http.cookiejar.DefaultCookiePolicy(allowed_domains=[]))
        self.headers = requests.structures.CaseInsensitiveDict()
        adapter = _Adapter(context)
        self.mount("http://", adapter)
        self.mount("https://", adapter)

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Return None: requests would read a redirect's body without limit, even when told not to follow."""


def _open(host: str, port: int, attempt: Attempt) -> socket.socket:
    """Return a connected socket. Raises TransportError, always to the blame of the surroundings."""
    place = f"{host}:{port}"
    refusals: list[OSError] = []
    for family, kind, protocol, _, address in _resolve(host, port, attempt):
        sock = socket.socket(family, kind, protocol)
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.settimeout(max(0.001, min(attempt.connect_s, attempt.remaining)))
            sock.connect(address)
        except OSError as refusal:
            sock.close()
            refusals.append(refusal)
        else:
            return sock
    raise _not_connected(place, refusals, attempt)


def _not_connected(place: str, refusals: Sequence[OSError], attempt: Attempt) -> TransportError:
    if any(isinstance(refusal, TimeoutError) for refusal in refusals):
        return TransportError(
            f"{place} did not accept a connection within {attempt.connect_s:g} s:"
            " check the address, the firewall, and [timeouts] connect_s",
            blame="surroundings",
            timed_out=True,
        )
    if any(isinstance(refusal, ConnectionRefusedError) for refusal in refusals):
        return TransportError(
            f"nothing listens at {place} (refused): start the system, or correct its URL in [endpoints]",
            blame="surroundings",
        )
    why = refusals[0].strerror or str(refusals[0]) if refusals else "the name has no address"
    return TransportError(f"cannot connect to {place}: {why}", blame="surroundings")


def _resolve(host: str, port: int, attempt: Attempt) -> list[Any]:
    """Look ``host`` up in a thread of its own: the resolver of the system cannot be interrupted."""
    found: queue.SimpleQueue[list[Any] | OSError] = queue.SimpleQueue()
    name = host.removeprefix("[").removesuffix("]")

    def look_up() -> None:
        try:
            found.put(socket.getaddrinfo(name, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as problem:
            found.put(problem if isinstance(problem, OSError) else OSError(str(problem)))

    threading.Thread(target=look_up, daemon=True, name="resolver").start()
    try:
        answer = found.get(timeout=attempt.connect_s)
    except queue.Empty:
        answer = TimeoutError("no answer from the name service")
    if isinstance(answer, OSError):
        raise TransportError(
            f"the host name {name} has no address ({answer.strerror or answer}): correct the URL in"
            " [endpoints], or the name service of this machine",
            blame="surroundings",
            timed_out=isinstance(answer, TimeoutError),
        ) from answer
    return answer
