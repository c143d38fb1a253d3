"""Twenty thousand broken messages: none crashes, hangs, reads a file, opens a connection or expands an entity.

The mutations are seeded: the same every time. A failure names the number of its message: pass it to ``message``.
"""

from __future__ import annotations

import asyncio
import codecs
import contextlib
import ctypes
import os
import random
import socket
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from conformance.errors import MessageError
from conformance.message.build import Draft, build, build_unchecked, root
from conformance.message.model import Header, ObjectId, Reply, ReplyError
from conformance.message.soap import fault, to_typed, unwrap, wrap
from conformance.message.xml import Limits
from conformance.transport.acknowledge import acknowledge
from conformance.transport.gateway_app import Inbox, application

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

MESSAGES = 20_000
#: No single message may take longer than this, in seconds; typical is a tenth of a millisecond.
PER_MESSAGE = 2.0
LIMITS = Limits(max_bytes=4 * 1024 * 1024)
SECRET = "bait-that-nobody-shall-read"
#: Stand in the texts below for a file and a server of the test.
FILE, SERVER = b"/etc/passwd", b"127.0.0.1:1"
ENTITIES = (
    b'<!DOCTYPE x [<!ENTITY e "expanded-expanded">]>',
    b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>',
    b'<!DOCTYPE x [<!ENTITY e SYSTEM "http://127.0.0.1:1/e">]>',
    b'<!DOCTYPE x SYSTEM "file:///etc/passwd">',
    b'<!DOCTYPE x PUBLIC "-//X//X" "http://127.0.0.1:1/x.dtd" []>',
    b'<!DOCTYPE x [<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;]>',
    b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "' + b"&a;" * 50 + b'"><!ENTITY c "' + b"&b;" * 50
    + b'"><!ENTITY d "' + b"&c;" * 50 + b'"><!ENTITY e "' + b"&d;" * 50 + b'">]>',
    b'<!DOCTYPE x [<!ATTLIST Header a CDATA "defaulted"><!ENTITY e "e">]>',
)  # fmt: skip
INSERTS = (
    b'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/passwd" parse="text"/>',
    b'<?xml-stylesheet href="file:///etc/passwd"?>',
    b'<!-- -- -->', b"<![CDATA[", b"]]>", b"&e;", b"&#0;", b"&#xD800;", b"&#x10FFFF;", b"&lt;", b"\0", b"\xff\xfe",
    b"\xef\xbb\xbf", b"<", b">", b"</Header>", b"<Header>", b'xmlns=""', b' xmlns:a="', b"\r\n", b"\xc3\x28",
    b'<a xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="urn:x file:///etc/passwd"/>',
    b'<a xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="Header" xsi:nil="true"/>',
    b'<inc:Include xmlns:inc="http://www.w3.org/2004/08/xop/include" href="cid:1"/>',
)  # fmt: skip
ENCODINGS = ("utf-16", "utf-16-le", "utf-32", "utf-7", "cp037", "latin-1", "ascii", "shift_jis", "no-such", "zlib")
CONTENT_TYPES = (
    "", "text/xml", "text/xml; charset=utf-8", "application/soap+xml", 'application/xml; charset="no such"',
    "text/xml; charset=utf-7", "multipart/related; boundary=x", "text/xml; charset*=utf-8''x", ";;=;",
    "text/xml; charset",
)  # fmt: skip


def seeds() -> list[bytes]:
    """Return valid messages of every kind, style and version."""
    header = Header(verb="created", noun="EndDeviceEvents", message_id="m-1", correlation_id="c-1", timestamp="now")
    reply = Reply(result="PARTIAL", errors=(ReplyError(code="2.4", reason="no", ids=(ObjectId(value="7"),)),))
    event = build_unchecked(Draft(kind="EventMessage", header=header, payload=(root("EndDeviceEvents"),)))
    response = build_unchecked(
        Draft(
            kind="ResponseMessage", header=Header(verb="reply", noun="MeterReadings", correlation_id="c"), reply=reply
        )
    )
    typed = to_typed(event, verb="created", noun="EndDeviceEvents")
    made = build(Draft(kind="RequestMessage", header=Header(verb="get", noun="MeterReadings")))
    failure = build_unchecked(Draft(kind="FaultMessage", reply=reply))
    bodies = [event, response, typed, made, failure]
    found = [wrap(body, version) for version in ("1.1", "1.2", "none") for body in bodies]
    return [*found, wrap(fault("1.1", "no", failure), "1.1"), wrap(fault("1.2", "no"), "1.2")]


