"""Null systems: they do nothing right, and the suite must notice."""

from __future__ import annotations

import socket
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response
from starlette.routing import Route

from conformance.errors import MessageError
from conformance.message.build import Draft, build_unchecked, new_id, timestamp
from conformance.message.model import Header, Reply, ReplyError
from conformance.message.soap import CONTENT_TYPES, SoapVersion, Style, to_typed, unwrap, wrap
from conformance.reference.description import describe
from conformance.reference.meters import Fleet
from conformance.reference.server import LOOPBACK, Listening, ReferenceServer, bound
from conformance.reference.service import utc_now
from conformance.standard.editions import FAILED, OK

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request

    from conformance.sut.model import Configuration


class _Described:
    """A null system claims what the reference system claims."""

    def __init__(self) -> None:
        self.url = ""

    def configuration(self, style: Style = "generic", soap: SoapVersion = "1.1") -> Configuration:
        """Return the claims of the reference system with the address of this one."""
        return describe(Fleet(1), self.url, f"{self.url}/admin", utc_now(), style, soap)

    def set_events_address(self, _: str | None) -> None:
        """Forget it: a null system sends nothing by itself."""

    def start(self) -> None:
        """Listen."""

    def stop(self) -> None:
        """Let go of the port."""

    def __enter__(self) -> Self:
        """Start."""
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop."""
        self.stop()


class Dead(_Described):
    """Nobody listens on its port."""

    def start(self) -> None:
        """Take a port and let go of it at once."""
        listener = bound(LOOPBACK, 0)
        self.url = f"http://{LOOPBACK}:{listener.getsockname()[1]}"
        listener.close()


class Silent(_Described):
    """Accepts every connection and never answers."""

    def start(self) -> None:
        """Listen; connections are held until the system stops."""
        self._listener = bound(LOOPBACK, 0)
        self._held: list[socket.socket] = []
        self.url = f"http://{LOOPBACK}:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._accept, name="silent", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Close every connection that was held."""
        # A thread that waits in accept() is not woken by close() alone.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join(1.0)
        self._listener.close()
        for connection in self._held:
            connection.close()

    def _accept(self) -> None:
        while True:
            try:
                self._held.append(self._listener.accept()[0])
            except OSError:
                return


class Answering(_Described):
    """Answers every request with what ``answer`` makes of its body and style; stimuli do nothing."""

    def __init__(self, answer: Callable[[bytes, str], tuple[bytes, str]]) -> None:
        super().__init__()
        self._answer = answer

    def start(self) -> None:
        """Listen."""
        routes = [Route("/{path:path}", self._respond, methods=["GET", "POST"])]
        self._listening = Listening()
        port = self._listening.add(Starlette(routes=routes), LOOPBACK, 0)
        self.url = f"http://{LOOPBACK}:{port}"
        self._listening.start()

    def stop(self) -> None:
        """Stop."""
        self._listening.stop()

    async def _respond(self, request: Request) -> Response:
        if request.url.path.startswith("/admin"):
            return Response(status_code=204)
        body, kind = await run_in_threadpool(self._answer, await request.body(), request.url.path)
        return Response(body, media_type=None, headers={"Content-Type": kind})


def _always(reply: Reply) -> Callable[[bytes, str], tuple[bytes, str]]:
    """Return an answer that is well-formed, correlated, and always says ``reply``."""

    def answer(body: bytes, path: str) -> tuple[bytes, str]:
        version: SoapVersion = "1.1"
        said = Header(noun="MeterReadings")
        try:
            carried = unwrap(body)
            version = carried.version
            if carried.message is not None and carried.message.header is not None:
                said = carried.message.header
        except MessageError:
            pass  # it does not read what it answers
        header = Header(
            verb="reply", noun=said.noun or "MeterReadings", timestamp=timestamp(), message_id=new_id(),
            correlation_id=said.correlation_id,
        )  # fmt: skip
        message = build_unchecked(Draft(kind="ResponseMessage", header=header, reply=reply))
        if path.startswith("/typed"):
            message = to_typed(message, verb="reply", noun=_served(path))
        return wrap(message, version), CONTENT_TYPES[version]

    return answer


def _served(path: str) -> str:
    return "EndDeviceControls" if path.endswith("EndDeviceControls") else "MeterReadings"


def _echo(body: bytes, _: str) -> tuple[bytes, str]:
    return body, CONTENT_TYPES["1.2" if b"2003/05/soap-envelope" in body[:4096] else "1.1"]


@dataclass(frozen=True, slots=True, kw_only=True)
class NullSystem:
    """A named null system; ``make`` returns a fresh one, a context manager with ``url`` and ``configuration``."""

    name: str
    what: str
    make: Callable[[], _Described | ReferenceServer]


_FAILURE = Reply(result=FAILED, errors=(ReplyError(code="5.3", level="FATAL", reason="failed"),))


def null_systems() -> tuple[NullSystem, ...]:
    """Return all null systems."""
    return (
        NullSystem(name="dead", what="nobody listens", make=Dead),
        NullSystem(name="silent", what="accepts connections, never answers", make=Silent),
        NullSystem(
            name="always_ok", what="answers everything with OK", make=lambda: Answering(_always(Reply(result=OK)))
        ),
        NullSystem(name="always_failed", what="refuses everything", make=lambda: Answering(_always(_FAILURE))),
        NullSystem(name="echo", what="answers with the request", make=lambda: Answering(_echo)),
        NullSystem(
            name="wrong_correlation",
            what="conforms, but every answer has a CorrelationID of its own",
            make=lambda: ReferenceServer(faults=("correlation_id_of_its_own",)),
        ),
    )
