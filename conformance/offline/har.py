"""HAR files (HTTP Archive 1.2), as browsers and recording proxies write them: requests, each with its answer."""

from __future__ import annotations

import base64
import binascii
import json
import re
from functools import lru_cache
from io import BytesIO
from typing import TYPE_CHECKING, Any

from conformance.offline.large import LARGE
from conformance.offline.model import Piece

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

#: What is fetched beside messages: service descriptions, their schemas, and pages.
_NO_MESSAGE = re.compile(
    rb"(?:\s|\xef\xbb\xbf|<\?.{,200}?\?>|<!--.{,2000}?-->)*<(?:\w+:)?(?:definitions|schema|html)\b", re.DOTALL
)
#: No HAR file is read beyond this, in bytes: it is one JSON text.
MAX_HAR = 64 * 1024 * 1024


def exchanges(path: Path, name: str) -> Iterator[Piece]:
    """Iterate over the messages in a HAR file: each request, followed by its answer. Raises OSError.

    What is surely none (pages, scripts, service descriptions) is passed over.
    """
    if path.stat().st_size > MAX_HAR:
        yield Piece(name=name, problem=f"a HAR file may have {MAX_HAR} bytes: split it")
        return
    try:
        entries = _entries(path, path.stat().st_mtime_ns)
    except (ValueError, KeyError, TypeError, RecursionError) as broken:
        problem = f"this is no HAR file: no list log/entries can be read in it ({type(broken).__name__})"
        yield Piece(name=name, problem=problem)
        return
    found = [piece for number, entry in enumerate(entries, start=1) for piece in _exchange(name, number, entry)]
    yield from found
    if not found:
        yield Piece(name=name, problem="the HAR file holds no XML message")


@lru_cache(maxsize=1)
def _entries(path: Path, _changed: int) -> list[Any]:
    """Return the entries of the file that was read last, which may be asked for again and again."""
    entries = json.loads(path.read_bytes())["log"]["entries"]
    if not isinstance(entries, list):
        raise TypeError("log/entries is no list")
    return entries


def _exchange(name: str, number: int, entry: Any) -> Iterator[Piece]:
    request, response = _at(entry, "request"), _at(entry, "response")
    sent, came = _at(request, "postData"), _at(response, "content")
    asked, answered = _body(sent), _body(came)
    if not _is_xml(asked, sent) and (b"TC57" not in answered[:LARGE] or _NO_MESSAGE.match(answered)):
        return
    pair, status, url = f"{name}#{number}", _at(response, "status"), _at(request, "url")
    shared: dict[str, Any] = {"pair": pair, "url": url if isinstance(url, str) else ""}
    if asked.strip():
        yield Piece(
            name=f"{pair} request", number=2 * number - 1, **_content(asked),
            content_type=_text(sent, "mimeType"), **shared,
        )  # fmt: skip
    yield Piece(
        name=f"{pair} response", number=2 * number, **_content(answered),
        content_type=_text(came, "mimeType"), is_answer=True, status=status if isinstance(status, int) else 0, **shared,
    )  # fmt: skip


def _content(body: bytes) -> dict[str, Any]:
    return {"stream": lambda: BytesIO(body)} if len(body) > LARGE else {"body": body}


def _is_xml(body: bytes, content: Any) -> bool:
    return body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<" or (
        bool(body.strip()) and "xml" in _text(content, "mimeType")
    )


def _at(value: Any, key: str) -> Any:
    return value.get(key) if isinstance(value, dict) else None


def _text(value: Any, key: str) -> str:
    found = _at(value, key)
    return found if isinstance(found, str) else ""


def _body(content: Any) -> bytes:
    text = _text(content, "text")
    if _at(content, "encoding") == "base64":
        try:
            return base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            return text.encode("utf-8", "surrogatepass")
    return text.encode("utf-8", "surrogatepass")
