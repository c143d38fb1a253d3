"""The gateway writes down before it acknowledges, and survives bad senders."""

from __future__ import annotations

import contextlib
import gzip
import socket
import sqlite3
import threading
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from conformance.journal import Journal
from conformance.message.soap import unwrap
from conformance.transport import gateway_app, listening
from conformance.transport.acknowledge import manner_key
from tests.transport.clients import BOUND, EVENT, ask, post, read_all

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("in_thread", [True, False])
def test_one_message(start: Any, entries: Any, in_thread: bool) -> None:
    """A message is written down, then acknowledged, then the acknowledgement is written down."""
    gateway = start(in_thread=in_thread, secrets=("hush",))
    status, answer = post(gateway.reply_address, EVENT, Authorization="Basic xyz", Extra="hush")
    assert status == 200
    received, sent = entries()
    assert (received.direction, received.channel, received.transport) == ("received", "callback", "soap")
    assert (received.url, received.body) == (urlsplit(gateway.reply_address).path, EVENT)
    assert received.headers["extra"] == "[secret]"
    assert "authorization" not in received.headers
    assert (sent.direction, sent.channel, sent.answers) == ("sent", "acknowledgement", received.id)
    assert (sent.body, sent.status) == (answer, 200)


@pytest.mark.parametrize(("manner", "status"), [("empty-202", 202), ("fault", 500), ("message", 200)])
def test_acknowledged_as_the_journal_says(start: Any, tmp_path: Path, manner: str, status: int) -> None:
    """Whoever waits for an answer may say how it shall be acknowledged, from whichever process."""
    gateway = start()
    journal = Journal(tmp_path / "journal.db")
    journal.set_meta(manner_key("c-7"), manner)
    journal.close()
    got, answer = post(gateway.reply_address, EVENT)
    assert (got, bool(answer)) == (status, manner != "empty-202")


def test_what_is_no_message(start: Any, entries: Any) -> None:
    """Bytes that are no message are kept, refused with a fault, and the reason is kept."""
    gateway = start()
    status, answer = post(gateway.reply_address, EVENT[:-9])
    assert status == 500
    assert unwrap(answer).fault is not None
    received, sent = entries()
    assert received.body == EVENT[:-9]
    assert (sent.status, sent.answers, sent.body) == (500, received.id, answer)
    assert "not well-formed" in sent.note


def test_compressed(start: Any, entries: Any) -> None:
    """A gzip is unpacked, so that the evidence can be read; what is none is refused with the reason."""
    gateway = start()
    headers = {"Content-Encoding": "gzip", "Content-Type": "text/xml"}
    status, _ = ask(gateway.reply_address, "POST", gzip.compress(EVENT), headers=headers)
    assert (status, entries()[0].body, entries()[0].note) == (200, EVENT, "")
    for packed, encoding, refusal in ((b"\x1f\x8b", "gzip", 400), (EVENT, "gzip", 400), (EVENT, "br", 415)):
        status, answer = ask(gateway.reply_address, "POST", packed, headers={**headers, "Content-Encoding": encoding})
        assert (status, encoding.encode() in answer, encoding in entries()[-2].note) == (refusal, True, True)


def test_compressed_beyond_the_limit(start: Any, entries: Any) -> None:
    """A few bytes that unpack to more than the limit are turned away like a large message."""
    gateway = start(max_bytes=1000)
    packed = gzip.compress(b"<a>" + b" " * 10_000)
    status, _ = ask(gateway.reply_address, "POST", packed, headers={"Content-Encoding": "gzip"})
    assert (status, len(packed) < 1000) == (413, True)
    assert "larger than 1000 bytes, unpacked" in entries()[0].note


@pytest.mark.parametrize(
    "fail",
    [
        pytest.param(
            "CREATE TRIGGER no BEFORE INSERT ON message BEGIN SELECT RAISE(FAIL, 'disk full'); END", id="both"
        ),
        pytest.param(
            "CREATE TRIGGER no BEFORE INSERT ON message WHEN NEW.channel = 'acknowledgement'"
            " BEGIN SELECT RAISE(FAIL, 'disk full'); END",
            id="acknowledgement",
        ),
    ],
)
@pytest.mark.parametrize("in_thread", [True, False])
def test_no_journal_no_acknowledgement(start: Any, tmp_path: Path, fail: str, in_thread: bool) -> None:
    """What cannot be written down is not acknowledged; when writing works again, so does the gateway."""
    gateway = start(in_thread=in_thread)
    with contextlib.closing(sqlite3.connect(tmp_path / "journal.db")) as database:
        database.executescript(fail)
        status, answer = post(gateway.reply_address)
        assert (status, b"disk full" in answer) == (503, True)
        database.executescript("DROP TRIGGER no")
    assert post(gateway.reply_address)[0] == 200


