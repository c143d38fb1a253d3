"""What requirements over JMS need of the gateway: acknowledgements, expiry, repetition, durable subscribers."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from conformance.exchange import Party, Patience
from conformance.journal import Entry, Journal
from conformance.message.build import Draft, build, new_id, serialise
from conformance.message.model import Header
from conformance.message.soap import unwrap
from conformance.reference import ReferenceServer
from conformance.reference.jms import JmsReference
from conformance.sut.write import to_toml
from conformance.transport.gateway import Gateway
from conformance.transport.jms import jvm
from conformance.transport.jms.broker_process import BrokerProcess
from conformance.transport.jms.brokers import BrokerOptions, ClassicBroker
from conformance.transport.jms.client import JmsClient
from conformance.transport.jms.mailbox import asks_for_acknowledgement
from conformance.transport.jms.messages import JmsMessage
from conformance.transport.jms.settings import Destination, JmsSettings
from conformance.transport.settings import GatewaySettings
from tests.jms.conftest import BOUND, REQUESTS
from tests.jms.test_gateway_jms import EVENTS, LATER, arrived, request, transport_of
from tests.jms.test_run_jms import failed, run

ACKNOWLEDGED = Destination("queue", "ACKNOWLEDGED")
QUICK = Patience(reply_s=BOUND, result_s=BOUND, event_s=BOUND, quiet_s=0.1)


@pytest.fixture(scope="module")
def shared(classic: Any) -> Iterator[BrokerProcess]:
    """Start one broker for this module."""
    with BrokerProcess("classic", BrokerOptions()) as started:
        yield started


@pytest.fixture
def system(shared: BrokerProcess, client: Callable[..., JmsClient]) -> JmsClient:
    """Connect as the system does."""
    return client(shared.url)


@pytest.fixture
def gateway(shared: BrokerProcess, settings: Callable[..., JmsSettings], tmp_path: Path) -> Iterator[Gateway]:
    """Run a gateway in a thread of this process, which has a virtual machine already."""
    jms = settings(shared.url, events=(EVENTS,), later=LATER)
    with Gateway(GatewaySettings(journal=tmp_path / "journal.db", jms=jms), in_thread=True) as started:
        yield started


@pytest.fixture
def party(gateway: Gateway, tmp_path: Path) -> Iterator[Party]:
    """Return the suite's side of a scenario."""
    journal, transport = Journal(tmp_path / "journal.db"), transport_of(gateway, tmp_path)
    yield Party(transport=transport, journal=journal, scenario="s", reply_address=str(LATER), patience=QUICK)
    transport.close()
    journal.close()


def body(**header: str | None) -> bytes:
    """Return an event with such a header."""
    given = {"verb": "created", "noun": "EndDeviceEvents", "message_id": "m", "correlation_id": "c", **header}
    return serialise(build(Draft(kind="EventMessage", header=Header(**given))))


def sent(folder: Path) -> list[Entry]:
    """Return the acknowledgements in the journal."""
    journal = Journal(folder / "journal.db")
    found = list(journal.entries(channel="acknowledgement"))
    journal.close()
    return found


def test_callbacks_are_acknowledged(system: JmsClient, gateway: Gateway, tmp_path: Path) -> None:
    """What has a JMSReplyTo, or AckRequired and a queue in ReplyAddress, is acknowledged there, and nothing else is."""
    got: list[JmsMessage] = []
    enough = threading.Event()

    def take(message: JmsMessage) -> None:
        got.append(message)
        if len(got) == 2:
            enough.set()

    system.listen(ACKNOWLEDGED, take)
    system.send(LATER, JmsMessage(body=body()))
    system.send(LATER, JmsMessage(body=b"no message", reply_to=ACKNOWLEDGED))
    system.send(EVENTS, JmsMessage(body=body(), reply_to=ACKNOWLEDGED, correlation_id="c-1"))
    system.send(LATER, JmsMessage(body=body(ack_required="true", reply_address=str(ACKNOWLEDGED)), kind="bytes"))
    assert enough.wait(BOUND)
    assert len(arrived(tmp_path, 4)) == 4
    first, second = sorted(got, key=lambda item: item.kind, reverse=True)
    assert (first.kind, first.correlation_id, second.kind) == ("text", "c-1", "bytes")
    for item in got:
        message = unwrap(item.body).message
        assert message is not None
        assert (message.kind, message.verb, message.correlation_id) == ("ResponseMessage", "reply", "c")
    told = sent(tmp_path)
    assert [(item.transport, item.url, item.note) for item in told] == [("jms", str(ACKNOWLEDGED), "")] * 2
    assert {item.answers for item in told} <= {item.id for item in arrived(tmp_path, 4)}


@pytest.mark.parametrize(
    ("message", "place"),
    [
        (JmsMessage(body=b"<x/>", reply_to=ACKNOWLEDGED), ACKNOWLEDGED),
        (JmsMessage(body=body(ack_required="1", reply_address="jms:queue:Q")), Destination("queue", "Q")),
        (JmsMessage(body=body(ack_required="true", reply_address="http://127.0.0.1/")), None),
        (JmsMessage(body=body(ack_required="true")), None),
        (JmsMessage(body=body(ack_required="false", reply_address="jms:queue:Q")), None),
        (JmsMessage(body=b"no XML"), None),
    ],
)
def test_who_asks_for_an_acknowledgement(message: JmsMessage, place: Destination | None) -> None:
    """JMSReplyTo by itself, AckRequired where ReplyAddress is a queue."""
    assert asks_for_acknowledgement(message) == place