def flip(dice: random.Random, body: bytes) -> bytes:
    """Change some bytes."""
    changed = bytearray(body)
    for _ in range(dice.randint(1, 8)):
        changed[dice.randrange(len(changed))] = dice.randrange(256)
    return bytes(changed)


def cut(dice: random.Random, body: bytes) -> bytes:
    """Take a piece out, perhaps the end."""
    start = dice.randrange(len(body))
    return body[:start] + body[dice.choice((len(body), min(len(body), start + dice.randint(1, 60)))) :]


def double(dice: random.Random, body: bytes) -> bytes:
    """Say a piece twice, or often."""
    start, end = sorted(dice.randrange(len(body)) for _ in range(2))
    return body[:end] + body[start:end] * dice.choice((1, 2, 20)) + body[end:]


def swap(dice: random.Random, body: bytes) -> bytes:
    """Exchange two neighbouring pieces."""
    first, second, third = sorted(dice.randrange(len(body)) for _ in range(3))
    return body[:first] + body[second:third] + body[first:second] + body[third:]


def insert(dice: random.Random, body: bytes) -> bytes:
    """Put something nasty somewhere, at best after a tag."""
    places = [place + 1 for place, byte in enumerate(body) if byte == ord(">")] or [0]
    for _ in range(dice.randint(1, 3)):
        place = dice.choice([*places, dice.randrange(len(body))])
        body = body[:place] + dice.choice(INSERTS) + body[place:]
    return body


def entity(dice: random.Random, body: bytes) -> bytes:
    """Bring a DTD, and use its entity."""
    _, mark, rest = body.partition(b"?>\n")
    body = (rest if mark else body).replace(dice.choice((b"c-1", b"EndDeviceEvents<", b"OK")), b"&e;", 1)
    return dice.choice((b"", b"<?xml version='1.0'?>", b"\n")) + dice.choice(ENTITIES) + body


def nest(dice: random.Random, body: bytes) -> bytes:
    """Nest deeply, well-formed or not."""
    depth = dice.choice((10, 200, 255, 256, 300, 5_000))
    inner = b"<a>" * depth + b"</a>" * dice.choice((depth, depth, 0))
    place = body.rfind(b"</")
    return body[:place] + inner + body[place:]


def swell(dice: random.Random, body: bytes) -> bytes:
    """Use huge or many attributes, texts, names and namespaces."""
    size = dice.choice((100, 5_000, 50_000))
    huge = dice.choice((
        b'a="' + b"x" * size + b'"',
        b" ".join(b'a%d="x"' % number for number in range(min(size, 3_000))),
        b" ".join(b'xmlns:a%d="urn:%d"' % (number, number) for number in range(min(size, 1_000))),
        b"a" * size + b'="x"',
        b'xmlns="' + b"u" * size + b'"',
        b'a="&#60;' + b"&amp;" * size + b'"',
    ))  # fmt: skip
    return body.replace(b"Header>", b"Header " + huge + b">", 1)


def recode(dice: random.Random, body: bytes) -> bytes:
    """Change the encoding, or only what is said of it."""
    name = dice.choice(ENCODINGS)
    claimed = body.replace(b"UTF-8", dice.choice((name, "utf-8", "", "x" * 500)).encode(), 1)
    try:
        return claimed.decode().encode(name) if dice.random() < 0.7 else claimed
    except (LookupError, UnicodeError):
        return claimed


def rename(dice: random.Random, body: bytes) -> bytes:
    """Give elements and namespaces other names."""
    old = dice.choice(
        (b"Header", b"Reply", b"Verb", b"Noun", b"Envelope", b"Body", b"EventMessage", b"http://", b"Fault")
    )
    new = dice.choice((b"", b"x:y", b"1x", b"Payload", b"created\xcc\x88x", b"xml", b"\xf0\x9f\x94\xa5", b"GetX", b" "))
    return body.replace(old, new, dice.choice((-1, 1)))


MUTATIONS: tuple[Callable[[random.Random, bytes], bytes], ...] = (
    flip, flip, cut, double, swap, insert, entity, nest, swell, recode, rename, rename,
)  # fmt: skip


def message(number: int, valid: list[bytes]) -> tuple[bytes, str]:
    """Return the broken message with that number, and the Content-Type it comes with."""
    dice = random.Random(number)  # noqa: S311 - it shall be repeatable
    body = dice.choice(valid)
    for _ in range(dice.choice((1, 1, 1, 2, 3))):
        body = dice.choice(MUTATIONS)(dice, body or b"<")
    return body, dice.choice(CONTENT_TYPES)


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
