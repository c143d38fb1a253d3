"""What JMS costs: a judged request/reply beside a bare one, a whole run beside one over SOAP, and many events."""

from __future__ import annotations

import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from statistics import median
from typing import Any

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from bench.test_commands import COMMAND
from bench.test_exchange import CASES, ROUNDS, request_for
from conformance.checks.registry import judge
from conformance.exchange import Party
from conformance.journal import Journal
from conformance.sut.claims import patience_of, terms_of
from conformance.sut.jms import jms_settings
from conformance.sut.load import Loaded
from conformance.transport.base import Outbound
from conformance.transport.gateway import Gateway
from conformance.transport.jms.broker_process import BrokerProcess
from conformance.transport.jms.brokers import BrokerOptions
from conformance.transport.jms.client import JmsClient
from conformance.transport.jms.messages import JmsMessage
from conformance.transport.jms.provider import Link
from conformance.transport.jms.settings import Destination, JmsSettings
from conformance.transport.jms.transport import JmsTransport
from conformance.transport.settings import GatewaySettings

_RUN_ROUNDS = 3
_EVENTS = 10_000
_PATIENCE_S = 120.0


class Bare:
    """A request/reply as short as JPype allows: a session, a producer, a temporary queue, and Java's own calls."""

    def __init__(self, settings: JmsSettings, queue: str) -> None:
        """Connect, and open what is the same for every request."""
        self._link = Link(settings)
        self._session = self._link._connection.createSession(False, 1)
        self._producer = self._session.createProducer(self._session.createQueue(queue))
        self._replies = self._session.createTemporaryQueue()
        self._consumer = self._session.createConsumer(self._replies)
        self.took: list[float] = []

    def ask(self, body: bytes) -> None:
        """Ask, and keep how long that took, in seconds."""
        text = body.decode()
        begun = time.perf_counter()
        message = self._session.createTextMessage(text)
        message.setJMSReplyTo(self._replies)
        self._producer.send(message)
        answer = self._consumer.receive(10_000)
        assert str(answer.getText())
        self.took.append(time.perf_counter() - begun)

    def close(self) -> None:
        """Close the connection."""
        self._link.close()


@pytest.fixture
def desk(reference_with_broker: Loaded, tmp_path: Path) -> Iterator[JmsTransport]:
    """Return the suite's transport, whose gateway is in this process: both sides use one virtual machine."""
    settings = jms_settings(reference_with_broker)
    gateway = Gateway(GatewaySettings(journal=tmp_path / "journal.db", jms=settings), in_thread=True)
    with gateway:
        assert gateway.desk is not None
        transport = JmsTransport(settings, gateway.desk, tmp_path)
        yield transport
        transport.close()


@pytest.mark.parametrize("case", CASES)
def test_judged_exchange_over_jms(
    benchmark: BenchmarkFixture, reference_with_broker: Loaded, desk: JmsTransport, tmp_path: Path,
    tell: Callable[[str], None], case: str,
) -> None:  # fmt: skip
    """Ask, keep both messages, judge one sentence; before each a bare request/reply, whose time is taken apart."""
    types, sentence = CASES[case]
    configuration = reference_with_broker.configuration
    journal = Journal(tmp_path / "journal.db")
    terms, patience = terms_of(configuration), patience_of(configuration)
    place = desk.prepare(request_for(reference_with_broker, types)).url.rpartition(":")[2]
    bare = Bare(jms_settings(reference_with_broker), place)

    def fresh() -> tuple[tuple[Outbound], dict[str, object]]:
        # Each has a MessageID of its own: what comes twice is not answered twice (JMS-016).
        bare.ask(desk.prepare(request_for(reference_with_broker, types)).body)
        return (request_for(reference_with_broker, types),), {}

    def judged(asked: Outbound) -> None:
        party = Party(
            transport=desk, journal=journal, scenario="bench", reply_address="jms:queue:NOBODY", terms=terms,
            patience=patience,
        )  # fmt: skip
        party.ask(asked)
        assert judge(sentence, party.scene) == []

    benchmark.group = f"exchange over JMS ({case})"
    benchmark.pedantic(judged, setup=fresh, rounds=ROUNDS, warmup_rounds=20)
    bare.close()
    journal.close()
    if benchmark.stats is None:  # --benchmark-disable
        return
    ours, theirs = benchmark.stats.stats.median, median(bare.took)
    benchmark.extra_info.update(bare_median_s=theirs, ratio=ours / theirs)
    tell(
        f"judged exchange over JMS, {case}: {1000 * ours:.2f} ms, bare JPype {1000 * theirs:.2f} ms, "
        f"ratio {ours / theirs:.2f} (goal: at most 2.5)"
    )


