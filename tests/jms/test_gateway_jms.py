"""The gateway over JMS: everything that the broker accepted is in the journal, and nothing of it twice."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from multiprocessing import Pipe
from pathlib import Path
from typing import Any

import pytest

from conformance.errors import ConfigurationError, InternalError, TransportError
from conformance.exchange import Party
from conformance.journal import Entry, Journal
from conformance.message.build import Draft, build
from conformance.message.model import Header
from conformance.transport.base import Outbound
from conformance.transport.gateway import Gateway
from conformance.transport.jms.client import JmsClient
from conformance.transport.jms.desk import Desk, packed, unpacked
from conformance.transport.jms.messages import JmsMessage
from conformance.transport.jms.settings import Destination, JmsSettings
from conformance.transport.jms.transport import JmsTransport
from conformance.transport.settings import Credentials, GatewaySettings
from tests.jms.conftest import BOUND, REQUESTS

EVENTS, LATER = Destination("topic", "EVENTS"), Destination("queue", "LATER")
DURABLE = {"client_id": "suite", "subscription": "suite"}


@pytest.fixture
def gateway(tmp_path: Path, settings: Callable[..., JmsSettings]) -> Iterator[Callable[..., Gateway]]:
    """Start a gateway process for a broker at a URL, its journal in ``tmp_path``; all are stopped at the end."""
    started: list[Gateway] = []

    def start(url: str, secrets: tuple[str, ...] = (), **more: Any) -> Gateway:
        jms = settings(url, **{"events": (EVENTS,), "later": LATER, **more})
        started.append(Gateway(GatewaySettings(journal=tmp_path / "journal.db", jms=jms, secrets=secrets)))
        started[-1].start()
        return started[-1]

    yield start
    for item in started:
        item.stop()


def transport_of(gateway: Gateway, out: Path) -> JmsTransport:
    """Return a worker's transport through ``gateway``."""
    assert gateway.settings.jms is not None
    assert gateway.desk is not None
    return JmsTransport(gateway.settings.jms, gateway.desk, out)


def request(correlation: str = "c-1") -> Outbound:
    """Return get(MeterReadings)."""
    header = Header(verb="get", noun="MeterReadings", message_id="m-1", correlation_id=correlation)
    return Outbound(message=build(Draft(kind="RequestMessage", header=header)), verb="get", noun="MeterReadings")


def arrived(path: Path, number: int, seconds: float = BOUND) -> list[Entry]:
    """Return the callbacks in the journal once there are ``number``, or those of when the time was over."""
    journal = Journal(path / "journal.db")
    ends = time.monotonic() + seconds
    count, seen = 0, 0
    while count < number and time.monotonic() < ends:
        for entry in journal.entries(after=seen):
            seen, count = entry.id, count + (entry.channel == "callback")
    found = list(journal.entries(channel="callback"))
    journal.close()
    return found


def test_what_comes_is_journalled(url: str, client: Any, gateway: Any, tmp_path: Path) -> None:
    """Events and later answers are there with headers and typed properties; what waited before is kept apart."""
    system: JmsClient = client(url)
    system.send(LATER, JmsMessage(body=b"<stale/>"))
    gateway(url)
    system.send(LATER, JmsMessage(body=b"<later/>", correlation_id="c", properties={"Verb": "reply", "n": 3}))
    later = arrived(tmp_path, 1)[0]
    system.send(EVENTS, JmsMessage(body=b"<event/>", kind="bytes"))
    event = arrived(tmp_path, 2)[1]
    assert (later.body, later.url, later.transport) == (b"<later/>", "jms:queue:LATER", "jms")
    assert (later.headers["JMSCorrelationID"], later.headers["n"]) == ("c", "3")
    assert (event.body, event.url, event.headers["JMSMessageClass"]) == (
        b"<event/>",
        "jms:topic:EVENTS",
        "BytesMessage",
    )
    journal = Journal(tmp_path / "journal.db")
    left = list(journal.entries(channel="leftover"))
    journal.close()
    assert [(item.body, item.note) for item in left] == [(b"<stale/>", "it waited at the broker before this run began")]


def test_exchange(url: str, client: Any, gateway: Any, tmp_path: Path) -> None:
    """A request goes out as configured, and its answer is one entry of the journal that belongs to it."""
    system: JmsClient = client(url)
    seen: list[JmsMessage] = []

    def answer(message: JmsMessage) -> None:
        seen.append(message)
        assert message.reply_to is not None
        system.send(message.reply_to, JmsMessage(body=message.body, correlation_id=message.correlation_id))

    system.listen(REQUESTS, answer)
    journal = Journal(tmp_path / "journal.db")
    properties = {"Verb": "{verb}", "Noun": "{noun}", "whole": 7, "truth": True, "broken": 1.5, "text": "7"}
    transport = transport_of(gateway(url, properties=properties), tmp_path)
    party = Party(transport=transport, journal=journal, scenario="s", reply_address="jms:queue:LATER")
    party.ask(request())
    asked, answered = list(journal.entries(scenario="s"))
    assert (answered.channel, answered.answers, answered.exchange) == ("reply", asked.id, "c-1")
    assert answered.body == asked.body
    assert party.scene.last.answer is not None
    assert seen[0].properties == {**properties, "Verb": "get", "Noun": "MeterReadings"}
    assert [type(seen[0].properties[name]) for name in ("whole", "truth", "broken", "text")] == [int, bool, float, str]
    assert asked.headers["whole"] == "7"
    assert (seen[0].correlation_id, seen[0].type) == ("c-1", "RequestMessage")
    transport.close()
    journal.close()


