"""Read a piece: what message it is, however it is wrapped, and where each of its elements stands."""

from __future__ import annotations

import hashlib
import re
import sys
import zipfile
import zlib
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from typing import TYPE_CHECKING

from conformance.checks.scene import Arrived, Terms
from conformance.errors import EmptyBodyError, MessageError
from conformance.message.parse import read
from conformance.message.positions import positions
from conformance.message.soap import carried_by, unwrap
from conformance.message.xml import Limits, local_name, namespace, parse_xml
from conformance.offline.large import Emptied, empty
from conformance.offline.model import Facts, Place
from conformance.offline.spelling import Oddity, put_right
from conformance.standard.editions import EDITION_2013, EDITIONS
from conformance.standard.schema_problems import path_to

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lxml import etree

    from conformance.message.model import Message
    from conformance.message.soap import Carried
    from conformance.offline.model import Piece, Settings
    from conformance.standard.editions import Edition

    Element = etree._Element

_DECLARATION = re.compile(r"<\?xml\b[^>]*\?>\s*")
#: How much of a large message is read to find where its header stands, in bytes.
_HEAD = 64 * 1024


@dataclass(kw_only=True)
class Opened:
    """A piece that was read. ``arrived`` is what the checks see, in the standard's namespaces.

    ``problem`` says why it is no message, with its place; ``escaped`` is the element whose text the message was;
    ``large`` is what was found while a large message was read, whose readings are gone.
    """

    piece: Piece
    arrived: Arrived
    problem: MessageError | None = None
    oddities: list[Oddity] = field(default_factory=list)
    escaped: Element | None = None
    original: Element | None = None
    large: Emptied | None = None
    terms: Terms = field(default_factory=Terms)

    @property
    def edition(self) -> Edition:
        """Return the edition by which the message is judged."""
        return self.terms.edition

    @property
    def message(self) -> Message | None:
        """Return the message, if it is one."""
        return self.arrived.message

    @cached_property
    def _order(self) -> dict[Element, int]:
        """Return the elements that the checks see, and those that stand in the file, by their number in it."""
        if self.message is None or self.original is None:
            return {}
        seen = {item: number for number, item in enumerate(self.message.root.iter("*"))}
        return seen | {item: number for number, item in enumerate(self.original.iter("*"))}

    @cached_property
    def _offset(self) -> int:
        """Return how many elements of the document stand before the message."""
        return 0 if self.original is None else self._outer(self.original)

    @cached_property
    def _positions(self) -> list[tuple[int, int]]:
        if self.piece.stream is None:
            return positions(self.piece.body)
        with self.piece.stream() as file:
            return positions(file.read(_HEAD))

    def place(self, element: Element | None) -> Place:
        """Return where ``element`` stands in the file; of a message in a text, where that text stands."""
        if element is None or self.message is None:
            return Place()
        if element is self.escaped:
            return self._at(element, self._outer(element), "")
        if element not in self._order:
            return Place()
        seen = element is self.message.root or self.message.root in element.iterancestors()
        path = path_to(element, self.message.root if seen or self.original is None else self.original)
        number = self._order[element] + self._offset if self.escaped is None else self._outer(self.escaped)
        return self._at(element, number, path)

    def _outer(self, element: Element) -> int:
        return next(number for number, item in enumerate(element.getroottree().iter("*")) if item is element)

    def _at(self, element: Element, number: int, path: str) -> Place:
        # Of a large message the readings are gone, so that only what stands before them still has its number.
        if self.large is not None and number >= self._first_gone:
            return Place(line=element.sourceline, path=path)
        line, column = self._positions[number] if number < len(self._positions) else (element.sourceline, None)
        return Place(line=line, column=column, path=path)

    @cached_property
    def _first_gone(self) -> int:
        tree = self.large.root.iter("*") if self.large is not None else ()
        return next((number for number, item in enumerate(tree) if local_name(item) == "MeterReading"), sys.maxsize)

    def facts(self) -> Facts | None:
        """Return what must be known of the message when it is gone."""
        if self.message is None:
            return None
        header = self.message.header
        return Facts(
            number=self.piece.number,
            kind=self.message.kind,
            noun=(self.message.noun or "").removeprefix("Get"),
            correlation_id=self.message.correlation_id or "",
            message_id=((header.message_id if header else None) or "").strip(),
            digest=self.large.digest if self.large is not None else _digest(self.message.root),
            is_answer=self.piece.is_answer,
            world=self.piece.world,
        )


def _envelope(root: Element) -> list[Element]:
    """Return the outermost element of a message, and those that are the envelope's in a typed wrapper as well."""
    return [root, *(item for part in root for item in part[:1])]


