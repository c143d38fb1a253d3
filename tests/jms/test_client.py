"""The client against a real broker: answers, failures in plain words, and brokers that go away."""

from __future__ import annotations

import queue
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conformance.errors import ConfigurationError, TransportError
from conformance.transport.jms import jvm
from conformance.transport.jms.client import JmsClient
from conformance.transport.jms.messages import JmsMessage
from conformance.transport.jms.settings import Destination
from tests.jms.conftest import BOUND, REQUESTS

Connect = Callable[..., JmsClient]
MIB = 1024 * 1024
TYPED = {"truth": True, "whole": 7, "long": 2**40, "broken": 2.5, "text": "ä"}


def echo(server: JmsClient, **changes: Any) -> Callable[[JmsMessage], None]:
    """Return what answers a request with its own body."""

    def answer(request: JmsMessage) -> None:
        assert request.reply_to is not None
        given = {"kind": request.kind, "correlation_id": request.correlation_id, "properties": TYPED, **changes}
        server.send(request.reply_to, JmsMessage(body=request.body, **given))

    return answer


def itself(message: JmsMessage) -> JmsMessage:
    """Return the answer as it is."""
    return message


def ask(client: JmsClient, body: bytes = b"<a/>", *, seconds: float = BOUND, **more: Any) -> JmsMessage:
    """Send a request and return the answer."""
    return client.request(REQUESTS, JmsMessage(body=body, **{"correlation_id": "c-1", **more}), seconds, itself)


@pytest.mark.parametrize("kind", ["text", "bytes"])
def test_request_and_answer(url: str, client: Connect, kind: str) -> None:
    """Bodies of every kind and size come back as they were, with typed properties."""
    server, asker = client(url), client(url)
    server.listen(REQUESTS, echo(server))
    utf16 = "<?xml version='1.0' encoding='UTF-16'?><a>Zähler</a>".encode("utf-16")
    for body in (b"<a/>", utf16, b"<a>" + b"x" * (4 * MIB) + b"</a>"):
        answer = ask(asker, body, kind=kind)
        assert answer.body == body
        assert (answer.kind, answer.correlation_id) == (kind, "c-1")
        assert {name: answer.properties[name] for name in TYPED} == TYPED


def test_too_large(url: str, client: Connect) -> None:
    """What is larger than the limit is told, and not taken in."""
    server, asker = client(url), client(url, max_bytes=100)
    server.listen(REQUESTS, echo(server))
    for kind in ("text", "bytes"):
        answer = ask(asker, b"<a>" + b"x" * 100 + b"</a>", kind=kind)
        assert (answer.body, "larger than 100 bytes" in answer.problem) == (b"", True)


def test_poison_message(url: str, client: Connect) -> None:
    """A message that is neither text nor bytes is told as such, acknowledged, and holds nothing up."""
    arrived: queue.SimpleQueue[JmsMessage] = queue.SimpleQueue()
    one = client(url)
    one.listen(REQUESTS, arrived.put)
    session = one.link().session()
    java = session._java
    session._producer.send(java.createQueue(REQUESTS.name), java.createMapMessage())
    one.send(REQUESTS, JmsMessage(body=b"<next/>"))
    assert "a ActiveMQMapMessage, which carries no XML" in arrived.get(timeout=BOUND).problem
    assert arrived.get(timeout=BOUND).body == b"<next/>"


def test_message_that_cannot_be_kept_yet(url: str, client: Connect) -> None:
    """What fails to be taken is taken later, once, and not lost."""
    arrived: queue.SimpleQueue[JmsMessage] = queue.SimpleQueue()
    tries: list[int] = []

    def take(message: JmsMessage) -> None:
        tries.append(1)
        if len(tries) < 3:
            raise OSError("disk full")
        arrived.put(message)

    one = client(url)
    one.listen(REQUESTS, take)
    one.send(REQUESTS, JmsMessage(body=b"<a/>"))
    assert arrived.get(timeout=BOUND).body == b"<a/>"
    assert len(tries) == 3


def test_wrong_login(broker: Any, client: Connect) -> None:
    """A refused login is told in the words of SUT.toml, without the password."""
    from conformance.transport.settings import Credentials

    url = broker(users={"suite": "right"}).url
    with pytest.raises(ConfigurationError, match=r"refuses the login.*security\.username") as told:
        client(url, credentials=Credentials(username="suite", password="s3cr3t"))
    assert "s3cr3t" not in str(told.value)
    client(url, credentials=Credentials(username="suite", password="right"))