def test_silence_and_missing_destination(url: str, gateway: Any, tmp_path: Path) -> None:
    """Silence is the system's; a destination that does not exist belongs to the surroundings."""
    nobody = Destination("queue", "NOBODY")
    transport = transport_of(gateway(url, requests={"": REQUESTS, "get(MeterReadings)": nobody}), tmp_path)
    sent = transport.prepare(request())
    with pytest.raises(TransportError, match=r"did not answer within 0\.2 s") as silence:
        transport.send(sent, 0.2)
    assert silence.value.blame == "system"
    from dataclasses import replace

    with pytest.raises(TransportError, match="does not know this name") as missing:
        transport.send(replace(sent, url="jms:jndi:nowhere"), 2.0)
    assert missing.value.blame == "surroundings"
    assert transport.problem() == ""
    transport.close()


def test_wrong_login_ends_before_the_run(broker: Any, gateway: Any, tmp_path: Path) -> None:
    """A login that the broker refuses is a problem of the configuration, told without the password."""
    url = broker(users={"suite": "right"}).url
    secret = Credentials(username="suite", password="s3cr3t-of-this-test")
    with pytest.raises(ConfigurationError, match="refuses the login") as told:
        gateway(url, credentials=secret, secrets=("s3cr3t-of-this-test",))
    assert "s3cr3t" not in str(told.value)


def test_a_password_in_a_url_is_not_told(gateway: Any) -> None:
    """What the provider says when it cannot connect repeats the URL; the password in it is blotted out."""
    with pytest.raises(ConfigurationError, match=r"tcp://suite:\[secret\]@") as told:
        gateway("tcp://suite:s3cr3t-of-this-test@127.0.0.1:1", secrets=("s3cr3t-of-this-test",))
    assert "s3cr3t" not in str(told.value)


def test_workers_are_told_no_secret(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same for what a worker is told, and then shows, in the middle of a run; also when it was cut short."""
    journal = Journal(tmp_path / "journal.db")
    desk = Desk(settings("tcp://127.0.0.1:1", secrets=("s3cr3t-of-this-test",)), journal, "00")

    def refuse(*_: object, **_named: object) -> None:
        said = "lost tcp://u:s3cr3t-of-this-test@h and tcp://u:s3cr3t-of-…"
        raise TransportError(said, blame="surroundings")

    monkeypatch.setattr(desk._client, "request", refuse)
    ours, theirs = Pipe()
    thread = threading.Thread(target=desk._serve, args=(theirs,), daemon=True)
    thread.start()
    ours.send_bytes(packed({"do": "request", "destination": ["queue", "Q"], "message": {}, "seconds": 1}, b"<a/>"))
    said, _ = unpacked(ours.recv_bytes())
    ours.close()
    thread.join(BOUND)
    journal.close()
    assert said["problem"] == "lost tcp://u:[secret]@h and tcp://u:[secret]…"


def test_crash_ends_in_an_error_with_its_report(url: str, gateway: Any, tmp_path: Path) -> None:
    """When the virtual machine crashes, the worker learns it at once, with the report; nothing hangs."""
    started = gateway(url)
    transport = transport_of(started, tmp_path)
    assert transport.problem() == ""
    os.kill(started.pid, signal.SIGSEGV)
    with pytest.raises(InternalError, match=r"crashed: .*SIGSEGV.*jvm-crash-\d+\.log"):
        transport.send(transport.prepare(request()), BOUND)
    with pytest.raises(InternalError, match="crashed"):
        transport.problem()
    transport.close()


@pytest.mark.parametrize("many", [200, pytest.param(10_000, marks=pytest.mark.nightly)])
def test_many_events_and_a_restart(broker: Any, client: Any, gateway: Any, tmp_path: Path, many: int) -> None:
    """All events of a durable subscription are in the journal exactly once, although the broker restarted."""
    started = broker(data=tmp_path / "broker")
    gateway(started.url, **DURABLE)
    system: JmsClient = client(started.url)
    for number in range(many):
        if number == many // 2:
            started.restart()
        system.send(EVENTS, JmsMessage(body=b"<event>%d</event>" % number))
    counted = Counter(entry.body for entry in arrived(tmp_path, many, 3 * BOUND))
    assert len(counted) == many
    assert set(counted.values()) == {1}
