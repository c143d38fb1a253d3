"""The reference system over real HTTP."""

import base64
import hashlib
import ssl
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
import trustme
from lxml import etree

from conformance.message.build import build, sub
from conformance.message.controls import Control
from conformance.message.meter_readings import get_meter_readings, read_meter_readings
from conformance.message.soap import ENVELOPES, SoapVersion, Style, to_typed, unwrap, wrap
from conformance.reference import Demands, ReferenceServer, Tls
from conformance.reference.consumption import FORWARD
from conformance.reference.switching import CONNECT
from conformance.standard.wsdl import services
from tests.reference.battery import WINDOW, Element, create, get
from tests.reference.receiver import Receiver

HEADERS = {"Content-Type": "text/xml"}
CARRIAGES: list[tuple[Style, SoapVersion]] = [
    ("generic", "1.1"),
    ("generic", "1.2"),
    ("typed", "1.1"),
    ("typed", "1.2"),
    ("bare", "1.1"),
    ("bare", "1.2"),
    ("bare", "none"),
]


@pytest.fixture
def server() -> Iterator[ReferenceServer]:
    """A conforming system."""
    with ReferenceServer() as running:
        yield running


def read(server: ReferenceServer, **changes: str | None) -> Element:
    """Return a read of the first meter."""
    return build(get(get_meter_readings([server.service.fleet.meters[0].identity], [FORWARD], WINDOW), **changes))


def path(style: Style, verb: str = "get") -> str:
    """Return where requests go."""
    typed = {"get": "GetMeterReadings", "create": "RequestEndDeviceControls"}[verb]
    return f"/typed/{typed}" if style == "typed" else f"/{style}"


