"""The suite's side of an exchange: send, wait with a deadline, and know what belongs together.

Everything is read back from the journal, so that what is judged is what was captured. Waiting is always visible:
who is waited for, for how long, and what came that nearly matched (design, "How data flows").
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from conformance.checks.scene import Scene, Terms, read_entry, scene_of
from conformance.errors import Inconclusive, InternalError, TransportError
from conformance.journal import Entry, Journal

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.transport.base import Answer, Outbound, Sent, Transport


class State(StrEnum):
    """How far the newest exchange of a scenario has come."""

    IDLE = "idle"
    ASKED = "asked"
    ANSWERED = "answered"
    UNANSWERED = "unanswered"
    WAITING = "waiting"
    COMPLETE = "complete"
    OVERDUE = "overdue"


#: The one table of legal transitions: anything else is a fault of the suite.
TRANSITIONS = {
    State.IDLE: {State.ASKED, State.WAITING},
    State.ASKED: {State.ANSWERED, State.UNANSWERED},
    State.ANSWERED: {State.ASKED, State.WAITING},
    State.UNANSWERED: {State.ASKED, State.WAITING},
    State.WAITING: {State.COMPLETE, State.OVERDUE},
    State.COMPLETE: {State.ASKED, State.WAITING},
    State.OVERDUE: {State.ASKED, State.WAITING},
}

#: How often the journal is looked at while waiting, and how often a wait is told, in seconds.
_LOOK_S = 0.004
_TELL_S = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long the suite waits, in seconds."""

    reply_s: float = 30.0
    result_s: float = 60.0
    event_s: float = 60.0
    quiet_s: float = 2.0


@dataclass(slots=True, kw_only=True)
class Party:
    """The suite in one scenario. ``reply_address`` is where the system reaches it; ``alive`` tells if it does.

    ``controlled`` is set by whoever switches a meter, so that it is connected again at the end.
    """

    transport: Transport
    journal: Journal
    scenario: str
    reply_address: str
    terms: Terms = field(default_factory=Terms)
    patience: Patience = field(default_factory=Patience)
    alive: Callable[[], bool] = lambda: True
    state: State = State.IDLE
    controlled: bool = False
    started: float = field(default_factory=time.time)
    _own: list[Entry] = field(default_factory=list)
    _first: int = -1
    _seen: int = 0

    def __post_init__(self) -> None:
        """Remember where the journal stands: what is older belongs to somebody else."""
        if self._first < 0:
            self._first = self._seen = self.journal.last_id()

    def ask(self, outbound: Outbound) -> None:
        """Send a request and keep what answers it. Raises Inconclusive when the system could not be reached."""
        self._move(State.ASKED)
        sent = self.transport.prepare(outbound)
        correlation = outbound.message.findtext("{*}Header/{*}CorrelationID")
        asked = self._keep(self._sent(sent, correlation))
        try:
            answer = self.transport.send(sent, self.patience.reply_s)
        except TransportError as problem:
            self._keep(self._unanswered(sent, asked, problem))
            self._move(State.UNANSWERED)
            if problem.blame != "system":
                raise Inconclusive(f"{sent.url} could not be reached: {problem}") from problem
            return
        self._keep(self._answered(sent, asked, answer))
        self._move(State.ANSWERED)

    def _sent(self, sent: Sent, correlation: str | None) -> Entry:
        return Entry(
            direction="sent", channel="request", transport=self.transport.name, url=sent.url, body=sent.body,
            content_type=sent.content_type, headers=sent.headers, scenario=self.scenario, exchange=correlation,
            at=time.time(),
        )  # fmt: skip

    def _answered(self, sent: Sent, asked: Entry, answer: Answer) -> Entry:
        return Entry(
            direction="received", channel="reply", transport=self.transport.name, url=sent.url, body=answer.body,
            status=answer.status, content_type=answer.content_type, headers=answer.headers, scenario=self.scenario,
            exchange=asked.exchange, answers=asked.id, at=time.time(),
        )  # fmt: skip

    def _unanswered(self, sent: Sent, asked: Entry, problem: TransportError) -> Entry:
        return Entry(
            direction="received", channel="reply", transport=self.transport.name, url=sent.url, body=b"",
            note=str(problem), scenario=self.scenario, exchange=asked.exchange, answers=asked.id, at=time.time(),
        )  # fmt: skip

    def _keep(self, entry: Entry) -> Entry:
        kept = self.journal.keep(entry)
        self._own.append(kept)
        return kept

    def wait(self, what: str, done: Callable[[Scene], bool], seconds: float) -> bool:
        """Wait until ``done`` says so of the scene, ``seconds`` at most; return whether it did.

        Raises Inconclusive when the suite's own listener is gone: then silence says nothing about the system.
        """
        self._move(State.WAITING)
        begun = told = time.monotonic()
        version = -1
        while True:
            now = time.monotonic()
            if (newest := self.journal.version()) != version:
                version = newest
                self._look()
                if done(self.scene):
                    self._tell(what, now - begun, seconds, "came")
                    self._move(State.COMPLETE)
                    return True
            if now - begun >= seconds:
                break
            if now - told >= _TELL_S:
                told = now
                self._tell(what, now - begun, seconds, "waiting")
            time.sleep(_LOOK_S)
        self._tell(what, seconds, seconds, "did not come")
        self._move(State.OVERDUE)
        if not self.alive():
            raise Inconclusive("the suite's own listener has ended, so nothing could arrive; see its log in OUT")
        return False

    def listen(self, seconds: float) -> None:
        """Listen for what must not come, for ``seconds``."""
        self.wait("silence", lambda _scene: False, seconds)

    @property
    def scene(self) -> Scene:
        """Return what happened in this scenario so far."""
        return scene_of(sorted(self._own, key=lambda entry: entry.id), self.terms, self.started)

    def _look(self) -> None:
        # Read to the end first: a claim inside an open read would meet SQLite's "database is locked".
        for entry in list(self.journal.entries(after=self._seen, channel="callback")):
            self._seen = entry.id
            if not self._belongs_elsewhere(entry):
                self._own.append(entry)
                self.journal.claim(entry.id, self.scenario, entry.exchange or "")

    def _belongs_elsewhere(self, entry: Entry) -> bool:
        message = read_entry(entry).message
        correlation = message.correlation_id if message is not None else None
        return bool(correlation) and self.journal.asked_elsewhere(str(correlation), self.scenario)

    def _tell(self, what: str, elapsed: float, seconds: float, state: str) -> None:
        others = len(self.scene.unsolicited)
        near = f"; {others} message(s) came that did not match: {self._mismatch()}" if others else ""
        self.journal.note_wait(self.scenario, what, f"{state}: {elapsed:.1f} of {seconds:g} s{near}")

    def _mismatch(self) -> str:
        mine = {entry.exchange for entry in self._own if entry.channel == "request"}
        last = self.scene.unsolicited[-1]
        if last.message is None:
            return str(last)
        if mine and last.message.correlation_id not in mine:
            return "CorrelationID differs"
        return str(last)

    def _move(self, state: State) -> None:
        if state not in TRANSITIONS[self.state]:
            raise InternalError(f"an exchange cannot go from {self.state} to {state}")
        self.state = state
