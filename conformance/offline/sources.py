"""Where stored messages come from: files, scenes, directories, zip archives, HAR files of a proxy, standard input."""

from __future__ import annotations

import os
import stat
import zipfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NamedTuple, cast

from conformance.errors import ConfigurationError
from conformance.offline.har import exchanges
from conformance.offline.large import LARGE
from conformance.offline.model import Piece
from conformance.offline.scene_files import is_scene, pieces_of_scene

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

#: How the names of files end that may hold messages.
_HELD = (*(_XML := (".xml", ".soap", ".txt")), ".zip", ".har")
#: What an archive may unpack to in all, in multiples of the largest message.
_ARCHIVE = 2
STANDARD_INPUT = "(standard input)"


class Source(NamedTuple):
    """A file, and what it is called in the answer."""

    path: str | Path
    name: str


def sources_of(paths: Sequence[Path]) -> list[Source]:
    """Return the files that ``paths`` name; of a directory, what may hold messages. Raises ConfigurationError."""
    missing = [f"{path}: there is no such file or directory" for path in paths if not os.path.lexists(path)]
    if missing:
        raise ConfigurationError("nothing was judged, since not everything is there:", missing)
    found: list[Source] = []
    for path in paths:
        if path.is_dir():
            # Texts, not paths: of ten thousand files, to sort those takes a third of a second.
            held = sorted(item for item in _walk(path) if item.lower().endswith(_HELD))
            if not held:
                raise ConfigurationError(f"{path} holds no file {', '.join('*' + suffix for suffix in _HELD)}")
            found += [Source(item, item) for item in held]
        else:
            found.append(Source(str(path), str(path)))
    return found


def _walk(folder: Path) -> Iterator[str]:
    def refuse(problem: OSError) -> None:
        raise ConfigurationError(f"{problem.filename} cannot be read: {problem.strerror}") from problem

    for base, _folders, files in os.walk(folder, onerror=refuse):
        yield from (os.path.join(base, name) for name in files)


def pieces_of(source: Source, max_bytes: int) -> Iterator[Piece]:
    """Iterate over what ``source`` holds. What cannot be read is a piece with a problem; nothing is raised."""
    path, name = Path(source.path), source.name
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            problem = "this is no file but a pipe or a device: store it, or give its content as standard input (-)"
            yield Piece(name=name, problem=problem)
        elif path.suffix.lower() == ".har":
            yield from exchanges(path, name)
        elif _is_zip(path):
            yield from _zip(source, max_bytes)
        else:
            yield from _of_file(_file(source, max_bytes))
    except OSError as problem:
        yield Piece(name=name, problem=f"the file cannot be read: {problem.strerror or problem}")


def piece_at(source: Source, wanted: int, max_bytes: int) -> Piece | None:
    """Return one piece again, without reading the others of its archive; None when it is there no more."""
    path = Path(source.path)
    if wanted and path.suffix.lower() != ".har" and path.is_file() and _is_zip(path):
        try:
            with zipfile.ZipFile(source.path) as archive:
                return _member(source, archive, archive.infolist()[wanted - 1], wanted, max_bytes)
        except (OSError, zipfile.BadZipFile, NotImplementedError, IndexError):
            return None
    return next((piece for piece in pieces_of(source, max_bytes) if piece.number == wanted), None)


def _is_zip(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) in (b"PK\x03\x04", b"PK\x05\x06") or path.suffix.lower() == ".zip"


def _of_file(piece: Piece) -> Iterator[Piece]:
    """Iterate over what a file holds: a message, or a scene of several."""
    if is_scene(piece.body):
        yield from pieces_of_scene(piece.body, piece.name)
    else:
        yield piece


def _file(source: Source, max_bytes: int) -> Piece:
    path, name = Path(source.path), source.name
    size = path.stat().st_size
    if size > max_bytes:
        return Piece(name=name, problem=_too_large(size, max_bytes))
    if size > LARGE:
        return Piece(name=name, stream=lambda: path.open("rb"))
    with path.open("rb") as file:
        return Piece(name=name, body=file.read(LARGE))


def _too_large(size: int, max_bytes: int) -> str:
    return f"the message has {size} bytes, more than the limit of {max_bytes} (--max-mib)"


def _zip(source: Source, max_bytes: int) -> Iterator[Piece]:
    path, name = Path(source.path), source.name
    left, empty = _ARCHIVE * max_bytes, True
    try:
        with zipfile.ZipFile(path) as archive:
            for number, member in enumerate(archive.infolist(), start=1):
                if member.is_dir() or not member.filename.lower().endswith(_HELD):
                    continue
                empty = False
                left -= member.file_size if member.file_size <= max_bytes else 0  # else it is not read
                if left < 0:
                    problem = f"the archive unpacks to more than {_ARCHIVE * max_bytes} bytes; the rest is not read"
                    yield Piece(name=f"{name}!{member.filename}", number=number, problem=problem)
                    return
                yield _member(source, archive, member, number, max_bytes)
    except (zipfile.BadZipFile, NotImplementedError) as broken:
        yield Piece(name=name, problem=f"the archive cannot be read: {broken}")
        return
    if empty:
        problem = f"the archive holds no file {', '.join('*' + suffix for suffix in _XML)}"
        yield Piece(name=name, problem=problem)


def _member(source: Source, archive: zipfile.ZipFile, member: zipfile.ZipInfo, number: int, max_bytes: int) -> Piece:
    """Return a member. zipfile reads no more of it than its entry says, so that this size can be trusted."""
    name = f"{source.name}!{member.filename}"
    if Path(member.filename).suffix.lower() in (".zip", ".har"):
        problem = "an archive within an archive is not opened: unpack it first"
        return Piece(name=name, number=number, problem=problem)
    if member.file_size > max_bytes:
        return Piece(name=name, number=number, problem=_too_large(member.file_size, max_bytes))
    try:
        with archive.open(member) as file:
            if member.file_size <= LARGE:
                return Piece(name=name, number=number, body=file.read())
            file.read(1)  # is it encrypted, in an unknown form?
    except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, OSError, EOFError, ValueError) as broken:
        return Piece(
            name=name, number=number, problem=f"the member cannot be read: {broken}"
        )  # RuntimeError: encrypted
    return Piece(name=name, number=number, stream=lambda: _opened(Path(source.path), member))


def _opened(path: Path, member: zipfile.ZipInfo) -> BinaryIO:
    with zipfile.ZipFile(path) as archive:  # what is open in it keeps the file open
        return cast("BinaryIO", archive.open(member))
