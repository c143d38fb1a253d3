"""How a valid message is broken: seeded, so that a number always means the same message."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from conformance.message.build import Draft, build, build_unchecked, root
from conformance.message.model import Header, ObjectId, Reply, ReplyError
from conformance.message.soap import fault, to_typed, wrap

if TYPE_CHECKING:
    from collections.abc import Callable

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
