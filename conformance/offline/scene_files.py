"""Scene files, as in ``fixtures/``: what was sent and what came, with the answer that belongs to each request."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lxml import etree

from conformance.errors import MessageError
from conformance.message.xml import local_name, parse_xml
from conformance.offline.model import Piece

if TYPE_CHECKING:
    from collections.abc import Iterator

_SCENE = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*\?>\s*)?<scene\b")


def is_scene(head: bytes) -> bool:
    """Return whether a file that begins with ``head`` is a scene, and no message."""
    return _SCENE.match(head) is not None


def pieces_of_scene(body: bytes, name: str) -> Iterator[Piece]:
    """Iterate over the messages of a scene: each request, followed by its answer. Entries count from 1.

    Files of a service description are no messages, and are passed over.
    """
    try:
        entries = list(parse_xml(body).iterchildren("sent", "received"))
    except MessageError as broken:
        yield Piece(name=name, problem=str(broken))
        return
    pieces = [
        _piece(name, number, entry)
        for number, entry in enumerate(entries, start=1)
        if entry.get("channel") != "description"
    ]
    yield from sorted((piece for piece in pieces if piece.body.strip()), key=_order)


def _piece(name: str, number: int, entry: etree._Element) -> Piece:
    is_answer, status = entry.get("channel") == "reply", entry.get("status", "")
    return Piece(
        name=f"{name}#{number} {local_name(entry)}", number=number, body=_content(entry),
        content_type=entry.get("content-type", "text/xml"), is_answer=is_answer, world=name,
        pair=entry.get("answers", "0") if is_answer else str(number),
        status=int(status) if status.isdecimal() else None,
    )  # fmt: skip


def _order(piece: Piece) -> tuple[int, int]:
    return int(piece.pair) if piece.pair is not None and piece.pair.isdecimal() else 0, piece.number


def _content(entry: etree._Element) -> bytes:
    """Return the element of the message, or the text that stands for one; its JMS headers are no part of it."""
    jms = entry.find("jms")
    element = next((item for item in entry.iterchildren(etree.Element) if item is not jms), None)
    if element is not None:
        return etree.tostring(element, with_tail=False)
    return ((entry.text if jms is None else jms.tail) or "").encode()
