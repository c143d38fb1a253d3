"""The pre-flight of a system that is hard to reach: dead, silent, hidden behind TLS, or far away."""

from __future__ import annotations

import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import trustme

from conformance.sut import probe_callback, probe_network
from conformance.sut.doctor import Result, examine
from conformance.sut.load import Loaded
from conformance.sut.result import Budget

Start = Callable[..., Any]
Configured = Callable[..., Loaded]


def of(results: list[Result], name: str) -> list[tuple[str, str, str]]:
    """Return status, what and fix of every finding called ``name``."""
    return [(item.status, item.what, item.fix) for item in results if item.name == name]


def wsdl(url: str) -> tuple[str, str]:
    """Return the change that names ``url`` as the WSDL."""
    return ('#wsdl = "http://127.0.0.1:8080/services/Request?wsdl"', f'wsdl = "{url}"')


# -- dead and silent ---------------------------------------------------------------------------------


def test_a_dead_port(configured: Configured, dead_port: int) -> None:
    """Nothing listens: said once, and all that follows is skipped with the reason."""
    url = f"http://127.0.0.1:{dead_port}/x"
    results = examine(configured(url, wsdl(url)))
    (found,) = of(results, "connection")
    assert found == (
        "problem",
        f"127.0.0.1:{dead_port} refuses connections: nothing listens there",
        "start the system, open the firewall, or correct endpoints.generic.url and endpoints.generic.wsdl",
    )
    for name in ("SOAP", "authentication", "namespace", "clock", "test data"):
        assert of(results, name) == [("skipped", "the system is not reached", "")]
    assert of(results, "WSDL")[0][0] == "skipped"
    assert of(results, "callback")[0][0] == "ok"


def test_a_silent_system(configured: Configured, silent_port: int) -> None:
    """It accepts and says nothing: the pre-flight ends in time all the same."""
    began = time.monotonic()
    url = f"http://127.0.0.1:{silent_port}/x"
    results = examine(configured(url, wsdl(url)), budget_s=2.0)
    assert time.monotonic() - began < 9.0  # the promise is ten, for any system
    assert of(results, "SOAP")[0][0] == "problem"
    assert "did not answer within" in of(results, "SOAP")[0][1]
    assert of(results, "WSDL")[0][0] == "problem"


def test_a_system_that_does_not_accept(configured: Configured, full_port: int) -> None:
    """A full queue swallows the connection, as a firewall does."""
    began = time.monotonic()
    results = examine(configured(f"http://127.0.0.1:{full_port}/x"), budget_s=2.0)
    assert time.monotonic() - began < 9.0  # the promise is ten, for any system
    assert "did not accept a connection within" in of(results, "connection")[0][1]


def test_a_silent_tls_port(configured: Configured, silent_port: int) -> None:
    """TLS is never spoken: that is a problem of TLS, not of SOAP."""
    began = time.monotonic()
    results = examine(configured(f"https://127.0.0.1:{silent_port}/x"), budget_s=2.0)
    assert time.monotonic() - began < 9.0  # the promise is ten, for any system
    assert of(results, "TLS")[0][0] == "problem"
    assert of(results, "SOAP")[0][0] == "skipped"


def test_a_dead_tls_port(configured: Configured, dead_port: int) -> None:
    """Without a connection TLS is skipped."""
    results = examine(configured(f"https://127.0.0.1:{dead_port}/x"))
    assert of(results, "TLS")[0][0] == "skipped"


def test_an_unknown_name(configured: Configured) -> None:
    """A name without address ends the matter (RFC 6761: .invalid never resolves)."""
    results = examine(configured("http://head-end.invalid/x"))
    assert of(results, "name")[0][0] == "problem"
    assert "endpoints.generic.url" in of(results, "name")[0][2]
    assert of(results, "connection")[0][0] == "skipped"


def test_a_name_server_that_is_silent(configured: Configured, monkeypatch: pytest.MonkeyPatch) -> None:
    """The resolver cannot be interrupted, and is not waited for."""
    released = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: released.wait(30))
    assert probe_network._resolve("host", 80, 0.05) == "was not resolved within 0.1 s"
    released.set()