@pytest.mark.parametrize("chunked", [True, False])
def test_too_large(start: Any, entries: Any, chunked: bool) -> None:
    """A message beyond the limit is refused before it has been read, and that is written down."""
    gateway = start(max_bytes=1000)
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=BOUND) as sock:
        framing = b"Transfer-Encoding: chunked" if chunked else b"Content-Length: 2000000000"
        sock.sendall(b"POST / HTTP/1.1\r\nHost: x\r\n" + framing + b"\r\n\r\n")
        if chunked:
            sock.sendall(b"800\r\n" + b"x" * 0x800 + b"\r\n")
        answer = read_all(sock)
    assert answer.startswith(b"HTTP/1.1 413")
    received, sent = entries()
    assert len(received.body) == (0x800 if chunked else 0)
    assert "larger than 1000 bytes" in received.note
    assert sent.status == 413


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let slow senders be cut after a fifth of a second."""
    monkeypatch.setattr(listening, "SLOW_SENDER_S", 0.2)
    inbox = gateway_app.Inbox
    monkeypatch.setattr(listening, "Inbox", lambda **given: inbox(**given, patience_s=0.2))


@pytest.mark.parametrize(
    ("begun", "status"),
    [
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n<half", b"HTTP/1.1 408"),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Le", b""),
        (b"", b""),
    ],
)
def test_slow_sender(impatient: None, start: Any, entries: Any, begun: bytes, status: bytes) -> None:
    """Who does not go on is cut; a message that had begun is written down with the reason."""
    gateway = start()
    begin = time.monotonic()
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=BOUND) as sock:
        sock.sendall(begun)
        answer = read_all(sock)
    assert time.monotonic() - begin < BOUND
    assert answer.startswith(status)
    assert bool(answer) == bool(status)
    if b"POST" in status:
        assert "not complete within" in entries()[0].note


def test_slow_second_request(impatient: None, start: Any) -> None:
    """A kept connection on which the next request never gets complete is cut as well."""
    gateway = start()
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=BOUND) as sock:
        sock.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert sock.recv(65536).startswith(b"HTTP/1.1 200")
        sock.sendall(b"GET / HT")
        read_all(sock)


def test_sender_that_breaks_off(start: Any, entries: Any) -> None:
    """Half a message is written down with the reason."""
    gateway = start()
    with socket.create_connection(("127.0.0.1", gateway.port)) as sock:
        sock.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n<half")
    deadline = time.monotonic() + BOUND
    while len(entries()) < 2:
        assert time.monotonic() < deadline
    received, _ = entries()
    assert received.body == b"<half"
    assert "broke off after 5 bytes" in received.note


def test_slow_sender_holds_nobody_up(start: Any) -> None:
    """While one sender dawdles, others are served."""
    gateway = start()
    with socket.create_connection(("127.0.0.1", gateway.port)) as sock:
        sock.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n<half")
        assert post(gateway.reply_address)[0] == 200


@pytest.mark.parametrize("in_thread", [True, False])
def test_parallel_messages(start: Any, entries: Any, in_thread: bool) -> None:
    """Fifty at once: each is written down exactly once, and each is acknowledged with its own CorrelationID."""
    gateway = start(in_thread=in_thread)
    wrong: list[Any] = []

    def send(number: int) -> None:
        mine = EVENT.replace(b"c-7", b"c-%d" % number)
        status, answer = post(gateway.reply_address, mine)
        if status != 200 or b"<CorrelationID>c-%d<" % number not in answer:
            wrong.append((status, answer))

    threads = [threading.Thread(target=send, args=(number,)) for number in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert wrong == []
    found = entries()
    received = [entry.body for entry in found if entry.direction == "received"]
    assert sorted(received) == sorted(EVENT.replace(b"c-7", b"c-%d" % number) for number in range(50))
    answered = [entry.answers for entry in found if entry.direction == "sent"]
    assert sorted(answered) == [entry.id for entry in found if entry.direction == "received"]
