"""Whatever a system does on the wire, the answer or the reason comes in time, and blames the right side."""

from __future__ import annotations

import gzip
import threading
import time
import tracemalloc
from typing import TYPE_CHECKING, Any

import pytest

from conformance.errors import TransportError
from tests.transport import behaviours
from tests.transport.behaviours import OK

if TYPE_CHECKING:
    from collections.abc import Callable

#: What a send may take in all these tests; generous, but far from for ever (seconds).
BOUND = 5.0
DEADLINE = 0.6


@pytest.mark.parametrize(
    ("behave", "words"),
    [
        (lambda peer: None, "closed the connection without an answer"),
        (behaviours.reset, "reset the connection|closed the connection without an answer"),
        (behaviours.cut_in_headers, "the connection ended within the headers"),
        (behaviours.bad_chunk, "chunked"),
        (behaviours.too_short, "ended its answer before it was complete: 6 bytes came, 94"),
        (behaviours.two_lengths, "contradicting headers"),
        (behaviours.garbage, "not HTTP: it begins with 'SSH-2.0"),
        (behaviours.long_line, "header line that is too long"),
        (behaviours.many_headers, "more than 100 headers"),
        (behaviours.bad_gzip, "Content-Encoding gzip and is not"),
        (behaviours.half_gzip, "gzip of the answer ends"),
        (behaviours.brotli, "Content-Encoding br, which was not offered"),
    ],
)
def test_misbehaviour_is_the_systems_fault(
    hostile: Any, transport: Any, request_to: Any, behave: Callable[[Any], None], words: str
) -> None:
    """A peer that accepted the connection and then broke the rules is named, with what it did."""
    server = hostile(behave)
    begun = time.monotonic()
    with pytest.raises(TransportError, match=words) as caught:
        transport(server.url).send(request_to(server.url), BOUND)
    assert caught.value.blame == "system"
    assert not caught.value.timed_out
    assert time.monotonic() - begun < BOUND


@pytest.mark.parametrize(
    "behave",
    [
        pytest.param(lambda peer: peer.hold(), id="silence"),
        behaviours.silent_in_headers,
        behaviours.drip_headers,
        behaviours.drip_body,
        behaviours.drip_unannounced,
        behaviours.endless_chunks,
        behaviours.endless_continue,
    ],
)
def test_deadline_counts_everything(
    hostile: Any, transport: Any, request_to: Any, behave: Callable[[Any], None]
) -> None:
    """No answer is waited for longer than the deadline, however it trickles."""
    server = hostile(behave)
    begun = time.monotonic()
    with pytest.raises(TransportError, match=r"did not answer within 0.6 s") as caught:
        transport(server.url).send(request_to(server.url), DEADLINE)
    assert DEADLINE * 0.9 < time.monotonic() - begun < BOUND
    assert (caught.value.blame, caught.value.timed_out) == ("system", True)


def test_peer_that_does_not_read(hostile: Any, transport: Any, request_to: Any) -> None:
    """The deadline also ends a request that cannot be sent, because nobody reads it."""
    server = hostile(lambda peer: peer.hold(), read=False)
    large = request_to(server.url).__class__(url=server.url, body=b"x" * 50_000_000, content_type="text/xml")
    begun = time.monotonic()
    with pytest.raises(TransportError, match="not a byte came") as caught:
        transport(server.url).send(large, DEADLINE)
    assert caught.value.timed_out
    assert time.monotonic() - begun < BOUND


@pytest.mark.parametrize("announced", [True, False])
def test_oversize_ends_at_once(hostile: Any, transport: Any, request_to: Any, announced: bool) -> None:
    """An answer beyond the limit is not read to its end."""

    def flood(peer: Any) -> None:
        length = b"Content-Length: 4000000000\r\n" if announced else b""
        peer.say(OK + length + b"\r\n")
        while True:
            peer.say(b"x" * 65536)

    server = hostile(flood)
    begun = time.monotonic()
    with pytest.raises(TransportError, match="more than 100000 bytes") as caught:
        transport(server.url, max_bytes=100_000).send(request_to(server.url), 30.0)
    assert caught.value.blame == "system"
    assert time.monotonic() - begun < BOUND


def test_gzip_bomb_stays_small(hostile: Any, transport: Any, request_to: Any) -> None:
    """A few kilobytes that unpack to 200 MB are refused without unpacking them."""
    bomb = gzip.compress(b"\0" * 200_000_000, compresslevel=1)
    server = hostile(
        lambda peer: peer.say(OK + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(bomb), bomb)
    )
    tracemalloc.start()
    try:
        with pytest.raises(TransportError, match="more than 1000000 bytes"):
            transport(server.url, max_bytes=1_000_000).send(request_to(server.url), 30.0)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 10_000_000


def test_gzip_is_unpacked(hostile: Any, transport: Any, request_to: Any) -> None:
    """The twin of the cases above: an honest gzip is read, and an empty one is an empty body."""
    packed = gzip.compress(b"<answer/>" * 50_000)

    def answer(peer: Any) -> None:
        peer.say(OK + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed), packed)
        if peer.read_request():
            peer.say(OK + b"Content-Encoding: gzip\r\nContent-Length: 0\r\n\r\n")

    server = hostile(answer)
    carrier = transport(server.url)
    assert carrier.send(request_to(server.url), BOUND).body == b"<answer/>" * 50_000
    assert carrier.send(request_to(server.url), BOUND).body == b""


