"""Twenty thousand broken messages: none crashes, hangs, reads a file, opens a connection or expands an entity.

The mutations are seeded: the same every time. A failure names the number of its message: pass it to ``message``.
"""

from __future__ import annotations

import asyncio
import codecs
import contextlib
import ctypes
import os
import socket
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from conformance.errors import MessageError
from conformance.message.soap import unwrap
from conformance.message.xml import Limits
from conformance.transport.acknowledge import acknowledge
from conformance.transport.gateway_app import Inbox, application
from tests.fuzz.mutations import ENCODINGS, FILE, SERVER, message, seeds

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MESSAGES = 20_000
#: No single message may take longer than this, in seconds; typical is a tenth of a millisecond.
PER_MESSAGE = 2.0
LIMITS = Limits(max_bytes=4 * 1024 * 1024)
SECRET = "bait-that-nobody-shall-read"


class Watch:
    """A file and a server as bait, and a record of what Python opens or connects to.

    The audit hook sees Python alone; libxml2 would open the file and the connection by itself, which the kernel
    (inotify, on Linux) and the server see. An audit hook cannot be removed, so it is switched.
    """

    def __init__(self, directory: Path) -> None:
        self.on = False
        self.seen: list[tuple[str, str]] = []
        self.file = directory / "bait"
        self.file.write_text(SECRET)
        self.server = socket.create_server(("127.0.0.1", 0))
        self.server.setblocking(False)
        self.notices = -1
        if sys.platform == "linux":
            libc = ctypes.CDLL(None)
            self.notices = libc.inotify_init1(os.O_NONBLOCK)
            assert libc.inotify_add_watch(self.notices, bytes(self.file), 0x20) > 0  # IN_OPEN
        sys.addaudithook(self.hook)

    def bait(self, body: bytes) -> bytes:
        """Return ``body`` with the file and the server in their places."""
        server = b"127.0.0.1:%d" % self.server.getsockname()[1]
        return body.replace(FILE, bytes(self.file)).replace(SERVER, server)

    def taken(self) -> list[str]:
        """Return which baits were taken."""
        found = []
        if self.notices >= 0:
            with contextlib.suppress(BlockingIOError):
                found.append(f"file: {os.read(self.notices, 4096)!r}")
        with contextlib.suppress(BlockingIOError):
            sock, peer = self.server.accept()
            sock.close()
            found.append(f"server: {peer}")
        return found

    def close(self) -> None:
        """End the watch."""
        self.on = False
        self.server.close()
        if self.notices >= 0:
            os.close(self.notices)

    def hook(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Record an event that reaches outside."""
        if self.on and (event in ("open", "os.system", "subprocess.Popen") or event.startswith(("socket.", "urllib."))):
            self.seen.append((event, repr(arguments)[:200]))


@pytest.fixture(scope="module")
def watch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watch]:
    """Return the watch, still switched off."""
    found = Watch(tmp_path_factory.mktemp("fuzz"))
    yield found
    found.close()


def try_one(number: int, valid: list[bytes], watch: Watch) -> bool:
    """Read and acknowledge the message with that number; return whether it could be read."""
    body, content_type = message(number, valid)
    body = watch.bait(body)
    readable = True
    try:
        carried = unwrap(body, LIMITS)
    except MessageError:
        readable = False
    else:
        assert carried.message is not None or carried.fault is not None, number
        assert SECRET not in str(carried.message), number
        assert carried.message is None or "expanded" not in (carried.message.correlation_id or ""), number
    answer = acknowledge(body, content_type, LIMITS)
    assert answer.status in (200, 202, 400, 500), number
    assert SECRET.encode() not in answer.body, number
    assert b"expanded-expanded" not in answer.body, number
    assert len(answer.body) < 2 * len(body) + 20_000, number
    if answer.body and answer.content_type.split(";")[0] != "text/plain":
        unwrap(answer.body)
    return readable


def test_twenty_thousand_broken_messages(watch: Watch) -> None:
    """Out of reading comes a message or a MessageError, in time, and out of acknowledging a well-formed answer."""
    valid = seeds()
    for name in ENCODINGS:  # Python loads the modules of its codecs late
        with contextlib.suppress(LookupError):
            codecs.lookup(name)
    for number in range(100):
        try_one(number, valid, watch)
    watch.on = True
    read = 0
    slowest = (0.0, -1)
    for number in range(MESSAGES):
        begun = time.perf_counter()
        read += try_one(number, valid, watch)
        slowest = max(slowest, (time.perf_counter() - begun, number))
    watch.on = False
    assert watch.seen == []
    assert watch.taken() == []
    assert slowest[0] < PER_MESSAGE, slowest
    assert MESSAGES * 0.05 < read < MESSAGES * 0.8, "the mutations are too tame or too wild"


def test_the_bait_works(watch: Watch) -> None:
    """The twin of the test above: what it forbids would have been seen."""
    watch.on = True
    watch.file.read_text()
    with socket.create_connection(watch.server.getsockname()):
        pass
    watch.on = False
    assert {event for event, _ in watch.seen} >= {"open", "socket.connect"}
    assert len(watch.taken()) == (2 if sys.platform == "linux" else 1)


class Memory:
    """A journal that only counts."""

    def __init__(self) -> None:
        self.entries: list[Any] = []

    def append(self, entry: Any) -> int:
        """Keep an entry."""
        self.entries.append(entry)
        return len(self.entries)

    def meta(self, _key: str, default: Any = None) -> Any:
        """Know nothing else."""
        return default


def test_gateway_answers_everything() -> None:
    """Through the gateway's application, each broken message is kept once and answered once, never with a crash."""
    journal = Memory()
    app, end = application(Inbox(journal=journal, token="t", path="/t", max_bytes=LIMITS.max_bytes))  # type: ignore[arg-type]
    valid = seeds()

    async def send(number: int) -> int:
        body, content_type = message(number, valid)
        half = len(body) // 2
        pieces = [(body[:half], True), (body[half:], False)]
        said: list[Any] = []

        async def receive() -> dict[str, Any]:
            piece, more = pieces.pop(0)
            return {"type": "http.request", "body": piece, "more_body": more}

        async def answer(event: Any) -> None:
            said.append(event)

        headers = [(b"content-type", content_type.encode()), (b"host", b"x")]
        scope = {
            "type": "http", "method": "POST", "path": "/t", "root_path": "", "query_string": b"", "headers": headers,
            "scheme": "http", "server": ("x", 80), "http_version": "1.1",
        }  # fmt: skip
        await app(scope, receive, answer)
        return int(said[0]["status"])

    async def send_all() -> set[int]:
        return {await send(number) for number in range(MESSAGES, MESSAGES + 2_000)}

    try:
        statuses = asyncio.run(send_all())
    finally:
        end()
    assert statuses <= {200, 202, 400, 500}
    assert len(journal.entries) == 4_000
