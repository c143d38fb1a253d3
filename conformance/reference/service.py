"""The reference metering system itself: a request message in, the answer and the later messages out. No I/O."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from conformance.message.build import Draft, build_unchecked, new_id, timestamp
from conformance.message.controls import Event, end_device_events
from conformance.message.meter_readings import MeterReading, meter_readings
from conformance.message.model import Header, Message, Reply, ReplyError
from conformance.reference import reading, switching
from conformance.reference.admission import READ, noun_of, refusal
from conformance.reference.codes import MORE_FOLLOWS, errors
from conformance.reference.consumption import REGISTERS
from conformance.reference.deviation import Conduct, Element, Outcome, Outgoing, Pair, Problem, Role, Scene
from conformance.reference.meters import Fleet
from conformance.standard.editions import FAILED, OK, PARTIAL

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

#: Problems of SOAP itself, with the codes that both of its versions have for them.
_FAULT_CODES = {"must-understand": "MustUnderstand", "version-mismatch": "VersionMismatch"}
SOURCE = "Conformance reference metering system"


def utc_now() -> datetime:
    """Return the time of this machine."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """The whole answer to a request, before it is cut into messages."""

    problems: list[Problem]
    entries: list[MeterReading]
    events: list[Event]
    served: bool


class Service:
    """All state and behaviour of the reference metering system. One request at a time (a lock sees to it)."""

    def __init__(self, seed: int = 1, clock: Callable[[], datetime] = utc_now, ids: Callable[[], str] = new_id) -> None:
        """Make the meters of ``seed``; ``clock`` and ``ids`` may be replaced to make every byte repeatable."""
        self.seed = seed
        self.clock = clock
        self.ids = ids
        self.conduct = Conduct()
        self.events_address: str | None = None
        self.lock = threading.RLock()
        self.fleet = Fleet(seed)
        self.memory: dict[str, Any] = {}

    def reset(self) -> None:
        """Return to the initial state; deviations and the address for events stay as they are."""
        with self.lock:
            self.fleet = Fleet(self.seed)
            self.memory = {}

    def scene(self, request: Message | None = None, role: Role = "response", action: str | None = None) -> Scene:
        """Return what a deviation may look at just now."""
        return Scene(
            fleet=self.fleet,
            now=self.clock(),
            new_id=self.ids,
            memory=self.memory,
            request=request,
            role=role,
            events_address=self.events_address,
            action=action,
        )

    def handle(self, message: Message, action: str | None = None) -> Outcome:
        """Carry out ``message``, which came with the SOAPAction ``action``; return what leaves because of it."""
        with self.lock:
            scene = self.scene(message, action=action)
            message = self.conduct.shaped("request", message, scene)
            scene = replace(scene, request=message)
            problem = self.conduct.refusal(message, scene) or refusal(message, self.conduct)
            if problem is not None:
                outcome = Outcome(answer=self._refused([problem], message))
            elif message.kind != "RequestMessage":
                outcome = Outcome(answer=self._acknowledgement(message))
            elif message.header is not None and message.header.is_async:
                outcome = self._asynchronous(message, scene)
            else:
                outcome = self._synchronous(message, scene)
            return self.conduct.shaped("outcome", outcome, scene)

    def unreadable(self, problem: Problem, noun: str) -> Outgoing:
        """Return the FaultMessage for what is no message at all (exchange rule 6)."""
        reply = Reply(result=FAILED, errors=errors([problem], self.conduct))
        draft = Draft(kind="FaultMessage", reply=reply)
        code = _FAULT_CODES.get(problem.name, "")
        return Outgoing(role="fault", draft=draft, verb="reply", noun=noun, status=500, fault_code=code)

    def power_failure(self, mrid: str) -> list[Outgoing]:
        """Let the power fail at a meter: an event of the type 3.26.0.85. Raises KeyError for an unknown meter."""
        with self.lock:
            scene = self.scene(role="event")
            meter = self.fleet.by_mrid(mrid)
            if meter is None:
                raise KeyError(mrid)
            self.fleet.note(scene.now, mrid, switching.POWER_FAILED)
            events = [switching.event(meter, switching.POWER_FAILED, scene)]
            return self._event_messages(self.conduct.shaped("events", events, scene), scene)

    def publish_readings(self, mrid: str) -> list[Outgoing]:
        """Read a meter and publish what it shows. Raises KeyError for an unknown meter."""
        with self.lock:
            scene = self.scene(role="event")
            meter = self.fleet.by_mrid(mrid)
            if meter is None:
                raise KeyError(mrid)
            pairs = [Pair(meter=meter, reading_type=name) for name in REGISTERS]
            entries = self.conduct.shaped("entries", reading.entries(pairs, scene.now), scene)
            payload = meter_readings(entries)
            outcome = Outcome(answer=None, later=(self._published("MeterReadings", payload, None),))
            return list(self.conduct.shaped("outcome", outcome, scene).later)

    def build(self, outgoing: Outgoing, request: Message | None, role: Role | None = None) -> Element:
        """Return ``outgoing`` as an element, after every deviation of messages."""
        with self.lock:
            scene = self.scene(request, role or outgoing.role)
            return self.conduct.shaped("tree", build_unchecked(outgoing.draft), scene)

    def shaped(self, outgoing: Outgoing, request: Message | None) -> Outgoing:
        """Return ``outgoing`` after the deviations of its header, Reply and payload."""
        with self.lock:
            scene = self.scene(request, outgoing.role)
            if outgoing.reply is not None:
                outgoing = outgoing.with_reply(self.conduct.shaped("reply", outgoing.reply, scene))
            return self.conduct.shaped("outgoing", outgoing, scene)

    def _perform(self, message: Message, scene: Scene) -> Answered:
        conduct = self.conduct
        if (message.verb, message.noun) == READ:
            asks = conduct.shaped("asks", reading.asks(message), scene)
            pairs, problems = reading.resolve(asks, scene, conduct)
            problems = conduct.shaped("problems", [*reading.usage_points(message), *problems], scene)
            pairs = conduct.shaped("pairs", pairs, scene)
            entries = conduct.shaped("entries", reading.entries(pairs, scene.now), scene)
            return Answered(problems=problems, entries=entries, events=[], served=bool(entries))
        orders, problems = switching.orders(message, scene, conduct)
        problems = conduct.shaped("problems", problems, scene)
        orders = conduct.shaped("orders", orders, scene)
        events = conduct.shaped("events", switching.execute(orders, scene), scene)
        return Answered(problems=problems, entries=[], events=events, served=bool(orders))

    def _reply(self, done: Answered) -> Reply:
        if not done.problems:
            return Reply(result=OK)
        return Reply(result=PARTIAL if done.served else FAILED, errors=errors(done.problems, self.conduct))

    def _synchronous(self, message: Message, scene: Scene) -> Outcome:
        done = self._perform(message, scene)
        answer = self._response(message, self._reply(done), done.entries)
        return Outcome(answer=answer, later=tuple(self._event_messages(done.events, scene)))

    def _asynchronous(self, message: Message, scene: Scene) -> Outcome:
        done = self._perform(message, scene)
        address = message.header.reply_address if message.header else None
        parts: Sequence[list[MeterReading]] = [[entry] for entry in done.entries] or [[]]
        more = Reply(result=PARTIAL, errors=(ReplyError(code=MORE_FOLLOWS, level="INFORM"),))
        replies = [more] * (len(parts) - 1) + [self._reply(done)]
        results = [
            replace(self._response(message, reply, part), role="result", address=address)
            for reply, part in zip(replies, parts, strict=True)
        ]
        events = self._event_messages(done.events, scene)
        return Outcome(answer=self._acknowledgement(message), later=(*results, *events))

    def _acknowledgement(self, message: Message) -> Outgoing:
        """Return the simple acknowledgement of a request to be answered later, or of news from elsewhere."""
        return replace(self._response(message, Reply(result=OK), []), role="acknowledgement")

    def _refused(self, problems: list[Problem], message: Message) -> Outgoing:
        return self._response(message, Reply(result=FAILED, errors=errors(problems, self.conduct)), [])

    def _response(self, message: Message, reply: Reply, entries: list[MeterReading]) -> Outgoing:
        noun = noun_of(message)
        header = self._header("reply", noun, message.correlation_id)
        payload = (meter_readings(entries),) if entries else ()
        draft = Draft(kind="ResponseMessage", header=header, reply=reply, payload=payload)
        return Outgoing(role="response", draft=draft, verb="reply", noun=noun)

    def _event_messages(self, events: Sequence[Event], scene: Scene) -> list[Outgoing]:
        request = scene.request
        header = request.header if request else None
        address = header.reply_address if header and header.reply_address else None
        messages = [
            self._published("EndDeviceEvents", end_device_events([event]), request, address) for event in events
        ]
        if request is not None:
            return messages
        return list(self.conduct.shaped("outcome", Outcome(answer=None, later=tuple(messages)), scene).later)

    def _published(self, noun: str, payload: Element, request: Message | None, address: str | None = None) -> Outgoing:
        header = self._header("created", noun, request.correlation_id if request else None)
        draft = Draft(kind="EventMessage", header=header, payload=(payload,))
        return Outgoing(role="event", draft=draft, verb="created", noun=noun, address=address or self.events_address)

    def _header(self, verb: str, noun: str, correlation_id: str | None) -> Header:
        return Header(
            verb=verb,
            noun=noun,
            timestamp=timestamp(self.clock()),
            source=SOURCE,
            message_id=self.ids(),
            correlation_id=correlation_id,
        )
