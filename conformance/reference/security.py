"""What a requester must show: HTTP basic authentication, a WS-Security UsernameToken, a client certificate."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING

from conformance.errors import MessageError
from conformance.message.xml import child, parse_xml, text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from conformance.reference.deviation import Element


@dataclass(frozen=True, slots=True, kw_only=True)
class Tls:
    """PEM files: the server's certificate and key, and the CA of client certificates when they are required."""

    certificate: Path
    key: Path
    client_ca: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Demands:
    """Who may ask. ``basic`` and ``username_token`` are (username, password)."""

    basic: tuple[str, str] | None = None
    username_token: tuple[str, str] | None = None

    def basic_is_met(self, headers: Mapping[str, str]) -> bool:
        """Return whether the Authorization header is the expected one."""
        if self.basic is None:
            return True
        expected = base64.b64encode(":".join(self.basic).encode()).decode()
        return hmac.compare_digest(headers.get("authorization", "").encode(), f"Basic {expected}".encode())

    def token_problem(self, body: bytes) -> str | None:
        """Return the problem (a row of the code table) with the UsernameToken in ``body``; None when it fits."""
        if self.username_token is None:
            return None
        try:
            envelope = parse_xml(body)
        except MessageError:
            return None  # what cannot be read is refused for that
        token = child(child(child(envelope, "Header"), "Security"), "UsernameToken")
        if token is None:
            return "no-credentials"
        return None if _fits(token, *self.username_token) else "credentials"


def _fits(token: Element, username: str, password: str) -> bool:
    said = child(token, "Password")
    if said is None or (text(token, "Username") or "") != username:
        return False
    if (said.get("Type") or "").endswith("#PasswordDigest"):
        nonce = base64.b64decode(text(token, "Nonce") or "")
        created = (text(token, "Created") or "").encode()
        # The digest is SHA-1 by WS-Security UsernameToken Profile 1.0, 3.1.
        digest = hashlib.sha1(nonce + created + password.encode(), usedforsecurity=False).digest()
        return hmac.compare_digest((said.text or "").strip().encode(), base64.b64encode(digest))
    return hmac.compare_digest((said.text or "").encode(), password.encode())
