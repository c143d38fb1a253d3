"""What report.html shows of each scenario: made one at a time, so that a run of any size fits into memory."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

from conformance.report.sequence import Arrow, diagram
from conformance.report.text import size, slug
from conformance.report.verdicts import iso
from conformance.report.wire import Shown, show

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from conformance.journal import Entry, Journal

#: So many scenarios that did not pass are open from the start; the rest opens with a click.
MAX_OPEN = 20

_TAG = re.compile(r"(<[^>]*>)")
_ANSWERS = ("reply", "acknowledgement")


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageView:
    """One message. ``offset`` is in seconds from the first of its scenario; ``file`` is a relative path."""

    number: int
    entry: Entry
    shown: Shown
    text: Markup
    offset: float
    file: str
    marked: bool

    @property
    def anchor(self) -> str:
        """Return the fragment that leads to the message."""
        return f"m-{self.entry.id}"

    @property
    def size(self) -> str:
        """Return the size of the body for people."""
        return size(len(self.entry.body))

    @property
    def at(self) -> str | None:
        """Return the time, UTC."""
        return iso(self.entry.at)


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitView:
    """One wait: what for, how it ended, from when to when (s), and where its bar stands (percent)."""

    what: str
    state: str
    begin: float
    end: float
    left: float
    width: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioView:
    """One scenario with everything that belongs to it."""

    scenario: dict[str, Any]
    anchor: str
    open: bool
    diagram: Markup
    messages: list[MessageView]
    waits: list[WaitView]


@dataclass(slots=True, kw_only=True)
class Pages:
    """Makes the views. ``files`` maps the ids of messages to the files that hold them."""

    journal: Journal
    verdicts: dict[str, Any]
    files: Mapping[int, str]
    _opened: int = 0
    _waits: dict[str, list[tuple[float, str, str]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Read the waits once."""
        for _, at, scenario, what, state in self.journal.waits():
            self._waits.setdefault(scenario, []).append((at, what, state))

    def scenarios(self, area: str) -> Iterator[ScenarioView]:
        """Iterate over the scenarios of ``area`` in the order of the plan."""
        for scenario in self.verdicts["scenarios"]:
            if scenario["area"] == area:
                yield self._scenario(scenario)

    def loose_messages(self) -> Iterator[MessageView]:
        """Iterate over the messages that belong to no scenario of the plan."""
        planned = {scenario["id"] for scenario in self.verdicts["scenarios"]}
        loose = (entry for entry in self.journal.entries() if entry.scenario not in planned)
        return self._messages(loose, set())

    def _scenario(self, scenario: dict[str, Any]) -> ScenarioView:
        marked = {message for finding in scenario["findings"] for message in finding["messages"]}
        entries = self.journal.entries(scenario=scenario["id"]) if scenario["messages"] else iter(())
        messages = list(self._messages(entries, marked))
        anchor = "s-" + slug(scenario["id"])
        opened = scenario["verdict"] in ("fail", "error") and self._opened < MAX_OPEN
        self._opened += opened
        waits = _waits(self._waits.get(scenario["id"], []))
        return ScenarioView(
            scenario=scenario,
            anchor=anchor,
            open=opened,
            diagram=self._diagram(messages, anchor),
            messages=messages,
            waits=waits,
        )

    def _messages(self, entries: Iterable[Entry], marked: set[int]) -> Iterator[MessageView]:
        first: float | None = None
        for number, entry in enumerate(entries, start=1):
            first = entry.at if first is None else first
            shown = show(entry)
            yield MessageView(
                number=number,
                entry=entry,
                shown=shown,
                text=_coloured(shown),
                offset=entry.at - first,
                file=self.files.get(entry.id, ""),
                marked=entry.id in marked,
            )

    def _diagram(self, messages: list[MessageView], anchor: str) -> Markup:
        if not messages:
            return Markup("")
        system = self.verdicts["system_under_test"]
        name = " · ".join(filter(None, [system["role"], system["product"]])) or "System under test"
        svg = diagram([_arrow(message) for message in messages], name, anchor, styled=False)
        return Markup(svg)  # noqa: S704 - lxml serialised it: every text in it is escaped


def _arrow(message: MessageView) -> Arrow:
    entry = message.entry
    status = f"HTTP {entry.status}" if entry.status is not None else ""
    return Arrow(
        label=message.shown.label,
        sent=entry.direction == "sent",
        answer=entry.channel in _ANSWERS,
        offset=message.offset,
        note=" · ".join(filter(None, [status, message.size, entry.note])),
        marked=message.marked,
        broken=not message.shown.well_formed,
        link=f"#{message.anchor}",
    )


def _coloured(shown: Shown) -> Markup:
    """Set the tags of XML apart, so that the values stand out."""
    if shown.form != "xml":
        return escape(shown.text)
    pieces = (
        Markup("<i>{}</i>").format(piece) if number % 2 else escape(piece)
        for number, piece in enumerate(_TAG.split(shown.text))
    )
    return Markup("").join(pieces)


def _waits(rows: list[tuple[float, str, str]]) -> list[WaitView]:
    if not rows:
        return []
    first, last = rows[0][0], max(at for at, _, _ in rows)
    spans: dict[str, tuple[float, float, str]] = {}
    for at, what, state in rows:
        begin = spans[what][0] if what in spans else at
        spans[what] = (begin, at, state)
    whole = (last - first) or 1.0
    return [
        WaitView(
            what=what,
            state=state,
            begin=begin - first,
            end=end - first,
            left=100 * (begin - first) / whole,
            width=max(100 * (end - begin) / whole, 0.5),
        )
        for what, (begin, end, state) in spans.items()
    ]