def test_a_slow_system(start: Start, configured: Configured, monkeypatch: pytest.MonkeyPatch) -> None:
    """What comes too late for the pre-flight need not be too late for the run: a warning."""
    shares: list[float] = []

    def share(budget: Budget, part: float) -> float:
        shares.append(part)
        return 0.000_001 if part == 0.4 else 5.0

    monkeypatch.setattr(Budget, "share", share)
    results = examine(configured(start().url))
    assert of(results, "SOAP")[0][0] == "ok"
    assert of(results, "test data")[0][0] == "warning"
    assert of(results, "unsupported type")[0][0] == "warning"


def test_time_that_is_over(start: Start, configured: Configured, monkeypatch: pytest.MonkeyPatch) -> None:
    """When no time is left, no other ways are tried."""
    system = start(style="none")
    monkeypatch.setattr(Budget, "over", True)
    results = examine(configured(system.url))
    assert of(results, "SOAP")[0][0] == "problem"
    assert len(system.requests) == 1


def test_a_system_that_breaks_off(configured: Configured) -> None:
    """Something that is not HTTP: the bytes it began with are shown."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def talk() -> None:
            while True:
                try:
                    client, _ = listener.accept()
                except OSError:
                    return
                with client:
                    client.recv(10)
                    client.sendall(b"220 mail ready\r\n")

        threading.Thread(target=talk, daemon=True).start()
        results = examine(configured(f"http://127.0.0.1:{listener.getsockname()[1]}/x"))
        listener.shutdown(socket.SHUT_RDWR)
    assert of(results, "SOAP")[0][0] == "problem"


# -- TLS ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """Return the CA of these tests."""
    return trustme.CA()


def server_context(authority: trustme.CA, *names: str, client_ca: bool = False, **times: Any) -> ssl.SSLContext:
    """Return the TLS side of a system."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names, **times).configure_cert(context)
    if client_ca:
        authority.configure_trust(context)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


@pytest.fixture
def trust(authority: trustme.CA, tmp_path: Path) -> tuple[str, str]:
    """Return the change that makes SUT.toml trust the CA."""
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    return ('#ca = "certificates/ca.pem"', 'ca = "ca.pem"')


def test_good_tls(start: Start, configured: Configured, authority: trustme.CA, trust: tuple[str, str]) -> None:
    """The twin of the cases below."""
    system = start(server_context(authority, "127.0.0.1"))
    results = examine(configured(system.url, trust))
    assert of(results, "TLS")[0][0] == "ok", of(results, "TLS")
    assert of(results, "test data")[0][0] == "ok"


def test_tls_that_is_not_trusted(start: Start, configured: Configured, authority: trustme.CA) -> None:
    """A private CA has to be named."""
    found = of(examine(configured(start(server_context(authority, "127.0.0.1")).url)), "TLS")
    assert found[0][0] == "problem"
    assert "is not trusted" in found[0][1]
    assert "[security] ca" in found[0][2]


def test_tls_for_another_host(
    start: Start, configured: Configured, authority: trustme.CA, trust: tuple[str, str]
) -> None:
    """The name in the URL is not that of the certificate."""
    found = of(examine(configured(start(server_context(authority, "other.example")).url, trust)), "TLS")
    assert "is for another address" in found[0][1]


def test_tls_that_has_expired_or_will(
    start: Start, configured: Configured, authority: trustme.CA, trust: tuple[str, str]
) -> None:
    """An expired certificate is a problem, one that soon will be a warning."""
    from datetime import UTC, datetime, timedelta

    past = server_context(authority, "127.0.0.1", not_after=datetime.now(UTC) - timedelta(days=1))
    assert "has expired" in of(examine(configured(start(past).url, trust)), "TLS")[0][1]
    soon = server_context(authority, "127.0.0.1", not_after=datetime.now(UTC) + timedelta(days=3))
    assert of(examine(configured(start(soon).url, trust)), "TLS")[0][0] == "warning"


def test_tls_that_wants_a_client_certificate(
    start: Start, configured: Configured, authority: trustme.CA, trust: tuple[str, str], tmp_path: Path
) -> None:
    """TLS 1.3 says so only after the handshake; with the certificate all is well."""
    system = start(server_context(authority, "127.0.0.1", client_ca=True))
    found = of(examine(configured(system.url, trust)), "TLS")
    assert found[0][0] == "problem"
    assert "client_certificate and client_key" in found[0][2]
    mine = authority.issue_cert("suite.example")
    mine.private_key_pem.write_to_path(tmp_path / "me.key")
    mine.cert_chain_pems[0].write_to_path(tmp_path / "me.pem")
    certificate = ('#client_certificate = "certificates/client.pem"', 'client_certificate = "me.pem"')
    key = ('#client_key = "certificates/client.key"', 'client_key = "me.key"')
    assert of(examine(configured(system.url, trust, certificate, key)), "TLS")[0][0] == "ok"


