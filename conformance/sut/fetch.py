"""GET one URL under a hard deadline: WSDL files, and our own reply address."""

from __future__ import annotations

from typing import TYPE_CHECKING

import requests
import urllib3.exceptions
from requests.auth import HTTPBasicAuth

from conformance.errors import TransportError
from conformance.transport.base import Answer
from conformance.transport.connection import Session
from conformance.transport.deadline import Attempt
from conformance.transport.reasons import broken_off, too_late

if TYPE_CHECKING:
    import ssl

    from conformance.transport.settings import Credentials

MAX_BYTES = 10 * 1024 * 1024
_PIECE = 64 * 1024
_BROKEN = (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError)


def fetch(url: str, context: ssl.SSLContext, seconds: float, who: Credentials | None = None) -> Answer:
    """Return what ``url`` answers to GET; redirects are not followed. Raises TransportError."""
    place = url.partition("?")[0]
    auth = HTTPBasicAuth(who.username.encode(), who.password.encode()) if who else None
    with Session(context) as session, Attempt(seconds, seconds) as attempt:
        try:
            with session.get(url, auth=auth, timeout=seconds, stream=True, allow_redirects=False) as response:
                body = _read(response, place)
        except _BROKEN as problem:
            raise broken_off(problem, place, attempt, seconds) from problem
        if attempt.expired:
            raise too_late(place, attempt, seconds)
        headers = dict(response.headers)
        return Answer(
            status=response.status_code, content_type=headers.get("Content-Type", ""), body=body, headers=headers
        )


def _read(response: requests.Response, place: str) -> bytes:
    body = bytearray()
    for piece in response.iter_content(_PIECE):
        body += piece
        if len(body) > MAX_BYTES:
            raise TransportError(f"{place} answered with more than {MAX_BYTES} bytes", blame="system")
    return bytes(body)
