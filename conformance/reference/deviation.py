"""What a fault or a variant changes: named points of the conforming behaviour, each with one small function."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from lxml import etree

from conformance.message.build import Draft
from conformance.message.model import Identified
from conformance.reference.meters import STRICT, Naming
from conformance.standard.soap_jms import SUBCODES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, MutableMapping, Sequence
    from datetime import datetime

    from conformance.message.controls import Event
    from conformance.message.meter_readings import MeterReading
    from conformance.message.model import Header, Message, Reply
    from conformance.reference.jms_mapping import Mail
    from conformance.reference.meters import Fleet, ReferenceMeter
    from conformance.transport.jms.messages import JmsMessage

Element = etree._Element
T = TypeVar("T")
#: What of a request is skipped over JMS alone.
_OF_JMS = frozenset({"repetition", "second answer", "expiry", *SUBCODES})
Role = Literal["response", "acknowledgement", "result", "event", "fault"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A message on its way out. ``address`` is None when it answers on the request's own connection.

    ``verb`` and ``noun`` choose the typed wrapper and the SOAPAction. ``status`` is that of HTTP. A fault with a
    ``fault_code`` is one of SOAP itself and carries no FaultMessage (SOAP 1.1, 4.4).
    """

    role: Role
    draft: Draft
    verb: str
    noun: str
    address: str | None = None
    status: int = 200
    fault_code: str = ""

    def with_header(self, **changes: str | None) -> Outgoing:
        """Return the same message with another header; without a header nothing changes."""
        if self.draft.header is None:
            return self
        return replace(self, draft=replace(self.draft, header=replace(self.draft.header, **changes)))

    def with_reply(self, reply: Reply) -> Outgoing:
        """Return the same message with another Reply."""
        return replace(self, draft=replace(self.draft, reply=reply))

    def with_payload(self, payload: Sequence[Element]) -> Outgoing:
        """Return the same message with another Payload."""
        return replace(self, draft=replace(self.draft, payload=tuple(payload)))

    @property
    def header(self) -> Header | None:
        """Return its header."""
        return self.draft.header

    @property
    def reply(self) -> Reply | None:
        """Return its Reply."""
        return self.draft.reply


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a request leads to: the answer (None: an empty HTTP 202), and what is sent after it, in order.

    ``before`` leaves before the answer does, which no conforming exchange needs.
    """

    answer: Outgoing | None
    later: tuple[Outgoing, ...] = ()
    before: tuple[Outgoing, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """What one GetMeterReadings asks for; a window of None is a read on demand."""

    meters: tuple[Identified, ...]
    reading_types: tuple[str, ...]
    window: tuple[datetime | None, datetime | None] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One meter and one reading type that will be read."""

    meter: ReferenceMeter
    reading_type: str
    window: tuple[datetime | None, datetime | None] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Why a request, or an object of it, is refused: a row of :data:`conformance.reference.codes.CODES`."""

    name: str
    subject: Identified | str | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One control of one meter."""

    meter: ReferenceMeter
    control_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wire:
    """What HTTP will carry. ``delay_s`` is how long it waits before that; ``chunked`` omits Content-Length."""

    status: int
    content_type: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    delay_s: float = 0.0
    chunked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What the peer said to a later message, and whether that ends the delivery."""

    status: int
    body: bytes
    done: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What a deviation may look at. ``memory`` lasts until the system is reset; ``role`` is set for messages.

    ``action`` is the SOAPAction of the request, without quotation marks; None when it had none.
    """

    fleet: Fleet
    now: datetime
    new_id: Callable[[], str]
    memory: MutableMapping[str, Any]
    request: Message | None = None
    role: Role = "response"
    events_address: str | None = None
    carriage: str = "generic"
    accepts_gzip: bool = False
    action: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Deviation:
    """Functions at the named points; each gets what the conforming system made and returns something else.

    ``skips`` names checks of a request that are not made, ``codes`` replaces reply codes by problem. ``taken`` gets
    a request as it came over JMS, and ``mail`` the answers to one request, or one later message.
    """

    skips: frozenset[str] = frozenset()
    codes: Mapping[str, str] = field(default_factory=dict)
    naming: Naming = STRICT
    request: Callable[[Message, Scene], Message] | None = None
    refuses: Callable[[Message, Scene], Problem | None] | None = None
    problems: Callable[[list[Problem], Scene], list[Problem]] | None = None
    asks: Callable[[list[Ask], Scene], list[Ask]] | None = None
    pairs: Callable[[list[Pair], Scene], list[Pair]] | None = None
    entries: Callable[[list[MeterReading], Scene], list[MeterReading]] | None = None
    orders: Callable[[list[Order], Scene], list[Order]] | None = None
    events: Callable[[list[Event], Scene], list[Event]] | None = None
    reply: Callable[[Reply, Scene], Reply] | None = None
    outcome: Callable[[Outcome, Scene], Outcome] | None = None
    outgoing: Callable[[Outgoing, Scene], Outgoing] | None = None
    tree: Callable[[Element, Scene], Element] | None = None
    envelope: Callable[[Element, Scene], Element] | None = None
    wire: Callable[[Wire, Scene], Wire] | None = None
    taken: Callable[[JmsMessage, Scene], JmsMessage] | None = None
    mail: Callable[[tuple[Mail, ...], Scene], tuple[Mail, ...]] | None = None
    action: Callable[[str | None, Scene], str | None] | None = None
    receipt: Callable[[Receipt, Scene], Receipt] | None = None
    description: Callable[[Element, Scene], Element] | None = None

    @property
    def over_jms(self) -> bool:
        """Return whether only messages over JMS show it."""
        return self.taken is not None or self.mail is not None or bool(self.skips & _OF_JMS)


@dataclass(frozen=True, slots=True)
class Conduct:
    """All deviations that are switched on; none of them is conforming behaviour."""

    deviations: tuple[Deviation, ...] = ()

    def shaped(self, point: str, value: T, scene: Scene) -> T:
        """Return ``value`` after every deviation at ``point``."""
        for deviation in self.deviations:
            hook: Callable[[T, Scene], T] | None = getattr(deviation, point)
            if hook is not None:
                value = hook(value, scene)
        return value

    def refusal(self, message: Message, scene: Scene) -> Problem | None:
        """Return why a deviation refuses a message that conforming behaviour would carry out."""
        found = (item.refuses(message, scene) for item in self.deviations if item.refuses)
        return next((problem for problem in found if problem is not None), None)

    def skips(self, check: str) -> bool:
        """Return whether the check is left out."""
        return any(check in deviation.skips for deviation in self.deviations)

    def code(self, problem: str, conforming: str) -> str:
        """Return the reply code that is said for ``problem``."""
        return next((item.codes[problem] for item in self.deviations if problem in item.codes), conforming)

    @property
    def naming(self) -> Naming:
        """Return how names are compared."""
        return next((item.naming for item in self.deviations if item.naming != STRICT), STRICT)