def test_tls_that_hangs_up(configured: Configured, authority: trustme.CA, trust: tuple[str, str]) -> None:
    """A server that refuses us after the handshake without an alert: what it most likely wants is said."""
    context = server_context(authority, "127.0.0.1")
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def hang_up() -> None:
            while True:
                try:
                    peer = context.wrap_socket(listener.accept()[0], server_side=True)
                except ssl.SSLError:
                    continue
                except OSError:
                    return
                peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                peer.close()

        threading.Thread(target=hang_up, daemon=True).start()
        url = f"https://127.0.0.1:{listener.getsockname()[1]}/x"
        found = of(examine(configured(url, trust)), "TLS")
        listener.shutdown(socket.SHUT_RDWR)
    assert [item[0] for item in found] == ["warning"]
    assert "hangs up after the handshake" in found[0][1]
    assert "security.client_certificate" in found[0][2]


def test_http_and_https_mixed_up(start: Start, configured: Configured, authority: trustme.CA) -> None:
    """Either way round, the scheme to write is named."""
    system = start(server_context(authority, "127.0.0.1"))
    plain = of(examine(configured(system.url.replace("https://", "http://"))), "SOAP")
    assert "write https:// in endpoints.generic.url" in plain[0][2]
    secured = of(examine(configured(start().url.replace("http://", "https://"))), "TLS")
    assert "does not speak TLS" in secured[0][1]


# -- callback ----------------------------------------------------------------------------------------


def test_a_callback_port_that_is_taken(start: Start, configured: Configured, silent_port: int) -> None:
    """The message of the gateway, in words of [callback]."""
    found = of(examine(configured(start().url, ("#port = 0", f"port = {silent_port}"))), "callback")
    assert found[0][0] == "problem"
    assert f"port = {silent_port} on 127.0.0.1 is taken" in found[0][1]


def test_an_advertised_address_that_is_dead(start: Start, configured: Configured, dead_port: int) -> None:
    """What the system would meet is what is tried."""
    advertise = ('#advertise = "http://suite.example:8090/"', f'advertise = "http://127.0.0.1:{dead_port}/"')
    found = of(examine(configured(start().url, advertise)), "callback")
    assert found[0][0] == "problem"
    assert "callback.advertise" in found[0][2]


def test_an_advertised_address_of_somebody_else(start: Start, configured: Configured) -> None:
    """Another program, or the gateway of another run, answers there."""
    other = start()
    advertise = ('#advertise = "http://suite.example:8090/"', f'advertise = "{other.url}"')
    found = of(examine(configured(start().url, advertise)), "callback")
    assert "answers something else than this suite (HTTP 404)" in found[0][1]
    other.behaviour.wsdl = b"conformance gateway of yesterday"
    found = of(examine(configured(start().url, advertise)), "callback")
    assert "the gateway of another run" in found[0][1]


def test_an_advertised_address_that_is_ours(start: Start, configured: Configured, dead_port: int) -> None:
    """The twin of the two above."""
    advertise = ('#advertise = "http://suite.example:8090/"', f'advertise = "http://localhost:{dead_port}/"')
    port = ("#port = 0", f"port = {dead_port}")
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        free = holder.getsockname()[1]
    changes = [(old, new.replace(str(dead_port), str(free))) for old, new in (advertise, port)]
    found = of(examine(configured(start().url, *changes)), "callback")
    assert found[0][0] == "ok", found
    assert "through callback.advertise" in found[0][1]


def test_a_system_elsewhere_cannot_reach_loopback(configured: Configured) -> None:
    """192.0.2.1 is nobody (RFC 5737), and not this machine."""
    found = of(examine(configured("http://192.0.2.1/x"), budget_s=2.0), "callback")
    assert found[-1][0] == "warning"
    assert "set callback.host" in found[-1][2]


@pytest.mark.parametrize(
    ("host", "local"),
    [("127.0.0.1", True), ("::1", True), ("LocalHost", True), ("a.localhost", True), ("10.0.0.1", False), ("x", False)],
)
def test_loopback(host: str, local: bool) -> None:
    """Names and addresses that can only mean this machine."""
    assert probe_callback.is_loopback(host) is local