def post(server: ReferenceServer, body: bytes, where: str = "/generic", **options: object) -> requests.Response:
    """Post ``body``."""
    return requests.post(server.url + where, body, headers=HEADERS, timeout=5, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(("style", "version"), CARRIAGES)
def test_every_style_and_version(server: ReferenceServer, style: Style, version: SoapVersion) -> None:
    """The answer, the later answer and the event come as the request came."""
    with Receiver() as receiver:
        later = {"async_reply_flag": "true", "reply_address": f"{receiver.url}/cb"}
        control = build(create(Control(control_type=CONNECT, devices=(server.service.fleet.meters[0].identity,))))
        for message, verb in ((read(server), "get"), (read(server, **later), "get"), (control, "create")):
            noun = "EndDeviceControls" if verb == "create" else "MeterReadings"
            body = to_typed(message, verb=verb, noun=noun) if style == "typed" else message
            server.set_events_address(f"{receiver.url}/events")
            answer = post(server, wrap(body, version), path(style, verb))
            carried = unwrap(answer.content)
            assert (answer.status_code, carried.version) == (200, version)
            assert carried.message is not None
            assert carried.message.typed == (style == "typed")
            assert carried.message.reply is not None
            assert carried.message.reply.result == "OK"
        # The later answer is still on its way when the event is: either may come first.
        came = {target: (headers, unwrap(content)) for target, headers, content in (receiver.take(), receiver.take())}
        for where, expected in (("/cb", "reply(MeterReadings)"), ("/events", "created(EndDeviceEvents)")):
            headers, carried = came[where]
            assert (carried.version, str(carried.message)) == (version, expected)
            assert ("SOAPAction" in headers) == (version == "1.1")


def test_it_starts_fast_and_stops() -> None:
    """Half a second is enough, and afterwards the port is free."""
    begun = time.monotonic()
    with ReferenceServer() as running:
        assert post(running, b"<x/>").status_code == 500
        url = running.url
    assert time.monotonic() - begun < 10  # generous for a loaded machine
    with pytest.raises(requests.ConnectionError):
        requests.get(url, timeout=1)


def test_descriptions(server: ReferenceServer) -> None:
    """Every service describes itself, and its schemas can be had from where it says."""
    for service in services():
        where = "/generic" if service == "generic" else f"/typed/{service}"
        answer = requests.get(f"{server.url}{where}?wsdl", timeout=5)
        assert answer.headers["content-type"].startswith("text/xml")
        for link in etree.fromstring(answer.content).iter("{http://www.w3.org/2001/XMLSchema}import"):
            assert requests.get(link.attrib["schemaLocation"], timeout=5).status_code == 200
    assert requests.get(f"{server.url}/generic?xsd=../x", timeout=5).status_code == 404
    assert requests.get(f"{server.url}/generic", timeout=5).status_code == 405
    assert requests.get(f"{server.url}/typed/Nothing?wsdl", timeout=5).status_code == 404


def test_what_is_too_large_is_refused(server: ReferenceServer) -> None:
    """More than 16 MiB is not read to its end."""
    assert post(server, b" " * (17 * 1024 * 1024)).status_code == 413


def test_basic_authentication() -> None:
    """Without the right password there is HTTP 401."""
    with ReferenceServer(demands=Demands(basic=("u", "p"))) as server:
        assert post(server, b"<x/>").status_code == 401
        assert post(server, wrap(read(server), "1.1"), auth=("u", "wrong")).status_code == 401
        assert post(server, wrap(read(server), "1.1"), auth=("u", "p")).status_code == 200


def token(kind: str, password: str, nonce: bytes = b"n", created: str = "2026-01-01T00:00:00Z") -> Element:
    """Return a wsse:Security header."""
    space = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
    security = etree.Element(f"{{{space}}}Security")
    made = sub(security, "UsernameToken")
    sub(made, "Username", "u")
    sub(made, "Password", password).set("Type", f"urn:x#{kind}")
    sub(made, "Nonce", base64.b64encode(nonce).decode())
    sub(made, "Created", created)
    return security


def test_username_token() -> None:
    """A token as text or as digest is accepted, a wrong or missing one is a fault with 7.4 or 7.2."""
    with ReferenceServer(demands=Demands(username_token=("u", "p"))) as server:
        digest = base64.b64encode(hashlib.sha1(b"n2026-01-01T00:00:00Zp", usedforsecurity=False).digest()).decode()
        cases = (
            ((token("PasswordText", "p"),), None),
            ((token("PasswordDigest", digest),), None),
            ((token("PasswordText", "q"),), "7.4"),
            ((), "7.2"),
        )
        for headers, code in cases:
            answer = post(server, wrap(read(server), "1.2", headers))
            message = unwrap(answer.content).message
            assert message is not None
            assert message.reply is not None
            assert message.reply.codes == (() if code is None else (code,))
            assert answer.status_code == (200 if code is None else 500)


def test_tls_with_client_certificates(tmp_path: Path) -> None:
    """Who shows no certificate is not served."""
    ca = trustme.CA()
    ca.cert_pem.write_to_path(tmp_path / "ca.pem")
    for name, issued in (("server", ca.issue_cert("127.0.0.1")), ("client", ca.issue_cert("client.example"))):
        issued.cert_chain_pems[0].write_to_path(tmp_path / f"{name}.pem")
        issued.private_key_pem.write_to_path(tmp_path / f"{name}.key")
    tls = Tls(certificate=tmp_path / "server.pem", key=tmp_path / "server.key", client_ca=tmp_path / "ca.pem")
    with ReferenceServer(tls=tls) as server:
        assert server.url.startswith("https://")
        options = {"verify": str(tmp_path / "ca.pem")}
        with pytest.raises((requests.ConnectionError, ssl.SSLError)):
            post(server, wrap(read(server), "1.1"), **options)
        shown = (str(tmp_path / "client.pem"), str(tmp_path / "client.key"))
        assert post(server, wrap(read(server), "1.1"), **options, cert=shown).status_code == 200


def test_a_dead_reply_address_holds_up_nobody(server: ReferenceServer) -> None:
    """The messages to others arrive, and the dead one is counted."""
    dead = read(server, async_reply_flag="true", reply_address="http://127.0.0.1:9/x")
    with Receiver() as receiver:
        alive = read(server, async_reply_flag="true", reply_address=receiver.url)
        for message in (dead, dead, alive):
            assert post(server, wrap(message, "1.1")).status_code == 200
        assert read_meter_readings(receiver.next())
        assert server.courier.settle(10)
    assert server.courier.counters.given_up == 2
    assert server.courier.counters.delivered == 1


def test_a_refusing_receiver_is_asked_twice(server: ReferenceServer) -> None:
    """One repetition, then the message is given up."""
    with Receiver(status=503) as receiver:
        message = read(server, async_reply_flag="true", reply_address=receiver.url)
        post(server, wrap(message, "1.1"))
        assert server.courier.settle(10) or receiver.posted.qsize()
        receiver.take()
        receiver.take()
        assert server.courier.settle(10)
        assert server.courier.counters.given_up == 1


@pytest.mark.parametrize("name", ["gzip", "chunked", "connection_closed", "utf16", "byte_order_mark", "slow"])
def test_variants_over_http(name: str) -> None:
    """Variations of HTTP reach an ordinary client as the same message."""
    with ReferenceServer(variants=(name,)) as server:
        answer = post(server, wrap(read(server), "1.1"))
        message = unwrap(answer.content).message
        assert message is not None
        assert message.reply is not None
        assert message.reply.result == "OK"
        shown = {"gzip": "Content-Encoding", "chunked": "Transfer-Encoding", "connection_closed": "Connection"}
        assert shown.get(name, "Content-Type") in answer.headers


def test_soap_versions_are_told_by_the_fault(server: ReferenceServer) -> None:
    """What cannot be parsed is answered in the version of its content type."""
    for kind, space in (("text/xml", ENVELOPES["1.1"]), ("application/soap+xml", ENVELOPES["1.2"])):
        answer = requests.post(f"{server.url}/generic", b"<", headers={"Content-Type": kind}, timeout=5)
        assert answer.status_code == 500
        assert etree.fromstring(answer.content).tag == f"{{{space}}}Envelope"
