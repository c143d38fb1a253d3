"""The suite's side of an exchange: send, wait with a deadline, and know what belongs together.

Everything is read back from the journal, so that what is judged is what was captured. Waiting is always visible:
who is waited for, for how long, and what came that nearly matched (design, "How data flows").
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from conformance.checks.scene import Scene, Terms, scene_of
from conformance.errors import Inconclusive, InternalError, TransportError
from conformance.journal import Entry, Journal
from conformance.message.renaming import in_edition
from conformance.transport.base import Brokered

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    from conformance.checks.scene import Arrived
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

    With ``apart`` only what comes over its own transport is its concern: the run has another one beside it.
    """

    transport: Transport
    journal: Journal
    scenario: str
    reply_address: str
    terms: Terms = field(default_factory=Terms)
    patience: Patience = field(default_factory=Patience)
    alive: Callable[[], bool] = lambda: True
    apart: bool = False
    state: State = State.IDLE
    started: float = field(default_factory=time.time)
    _requests: list[Entry] = field(default_factory=list)
    _picture: Scene = field(default_factory=Scene)
    _seen: int = field(init=False)

    def __post_init__(self) -> None:
        """Remember where the journal stands: what is older belongs to somebody else."""
        self._seen = self.journal.last_id()

    def ask(self, outbound: Outbound) -> None:
        """Send a request and keep what answers it. Raises Inconclusive when the system could not be reached."""
        edition = self.terms.edition
        outbound = replace(outbound, message=in_edition(outbound.message, edition), edition=edition)
        with self._during(State.ASKED, otherwise=State.UNANSWERED):
            sent = self.transport.prepare(outbound)
            correlation = outbound.message.findtext("{*}Header/{*}CorrelationID")
            asked = self.journal.keep(self._sent(sent, correlation))
            self._requests.append(asked)
            self._add(scene_of([asked]))
            try:
                answer = self.transport.send(sent, self.patience.reply_s)
            except TransportError as problem:
                self._add(scene_of([asked, self.journal.keep(self._unanswered(sent, asked, problem))]))
                if problem.blame != "system":
                    raise Inconclusive(f"{sent.url} could not be reached: {problem}") from problem
                return
            self._add(scene_of([asked, self._kept(sent, asked, answer)]))
            self._move(State.ANSWERED)

    def post(self, outbound: Outbound, *, copies: int = 1, held_s: float = 0.0) -> None:
        """Send a request over a broker without waiting for an answer: what answers it comes by itself.

        ``copies`` are the same message again; it is delivered ``held_s`` seconds after it was sent. Raises
        Inconclusive when that cannot be done.
        """
        transport = self.over_broker
        with self._during(State.ASKED, otherwise=State.UNANSWERED):
            sent = transport.prepare(outbound)
            correlation = outbound.message.findtext("{*}Header/{*}CorrelationID")
            for _ in range(copies):
                asked = self.journal.keep(self._sent(sent, correlation))
                self._requests.append(asked)
                self._add(scene_of([asked]))
            try:
                transport.post(sent, self.patience.reply_s, copies=copies, held_s=held_s)
            except TransportError as problem:
                raise Inconclusive(f"{sent.url} could not be reached: {problem}") from problem

    @property
    def over_broker(self) -> Brokered:
        """Return the transport, which must go over a broker. Raises InternalError."""
        if not isinstance(self.transport, Brokered):
            raise InternalError(f"this step is about a broker, and {self.transport.name} has none")
        return self.transport

    def take_in(self, ids: Collection[int]) -> None:
        """Add to the scene the messages of the journal with these ids, which are this scenario's own."""
        for number in ids:
            self.journal.claim(number, self.scenario, "")
            self._add(scene_of([next(self.journal.entries(after=number - 1))]))

    def _sent(self, sent: Sent, correlation: str | None) -> Entry:
        return Entry(
            direction="sent", channel="request", transport=self.transport.name, url=sent.url, body=sent.body,
            content_type=sent.content_type, headers=sent.headers, scenario=self.scenario, exchange=correlation,
            at=time.time(),
        )  # fmt: skip

    def _kept(self, sent: Sent, asked: Entry, answer: Answer) -> Entry:
        if answer.kept is None:
            return self.journal.keep(self._answered(sent, asked, answer))
        return self.journal.adopt(answer.kept, answers=asked.id, scenario=self.scenario, exchange=asked.exchange)

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

    def wait(self, what: str, done: Callable[[Scene], bool], seconds: float) -> bool:
        """Wait until ``done`` says so of the scene, ``seconds`` at most; return whether it did.

        Raises Inconclusive when the suite's own listener is gone: then silence says nothing about the system.
        """
        with self._during(State.WAITING, otherwise=State.OVERDUE):
            if self._came(what, done, seconds):
                self._move(State.COMPLETE)
                return True
        self._tell(what, seconds, seconds, "did not come")
        if not self.alive():
            raise Inconclusive("the suite's own listener has ended, so nothing could arrive; see its log in OUT")
        return False

    def _came(self, what: str, done: Callable[[Scene], bool], seconds: float) -> bool:
        begun = told = time.monotonic()
        version = -1
        while True:
            now = time.monotonic()
            if (newest := self.journal.version()) != version:
                version = newest
                self._look()
                if done(self.scene):
                    self._tell(what, now - begun, seconds, "came")
                    return True
            if now - begun >= seconds:
                return False
            if now - told >= _TELL_S:
                told = now
                self._tell(what, now - begun, seconds, "waiting")
            time.sleep(_LOOK_S)

    def listen(self, seconds: float) -> None:
        """Listen for what must not come, for ``seconds``."""
        self.wait("silence", lambda _scene: False, seconds)

    def read(self, documents: Iterable[Entry]) -> None:
        """Keep files of the system's description, each when it is its turn, and take them into the picture."""
        for document in documents:
            self._add(scene_of([self.journal.keep(replace(document, scenario=self.scenario))]))

    @property
    def scene(self) -> Scene:
        """Return what happened in this scenario so far."""
        return replace(self._picture, terms=self.terms, started=self.started)

    def _look(self) -> None:
        """Take in what came since the last look. Each message is parsed once, however many there are."""
        came = list(self.journal.entries(after=self._seen, channel="callback"))
        if not came:
            return
        self._seen = came[-1].id
        entries = [entry for entry in came if self.concerns(entry)]
        new = scene_of([*self._requests, *entries])
        exchanges = {request.id: request.exchange or "" for request in self._requests}
        foreign = {item.id for item, _ in new.arrived if self._belongs_elsewhere(item)}
        for item, asked in new.arrived:
            if item.id not in foreign:
                # What answers nothing of ours may be what another scenario waits for, unless we only listen.
                own = asked is not None or not self._requests
                exchange = exchanges[asked.id] if asked is not None else ""
                self.journal.claim(item.id, self.scenario, exchange, free_only=not own)
        self._add(new, foreign)

    def concerns(self, entry: Entry) -> bool:
        """Return whether ``entry`` went over a transport that this scenario is about."""
        return not self.apart or entry.transport == self.transport.name

    def _add(self, new: Scene, foreign: Collection[int] = ()) -> None:
        """Add to the picture what ``new`` shows of newer messages, but for those that are ``foreign``."""
        views = {view.asked.id: view for view in self._picture.exchanges}
        for view in new.exchanges:
            known = views.setdefault(view.asked.id, replace(view, later=()))
            views[view.asked.id] = replace(
                known,
                answer=view.answer or known.answer,
                no_answer=view.no_answer or known.no_answer,
                later=(*known.later, *(item for item in view.later if item.id not in foreign)),
            )
        loose = (item for item in new.unsolicited if item.id not in foreign)
        picture = self._picture
        self._picture = Scene(
            exchanges=tuple(views.values()), unsolicited=(*picture.unsolicited, *loose),
            kept=(*picture.kept, *new.kept), documents=(*picture.documents, *new.documents),
        )  # fmt: skip

    def _belongs_elsewhere(self, arrived: Arrived) -> bool:
        correlation = arrived.message.correlation_id if arrived.message is not None else None
        return bool(correlation) and self.journal.asked_elsewhere(str(correlation), self.scenario)

    def _tell(self, what: str, elapsed: float, seconds: float, state: str) -> None:
        others = len(self.scene.unsolicited)
        near = f"; {others} message(s) came that did not match: {self._mismatch()}" if others else ""
        self.journal.note_wait(self.scenario, what, f"{state}: {elapsed:.1f} of {seconds:g} s{near}")

    def _mismatch(self) -> str:
        mine = {entry.exchange for entry in self._requests}
        last = self.scene.unsolicited[-1]
        if last.message is None:
            return str(last)
        if mine and last.message.correlation_id not in mine:
            return "CorrelationID differs"
        return str(last)

    @contextmanager
    def _during(self, state: State, *, otherwise: State) -> Iterator[None]:
        """Be in ``state``; whatever goes wrong, leave it for ``otherwise``: meters may have to be connected again."""
        self._move(state)
        try:
            yield
        finally:
            if self.state is state:
                self._move(otherwise)

    def _move(self, state: State) -> None:
        if state not in TRANSITIONS[self.state]:
            raise InternalError(f"an exchange cannot go from {self.state} to {state}")
        self.state = state
