"""SOAP (or plain XML) over HTTP and HTTPS."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import requests
import urllib3.exceptions
from requests.auth import HTTPBasicAuth

from conformance.errors import ConfigurationError, TransportError
from conformance.transport import addressing, reasons
from conformance.transport.base import Answer, Outbound, Sent
from conformance.transport.coding import unzipped
from conformance.transport.connection import Session
from conformance.transport.deadline import Attempt
from conformance.transport.security import client_context

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.transport.settings import SoapSettings

_PIECE = 64 * 1024
_BROKEN = (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError)


class SoapTransport:
    """Carries requests to the system over HTTP. Any thread may use it; each has a session of its own.

    An HTTP status of 400 or more is an :class:`Answer`, since SOAP faults come with 500; so is a redirect.
    """

    def __init__(self, settings: SoapSettings) -> None:
        """Check URLs and TLS files. Raises ConfigurationError, which names every URL that cannot be used."""
        problems = [problem for url in settings.urls.values() if (problem := _url_problem(url))]
        if problems:
            raise ConfigurationError("[endpoints] has URLs that cannot be used", problems)
        if settings.version == "none" and settings.username_token is not None:
            raise ConfigurationError("[security] ws_security needs SOAP: plain XML has no header to carry it")
        self._settings = settings
        self._context = client_context(settings)
        self._local = threading.local()
        self._lock = threading.Lock()
        self._sessions: list[Session] = []

    @property
    def name(self) -> str:
        """Return ``soap``."""
        return "soap"

    @property
    def settings(self) -> SoapSettings:
        """Return how the system is reached."""
        return self._settings

    def prepare(self, outbound: Outbound) -> Sent:
        """Return the bytes to send. Raises ConfigurationError when no URL is known for the operation."""
        return addressing.prepare(self._settings, outbound)

    def send(self, sent: Sent, timeout: float) -> Answer:
        """Send and return the answer, or raise TransportError, within ``timeout`` seconds in all.

        A connection kept from an earlier request may have been closed by the system in the meantime, which is
        its right: when not a byte of an answer came over one, the request is sent once more over a new one.
        """
        ends = time.monotonic() + timeout
        with Attempt(timeout, self._settings.connect_s) as attempt:
            try:
                return self._exchange(sent, attempt, timeout)
            except TransportError:
                if not attempt.reused or attempt.arrived or attempt.over:
                    raise
        self._session().close()
        with Attempt(max(0.0, ends - time.monotonic()), self._settings.connect_s) as again:
            return self._exchange(sent, again, timeout)

    def close(self) -> None:
        """Let go of every connection."""
        with self._lock:
            for session in self._sessions:
                session.close()
            self._sessions.clear()
            self._local = threading.local()

    def _session(self) -> Session:
        session: Session | None = getattr(self._local, "session", None)
        if session is None:
            session = self._local.session = Session(self._context)
            with self._lock:
                self._sessions.append(session)
        return session

    def _exchange(self, sent: Sent, attempt: Attempt, seconds: float) -> Answer:
        place = sent.url.partition("?")[0]
        try:
            with self._post(sent, attempt) as response:
                body = b"".join(_limited(_decoded(response), self._settings.max_bytes, place))
        except TransportError:
            raise
        except _BROKEN as problem:
            raise reasons.broken_off(problem, place, attempt, seconds) from problem
        if attempt.expired:  # a body without announced length just ends when the watchdog cuts it
            raise reasons.too_late(place, attempt, seconds)
        headers = {name: value for name, value in response.headers.items() if name.lower() != "set-cookie"}
        content_type = response.headers.get("Content-Type", "")
        return Answer(status=response.status_code, content_type=content_type, body=body, headers=headers)

    def _post(self, sent: Sent, attempt: Attempt) -> requests.Response:
        who = self._settings.http_basic
        wait = max(0.001, attempt.remaining)
        return self._session().post(
            sent.url,
            data=sent.body,
            headers={**sent.headers, "Content-Type": sent.content_type},
            auth=HTTPBasicAuth(who.username.encode(), who.password.encode()) if who else None,
            timeout=(wait, wait),
            stream=True,
            allow_redirects=False,
        )


def _url_problem(url: str) -> str | None:
    shown = url.rpartition("@")[2]  # what stands before it may be a password
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if "@" in url.partition("//")[2].partition("/")[0]:
        return f"…@{shown}: credentials belong into [security] username and password"
    return None if usable else f"{shown}: not a URL such as https://host:port/path"


def _limited(pieces: Iterator[bytes], limit: int, place: str) -> Iterator[bytes]:
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > limit:
            raise TransportError(
                f"{place} answered with more than {limit} bytes, the limit of this run"
                " ([limits] max_message_mib); the rest was not read",
                blame="system",
            )
        yield piece


def _decoded(response: requests.Response) -> Iterator[bytes]:
    raw: Iterator[bytes] = response.raw.stream(_PIECE, decode_content=False)
    encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding in ("", "identity"):
        yield from raw
    elif encoding in ("gzip", "x-gzip"):
        yield from unzipped(raw, _PIECE)
    else:
        raise TransportError(f"the answer has the Content-Encoding {encoding}, which was not offered", blame="system")
