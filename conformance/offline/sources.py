"""Where stored messages come from: files, directories, zip archives, and HAR files of a recording proxy."""

from __future__ import annotations

import base64
import binascii
import json
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conformance.errors import ConfigurationError
from conformance.offline.model import Piece

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

#: No HAR file is read beyond this, in bytes: it is one JSON text.
MAX_HAR = 256 * 1024 * 1024
_XML = (".xml", ".soap", ".txt")


def files_of(paths: Sequence[Path]) -> list[Path]:
    """Return the files that ``paths`` name; of a directory, what may hold messages. Raises ConfigurationError."""
    found: list[Path] = []
    missing = [f"{path}: there is no such file or directory" for path in paths if not path.exists()]
    if missing:
        raise ConfigurationError("nothing was judged, since not everything is there:", missing)
    for path in paths:
        if path.is_dir():
            held = sorted(item for item in path.rglob("*") if item.is_file() and _may_hold(item))
            if not held:
                raise ConfigurationError(f"{path} holds no file {', '.join('*' + s for s in (*_XML, '.zip', '.har'))}")
            found += held
        else:
            found.append(path)
    return found


def _may_hold(path: Path) -> bool:
    return path.suffix.lower() in (*_XML, ".zip", ".har")


def pieces_of(path: Path, max_bytes: int) -> Iterator[Piece]:
    """Iterate over what ``path`` holds. What cannot be read is a piece with a problem; nothing is raised."""
    try:
        if path.suffix.lower() == ".har":
            yield from _har(path)
        elif path.suffix.lower() == ".zip" or _is_zip(path):
            yield from _zip(path, max_bytes)
        else:
            yield _file(path, max_bytes)
    except OSError as problem:
        yield Piece(name=str(path), problem=f"the file cannot be read: {problem.strerror or problem}")


def _is_zip(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) == b"PK\x03\x04"


def _file(path: Path, max_bytes: int) -> Piece:
    size = path.stat().st_size
    if size > max_bytes:
        return Piece(name=str(path), problem=_too_large(size, max_bytes))
    return Piece(name=str(path), body=path.read_bytes())


def _too_large(size: int, max_bytes: int) -> str:
    return f"the message has {size} bytes, more than the limit of {max_bytes} (--max-mib)"


def _zip(path: Path, max_bytes: int) -> Iterator[Piece]:
    try:
        with zipfile.ZipFile(path) as archive:
            for member in archive.infolist():
                if not member.is_dir() and _may_hold(Path(member.filename)):
                    yield _member(archive, member, f"{path}!{member.filename}", max_bytes)
    except (zipfile.BadZipFile, NotImplementedError) as broken:
        yield Piece(name=str(path), problem=f"the archive cannot be read: {broken}")


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str, max_bytes: int) -> Piece:
    """Return a member, reading no more than is allowed, whatever its entry says of its size."""
    if Path(member.filename).suffix.lower() in (".zip", ".har"):
        return Piece(name=name, problem="an archive within an archive is not opened: unpack it first")
    try:
        with archive.open(member) as file:
            body = file.read(max_bytes + 1)
    except (zipfile.BadZipFile, RuntimeError, OSError, EOFError) as broken:  # RuntimeError: it is encrypted
        return Piece(name=name, problem=f"the member cannot be read: {broken}")
    if len(body) > max_bytes:
        return Piece(name=name, problem=_too_large(member.file_size, max_bytes))
    return Piece(name=name, body=body)


# -- HAR (HTTP Archive 1.2) --------------------------------------------------------------------------------


def _har(path: Path) -> Iterator[Piece]:
    if path.stat().st_size > MAX_HAR:
        yield Piece(name=str(path), problem=f"a HAR file may have {MAX_HAR} bytes; split it")
        return
    try:
        entries = json.loads(path.read_bytes())["log"]["entries"]
    except (ValueError, KeyError, TypeError, RecursionError) as broken:
        yield Piece(name=str(path), problem=f"this is no HAR file: {type(broken).__name__} in log/entries")
        return
    for number, entry in enumerate(entries if isinstance(entries, list) else (), start=1):
        yield from _exchange(f"{path}#{number}", entry)


def _exchange(name: str, entry: Any) -> Iterator[Piece]:
    request, response = _at(entry, "request"), _at(entry, "response")
    sent, came = _at(request, "postData"), _at(response, "content")
    body = _body(sent)
    if not body and not _body(came):
        return  # a page, a WSDL that was fetched without content: nothing that could be a message
    yield Piece(name=f"{name} request", body=body, content_type=str(_at(sent, "mimeType") or ""), pair=name)
    status = _at(response, "status")
    yield Piece(
        name=f"{name} response", body=_body(came), content_type=str(_at(came, "mimeType") or ""), pair=name,
        is_answer=True, status=status if isinstance(status, int) else 0,
    )  # fmt: skip


def _at(value: Any, key: str) -> Any:
    return value.get(key) if isinstance(value, dict) else None


def _body(content: Any) -> bytes:
    text = _at(content, "text")
    if not isinstance(text, str):
        return b""
    if _at(content, "encoding") == "base64":
        try:
            return base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            return text.encode()
    return text.encode("utf-8", "surrogatepass")
