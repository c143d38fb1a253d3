"""Judge a message of any size in constant memory: validated while it is read, its readings judged and forgotten.

What is left when all readings are gone is a small message, which is judged like every other. Only a few readings are
looked at in Python: libxml2 validates all, and XPath selects those that may be wrong.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lxml import etree

from conformance.checks.scene import Terms
from conformance.errors import MessageError
from conformance.message.xml import children, text
from conformance.offline.large_head import HEAD, head_of, not_well_formed, parser_for, problems_of, schema_for
from conformance.offline.large_queries import PayloadQueries, Queries, Query

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import BinaryIO

    from conformance.offline.large_head import Head

    Element = etree._Element

#: A message of more bytes than this is read so.
LARGE = 4 * 1024 * 1024
#: How much is read at once, in bytes.
CHUNK = 1024 * 1024
#: So many elements may be left over when readings are taken out; more would not fit the memory that is promised.
MAX_LEFT = 1_000_000
#: With so many elements at most, what is left is judged like any small message, and explained in better words.
SMALL = 20_000
#: Reading stops when a schema finds more than this.
MAX_PROBLEMS = 1000
#: So many readings are named; the others are counted.
MAX_NAMED = 100
#: So many different references are kept.
MAX_REFS = 1000


@dataclass(slots=True, kw_only=True)
class Emptied:
    """A message that was read to its end: what is left, how many readings are gone, and what was wrong in them.

    ``odd`` are the first readings that break a requirement, by their number in the document, counted from 0;
    ``counts`` has how many break each. ``gone`` MeterReading elements were taken out whole. ``refs`` are the codes
    that types were referred to by, with the element's name; ``problems`` are what the schema found, each with the
    number of the chunk in which it showed. ``unvalidated`` says why there was no schema,
    and ``is_large`` that much is left.
    """

    root: Element
    head: Head
    readings: int = 0
    gone: int = 0
    odd: list[tuple[int, str]] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    refs: dict[tuple[str, str], int] = field(default_factory=dict)
    problems: list[tuple[int, str]] = field(default_factory=list)
    stopped: bool = False
    digest: bytes = b""
    is_large: bool = False
    terms: Terms = field(default_factory=Terms)
    unvalidated: str = ""


def empty(
    stream: Callable[[], BinaryIO], max_bytes: int, terms_of: Callable[[Head], Terms] = lambda _head: Terms()
) -> Emptied:
    """Return what is left of the message in ``stream`` without its readings, and what was found on the way.

    Raises MessageError when it is not well-formed, brings a DTD, is larger than ``max_bytes``, or when what is
    left is too much.
    """
    with stream() as file:
        head = head_of(file.read(HEAD))
        file.seek(0)
        terms = terms_of(head)
        schema, reason = schema_for(head, terms)
        emptying = _Emptying(head, schema)
        emptying.found.unvalidated, emptying.found.terms = reason, terms
        digest, read = hashlib.blake2b(digest_size=16), 0
        while chunk := file.read(CHUNK):
            read += len(chunk)
            digest.update(chunk)
            if read > max_bytes:
                raise MessageError(f"the message has more bytes than the limit of {max_bytes} (--max-mib)")
            if not emptying.feed(chunk):
                break
    if not emptying.is_complete:
        raise _why(stream, head)
    emptied = emptying.end()
    emptied.digest = digest.digest()
    return emptied


def _why(stream: Callable[[], BinaryIO], head: Head) -> MessageError:
    """Return why a document is not well-formed, which lxml does not always say while a schema judges it."""
    again = _Emptying(head, None)
    try:
        with stream() as file:
            while chunk := file.read(CHUNK):
                again.feed(chunk)
        again.close()
    except MessageError as reason:
        return reason
    return MessageError("not well-formed XML: the document ends before its outermost element")


class _Emptying:
    """Reads one message chunk by chunk and takes out every reading that is complete."""

    def __init__(self, head: Head, schema: etree.XMLSchema | None) -> None:
        self._parser = parser_for(head, schema)
        self._root: Element | None = None
        self._ended = False
        self._chunks = 0
        self._head = head
        self._queries = PayloadQueries(etree.QName(head.payload).namespace or "" if head.payload else "")
        self._latest: dict[str, str] = {}
        self.found = Emptied(root=etree.Element("none"), head=head)

    def feed(self, chunk: bytes) -> bool:
        """Read on; return whether that makes sense any longer."""
        try:
            self._parser.feed(chunk)
        except etree.XMLSyntaxError as broken:
            raise not_well_formed(broken) from None
        self._look()
        said = problems_of(self._parser)
        self.found.problems += [(self._chunks, words) for words in said[len(self.found.problems) :]]
        self._chunks += 1
        self._take_out(ended=self._ended)
        self.found.stopped = len(said) > MAX_PROBLEMS
        return not self.found.stopped

    def _look(self) -> None:
        for event, element in self._parser.read_events():
            if event == "start" and self._root is None:
                self._root = element
            elif event == "end" and element is self._root:
                self._ended = True

    @property
    def is_complete(self) -> bool:
        """Return whether the document ended, and well-formed; reading may also have been stopped."""
        if self.found.stopped:
            return True
        if not self._ended or self.found.problems:  # lxml refuses to close what is invalid, too
            return self._ended
        try:
            self.close()
        except MessageError:
            return False
        return True

    def close(self) -> None:
        """Tell the parser that nothing follows. Raises MessageError when something should."""
        try:
            self._parser.close()
        except etree.XMLSyntaxError as broken:
            raise not_well_formed(broken) from None

    def end(self) -> Emptied:
        """Return what was found."""
        if self._root is None:
            raise AssertionError("a document that ended has an outermost element")
        self._take_out(ended=not self.found.stopped)
        self.found.root = self._root
        self.found.is_large = self.found.stopped or self._queries.everything(self._root) > SMALL
        return self.found

    def _take_out(self, *, ended: bool) -> None:
        if self._root is None:
            return
        for payload in self._queries.payloads(self._root):
            many = int(self._queries.entries(payload))
            if many > 1:
                complete = self._queries.of_complete
                self._judge(payload, complete, sum(int(count(payload)) for count in complete.counts))
                _drop(payload, self._queries.entry, many - 1)
                self.found.gone += many - 1
            if many:
                self._thin(self._queries.entry(payload, n=1)[0], ended=ended)
        if self._queries.everything(self._root) > MAX_LEFT:
            raise MessageError(
                f"without its readings the message still has more than {MAX_LEFT} elements: split it to have it judged"
            )

    def _thin(self, entry: Element, *, ended: bool) -> None:
        """Take the complete readings out of a MeterReading that may be open itself."""
        last = entry[-1] if len(entry) and not ended else None
        for holder in (*self._queries.blocks(entry), entry):
            readings = self._queries.of_block if holder is not entry else self._queries.of_entry
            is_last, newest = holder is last, last
            if holder is not entry:
                newest = holder[-1] if is_last and len(holder) else None
            maybe_open = newest if newest is not None and newest.tag == readings.tag else None
            many = int(readings.counts[0](holder)) - (maybe_open is not None)
            if many > 0:
                self._judge(holder, readings, many, maybe_open)
                _drop(holder, readings.nth, many)

    def _judge(self, context: Element, queries: Queries, many: int, maybe_open: Element | None = None) -> None:
        """Judge the ``many`` complete readings in ``context``."""
        suspects = [item for query in queries.suspects for item in query(context) if item is not maybe_open]
        if suspects:
            self._note(suspects, queries.all(context))
        for name, query in queries.refs:
            for ref in sorted(set(query(context, latest=self._latest.get(name, "")))):
                self._latest[name] = ref
                if len(self.found.refs) < MAX_REFS:
                    self.found.refs.setdefault((name, ref), self.found.readings)
        self.found.readings += many

    def _note(self, suspects: list[Element], readings: list[Element]) -> None:
        order = {item: place for place, item in enumerate(readings, start=self.found.readings)}
        for item in suspects:
            for requirement in _lacks(item):
                if len(self.found.odd) < MAX_NAMED:
                    self.found.odd.append((order[item], requirement))
                self.found.counts[requirement] = self.found.counts.get(requirement, 0) + 1


def _drop(parent: Element, nth: Query, many: int) -> None:
    """Take out the first ``many`` children that ``nth`` counts: at once when nothing stands between them."""
    first, last = (parent.index(nth(parent, n=number)[0]) for number in (1, many))
    if last - first == many - 1:
        del parent[first : last + 1]
        return
    for _ in range(many):
        parent.remove(nth(parent, n=1)[0])


def _lacks(reading: Element) -> Iterator[str]:
    """Iterate over the requirements that a reading breaks: it has no value, or no time, in whatever legal form."""
    qualities = (
        item for part in children(reading, "ReadingQualities") for item in children(part, "ReadingQualityType")
    )
    if not (text(reading, "value") or "").strip() and not any(item.get("ref") for item in qualities):
        yield "MR-008"
    times = [text(reading, "timeStamp"), *(text(period, "end") for period in children(reading, "timePeriod"))]
    if not any(times):
        yield "MR-009"
