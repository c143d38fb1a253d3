"""Where in a large message something stands: read a second time, which only a message with a deviation needs."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING
from xml.parsers import expat

from conformance.offline import large
from conformance.offline.large_head import parser_for, problems_of, schema_for
from conformance.offline.model import Place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import BinaryIO

    from conformance.offline.large import Emptied

_HOLDERS = {"IntervalReadings": "IntervalBlocks", "Readings": "MeterReading"}


def places_of_problems(found: Emptied, stream: Callable[[], BinaryIO], most: int) -> list[Place]:
    """Return where each of the first ``most`` schema problems shows: at the tag at which the schema refused.

    libxml2 does not know the place while it streams. So the chunks with problems are fed tag by tag.
    """
    dirty = {chunk for chunk, _words in found.problems[:most]}
    parser = parser_for(found.head, schema_for(found.head, found.terms)[0])
    places: list[Place] = []
    line, column, known = 1, 1, 0
    with stream() as file:
        for number in range(max(dirty) + 1):
            chunk = file.read(large.CHUNK)
            for part in _tags(chunk) if number in dirty else (chunk,):
                parser.feed(part)
                if number in dirty:
                    begin = part.rfind(b"<")
                    newlines = part.count(b"\n", 0, max(begin, 0))
                    at = begin - part.rfind(b"\n", 0, max(begin, 0)) if newlines else column + max(begin, 0)
                    now = len(problems_of(parser))
                    places += [Place(line=line + newlines, column=at)] * (now - known)
                    known = now
                breaks = part.count(b"\n")
                line += breaks
                column = len(part) - part.rfind(b"\n") if breaks else column + len(part)
                if len(places) >= most:
                    return places[:most]
    return places


def _tags(chunk: bytes) -> Iterator[bytes]:
    start = 0
    while (end := chunk.find(b">", start)) >= 0:
        yield chunk[start : end + 1]
        start = end + 1
    yield chunk[start:]


def places_of_readings(stream: Callable[[], BinaryIO], numbers: set[int]) -> dict[int, Place]:
    """Return where the readings with these numbers, counted from 0, start."""
    places: dict[int, Place] = {}
    above: list[str] = []
    count, last = -1, max(numbers, default=-1)
    parser = expat.ParserCreate()
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)

    def start(name: str, _attributes: dict[str, str]) -> None:
        nonlocal count
        local = name.rpartition(":")[2]
        if above and _HOLDERS.get(local) == above[-1]:
            count += 1
            if count in numbers:
                places[count] = Place(line=parser.CurrentLineNumber, column=parser.CurrentColumnNumber + 1)
        above.append(local)

    parser.StartElementHandler = start
    parser.EndElementHandler = lambda _name: above.pop()
    with stream() as file, contextlib.suppress(expat.ExpatError, ValueError, LookupError):
        while count < last and (chunk := file.read(1024 * 1024)):
            parser.Parse(chunk, False)
    return places
