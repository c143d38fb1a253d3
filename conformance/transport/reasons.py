"""Say in plain words why no usable answer came, and whose fault that is."""

from __future__ import annotations

import http.client
import ssl
from typing import TYPE_CHECKING

import urllib3.exceptions

from conformance.errors import TransportError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.transport.deadline import Attempt

#: OpenSSL's X509_V_ERR_… numbers, and what they mean to somebody who edits SUT.toml.
_CERTIFICATE = {
    9: "the certificate of {place} is not valid yet: check the clocks of both machines",
    10: "the certificate of {place} has expired: renew it",
    62: "the certificate of {place} is for another host name: use a name from the certificate in the URL",
    64: "the certificate of {place} is for another address: use a name from the certificate in the URL",
}
_NOT_TRUSTED = "the certificate of {place} is not trusted ({why}): set [security] ca to the PEM file of its CA"
_WANTS_CERTIFICATE = (
    "{place} refuses this client, most likely for want of a client certificate (mutual TLS):"
    " set [security] client_certificate and client_key to ones that it accepts"
)
#: Alerts by which a TLS server turns our certificate, or the lack of one, down (RFC 8446, 6.2).
_CLIENT_ALERTS = (
    "CERTIFICATE_REQUIRED", "ALERT_HANDSHAKE_FAILURE", "ALERT_BAD_CERTIFICATE", "ALERT_UNKNOWN_CA",
    "ALERT_CERTIFICATE_UNKNOWN", "ALERT_CERTIFICATE_EXPIRED", "ALERT_UNSUPPORTED_CERTIFICATE",
    "ALERT_CERTIFICATE_REVOKED", "ALERT_ACCESS_DENIED",
)  # fmt: skip

_SAYINGS: tuple[tuple[type[BaseException], str], ...] = (
    (http.client.RemoteDisconnected, "closed the connection without an answer"),
    (http.client.BadStatusLine, "answered with something that is not HTTP"),
    (http.client.LineTooLong, "answered with a header line that is too long"),
    (urllib3.exceptions.InvalidChunkLength, "broke the chunked transfer encoding of its answer"),
    (urllib3.exceptions.IncompleteRead, "ended its answer before it was complete"),
    (http.client.IncompleteRead, "ended its answer before it was complete"),
    (urllib3.exceptions.InvalidHeader, "answered with contradicting headers"),
    (ConnectionError, "reset the connection instead of answering in full"),
    (ssl.SSLEOFError, "cut the TLS connection instead of answering in full"),
)


def tls_problem(problem: Exception, place: str, *, timed_out: bool) -> TransportError:
    """Return the error for a TLS connection to ``place`` that was never made: not the system's fault."""
    if timed_out or isinstance(problem, TimeoutError):
        said = f"{place} accepted the connection, but TLS was not ready in time: is it a TLS port?"
        return TransportError(said, blame="surroundings", timed_out=True)
    if isinstance(problem, ssl.SSLCertVerificationError):
        said = _CERTIFICATE.get(problem.verify_code, _NOT_TRUSTED).format(place=place, why=problem.verify_message)
    elif isinstance(problem, ssl.SSLError) and _turns_us_down(problem):
        said = _WANTS_CERTIFICATE.format(place=place)
    elif isinstance(problem, ssl.SSLError) and problem.reason in (
        "WRONG_VERSION_NUMBER",
        "RECORD_LAYER_FAILURE",
    ):
        said = f"{place} does not speak TLS: write http:// in the URL, or use its TLS port"
    else:
        said = f"no TLS connection to {place}: {getattr(problem, 'reason', None) or problem}"
    return TransportError(said, blame="surroundings")


def broken_off(problem: Exception, place: str, attempt: Attempt, seconds: float) -> TransportError:
    """Return the error for an exchange with ``place`` that broke off after the connection stood."""
    if attempt.over:
        return too_late(place, attempt, seconds)
    causes = list(_causes(problem))
    for cause in causes:
        if isinstance(cause, ssl.SSLError) and _turns_us_down(cause):
            return TransportError(_WANTS_CERTIFICATE.format(place=place), blame="surroundings")
    for kind, saying in _SAYINGS:
        found = next((cause for cause in causes if isinstance(cause, kind)), None)
        if found is not None:
            return TransportError(f"{place} {saying}{_detail(found)}", blame="system")
    return TransportError(f"{place} did not answer in proper HTTP: {causes[-1]}", blame="system")


def too_late(place: str, attempt: Attempt, seconds: float) -> TransportError:
    """Return the error for an answer that was not complete within ``seconds``."""
    if not attempt.connected:
        said = f"no connection to {place} within {attempt.connect_s:g} s: check the URL and [timeouts] connect_s"
        return TransportError(said, blame="surroundings", timed_out=True)
    came = f"only {attempt.arrived} bytes came" if attempt.arrived else "not a byte came"
    return TransportError(f"{place} did not answer within {seconds:g} s: {came}", blame="system", timed_out=True)


def _turns_us_down(problem: ssl.SSLError) -> bool:
    return any(alert in (problem.reason or "") for alert in _CLIENT_ALERTS)


def _detail(cause: BaseException) -> str:
    if isinstance(cause, urllib3.exceptions.IncompleteRead | http.client.IncompleteRead):
        partial: bytes | int = cause.partial  # urllib3 counts, http.client keeps the bytes
        came = partial if isinstance(partial, int) else len(partial)
        return f": {came} bytes came, {cause.expected or 'some'} were still announced"
    if isinstance(cause, http.client.BadStatusLine) and not isinstance(cause, ConnectionError):
        return f": it begins with {str(cause)[:40]!r}"
    return ""


def _causes(problem: BaseException) -> Iterator[BaseException]:
    """Iterate over ``problem`` and what it wraps: requests wraps urllib3, which wraps http.client."""
    seen: set[int] = set()
    waiting = [problem]
    while waiting:
        item = waiting.pop(0)
        if id(item) in seen:
            continue
        seen.add(id(item))
        yield item
        inner = [item.__cause__, item.__context__, getattr(item, "reason", None), *item.args]
        waiting.extend(part for part in inner if isinstance(part, BaseException))
