"""The reference system behind real sockets: a context manager for tests, and a blocking command."""

from __future__ import annotations

import asyncio
import signal
import socket
import ssl
import threading
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

import uvicorn

from conformance.errors import ConfigurationError
from conformance.reference.admin import Admin
from conformance.reference.delivery import Courier
from conformance.reference.http import Front
from conformance.reference.security import Demands
from conformance.reference.service import Service
from conformance.reference.system import System
from conformance.sut.write import to_toml

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from starlette.applications import Starlette

    from conformance.message.soap import SoapVersion, Style
    from conformance.reference.security import Tls
    from conformance.transport.jms.brokers import BrokerKind
    from conformance.transport.jms.settings import SoapBinding

LOOPBACK = "127.0.0.1"
_STOP_S = 5.0


class Listening:
    """ASGI applications on sockets of their own, served by one background thread.

    The sockets listen before the thread runs, so that nobody has to wait for it.
    """

    def __init__(self) -> None:
        """Listen to nothing yet."""
        self._servers: list[tuple[uvicorn.Server, socket.socket]] = []
        self._thread = threading.Thread(target=self._run, name="reference", daemon=True)

    def add(self, application: Starlette, host: str, port: int, tls: Tls | None = None) -> int:
        """Bind ``application`` and return its port. Raises ConfigurationError when the port cannot be had."""
        listener = bound(host, port)
        config = uvicorn.Config(
            application, lifespan="off", log_level="critical", access_log=False, http="h11", ws="none",
            timeout_graceful_shutdown=1, server_header=False,
            ssl_certfile=tls.certificate if tls else None,
            ssl_keyfile=str(tls.key) if tls else None,
            ssl_ca_certs=str(tls.client_ca) if tls and tls.client_ca else None,
            ssl_cert_reqs=ssl.CERT_REQUIRED if tls and tls.client_ca else ssl.CERT_NONE,
        )  # fmt: skip
        self._servers.append((uvicorn.Server(config), listener))
        return int(listener.getsockname()[1])

    def start(self) -> None:
        """Serve."""
        self._thread.start()

    def stop(self) -> None:
        """Stop serving and let go of the ports."""
        for server, _ in self._servers:
            server.should_exit = True
        if self._thread.is_alive():
            self._thread.join(_STOP_S)
        for _, listener in self._servers:
            listener.close()

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        await asyncio.gather(*(server.serve(sockets=[listener]) for server, listener in self._servers))


def bound(host: str, port: int) -> socket.socket:
    """Return a listening socket. Raises ConfigurationError when the address cannot be had."""
    # With proto 0 asyncio leaves Nagle's algorithm on, which costs 40 ms an answer.
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, proto=socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(128)
    except OSError as taken:
        listener.close()
        raise ConfigurationError(f"cannot listen on {host}:{port}: {taken.strerror}") from taken
    return listener


class ReferenceServer(System):
    """The reference metering system over HTTP. A context manager; entering it starts the sockets.

    ``seed`` chooses the meters. ``tls`` and ``demands`` say what a requester must bring.
    """

    def __init__(  # noqa: PLR0913 - keyword-only, each an option of the command `serve`
        self,
        *,
        faults: Sequence[str] = (),
        variants: Sequence[str] = (),
        seed: int = 1,
        host: str = LOOPBACK,
        port: int = 0,
        admin_port: int = 0,
        tls: Tls | None = None,
        demands: Demands | None = None,
        verify: str | bool = True,
    ) -> None:
        """Keep the options; ``verify`` is the CA file for addresses with TLS that messages are sent to later."""
        super().__init__(Service(seed), Courier(verify))
        self._host, self._port, self._admin_port, self._tls = host, port, admin_port, tls
        self._demands = demands or Demands()
        self._listening: Listening | None = None
        self.set_fault(*faults)
        self.set_variant(*variants)

    def start(self) -> Self:
        """Listen and serve; raises ConfigurationError when a port is taken."""
        listening = Listening()
        front = Front(service=self.service, courier=self.courier, demands=self._demands)
        port = listening.add(front.application(), self._host, self._port, self._tls)
        admin_port = listening.add(Admin(self).application(), LOOPBACK, self._admin_port)
        self.url = f"{'https' if self._tls else 'http'}://{_shown(self._host)}:{port}"
        self.admin_url = f"http://{LOOPBACK}:{admin_port}"
        listening.start()
        self._listening = listening
        return self

    def stop(self) -> None:
        """Stop, and drop what has not been delivered."""
        self.courier.close()
        if self._listening is not None:
            self._listening.stop()
            self._listening = None

    def set_events_address(self, url: str | None) -> None:
        """Say where messages that nobody asked for go."""
        self.service.events_address = url

    def __enter__(self) -> Self:
        """Start."""
        return self.start()

    def __exit__(self, *_: object) -> None:
        """Stop."""
        self.stop()


def _shown(host: str) -> str:
    if host in ("0.0.0.0", "::"):  # noqa: S104 - only compared
        return LOOPBACK
    return f"[{host}]" if ":" in host else host


@dataclass(frozen=True, slots=True, kw_only=True)
class Carrier:
    """JMS beside HTTP: which broker, and SOAP envelopes instead of plain XML if ``soap`` is given."""

    broker: BrokerKind
    soap: SoapBinding | None = None


def serve(
    server: ReferenceServer,
    say: Callable[[str], None],
    configuration: Path | None = None,
    style: Style = "generic",
    soap: SoapVersion = "1.1",
    carrier: Carrier | None = None,
) -> None:
    """Run ``server`` until SIGINT or SIGTERM; ``say`` gets its addresses, ``configuration`` its SUT.toml.

    With a ``carrier`` it also serves over JMS. Must run in the main thread, which alone gets signals.
    """
    stopped = threading.Event()
    before = {number: signal.signal(number, lambda *_: stopped.set()) for number in _SIGNALS}
    try:
        with ExitStack() as running:
            running.enter_context(server)
            described = server.configuration(style, soap)
            if carrier is not None:
                from conformance.reference.jms import JmsReference

                front = running.enter_context(JmsReference(server, carrier.broker, soap=carrier.soap))
                described = front.configuration(style, soap)
                say(f"broker       {front.url}  ({', '.join(front.destinations)})")
            path = configuration or Path("reference.SUT.toml")
            path.write_text(to_toml(described), encoding="utf-8")
            say(f"listening    {server.url}  (/generic, /bare, /typed/<Service>; ?wsdl)")
            say(f"admin        {server.admin_url}  (/state, /faults/<name>, /stimuli/<name>)")
            say(f"SUT.toml     {path}")
            stopped.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


_SIGNALS = (signal.SIGINT, signal.SIGTERM)