def test_whole_run_over_jms(benchmark: BenchmarkFixture, tmp_path: Path, tell: Callable[[str], None]) -> None:
    """Judge the bundled reference system over JMS, its broker included; before each a run over SOAP."""
    number = count()
    over_soap: list[float] = []

    def run(*options: str) -> None:
        out = tmp_path / str(next(number))
        command = [*COMMAND, "run", "--out", str(out), *options]
        subprocess.run(command, check=True, capture_output=True, cwd=tmp_path)

    def soap() -> None:
        begun = time.perf_counter()
        run()
        over_soap.append(time.perf_counter() - begun)

    benchmark.group = "whole run over JMS"
    benchmark.pedantic(lambda: run("--transport", "jms"), setup=soap, rounds=_RUN_ROUNDS)
    if benchmark.stats is None:
        return
    ours, theirs = benchmark.stats.stats.median, median(over_soap)
    benchmark.extra_info.update(soap_median_s=theirs, ratio=ours / theirs)
    tell(f"whole run over JMS: {ours:.1f} s, over SOAP {theirs:.1f} s, ratio {ours / theirs:.2f} (goal: at most 1.5)")


def test_many_events_over_jms(benchmark: BenchmarkFixture, tmp_path: Path, tell: Callable[[str], None]) -> None:
    """Publish 10,000 events on a topic while the broker restarts once: all are in the journal, none twice."""
    events = Destination("topic", "EVENTS")
    with BrokerProcess("classic", BrokerOptions(data=tmp_path / "broker")) as broker:
        settings: dict[str, Any] = {
            "class_path": broker.class_path, "jndi": broker.jndi, "factory": "ConnectionFactory",
            "requests": {"": Destination("queue", "REQUESTS")}, "connect_s": 20.0,
        }  # fmt: skip
        listening = JmsSettings(**settings, events=(events,), client_id="suite", subscription="suite")
        gateway = Gateway(GatewaySettings(journal=tmp_path / "journal.db", jms=listening))
        with gateway, JmsClient(JmsSettings(**settings)) as system:

            def publish() -> None:
                for number in range(_EVENTS):
                    if number == _EVENTS // 2:
                        broker.restart()
                    system.send(events, JmsMessage(body=b"<event>%d</event>" % number))
                _until_there(tmp_path / "journal.db")

            benchmark.group = "events over JMS"
            benchmark.pedantic(publish, rounds=1)
        counted = Counter(_events(tmp_path / "journal.db"))
    assert len(counted) == _EVENTS
    assert set(counted.values()) == {1}
    if benchmark.stats is not None:
        seconds = benchmark.stats.stats.median
        tell(
            f"{_EVENTS} events on a topic, broker restarted in the middle: {len(counted)} in the journal, none twice, "
            f"{seconds:.1f} s ({_EVENTS / seconds:.0f} a second)"
        )


def _events(path: Path) -> list[bytes]:
    journal = Journal(path)
    found = [entry.body for entry in journal.entries(channel="callback")]
    journal.close()
    return found


def _until_there(path: Path) -> None:
    journal = Journal(path)
    limit = time.monotonic() + _PATIENCE_S
    while journal.last_id() < _EVENTS and time.monotonic() < limit:
        time.sleep(0.05)
    journal.close()