FAULT = b'<soap:Envelope xmlns:soap="x"><soap:Body><soap:Fault/></soap:Body></soap:Envelope>'


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        pytest.param(
            b"HTTP/1.1 500 Oops\r\nContent-Type: text/xml\r\nContent-Length: %d\r\n\r\n" % len(FAULT) + FAULT,
            (500, "text/xml", FAULT), id="500 with a SOAP fault",
        ),
        pytest.param(
            b"HTTP/1.1 302 Found\r\nLocation: http://[::1/bad\r\nContent-Length: 2\r\n\r\nno",
            (302, "", b"no"), id="a redirect is not followed",
        ),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", (200, "", b""), id="empty 200"),
        pytest.param(b"HTTP/1.1 202 Accepted\r\n\r\n", (202, "", b""), id="202 until the connection ends"),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>",
            (200, "text/html", b"<html>"), id="another content type",
        ),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", (200, "", b"ok"), id="chunked"
        ),
        pytest.param(b"HTTP/1.0 401 No\r\nSet-Cookie: id=secret\r\n\r\n", (401, "", b""), id="401"),
    ],
)  # fmt: skip
def test_answers(hostile: Any, transport: Any, request_to: Any, raw: bytes, expected: tuple[int, str, bytes]) -> None:
    """What is HTTP is an answer, whatever its status; judging it is not the transport's business."""
    server = hostile(lambda peer: peer.say(raw))
    answer = transport(server.url).send(request_to(server.url), BOUND)
    assert (answer.status, answer.content_type, answer.body) == expected
    assert "secret" not in str(answer.headers)


def test_cookies_are_not_returned(hostile: Any, transport: Any, request_to: Any) -> None:
    """No state of one exchange leaks into the next."""

    def answer(peer: Any) -> None:
        peer.say(OK + b"Set-Cookie: id=1\r\nContent-Length: 0\r\n\r\n")
        if peer.read_request():
            peer.say(OK + b"Content-Length: 0\r\n\r\n")

    server = hostile(answer)
    carrier = transport(server.url)
    for _ in range(2):
        carrier.send(request_to(server.url), BOUND)
    assert server.connections == 1
    assert b"cookie" not in server.requests[1].lower()


def test_environment_is_ignored(hostile: Any, transport: Any, request_to: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy of the environment does not come between the suite and the system."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    server = hostile(lambda peer: peer.say(OK + b"Content-Length: 0\r\n\r\n"))
    assert transport(server.url).send(request_to(server.url), BOUND).status == 200


def test_closed_keep_alive_connection(hostile: Any, transport: Any, request_to: Any) -> None:
    """A kept connection that the system closes when the next request comes is nobody's fault: once more."""

    def once(peer: Any) -> None:
        peer.say(OK + b"Content-Length: 1\r\n\r\n", b"%d" % peer.number)
        peer.read_request()  # the second request finds the door closing

    server = hostile(once)
    carrier = transport(server.url)
    assert carrier.send(request_to(server.url), BOUND).body == b"1"
    assert carrier.send(request_to(server.url), BOUND).body == b"2"
    assert len(server.requests) == 3


def test_no_second_try_after_the_first_byte(hostile: Any, transport: Any, request_to: Any) -> None:
    """When an answer has begun, the request is never repeated."""

    def half(peer: Any) -> None:
        peer.say(OK + b"Content-Length: 2\r\n\r\nok")
        if peer.read_request():
            peer.say(b"HT")

    server = hostile(half)
    carrier = transport(server.url)
    carrier.send(request_to(server.url), BOUND)
    with pytest.raises(TransportError) as caught:
        carrier.send(request_to(server.url), BOUND)
    assert caught.value.blame == "system"
    assert len(server.requests) == 2


def test_no_second_try_on_a_fresh_connection(hostile: Any, transport: Any, request_to: Any) -> None:
    """A system that closes a fresh connection without an answer is asked once."""
    server = hostile(lambda peer: None)
    with pytest.raises(TransportError):
        transport(server.url).send(request_to(server.url), BOUND)
    assert len(server.requests) == 1


def test_timed_out_on_a_kept_connection(hostile: Any, transport: Any, request_to: Any) -> None:
    """Silence on a kept connection is a time-out of the system, not a reason to ask again."""

    def answer(peer: Any) -> None:
        peer.say(OK + b"Content-Length: 2\r\n\r\nok")
        if peer.read_request():
            peer.hold()

    server = hostile(answer)
    carrier = transport(server.url)
    carrier.send(request_to(server.url), BOUND)
    with pytest.raises(TransportError, match="not a byte came") as caught:
        carrier.send(request_to(server.url), DEADLINE)
    assert (caught.value.blame, caught.value.timed_out) == ("system", True)
    assert len(server.requests) == 2


def test_threads_do_not_share_connections(hostile: Any, transport: Any, request_to: Any) -> None:
    """Many threads may send at once; each gets the answer to its own request."""

    def echo(peer: Any) -> None:
        while True:
            body = peer.request.partition(b"\r\n\r\n")[2]
            peer.say(OK + b"Content-Length: %d\r\n\r\n" % len(body) + body)
            if not peer.read_request():
                return

    server = hostile(echo)
    carrier = transport(server.url)
    wrong: list[bytes] = []

    def ask(number: int) -> None:
        for turn in range(5):
            body = b"%d-%d" % (number, turn)
            sent = request_to(server.url).__class__(url=server.url, body=body, content_type="text/xml")
            answer = carrier.send(sent, BOUND)
            if answer.body != body:
                wrong.append(answer.body)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert wrong == []
    assert len(server.requests) == 100
