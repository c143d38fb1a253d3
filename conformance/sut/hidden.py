"""Where SUT.toml names secrets, what of a text is secret, and in which forms that could appear in evidence."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote
from xml.sax.saxutils import escape, quoteattr

from conformance.sut.fault import at, entries

if TYPE_CHECKING:
    from collections.abc import Iterator

Path = tuple[str, ...]
JNDI: Path = ("endpoints", "jms", "jndi")
TLS: Path = ("endpoints", "jms", "tls")
_WORDS = "passw|passphrase|pwd|secret|credential"
_NAME = re.compile(_WORDS, re.IGNORECASE)
_USER = re.compile(r"principal|user", re.IGNORECASE)
#: ``…password=VALUE`` as providers write options into a URL, whatever separates them.
_OPTION = re.compile(rf"[\w.\-]*(?:{_WORDS})[\w.\-]*\s*=\s*([^&;,)\s]+)", re.IGNORECASE)
#: ``//user:VALUE@``, where VALUE is no port; it may hold signs that a strict URL would not allow.
_USER_INFO = re.compile(r"//[^/@\s?#(),:]*:(?!\d+(?:[/?,;&)]|$))(?=([^\s()@]+))([^\s()]+)@")


def places(data: object) -> Iterator[Path]:
    """Iterate over the paths at which ``data``, the plain tables of SUT.toml, has a table that names a secret."""
    candidates: list[Path] = [("security", "username"), ("security", "password")]
    candidates += [(*TLS, "trust_store_password"), (*TLS, "key_store_password")]
    candidates += [(*JNDI, name) for name in entries(data, *JNDI)]
    yield from (path for path in candidates if isinstance(at(data, *path), dict))


def secret_parts(name: str, value: str) -> tuple[str, ...]:
    """Return what is secret in the JNDI value ``value`` called ``name``: passwords in a URL, or all of it."""
    if _NAME.search(name):
        return (value,)
    found = _OPTION.findall(value)
    found += [part for pair in _USER_INFO.findall(value) for part in pair]
    return tuple(dict.fromkeys(found))


def is_user(name: str) -> bool:
    """Return whether a JNDI value called ``name`` says who we are, which is no secret."""
    return _USER.search(name) is not None and _NAME.search(name) is None


def forms(secret: str) -> set[str]:
    """Return every text by which ``secret`` could appear in evidence: as XML, JSON, in a URL."""
    found = {secret, unquote(secret), escape(secret), quoteattr(secret)[1:-1]}
    found |= {escape(secret, {'"': "&quot;", "'": "&apos;"}), quote(secret, safe="")}
    found |= {json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]}
    return found - {""}