def test_an_expired_request(system: JmsClient, party: Party) -> None:
    """What is held longer than it lives reaches nobody; what lives longer does. Both are in the journal."""
    taken: list[JmsMessage] = []
    came = threading.Event()
    place = Destination("queue", new_id())

    def take(message: JmsMessage) -> None:
        taken.append(message)
        came.set()

    system.listen(place, take)
    transport = party.over_broker
    prepared = replace(transport.prepare(request()), url=str(place))
    short = replace(prepared, headers={**prepared.headers, "JMSTimeToLive": "20"}, body=b"<short/>")
    long = replace(prepared, headers={**prepared.headers, "JMSTimeToLive": "60000"}, body=b"<long/>")
    transport.post(short, BOUND, held_s=0.1)
    transport.post(long, BOUND, held_s=0.1)
    assert came.wait(BOUND)
    assert [item.body for item in taken] == [b"<long/>"]
    assert taken[0].expiration > 0


def test_copies(system: JmsClient, party: Party) -> None:
    """The same request twice is two messages for the broker, and two entries of the journal."""
    taken: list[JmsMessage] = []
    both = threading.Event()

    def take(message: JmsMessage) -> None:
        taken.append(message)
        if len(taken) == 2:
            both.set()

    system.listen(REQUESTS, take)
    party.post(replace(request(), headers={"JMSReplyTo": str(LATER)}), copies=2)
    assert both.wait(BOUND)
    assert taken[0].body == taken[1].body
    assert taken[0].message_id != taken[1].message_id
    assert [item.reply_to for item in taken] == [LATER, LATER]
    assert [entry.channel for entry in party.journal.entries(scenario="s")] == ["request", "request"]


def test_a_durable_subscriber(system: JmsClient, party: Party) -> None:
    """What is published while it is away comes when it is back; what was published before it subscribed does not."""
    system.send(EVENTS, JmsMessage(body=b"<before/>"))
    broker = party.over_broker
    broker.leave(str(EVENTS), "away", BOUND)
    system.send(EVENTS, JmsMessage(body=body()))
    system.send(EVENTS, JmsMessage(body=body(message_id="m2")))
    party.take_in(broker.back(str(EVENTS), "away", BOUND))
    kept = party.scene.kept
    assert [item.message.header.message_id for item in kept if item.message and item.message.header] == ["m", "m2"]
    assert not party.scene.unsolicited
    # It was given up: under the same name a new subscription begins with nothing.
    broker.leave(str(EVENTS), "away", BOUND)
    assert broker.back(str(EVENTS), "away", 0.1) == []


def test_a_second_answer_is_none_to_the_next_request(system: JmsClient, party: Party) -> None:
    """What comes to the temporary queue after the answer is kept as a message of its own."""

    def answer(message: JmsMessage) -> None:
        assert message.reply_to is not None
        for _ in range(2):
            system.send(message.reply_to, JmsMessage(body=message.body, correlation_id=message.correlation_id))

    system.listen(REQUESTS, answer)
    for name in ("c-1", "c-2"):
        party.ask(request(name))
        got = party.scene.last.answer
        assert got is not None
        assert got.headers["JMSCorrelationID"] == name
    (second,) = party.journal.entries(channel="callback")
    assert second.headers["JMSCorrelationID"] == "c-1"


def test_types_of_properties(system: JmsClient) -> None:
    """Every type of JMS goes out and comes back as it is, and the journal keeps its name."""
    values: dict[str, Any] = {"a": True, "b": 7, "c": 8, "d": 9, "e": 2**40, "f": 0.5, "g": 0.25, "h": "text"}
    types = {"b": "Byte", "c": "Short", "f": "Float"}
    place, got, came = Destination("queue", new_id()), list[JmsMessage](), threading.Event()

    def take(message: JmsMessage) -> None:
        got.append(message)
        came.set()

    system.listen(place, take)
    system.send(place, JmsMessage(body=b"<x/>", properties=values, types=types))
    assert came.wait(BOUND)
    assert dict(got[0].properties) == values
    expected = "a=Boolean; b=Byte; c=Short; d=Integer; e=Long; f=Float; g=Double; h=String"
    assert sorted(got[0].headers()["JMSPropertyTypes"].split("; ")) == expected.split("; ")


def _large(tmp_path: Path, mib: float, *options: str) -> tuple[int, list[str]]:
    """Judge JMS-012 with a request of so many MiB; everything but the claim is as it is by default."""
    jvm.start(ClassicBroker().class_path)
    with ReferenceServer() as server, JmsReference(server) as reference:
        told = reference.configuration()
        assert told.capabilities.jms is not None
        jms = told.capabilities.jms.model_copy(update={"max_message_mib": mib})
        claims = told.capabilities.model_copy(update={"jms": jms})
        file = tmp_path / "SUT.toml"
        file.write_text(to_toml(told.model_copy(update={"capabilities": claims})), encoding="utf-8")
        code, verdicts = run(tmp_path / "out", "--select", "JMS-012", sut=file)
    warned = [row["id"] for row in verdicts["requirements"] if row["warnings"]]
    return code, [*failed(verdicts), *warned]


def test_a_large_request(classic: Any, tmp_path: Path) -> None:
    """A request of 4 MiB goes through every limit of gateway, broker and reference system."""
    assert _large(tmp_path, 4.0) == (0, [])
    assert _sizes(tmp_path) == [4 * 2**20]


@pytest.mark.nightly
def test_a_request_of_64_mib(classic: Any, tmp_path: Path) -> None:
    """64 MiB is what [limits] allows by default: headers and properties are not counted, and no frame is too small."""
    assert _large(tmp_path, 64.0) == (0, [])
    assert _sizes(tmp_path) == [64 * 2**20]


def _sizes(folder: Path) -> list[int]:
    journal = Journal(folder / "out" / "journal.db")
    found = [len(entry.body) for entry in journal.entries(channel="request")]
    journal.close()
    return found
