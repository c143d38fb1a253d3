"""The gateway's server: uvicorn on a socket of our own, with a ready signal and patience that ends."""

from __future__ import annotations

import errno
import os
import secrets
import socket
from typing import TYPE_CHECKING, Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from conformance.errors import ConfigurationError
from conformance.journal import Journal
from conformance.transport.gateway_app import SLOW_SENDER_S, Inbox, application
from conformance.transport.security import check_server_files

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from uvicorn.protocols.http.h11_impl import RequestResponseCycle

    from conformance.transport.settings import GatewaySettings

#: How long connections that are still busy may go on after stop, in seconds.
_GRACE_S = 2
#: How long an idle connection is kept for the next message, in seconds.
_KEEP_ALIVE_S = 60


def new_token() -> str:
    """Return what tells this run from every other."""
    return secrets.token_hex(8)


def path_of(token: str) -> str:
    """Return the path of the reply address."""
    return f"/callback/{token}"


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket. Raises ConfigurationError in the words of SUT.toml."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except (OSError, UnicodeError) as problem:
        raise ConfigurationError(f'[callback] host = "{host}" is not a name or address: {problem}') from problem
    sock = socket.socket(family, kind, protocol)
    try:
        if os.name == "posix":  # on Windows, SO_REUSEADDR lets two programs share a port
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(address)
        sock.listen(1024)
    except OSError as problem:
        sock.close()
        raise ConfigurationError(_cannot_listen(host, port, problem)) from problem
    return sock


def _cannot_listen(host: str, port: int, problem: OSError) -> str:
    if problem.errno == errno.EADDRINUSE:
        return (
            f"[callback] port = {port} on {host} is taken by another program: choose another one,"
            " or 0 for any free port"
        )
    if problem.errno == errno.EADDRNOTAVAIL:
        return f'[callback] host = "{host}" is not an address of this machine: use one of its own, or "0.0.0.0"'
    if problem.errno == errno.EACCES:
        return f"[callback] port = {port}: this user may not listen there; choose a port from 1024 on"
    return f"[callback] cannot listen on {host} port {port}: {problem}"


class _Protocol(H11Protocol):
    """HTTP that closes a connection on which no request arrives: uvicorn itself would wait for ever."""

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._impatience: asyncio.TimerHandle | None = None
        self._watch()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        self._calm()
        super().connection_lost(exc)

    def _watch(self) -> None:
        cycle: RequestResponseCycle | None = self.cycle
        if cycle is not None and not cycle.response_complete:
            self._calm()
        elif self._impatience is None:
            self._impatience = self.loop.call_later(SLOW_SENDER_S, self.transport.close)

    def _calm(self) -> None:
        if self._impatience is not None:
            self._impatience.cancel()
            self._impatience = None


class Server(uvicorn.Server):
    """One running gateway: :meth:`serve_on` blocks until ``should_exit`` is set."""

    def __init__(self, settings: GatewaySettings, token: str) -> None:
        """Open the journal and check the TLS files. Raises ConfigurationError."""
        if settings.certificate is not None:
            check_server_files(settings.certificate, settings.key)
        self._journal = Journal(settings.journal, settings.secrets)
        inbox = Inbox(
            journal=self._journal,
            token=token,
            path=path_of(token),
            max_bytes=settings.max_bytes,
            address=settings.advertise,
        )
        app, self._end = application(inbox)
        self._ready: Callable[[], None] = lambda: None
        super().__init__(
            uvicorn.Config(
                app,
                http=_Protocol,
                ws="none",
                lifespan="off",
                log_config=None,
                log_level="error",
                access_log=False,
                server_header=False,
                proxy_headers=False,
                timeout_keep_alive=_KEEP_ALIVE_S,
                timeout_graceful_shutdown=_GRACE_S,
                ssl_certfile=settings.certificate,
                ssl_keyfile=settings.key,
            )
        )

    def serve_on(self, sock: socket.socket, ready: Callable[[], None]) -> None:
        """Serve on ``sock``, call ``ready`` once connections are accepted, and clean up at the end."""
        self._ready = ready
        try:
            self.run(sockets=[sock])
        finally:
            sock.close()
            self._end()
            self._journal.close()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start as uvicorn does, then say so."""
        await super().startup(sockets)
        self._ready()
