"""A broker or a line that goes away in mid-exchange: never a finding, nothing executed twice, the run goes on."""

from __future__ import annotations

import queue
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from conformance.errors import ConformanceError, Inconclusive, TransportError
from conformance.exchange import Party
from conformance.message.meter_readings import get_meter_readings
from conformance.plugin.run import Run, begin
from conformance.reference import ReferenceServer
from conformance.reference.jms import JmsReference
from conformance.steps.events import make_event
from conformance.steps.requests import get_readings, outbound
from conformance.steps.vocabulary import Vocabulary
from conformance.transport.jms.client import JmsClient
from conformance.transport.jms.messages import JmsMessage
from conformance.transport.jms.settings import Destination
from tests.end_to_end.commands import until, write
from tests.jms.conftest import BOUND
from tests.jms.proxy import Proxy
from tests.jms.test_client import echo

Connect = Callable[..., JmsClient]


@pytest.fixture
def proxy(url: str) -> Iterator[Proxy]:
    """Stand between the suite and the broker."""
    with Proxy(url) as standing:
        yield standing


class Served:
    """A system that remembers what it executed, and answers when it may."""

    def __init__(self, client: JmsClient, place: Destination) -> None:
        """Take requests from ``place``."""
        self.executed: list[bytes] = []
        self.came, self.go_on = threading.Event(), threading.Event()
        self._answer = echo(client)
        client.listen(place, self._take)

    def _take(self, request: JmsMessage) -> None:
        self.executed.append(request.body)
        self.came.set()
        assert self.go_on.wait(BOUND)
        with suppress(ConformanceError):  # who asked may have gone
            self._answer(request)


def asking(client: JmsClient, place: Destination, body: bytes, seconds: float = BOUND) -> queue.SimpleQueue[Any]:
    """Ask in a thread; the queue gets the answer, or what went wrong."""
    ended: queue.SimpleQueue[Any] = queue.SimpleQueue()

    def run() -> None:
        message = JmsMessage(body=body, correlation_id=body.decode())
        try:
            ended.put(client.request(place, message, seconds, lambda answer: answer))
        except TransportError as problem:
            ended.put(problem)

    threading.Thread(target=run, daemon=True).start()
    return ended


def test_line_is_cut_in_mid_exchange(url: str, proxy: Proxy, client: Connect) -> None:
    """With a temporary queue the answer is lost with the line: that is told, not repeated, and the next one works."""
    place = Destination("queue", "CUT")
    system = Served(client(url), place)
    suite = client(proxy.url)
    ended = asking(suite, place, b"<one/>")
    assert system.came.wait(BOUND)
    before = suite.breaks()
    proxy.cut()
    problem = ended.get(timeout=BOUND)
    assert isinstance(problem, TransportError), problem
    assert problem.blame == "surroundings"
    assert re.search(r"connection to (it|the broker) was lost", str(problem)), problem
    system.go_on.set()
    assert asking(suite, place, b"<two/>").get(timeout=BOUND).body == b"<two/>"
    assert system.executed == [b"<one/>", b"<two/>"]
    assert suite.breaks() > before


def test_answer_finds_a_named_queue_again(url: str, proxy: Proxy, client: Connect) -> None:
    """With a named queue the line may break: the answer waits at the broker, and the request went out once."""
    place = Destination("queue", "CUT BUT NAMED")
    system = Served(client(url), place)
    suite = client(proxy.url, replies=Destination("queue", "REPLIES AFTER A CUT"))
    ended = asking(suite, place, b"<one/>")
    assert system.came.wait(BOUND)
    proxy.cut()
    system.go_on.set()
    assert ended.get(timeout=BOUND).body == b"<one/>"
    assert system.executed == [b"<one/>"]


def test_silence_after_a_cut_is_nobodys_fault(url: str, proxy: Proxy, client: Connect) -> None:
    """When the line broke, an answer that never comes may have been lost: that is not the system's silence."""
    place = Destination("queue", "CUT AND SILENT")
    system = Served(client(url), place)
    suite = client(proxy.url, replies=Destination("queue", "NO REPLIES"))
    told: queue.SimpleQueue[TransportError] = queue.SimpleQueue()

    def run() -> None:
        try:
            suite.request(place, JmsMessage(body=b"<one/>", correlation_id="one"), 1.0, lambda answer: answer)
        except TransportError as problem:
            told.put(problem)

    threading.Thread(target=run, daemon=True).start()
    assert system.came.wait(BOUND)
    proxy.cut()
    problem = told.get(timeout=BOUND)
    assert (problem.blame, "connection to the broker was lost" in str(problem)) == ("surroundings", True)
    system.go_on.set()


