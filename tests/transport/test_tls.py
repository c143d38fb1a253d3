"""TLS: a private CA, mutual TLS, host names; one sentence for each thing that can be wrong."""

from __future__ import annotations

import datetime
import os
import ssl
from typing import TYPE_CHECKING, Any

import pytest
import trustme

from conformance.errors import ConfigurationError, TransportError
from conformance.transport.security import client_context
from conformance.transport.settings import SoapSettings
from conformance.transport.soap import SoapTransport

if TYPE_CHECKING:
    from pathlib import Path

BOUND = 5.0
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Pki:
    """A private CA and its files."""

    def __init__(self, directory: Path) -> None:
        self.ca = trustme.CA()
        self.directory = directory
        self.pem = directory / "ca.pem"
        self.ca.cert_pem.write_to_path(str(self.pem))

    def server(self, *names: str, clients: bool = False, **more: Any) -> ssl.SSLContext:
        """Return the context of a server whose certificate is for ``names``."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.ca.issue_cert(*(names or ("localhost",)), **more).configure_cert(context)
        if clients:
            context.verify_mode = ssl.CERT_REQUIRED
            self.ca.configure_trust(context)
        return context

    def client(self) -> dict[str, Path]:
        """Return the settings of a client certificate."""
        leaf = self.ca.issue_cert("suite@example.org")
        certificate, key = self.directory / "client.pem", self.directory / "client.key"
        leaf.cert_chain_pems[0].write_to_path(str(certificate))
        leaf.private_key_pem.write_to_path(str(key))
        return {"client_certificate": certificate, "client_key": key}


@pytest.fixture
def pki(tmp_path: Path) -> Pki:
    """Return a private CA."""
    return Pki(tmp_path)


def answer(peer: Any) -> None:
    """Answer as long as somebody asks."""
    peer.say(OK)
    while peer.read_request():
        peer.say(OK)


def test_private_ca(pki: Pki, hostile: Any, transport: Any, request_to: Any) -> None:
    """A certificate of the named CA is accepted, and the connection is kept."""
    server = hostile(answer, pki.server())
    carrier = transport(server.url, ca=pki.pem)
    assert carrier.send(request_to(server.url), BOUND).body == b"ok"
    assert carrier.send(request_to(server.url), BOUND).body == b"ok"
    assert server.connections == 1


def test_mutual_tls(pki: Pki, hostile: Any, transport: Any, request_to: Any) -> None:
    """The client certificate is shown to a server that demands one."""
    server = hostile(answer, pki.server(clients=True))
    carrier = transport(server.url, ca=pki.pem, **pki.client())
    assert carrier.send(request_to(server.url), BOUND).body == b"ok"


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_missing_client_certificate(
    pki: Pki, hostile: Any, transport: Any, request_to: Any, version: ssl.TLSVersion
) -> None:
    """A server that demands a certificate which we do not have: said so, with what to set."""
    context = pki.server(clients=True)
    context.minimum_version = context.maximum_version = version
    server = hostile(answer, context)
    with pytest.raises(TransportError, match="client_certificate") as caught:
        transport(server.url, ca=pki.pem).send(request_to(server.url), BOUND)
    assert caught.value.blame == "surroundings"


def test_not_trusted(pki: Pki, hostile: Any, transport: Any, request_to: Any, tmp_path: Path) -> None:
    """A certificate of another CA is refused, both with a private CA and with the public ones."""
    other = tmp_path / "other"
    other.mkdir()
    server = hostile(answer, pki.server())
    for given in ({"ca": Pki(other).pem}, {}):
        with pytest.raises(TransportError, match=r"is not trusted .* set \[security\] ca") as caught:
            transport(server.url, **given).send(request_to(server.url), BOUND)
        assert caught.value.blame == "surroundings"


@pytest.mark.parametrize(("year", "words"), [(2001, "has expired"), (2090, "is not valid yet")])
def test_outside_its_time(pki: Pki, hostile: Any, transport: Any, request_to: Any, year: int, words: str) -> None:
    """A certificate that is too old or too young is told apart from an untrusted one."""
    begins, ends = datetime.datetime(year, 1, 1), datetime.datetime(year + 1, 1, 1)
    server = hostile(answer, pki.server(not_before=begins, not_after=ends))
    with pytest.raises(TransportError, match=words) as caught:
        transport(server.url, ca=pki.pem).send(request_to(server.url), BOUND)
    assert caught.value.blame == "surroundings"


@pytest.mark.parametrize(("host", "words"), [("localhost", "another host name"), ("127.0.0.1", "another address")])
def test_wrong_host(pki: Pki, hostile: Any, transport: Any, request_to: Any, host: str, words: str) -> None:
    """The certificate has to be for the host in the URL."""
    server = hostile(answer, pki.server("hes.example"))
    url = server.url.replace("localhost", host)
    with pytest.raises(TransportError, match=words) as caught:
        transport(url, ca=pki.pem).send(request_to(url), BOUND)
    assert caught.value.blame == "surroundings"


def test_no_tls_there(hostile: Any, transport: Any, request_to: Any) -> None:
    """A port that speaks plain HTTP is recognised."""
    server = hostile(lambda peer: peer.say(b"HTTP/1.1 400 Bad Request\r\n\r\n"), read=False)
    url = server.url.replace("http:", "https:")
    with pytest.raises(TransportError, match="does not speak TLS") as caught:
        transport(url).send(request_to(url), BOUND)
    assert caught.value.blame == "surroundings"


def test_silent_handshake(hostile: Any, transport: Any, request_to: Any) -> None:
    """A handshake that never ends is cut after connect_s."""
    server = hostile(lambda peer: peer.hold(), read=False)
    url = server.url.replace("http:", "https:")
    with pytest.raises(TransportError, match="TLS was not ready in time") as caught:
        transport(url, connect_s=0.3).send(request_to(url), 60.0)
    assert (caught.value.blame, caught.value.timed_out) == ("surroundings", True)


def test_broken_handshake(hostile: Any, transport: Any, request_to: Any) -> None:
    """A handshake that the other side breaks off is not yet the system's answer."""
    server = hostile(lambda peer: None, read=False)
    url = server.url.replace("http:", "https:")
    with pytest.raises(TransportError, match="no TLS connection") as caught:
        transport(url).send(request_to(url), BOUND)
    assert caught.value.blame == "surroundings"