def _terms_of(spaces: Sequence[str], settings: Settings) -> Terms:
    """Return what is agreed for a message whose envelope is in one of ``spaces``: above all the edition."""
    terms = agreed(settings)
    if settings.edition is None and settings.sut is None:
        named = next((edition for edition in EDITIONS.values() if edition.envelope in spaces), EDITION_2013)
        return terms if named == terms.edition else replace(terms, edition=named)
    return terms


@cache
def agreed(settings: Settings) -> Terms:
    """Return what SUT.toml says is agreed, or the defaults. Raises ConfigurationError when it cannot be used."""
    terms = Terms()
    if settings.sut is not None:
        from conformance.sut.claims import terms_of
        from conformance.sut.load import load

        terms = terms_of(load(settings.sut).configuration)
    if settings.edition is not None and settings.edition != terms.edition.name:
        terms = replace(terms, edition=EDITIONS[settings.edition])
    return terms


def _digest(root: Element) -> bytes:
    """Return a digest of the content, whatever its white space, comments and prefixes."""
    parts = [(str(item.tag), (item.text or "").strip(), sorted(item.items())) for item in root.iter("*")]
    return hashlib.blake2b(repr(parts).encode(), digest_size=16).digest()


def open_piece(number: int, piece: Piece, settings: Settings) -> Opened:
    """Return what ``piece`` is; never raises for what stands in it. ``number`` tells it from others in a scene."""
    limits = settings.limits
    arrived = Arrived(id=number, at=0.0, channel="reply", status=piece.status, content_type=piece.content_type)
    opened = Opened(piece=piece, arrived=arrived, terms=agreed(settings))
    try:
        if piece.problem:
            raise MessageError(piece.problem)
        if piece.stream is not None:
            opened.large = empty(piece.stream, limits.max_bytes, lambda head: _terms_of(head.spaces, settings))
            carried = carried_by(opened.large.root)
        else:
            carried, opened.escaped = _unwrap(piece, limits)
    except MessageError as problem:
        # An answer with an empty SOAP Body is as empty as no body at all: whether one was due, the file does not say.
        opened.problem = None if isinstance(problem, EmptyBodyError) and piece.is_answer else problem
        return opened
    except (OSError, EOFError, zipfile.BadZipFile, zlib.error) as problem:  # while a large one was read
        opened.problem = MessageError(f"the message cannot be read to its end: {problem}")
        return opened
    if carried.message is not None:
        opened.original = carried.message.root
        opened.terms = _terms_of([namespace(item) for item in _envelope(carried.message.root)], settings)
        root, opened.oddities = put_right(carried.message, opened.edition)
        carried = replace(carried, message=read(root)) if opened.oddities else carried
    opened.arrived = replace(arrived, carried=carried)
    return opened


def _unwrap(piece: Piece, limits: Limits) -> tuple[Carried, Element | None]:
    root = parse_xml(piece.body, limits)
    try:
        carried = carried_by(root)
    except MessageError as refusal:
        found = _escaped(root, limits)
        if found is None:
            raise refusal from None
        return found
    message = carried.message
    # An operation may be called like a typed wrapper, and hold the message as a text all the same.
    if message is not None and message.typed and message.header is None and message.reply is None:
        return _escaped(root, limits) or (carried, None)
    return carried, None


def _escaped(root: Element, limits: Limits) -> tuple[Carried, Element] | None:
    """Return the message that stands as text in an element, as the parameter of a remote procedure call may."""
    for element in root.iter("*"):
        if len(element) == 0 and (element.text or "").lstrip().startswith("<"):
            try:
                return unwrap(_DECLARATION.sub("", (element.text or "").strip(), count=1).encode(), limits), element
            except MessageError:
                continue
    return None


def shown(opened: Opened) -> str:
    """Say in words what a piece is."""
    carried = opened.arrived.carried
    if opened.message is None and opened.problem is None and carried is None:
        return "an empty answer"
    if opened.message is None:
        return "no message" if carried is None or carried.fault is None else f"SOAP fault {carried.fault.code}"
    version = carried.version if carried else "none"
    how = "" if version == "none" else f", SOAP {version}"
    typed = f", typed ({local_name(opened.message.root)})" if opened.message.typed else ""
    edition = "" if opened.edition.name == EDITION_2013.name else f", edition {opened.edition.name}"
    many = f", {opened.large.readings} readings" if opened.large is not None and opened.large.readings else ""
    return f"{opened.message.kind} {opened.message}{how}{typed}{edition}{many}"