@pytest.mark.parametrize("replies", [None, Destination("queue", "REPLIES THAT ARE SWALLOWED")])
def test_line_that_swallows_everything(url: str, proxy: Proxy, client: Connect, replies: Destination | None) -> None:
    """Where not even our own messages come back, silence is nobody's; where they do, it is the system's."""
    suite = client(proxy.url, replies=replies)
    with pytest.raises(TransportError, match="did not answer") as silence:
        suite.request(Destination("queue", "NOBODY"), JmsMessage(body=b"<one/>"), 0.1, lambda answer: answer)
    assert (silence.value.blame, suite.proof()) == ("system", "")
    place = Destination("queue", "SWALLOWED")
    system = Served(client(url), place)
    suite.settings = replace(suite.settings, connect_s=0.3)
    ended = asking(suite, place, b"<two/>", 0.5)
    assert system.came.wait(BOUND)
    proxy.swallow()
    system.go_on.set()
    problem = ended.get(timeout=BOUND)
    # The receipt of the request may be swallowed as well: then that is what is told.
    assert problem.blame == "surroundings", problem
    assert "does not carry our own messages" in suite.proof()


def test_request_waits_for_a_broker_that_is_away(url: str, proxy: Proxy, client: Connect) -> None:
    """What was surely not sent is sent once the broker is back: once, and its answer is in time."""
    place = Destination("queue", "AWAY")
    system = Served(client(url), place)
    system.go_on.set()
    suite = client(proxy.url)
    assert asking(suite, place, b"<before/>").get(timeout=BOUND).body == b"<before/>"
    before = suite.breaks()
    proxy.go_away()
    until(lambda: suite.breaks() != before, "the provider tells that the line is gone", BOUND)
    ended = asking(suite, place, b"<while away/>")
    with pytest.raises(queue.Empty):
        ended.get(timeout=0.2)
    proxy.come_back()
    assert ended.get(timeout=BOUND).body == b"<while away/>"
    assert system.executed == [b"<before/>", b"<while away/>"]


@pytest.fixture
def run(classic: Any, tmp_path: Path) -> Iterator[tuple[Run, Proxy]]:
    """Begin a run of the suite over JMS, through a proxy, with the reference system."""
    with ReferenceServer() as server, JmsReference(server) as reference, Proxy(reference.url) as proxy:
        configuration = reference.configuration()
        endpoint = configuration.endpoints.jms
        assert endpoint is not None
        jndi = {name: str(value).replace(reference.url, proxy.url) for name, value in endpoint.jndi.items()}
        requests = {**endpoint.requests, "Nowhere": "jms:jndi:nowhere"}
        changed = endpoint.model_copy(update={"jndi": jndi, "requests": requests})
        endpoints = configuration.endpoints.model_copy(update={"jms": changed})
        sut = write(configuration, tmp_path / "SUT.toml", endpoints=endpoints)
        begun = begin(sut, tmp_path / "out", {"transport": "jms"}, pre_flight=False, in_thread=True)
        yield begun, proxy
        begun.close()


def read(words: Vocabulary) -> Any:
    """Return a request for readings."""
    return outbound(get_readings([get_meter_readings(words.meters("M1"), words.types("R1"), words.window)]))


def hears(party: Party) -> bool:
    """Return whether silence would mean something to ``party``."""
    try:
        party.listen(0.01)
    except Inconclusive:
        return False
    return True


def test_run_goes_on(run: tuple[Run, Proxy]) -> None:
    """A line that breaks makes the scenario at hand inconclusive, with the reason; those after it are judged."""
    begun, proxy = run
    words = Vocabulary(configuration=begun.loaded.configuration)
    hurt = begun.party("hurt", "jms")
    hurt.ask(read(words))
    assert hurt.scene.last.answer is not None
    proxy.cut()
    until(lambda: not hears(hurt), "the scenario notices", BOUND)
    until(lambda: hears(begun.party("next", "jms")), "the suite listens again", BOUND)
    with pytest.raises(Inconclusive, match="connection to the broker was lost meanwhile"):
        hurt.listen(0.01)
    sound = begun.party("sound", "jms")
    sound.ask(read(words))
    assert sound.scene.last.answer is not None
    make_event(sound, words)
    sound.listen(0.05)
    assert sound.scene.unsolicited
    with pytest.raises(Inconclusive, match=r"could not be reached.*does not know this name"):
        begun.party("nowhere", "jms").ask(replace(read(words), noun="Nowhere"))
