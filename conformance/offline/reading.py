"""Read a piece: what message it is, however it is wrapped, and where each of its elements stands."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from conformance.checks.scene import Arrived
from conformance.errors import MessageError
from conformance.message.parse import read
from conformance.message.positions import positions
from conformance.message.soap import Carried, unwrap
from conformance.message.xml import Limits, local_name, parse_xml
from conformance.offline.model import Place
from conformance.offline.spelling import Oddity, put_right
from conformance.standard.schema_problems import path_to

if TYPE_CHECKING:
    from lxml import etree

    from conformance.message.model import Message
    from conformance.offline.model import Piece

    Element = etree._Element


@dataclass(slots=False, kw_only=True)
class Opened:
    """A piece that was read. ``arrived`` is what the checks see, in the standard's namespaces.

    ``problem`` says why it is no message, with its place; ``escaped`` is the element whose text the message was.
    """

    number: int
    piece: Piece
    arrived: Arrived
    problem: MessageError | None = None
    oddities: list[Oddity] = field(default_factory=list)
    escaped: Element | None = None
    original: Element | None = None

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
        if self.original is None:
            return 0
        return self._outer(self.original)

    @cached_property
    def _positions(self) -> list[tuple[int, int]]:
        return positions(self.piece.body)

    def place(self, element: Element | None) -> Place:
        """Return where ``element`` stands in the file; of a message in a text, where that text stands."""
        if element is None or self.message is None:
            return Place()
        if element is self.escaped:
            return self._at(self._outer(element), "")
        if element not in self._order:
            return Place()
        seen = element is self.message.root or self.message.root in element.iterancestors()
        path = path_to(element, self.message.root if seen or self.original is None else self.original)
        return self._at(
            self._order[element] + self._offset if self.escaped is None else self._outer(self.escaped), path
        )

    def _outer(self, element: Element) -> int:
        return next(number for number, item in enumerate(element.getroottree().iter("*")) if item is element)

    def _at(self, number: int, path: str) -> Place:
        line, column = self._positions[number] if number < len(self._positions) else (None, None)
        return Place(line=line, column=column, path=path)


def open_piece(number: int, piece: Piece, limits: Limits) -> Opened:
    """Return what ``piece`` is; never raises for what stands in it."""
    arrived = Arrived(id=number, at=0.0, channel="reply", status=piece.status, content_type=piece.content_type)
    opened = Opened(number=number, piece=piece, arrived=arrived)
    if piece.problem:
        opened.problem = MessageError(piece.problem)
        return opened
    try:
        carried, opened.escaped = _unwrap(piece, limits)
    except MessageError as problem:
        opened.problem = problem
        return opened
    if carried.message is not None:
        opened.original = carried.message.root
        root, opened.oddities = put_right(carried.message)
        carried = Carried(version=carried.version, message=read(root), fault=carried.fault, body=carried.body)
    opened.arrived = Arrived(
        id=number, at=0.0, channel="reply", status=piece.status, content_type=piece.content_type, carried=carried
    )
    return opened


def _unwrap(piece: Piece, limits: Limits) -> tuple[Carried, Element | None]:
    try:
        return unwrap(piece.body, limits), None
    except MessageError as refusal:
        found = _escaped(piece.body, limits)
        if found is None:
            raise refusal from None
        return found


def _escaped(body: bytes, limits: Limits) -> tuple[Carried, Element] | None:
    """Return the message that stands as text in an element, as the parameter of a remote procedure call may."""
    try:
        root = parse_xml(body, limits)
    except MessageError:
        return None
    for element in root.iter("*"):
        if len(element) == 0 and (element.text or "").lstrip().startswith("<"):
            try:
                return unwrap((element.text or "").strip().encode(), limits), element
            except MessageError:
                continue
    return None


def shown(opened: Opened) -> str:
    """Say in words what a piece is."""
    if opened.message is None:
        fault = opened.arrived.carried.fault if opened.arrived.carried else None
        return "no message" if fault is None else f"SOAP fault {fault.code}"
    version = opened.arrived.carried.version if opened.arrived.carried else "none"
    how = "" if version == "none" else f", SOAP {version}"
    typed = f", typed ({local_name(opened.message.root)})" if opened.message.typed else ""
    return f"{opened.message.kind} {opened.message}{how}{typed}"
