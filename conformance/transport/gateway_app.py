"""What the gateway does with a request: first the journal, then the acknowledgement. An ASGI application."""

from __future__ import annotations

import asyncio
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from conformance.errors import TransportError
from conformance.journal import Entry
from conformance.message.xml import Limits
from conformance.standard import wsdl
from conformance.transport.acknowledge import Acknowledgement, Manner, acknowledge, manner_key
from conformance.transport.coding import unzipped

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request

    from conformance.journal import Journal

#: How long a sender may take for its request, in seconds.
SLOW_SENDER_S = 30.0
#: How much is kept of a message that was refused for its size, in bytes.
_KEPT = 64 * 1024
#: How much of a gzip is unpacked at a time, in bytes.
_PIECE = 64 * 1024
_THREADS = 8
_CREDENTIALS = frozenset({"authorization", "proxy-authorization", "cookie"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Inbox:
    """Where messages go, and what the gateway calls itself.

    ``address`` is the advertised URL, if there is one; ``patience_s`` (seconds) is for slow senders.
    """

    journal: Journal
    token: str
    path: str
    max_bytes: int
    address: str | None = None
    patience_s: float = SLOW_SENDER_S

    def take(self, received: Entry) -> Acknowledgement:
        """Keep ``received``, then the answer to it, and return that. Raises sqlite3.Error or OSError."""
        answers = self.journal.append(received)
        answer = acknowledge(received.body, received.content_type, Limits(max_bytes=self.max_bytes), self._manner)
        self.journal.append(_reply_entry(received, answer, answers))
        return answer

    def _manner(self, correlation: str) -> Manner:
        chosen: Manner = self.journal.meta(manner_key(correlation), "message")
        return chosen

    def refuse(self, received: Entry, answer: Acknowledgement) -> Acknowledgement:
        """Keep a request that was turned away, and the answer. Raises sqlite3.Error or OSError."""
        self.journal.append(_reply_entry(received, answer, self.journal.append(received)))
        return answer


class _TurnedAway(Exception):  # noqa: N818 - not an error of ours
    """The request was not read to its end: status, and why."""

    def __init__(self, status: int, problem: str, body: bytes) -> None:
        super().__init__(problem)
        self.answer = Acknowledgement(
            status=status,
            content_type="text/plain; charset=utf-8",
            body=f"{problem}\n".encode(),
            problem=problem,
        )
        self.body = body[:_KEPT]


def application(inbox: Inbox) -> tuple[Starlette, Callable[[], None]]:
    """Return the application, and what to call when it has ended.

    SQLite and parsing run in threads that live as long as the application: each keeps one connection to the
    journal, and no slow message holds up another one.
    """
    threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="gateway")

    async def post(request: Request) -> Response:
        work: Callable[[], Acknowledgement]
        try:
            body = await _read(request, inbox)
            work = partial(inbox.take, _received(request, body))
        except _TurnedAway as refusal:
            work = partial(inbox.refuse, _received(request, refusal.body, str(refusal)), refusal.answer)
        try:
            answer = await asyncio.get_running_loop().run_in_executor(threads, work)
        except (sqlite3.Error, OSError) as problem:
            return PlainTextResponse(
                f"not acknowledged, because the journal cannot be written ({problem}): send it again\n",
                503,
            )
        return _response(answer)

    async def get(request: Request) -> Response:
        return _get(request, inbox)

    routes = [Route("/{path:path}", post, methods=["POST"]), Route("/{path:path}", get, methods=["GET"])]
    return Starlette(routes=routes), partial(threads.shutdown, wait=True)


def _get(request: Request, inbox: Inbox) -> Response:
    if request.scope["path"] not in ("/", inbox.path):
        return PlainTextResponse("not found\n", 404)
    query = request.query_params
    try:
        if "wsdl" in query:
            return Response(wsdl.wsdl("generic", inbox.address or str(request.url)), media_type="text/xml")
        if "xsd" in query:
            base = inbox.address or str(request.url)
            return Response(wsdl.served_schema(query["xsd"], base), media_type="text/xml")
    except (KeyError, ValueError):  # no such schema, or a Host header that cannot be part of a URL
        return PlainTextResponse("not found\n", 404)
    return PlainTextResponse(f"conformance gateway {inbox.token}")


async def _read(request: Request, inbox: Inbox) -> bytes:
    """Return the body. Raises _TurnedAway when it is too large, too slow, or breaks off."""
    body = bytearray()
    too_large = f"the message is larger than {inbox.max_bytes} bytes"
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > inbox.max_bytes:
        raise _TurnedAway(413, too_large, b"")
    try:
        async with asyncio.timeout(inbox.patience_s):
            async for piece in request.stream():
                body += piece
                if len(body) > inbox.max_bytes:
                    raise _TurnedAway(413, too_large, bytes(body))
    except TimeoutError:
        problem = f"the message was not complete within {inbox.patience_s:g} s"
        raise _TurnedAway(408, problem, bytes(body)) from None
    except ClientDisconnect:
        raise _TurnedAway(400, f"the sender broke off after {len(body)} bytes", bytes(body)) from None
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding in ("gzip", "x-gzip"):
        return _unpacked(bytes(body), inbox.max_bytes)
    if encoding not in ("", "identity"):
        raise _TurnedAway(415, f"the Content-Encoding {encoding} is not understood here", bytes(body))
    return bytes(body)


def _unpacked(body: bytes, limit: int) -> bytes:
    """Return what is in a gzip, which RFC 9110, 8.4 lets requests be, too. Raises _TurnedAway."""
    found = bytearray()
    try:
        for piece in unzipped([body], _PIECE, "the message"):
            found += piece
            if len(found) > limit:
                raise _TurnedAway(413, f"the message is larger than {limit} bytes, unpacked", bytes(found))
    except TransportError as broken:
        raise _TurnedAway(400, str(broken), body) from broken
    return bytes(found)


def _received(request: Request, body: bytes, note: str = "") -> Entry:
    headers = {name: value for name, value in request.headers.items() if name not in _CREDENTIALS}
    return Entry(
        direction="received",
        channel="callback",
        transport="soap",
        url=request.scope["path"],
        content_type=request.headers.get("content-type", ""),
        headers=headers,
        body=body,
        note=note,
    )


def _reply_entry(received: Entry, answer: Acknowledgement, answers: int) -> Entry:
    return Entry(
        direction="sent",
        channel="acknowledgement",
        transport="soap",
        url=received.url,
        status=answer.status,
        content_type=answer.content_type,
        body=answer.body,
        note=answer.problem,
        answers=answers,
    )


def _response(answer: Acknowledgement) -> Response:
    headers = {"content-type": answer.content_type} if answer.content_type else {}
    if answer.status in (408, 413):
        headers["connection"] = "close"
    return Response(answer.body, status_code=answer.status, headers=headers)
