"""Who we are and whom we trust: TLS on both sides, UsernameToken, and what must never be written down."""

from __future__ import annotations

import ssl
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NoReturn

from lxml import etree
from requests.utils import DEFAULT_CA_BUNDLE_PATH

from conformance.errors import ConfigurationError
from conformance.message.soap import ENVELOPES

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from conformance.transport.settings import SoapSettings

    Element = etree._Element


def client_context(settings: SoapSettings) -> ssl.SSLContext:
    """Return the TLS context for requests: the private CA alone where one is named, else the public ones.

    Contexts for the same files are one, since to read all public CAs takes longer than an exchange. Raises
    ConfigurationError, naming the setting, when a file cannot be used.
    """
    files = (settings.ca, settings.client_certificate, settings.client_key)
    return _context(*files, tuple(_stamp(file) for file in files))


def _stamp(file: Path | None) -> int:
    try:
        return file.stat().st_mtime_ns if file is not None else 0
    except OSError:
        return 0  # what is wrong with it is told when it is read


@lru_cache(maxsize=8)
def _context(ca: Path | None, certificate: Path | None, key: Path | None, _stamps: tuple[int, ...]) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=str(ca) if ca else None)
    except (OSError, ValueError) as problem:
        raise ConfigurationError(f"[security] ca = {ca}: not a readable PEM file: {_why(problem)}") from problem
    if ca is None:
        context.load_verify_locations(cafile=DEFAULT_CA_BUNDLE_PATH)
    # Python 3.13 insists on details of RFC 5280 that private CAs rarely keep; the same rules everywhere.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    if certificate is not None:
        _load(context, certificate, key, "[security] client_certificate")
    return context


def check_server_files(certificate: Path, key: Path | None) -> None:
    """Raise ConfigurationError when the gateway cannot serve TLS with these PEM files."""
    _load(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), certificate, key, "[callback] certificate")


def _load(context: ssl.SSLContext, certificate: Path, key: Path | None, setting: str) -> None:
    try:
        context.load_cert_chain(certificate, key, password=_no_password)
    except (OSError, ValueError) as problem:
        files = f"{certificate} and {key}" if key else str(certificate)
        raise ConfigurationError(f"{setting}: cannot use {files}: {_why(problem)}") from problem


def _no_password() -> NoReturn:
    raise ValueError("the key is encrypted; store it without a password, readable only by you")


def _why(problem: Exception) -> str:
    return getattr(problem, "strerror", None) or str(problem)


def username_token(settings: SoapSettings) -> tuple[Element, ...]:
    """Return the WS-Security header that the settings ask for: one element, or none.

    Source: OASIS Web Services Security UsernameToken Profile 1.1.
    """
    who = settings.username_token
    if who is None:
        return ()
    from zeep.wsse import UsernameToken

    digest = settings.password_type == "digest"  # noqa: S105 - a kind of password, not one
    make: Any = UsernameToken  # zeep has no annotations
    token = make(who.username, who.password, use_digest=digest, zulu_timestamp=True)
    space = ENVELOPES[settings.version]
    envelope = etree.Element(f"{{{space}}}Envelope", nsmap={"soap": space})
    etree.SubElement(envelope, f"{{{space}}}Body")
    token.apply(envelope, {})
    return tuple(envelope[0])


def blotted(text: str, secrets: Sequence[str]) -> str:
    """Return ``text``, for a person, without ``secrets``: also those that were brought on one line, or cut by "…"."""
    for secret in secrets:
        for form in (secret, one_line(secret)):
            text = text.replace(form, "[secret]") if form else text
        # Clipping may have cut a secret in two.
        for length in range(len(secret) - 1, 1, -1):
            text = text.replace(f"{secret[:length]}…", "[secret]…")
    return text


def one_line(text: str) -> str:
    """Return ``text`` on one line, with printable signs only."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
