"""Can the system be reached at all: its name, its port, its TLS?"""

from __future__ import annotations

import queue
import socket
import ssl
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from conformance.sut.result import Case, Result
from conformance.transport.reasons import tls_problem
from conformance.transport.security import client_context

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_SHARE = 0.2
_SOON_S = 14 * 86_400
_ALERT_S = 0.25
#: (host, port, whether TLS is spoken)
Place = tuple[str, int, bool]


def place_of(url: str) -> Place:
    """Return where ``url`` is."""
    parts = urlsplit(url)
    tls = parts.scheme == "https"
    return parts.hostname or "", parts.port or (443 if tls else 80), tls


def urls_of(case: Case) -> dict[str, str]:
    """Return the URLs that the suite uses in the configured style, by their keys in SUT.toml."""
    endpoint = case.loaded.configuration.endpoints.chosen
    given = endpoint.model_dump(exclude={"soap", "request_action"}, exclude_none=True) if endpoint else {}
    return {f"endpoints.{case.style}.{name}": url for name, url in given.items()}


def probe(case: Case) -> tuple[list[Result], set[Place]]:
    """Return what was found, and which places can be used."""
    results: list[Result] = []
    usable: set[Place] = set()
    urls = urls_of(case)
    for place in dict.fromkeys(place_of(url) for url in urls.values()):
        keys = " and ".join(key for key, url in urls.items() if place_of(url) == place)
        found = list(_look(case, place, keys))
        results += found
        if not any(item.status == "problem" for item in found):
            usable.add(place)
    return results, usable


def _look(case: Case, place: Place, keys: str) -> Iterator[Result]:
    host, port, tls = place
    addresses = _resolve(host, port, case.budget.share(_SHARE))
    if isinstance(addresses, str):
        yield Result("name", "problem", f"the host name {host} {addresses}", f"correct {keys}, or the name service")
        yield Result("connection", "skipped", f"{host}:{port}: without an address there is nothing to connect to")
        return
    yield Result("name", "ok", f"{host} is {', '.join(sorted({item[4][0] for item in addresses}))}")
    connected = _connect(addresses, case.budget.share(_SHARE))
    if isinstance(connected, str):
        fix = f"start the system, open the firewall, or correct {keys}"
        yield Result("connection", "problem", f"{host}:{port} {connected}", fix)
        if tls:
            yield Result("TLS", "skipped", f"{host}:{port}: there is no connection to speak TLS over")
        return
    with connected:
        yield Result("connection", "ok", f"{host}:{port} accepts connections")
        if tls:
            yield _tls(case, connected, place)


def _resolve(host: str, port: int, seconds: float) -> list[Any] | str:
    """Look ``host`` up in a thread of its own: the resolver cannot be interrupted."""
    found: queue.SimpleQueue[list[Any] | str] = queue.SimpleQueue()

    def look_up() -> None:
        try:
            found.put(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as problem:
            found.put(f"has no address ({getattr(problem, 'strerror', None) or problem})")

    threading.Thread(target=look_up, daemon=True, name="resolver").start()
    try:
        return found.get(timeout=seconds)
    except queue.Empty:
        return f"was not resolved within {seconds:.1f} s"


def _connect(addresses: list[Any], seconds: float) -> socket.socket | str:
    ends = time.monotonic() + seconds
    reason = "cannot be reached"
    for family, kind, protocol, _, address in addresses:
        sock = socket.socket(family, kind, protocol)
        try:
            sock.settimeout(max(0.01, ends - time.monotonic()))
            sock.connect(address)
        except TimeoutError:
            sock.close()
            reason = f"did not accept a connection within {seconds:.1f} s"
        except OSError as refusal:
            sock.close()
            refused = isinstance(refusal, ConnectionRefusedError)
            reason = "refuses connections: nothing listens there" if refused else f"fails: {refusal.strerror}"
        else:
            return sock
    return reason


def _tls(case: Case, sock: socket.socket, place: Place) -> Result:
    host, port, _ = place
    where = f"{host}:{port}"
    context = client_context(case.settings)
    seconds = case.budget.share(_SHARE)
    sock.settimeout(seconds)
    try:
        with context.wrap_socket(sock, server_hostname=host) as secured:
            certificate, version = secured.getpeercert() or {}, secured.version()
            hung_up = _provoke(secured, host)
    except (OSError, ValueError) as problem:  # ValueError: a host name that TLS cannot carry
        said, _, fix = str(tls_problem(problem, where, timed_out=False)).partition(": ")
        return Result("TLS", "problem", said, fix or f"look at the TLS settings of {where}, and at [security]")
    if hung_up:
        return _hung_up(case, where)
    return _certificate(f"{where} speaks {version}, its certificate is trusted", certificate)


def _provoke(secured: ssl.SSLSocket, host: str) -> bool:
    """Make the server say something: with TLS 1.3 it refuses our certificate only after the handshake.

    Returns whether it hung up without a word.
    """
    # Listen first: what is sent to a server that has hung up destroys the alert that it left behind.
    patience = secured.gettimeout()
    secured.settimeout(_ALERT_S)
    with suppress(TimeoutError):
        return _says_nothing(secured)
    secured.settimeout(patience)
    request = f"HEAD / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode("ascii", "replace")
    with suppress(TimeoutError):
        return _says_nothing(secured, request)
    return False


def _says_nothing(secured: ssl.SSLSocket, request: bytes = b"") -> bool:
    try:
        secured.sendall(request)
        return secured.recv(1) == b""
    except (ConnectionError, ssl.SSLEOFError):
        return True


def _hung_up(case: Case, where: str) -> Result:
    said = f"{where} hangs up after the handshake, as a server does that misses a client certificate, or refuses it"
    given = case.loaded.configuration.security.client_certificate
    fix = "set security.client_certificate and security.client_key to ones that it accepts (mutual TLS)"
    return Result("TLS", "warning", said, fix if given is None else f"{fix}; it may not know the CA of {given}")


def _certificate(said: str, certificate: Mapping[str, Any]) -> Result:
    until = str(certificate.get("notAfter", ""))
    left = ssl.cert_time_to_seconds(until) - time.time() if until else _SOON_S
    if left < _SOON_S:
        fix = "let the system get a new certificate before the run"
        return Result("TLS", "warning", f"{said}, but expires in {left / 86_400:.0f} days", fix)
    return Result("TLS", "ok", f"{said} until {until}")


def speaks_tls(url: str, seconds: float) -> bool:
    """Return whether the place of an ``http`` URL speaks TLS after all."""
    host, port, _ = place_of(url)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # nothing is sent: only the protocol is looked at
    try:
        with (
            socket.create_connection((host, port), timeout=seconds) as sock,
            context.wrap_socket(sock, server_hostname=host),
        ):
            return True
    except (OSError, ValueError):
        return False
