"""Ask the gateway what systems ask it."""

from __future__ import annotations

import contextlib
import http.client
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from conformance.message.build import Draft, build
from conformance.message.model import Header
from conformance.message.soap import wrap

if TYPE_CHECKING:
    import socket

BOUND = 10.0
EVENT = wrap(
    build(Draft(kind="EventMessage", header=Header(verb="created", noun="EndDeviceEvents", correlation_id="c-7"))),
    "1.1",
)


def post(address: str, body: bytes = EVENT, path: str | None = None, **headers: str) -> tuple[int, bytes]:
    """Post ``body`` and return status and answer."""
    return ask(address, "POST", body, path, headers)


def ask(
    address: str, method: str, body: bytes | None = None, path: str | None = None, headers: Any = None
) -> tuple[int, bytes]:
    """Make one request."""
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=BOUND)
    with contextlib.closing(connection):
        connection.request(method, path or parts.path, body, {"Content-Type": "text/xml", **(headers or {})})
        answer = connection.getresponse()
        return answer.status, answer.read()


def read_all(sock: socket.socket) -> bytes:
    """Read until the other side closes."""
    data = b""
    with contextlib.suppress(ConnectionResetError):
        while piece := sock.recv(65536):
            data += piece
    return data