def test_nobody_there(client: Connect, classic: Any) -> None:
    """A port at which no broker listens, and one that never speaks, are told in time."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        with pytest.raises(TransportError, match="no connection") as told:
            client(f"tcp://127.0.0.1:{port}", connect_s=0.5)
        assert told.value.timed_out
    with pytest.raises(TransportError, match="the broker is not there"):
        client(f"tcp://127.0.0.1:{port}")


def test_names_that_do_not_exist(url: str, client: Connect) -> None:
    """A factory, a class and a destination that nobody knows are told as what they are."""
    one = client(url)
    with pytest.raises(ConfigurationError, match="naming service does not know"):
        one.send(Destination("jndi", "no.such.queue"), JmsMessage(body=b"<a/>"))
    with pytest.raises(ConfigurationError, match="no jar of"):
        jvm.java_class("no.such.Class")
    with pytest.raises(ConfigurationError, match="another class path"):
        jvm.start((Path("other.jar"),))


def test_full_queue(broker: Any, client: Connect) -> None:
    """A queue that takes no more is told; the client goes on."""
    url = broker(full_at=64 * 1024).url
    one = client(url)

    def fill() -> None:
        for _ in range(100):
            one.send(REQUESTS, JmsMessage(body=b"x" * 10_000), timeout=5)

    with pytest.raises(TransportError, match=r"takes no more messages|did not take the message"):
        fill()
    assert client(url).send(Destination("queue", "OTHER"), JmsMessage(body=b"<a/>"))


def test_late_answer_is_a_stray(url: str, client: Connect) -> None:
    """An answer that comes after the deadline is kept as a stray, and never taken for the next one's."""
    strays: queue.SimpleQueue[JmsMessage] = queue.SimpleQueue()
    server, asker = client(url), client(url, stray=strays.put)
    held: list[JmsMessage] = []
    came = threading.Event()

    def hold(request: JmsMessage) -> None:
        if request.body == b"<slow/>":
            held.append(request)
            came.set()
        else:
            echo(server)(request)

    server.listen(REQUESTS, hold)
    with pytest.raises(TransportError, match=r"did not answer within 0\.3 s") as told:
        ask(asker, b"<slow/>", seconds=0.3)
    assert (told.value.blame, told.value.timed_out) == ("system", True)
    assert came.wait(BOUND)
    echo(server)(held[0])
    assert ask(asker, b"<next/>").body == b"<next/>"
    assert strays.get(timeout=BOUND).body == b"<slow/>"


def envelope(correlation: str) -> bytes:
    """Return a message with this CorrelationID."""
    from conformance.message.build import Draft, build, serialise
    from conformance.message.model import Header

    header = Header(verb="get", noun="MeterReadings", correlation_id=correlation)
    return serialise(build(Draft(kind="RequestMessage", header=header)))


@pytest.mark.parametrize("by", ["header", "payload", "message id"])
def test_named_reply_queue(url: str, client: Connect, by: str) -> None:
    """The answer is known by JMSCorrelationID, by payload CorrelationID, or by the echoed JMSMessageID."""
    strays: queue.SimpleQueue[JmsMessage] = queue.SimpleQueue()
    replies = Destination("queue", f"REPLIES {by}")
    server = client(url)
    server.send(replies, JmsMessage(body=envelope("of an earlier run"), correlation_id="of an earlier run"))
    asker = client(url, stray=strays.put, replies=replies)

    def answer(request: JmsMessage) -> None:
        said = {"header": "c-1", "payload": None, "message id": request.message_id}[by]
        echo(server, correlation_id=said)(request)

    server.listen(REQUESTS, answer)
    body = envelope("c-1") if by == "payload" else b"<a/>"
    correlation = None if by == "message id" else "c-1"
    assert ask(asker, body, correlation_id=correlation).body == body
    assert strays.get(timeout=BOUND).correlation_id == "of an earlier run"


def test_broker_restarts_in_mid_exchange(broker: Any, client: Connect) -> None:
    """With a temporary queue the exchange ends with the reason; the next one succeeds, subscriptions live on."""
    started = broker()
    server, asker = client(started.url), client(started.url)
    came = threading.Event()

    def answer(request: JmsMessage) -> None:
        came.set()
        if request.body != b"<lost/>":
            echo(server)(request)

    server.listen(REQUESTS, answer)
    failure: queue.SimpleQueue[Exception] = queue.SimpleQueue()

    def lose() -> None:
        try:
            ask(asker, b"<lost/>")
        except TransportError as problem:
            failure.put(problem)

    thread = threading.Thread(target=lose)
    thread.start()
    assert came.wait(BOUND)
    started.restart()
    thread.join(BOUND)
    problem = failure.get(timeout=BOUND)
    assert isinstance(problem, TransportError)
    assert problem.blame == "surroundings"
    assert ask(asker, b"<again/>").body == b"<again/>"


def test_answer_survives_a_restart(broker: Any, client: Connect, tmp_path: Path) -> None:
    """With a named queue and messages on disk, the answer comes although the broker was restarted."""
    started = broker(data=tmp_path)
    server, asker = client(started.url), client(started.url, replies=Destination("queue", "REPLIES"))
    came = threading.Event()
    go_on = threading.Event()

    def answer(request: JmsMessage) -> None:
        came.set()
        assert go_on.wait(BOUND)
        echo(server)(request)

    server.listen(REQUESTS, answer)
    answers: queue.SimpleQueue[JmsMessage] = queue.SimpleQueue()
    thread = threading.Thread(target=lambda: answers.put(ask(asker, b"<a/>")))
    thread.start()
    assert came.wait(BOUND)
    started.restart()
    go_on.set()
    assert answers.get(timeout=BOUND).body == b"<a/>"
    thread.join(BOUND)


def test_broker_that_stays_away(broker: Any, client: Connect) -> None:
    """A broker that does not come back is told after the time that was given to it."""
    started = broker()
    one = client(started.url, reconnect_s=0.3)
    subscription = one.listen(REQUESTS, itself)
    started.kill()
    subscription.join(BOUND)
    assert "the broker is not there" in one.problem()
    with pytest.raises(TransportError, match="the broker is not there"):
        one.send(REQUESTS, JmsMessage(body=b"<a/>"))