@pytest.mark.parametrize("drip", [True, False])
def test_deadline_with_tls(pki: Pki, hostile: Any, transport: Any, request_to: Any, drip: bool) -> None:
    """The deadline cuts a TLS connection, too."""

    def slow(peer: Any) -> None:
        peer.say(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        while not peer.hold(0.02 if drip else 30.0):
            peer.say(b"x")

    server = hostile(slow, pki.server())
    with pytest.raises(TransportError, match=r"within 0.5 s") as caught:
        transport(server.url, ca=pki.pem).send(request_to(server.url), 0.5)
    assert (caught.value.blame, caught.value.timed_out) == ("system", True)


def test_cut_answer_with_tls(pki: Pki, hostile: Any, transport: Any, request_to: Any) -> None:
    """An answer that ends too early within TLS is the system's fault."""
    server = hostile(lambda peer: peer.say(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx"), pki.server())
    with pytest.raises(TransportError) as caught:
        transport(server.url, ca=pki.pem).send(request_to(server.url), BOUND)
    assert caught.value.blame == "system"


def test_unusable_files(pki: Pki, tmp_path: Path) -> None:
    """Files that cannot be used are named, with the setting, before anything is sent."""
    garbage = tmp_path / "garbage.pem"
    garbage.write_text("no PEM")
    encrypted = tmp_path / "encrypted.pem"
    encrypted.write_bytes(ENCRYPTED_KEY)
    good = pki.client()["client_certificate"]
    for more, words in (
        ({"ca": tmp_path / "missing.pem"}, r"\[security\] ca .*No such file"),
        ({"ca": garbage}, r"\[security\] ca"),
        ({"client_certificate": garbage}, r"\[security\] client_certificate"),
        ({"client_certificate": good, "client_key": tmp_path / "no.key"}, "client_certificate.*No such file"),
        ({"client_certificate": good, "client_key": encrypted}, "the key is encrypted"),
    ):
        given: dict[str, Any] = {"style": "generic", "version": "1.1", "urls": {}, **more}
        with pytest.raises(ConfigurationError, match=words):
            SoapTransport(SoapSettings(**given))


#: A throw-away key whose password nobody needs to know.
ENCRYPTED_KEY = b"""-----BEGIN ENCRYPTED PRIVATE KEY-----
MIIFLTBXBgkqhkiG9w0BBQ0wSjApBgkqhkiG9w0BBQwwHAQIyO0RrOrTyGICAggA
MAwGCCqGSIb3DQIJBQAwHQYJYIZIAWUDBAEqBBDZHH1jo54LRei02QdBsi0YBIIE
0MR2am+wRP+GdpAsKiNUugPebao3PvPOqc3J0JiW/cHExwh+1DiP6Jlhs3bDQMXA
oYTH5uiyamiCPIvd57Q+0EujOJEjaRLKJBFOduSWiw8YwfQuO8Nw/rQ396WSdCFn
OuO758rYq7pE2uaaZvuwFB3qD1tdfgcQxyfmJrm9iBfI8hclXRLiMh/cz4+2UpVa
CRSvxlJP13WVTanX6swxUs3/GbMlMp1u6lNBdvvqJZG1jNoh44etHOZVrzYx3TeF
LGpnm7oq7PU4KvSnBoMLLUEhL5St45P15QH0relyGyCjk37iBLccl3tGVP/s4ZfL
itO3KDef8Ag+jY+PvFNtNybrlSXncLmsR6vlLdHABKQQhFBPV1i0NH7XPbpQAUk1
fmRWL+E6bu5iKaQxq3szIrOOZHAgBB1D7wb3Gj6O0q2xXGymRQy94Ws9nVG4HthJ
XNfTKOj70dEsYk5dnjuuj2yjElfX9H/R4WHkIcD9adDXOWP1o+8UAwJl+Ffc8XFC
5kPesKKhdYu/Ih68bZosUCmOfuZAHbol7RzRrNZZxqx441LgqxqntPcxnWVu5+4Y
bPN+qIG7tQL8mHXeJjuKWEFTw/DF+AYtXv170x4j6KFrN+YUtZq/57G9R8XEa1BI
g0iqo9sdAei/ZUJqeJjV84IZ/Zp0AsYQ7SUQLfjX4nc8EjpjOh0JzwcrWbyyQKzP
mwJcC7Zeu6pBICzN6hNSMY1acszNds1j+uIvNLz4C4jKvMjJRCyDcmB3b9SToBMV
BMhQxG1ywdzs2g/ZXRRH1JsLuLw6lhIM5i4WcjQvUpgQ8NanvIuaFR2aievrYYU+
7dOHH0qzMybJimUVUFQINg8hE3hZC1po+T8il+QLv6PLbqDxUXHnE26/OZ84ve4w
bgWX3MjgO/yENVaf5zcvSjUhsjDZKyNxERTvkMTTWJrZQ1VYaLhOCW6Njdh+1V42
SIuV+Dp5DlMcNo9A6NMNNlS1E3fleuWL0zVY6ef9mlG7Lazen/P8/0Hy4gBrp92L
mpwlg94WZFQx7Zofs1CKlra8GhUYMI3d3s+d1ogWzdo+3Y8nLN0UYnmswQNN3Se/
CvZNWRLqqIXX8E7Ice4aQ99g23MV6ymxMmOJ58DSwprqyUkRyJhipRH2f7ZatFwj
7hLRKxZCeBvfOtDBqAKDCf4B6FaqOQ+ykxuZoVTi8qhg9HzxlMNStJlFsUZuQKpK
7alboy3tS3gYCZWhOqWg92AqD8/RSg2k11YtkMtBpXX0QqUNvA0P/mG8pNg+Dhw9
45+F9rFwZE/Qt/yBqLTrdi4YBvE9v12kF0MDGhU65nBPC2bZ46TNEwldvcsGyCnU
HwrJOHIo6BCwhbEfIjVX2ekI4nhCo4JI7M2vxzYvPOBpoWtlEvcBHJ8cc+eA0DRn
cuJcLITy/Uxc8BV5nFPlw0MjjFR/ivQicGvY1EjT/en+jhRDpHjJB8Su4fE+RmTn
J1h6G8me9IyKgVDoHYZcHp2eyKQNkNC6C0rG6rwGWijjk2FWEQtKcp2731jzUXmT
2OS+oYuN5zpkExoxXdm5YLfJBNgLVbnmt+SaNgL85T0c00BoRfl3rpba18TLWsf3
09syVGp15ExO3SayTdqxS65hHw2QmsIXifgeN1U+dFGJ
-----END ENCRYPTED PRIVATE KEY-----
"""


def test_a_context_is_made_once_for_the_same_files(pki: Pki) -> None:
    """To read all public authorities takes long; a file that has changed since is read again."""
    settings = SoapSettings(style="bare", version="none", urls={"": "https://localhost"}, ca=pki.pem)
    first = client_context(settings)
    assert client_context(settings) is first
    os.utime(pki.pem, ns=(1, 1))
    assert client_context(settings) is not first
