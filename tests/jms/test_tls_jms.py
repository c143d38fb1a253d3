"""TLS with a broker, end to end: whom we trust, who we are, and passwords that nobody sees."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import trustme

from conformance.journal import Journal
from conformance.message.build import Draft, build
from conformance.message.model import Header
from conformance.sut.doctor import examine
from conformance.sut.load import load
from conformance.sut.wiring import gateway_settings
from conformance.transport.base import Outbound
from conformance.transport.gateway import Gateway
from conformance.transport.jms.broker_process import BrokerProcess
from conformance.transport.jms.brokers import BrokerOptions, BrokerTls
from conformance.transport.jms.handshake import tls_places
from conformance.transport.jms.transport import JmsTransport
from tests.jms.conftest import BOUND
from tests.jms.stores import key_store, trust_store

TRUST, OWN = "trust-of-this-test", "own-of-this-test"
LATER = "jms:queue:CONFORMANCE.LATER"
Sut = Callable[..., Path]


@dataclass
class Secured:
    """A broker that speaks TLS and wants a certificate of its clients."""

    url: str
    directory: Path

    def tables(self, trusted: str = "trusted", *, mine: bool = True, variable: str = "TRUST") -> str:
        """Return the table that names the stores; passwords are in variables."""
        lines = [
            "[endpoints.jms.tls]",
            f'trust_store = "{(self.directory / trusted).as_posix()}.p12"',
            f'trust_store_password = {{ env = "{variable}" }}',
        ]
        if mine:
            lines.append(f'key_store = "{(self.directory / "mine").as_posix()}.p12"')
            lines.append('key_store_password = { env = "OWN" }')
        return "\n".join(lines)


@pytest.fixture(scope="module")
def secured(classic: tuple[Path, ...], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    """Start the broker."""
    place, authority = tmp_path_factory.mktemp("stores"), trustme.CA()
    trust_store(authority, place / "trusted.p12", TRUST)
    trust_store(trustme.CA(), place / "other.p12", TRUST)
    key_store(authority, place / "mine.p12", OWN, "suite@example.org")
    tls = BrokerTls(
        key_store=key_store(authority, place / "broker.p12", "of-the-broker", "127.0.0.1"),
        password="of-the-broker",
        trust_store=trust_store(authority, place / "clients.p12", "of-the-broker"),
    )
    with BrokerProcess("classic", BrokerOptions(tls=tls)) as broker:
        yield Secured(broker.url, place)


def test_where_tls_is_asked_for() -> None:
    """Every URL that asks for TLS is recognised, whatever the provider calls it."""
    jndi = {
        "a": "failover:(ssl://one:61617,nio+ssl://u:p@two:2?x=y)", "b": "tcp://three:3?sslEnabled=true;x=y",
        "c": "tcp://four:4", "d": "t3s://[::1]:5", "e": "ssl://one:61617",
    }  # fmt: skip
    assert list(tls_places(jndi)) == [("one", 61617), ("two", 2), ("three", 3), ("::1", 5)]


@pytest.fixture(autouse=True)
def passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put the passwords where SUT.toml says that they are."""
    monkeypatch.setenv("TRUST", TRUST)
    monkeypatch.setenv("OWN", OWN)
    monkeypatch.setenv("WRONG", "wrong-of-this-test")


def test_a_message_over_mutual_tls(secured: Secured, jms_sut: Sut, tmp_path: Path) -> None:
    """What the gateway sends over TLS it receives over TLS; no password is in its command line or in the journal."""
    loaded = load(jms_sut(secured.url, secured.tables(), requests={"all": LATER}, events=[]))
    path = tmp_path / "journal.db"
    settings = gateway_settings(loaded, path, "jms")
    assert TRUST not in repr(settings)
    with Gateway(settings) as gateway:
        command = Path(f"/proc/{gateway.pid}/cmdline")
        shown = command.read_bytes() if command.exists() else b""
        assert settings.jms is not None
        assert gateway.desk is not None
        transport = JmsTransport(settings.jms, gateway.desk, tmp_path)
        message = build(Draft(kind="RequestMessage", header=Header(verb="get", noun="MeterReadings", message_id="m-1")))
        # It goes to the queue of later answers, so the gateway acknowledges it to JMSReplyTo: both ways over TLS.
        answer = transport.send(transport.prepare(Outbound(message=message, verb="get", noun="MeterReadings")), BOUND)
        transport.close()
    assert b"ResponseMessage" in answer.body
    journal = Journal(path)
    came = {(entry.channel, entry.direction) for entry in journal.entries()}
    journal.close()
    assert came == {("callback", "received"), ("acknowledgement", "sent"), ("reply", "received")}
    assert not any(secret in shown + path.read_bytes() for secret in (TRUST.encode(), OWN.encode()))


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (
            {"trusted": "other"},
            "the certificate of the broker is not trusted: put its CA into endpoints.jms.tls.trust_store",
        ),
        pytest.param(
            {"variable": "WRONG"},
            r"a key store cannot be opened: check the files of \[endpoints\.jms\.tls\]",
            marks=pytest.mark.nightly,
        ),
        ({"mine": False}, r"client certificate \(mutual TLS\): set endpoints\.jms\.tls\.key_store"),
    ],
)
def test_what_is_wrong_with_tls(secured: Secured, jms_sut: Sut, given: dict[str, object], words: str) -> None:
    """Whom we do not trust, a store that stays closed, who we are not: a reason in words, never a verdict."""
    loaded = load(jms_sut(secured.url, secured.tables(**given)))  # type: ignore[arg-type]
    problems = [item for item in examine(loaded, budget_s=BOUND) if item.status == "problem"]
    told = {item.name: item.what for item in problems}
    assert "JMS login" in told
    assert re.search(words, told.get("JMS TLS", told["JMS login"]))
    assert "of-this-test" not in repr(problems)
