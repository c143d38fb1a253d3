"""What happened, as checks see it: exchanges that the suite started, and messages that came by themselves.

Made from journal entries alone, so that a stored run can be judged again, and so that a fixture file is judged
by the very code that judges a live system.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from conformance.checks.naming import same_device
from conformance.errors import EmptyBodyError, MessageError
from conformance.message.controls import read_controls, read_events
from conformance.message.model import Identified
from conformance.message.soap import Carried, SoapVersion, unwrap
from conformance.message.xml import instructions
from conformance.standard.codes import Tables, named, own
from conformance.standard.editions import EDITION_2013, Edition

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from conformance.journal import Entry
    from conformance.message.model import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class JmsTerms:
    """What is agreed for messages over JMS: what ``properties`` say of their values, and topics of events.

    ``soap`` says that a body is an envelope. Times are seconds: how long the suite waits for an answer.
    """

    properties: Mapping[str, str] = field(default_factory=dict)
    topics: tuple[str, ...] = ()
    soap: bool = False
    reply_s: float = 30.0
    result_s: float = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What is agreed with the system (from SUT.toml): bounds and test data. Times are seconds.

    ``edition`` has the namespaces as the user knows them; ``schemas`` is the directory of the official schemas.
    """

    max_clock_skew_s: float = 300.0
    meters: tuple[Identified, ...] = ()
    reading_types: tuple[str, ...] = ()
    interval_s: int | None = None
    control_events: Mapping[str, str] = field(default_factory=dict)
    stimulus_meter: str | None = None
    stimulus_event: str | None = None
    jms: JmsTerms = field(default_factory=JmsTerms)
    code_tables: Tables = field(default_factory=own)
    edition: Edition = EDITION_2013
    schemas: Path | None = None

    def code(self, kind: str, text: str | None) -> str:
        """Return a code of ``kind`` with its meaning in words: ``3.31.0.23 (disconnect)``."""
        return named(kind, text, self.code_tables)

    def meter(self, identifier: Identified) -> Identified | None:
        """Return the meter of the test data that ``identifier`` names, or None: it is unknown to the system."""
        return next((meter for meter in self.meters if same_device(meter, identifier)), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the suite sent. ``message`` is None when it was made unreadable on purpose."""

    id: int
    at: float
    message: Message | None
    headers: Mapping[str, str] = field(default_factory=dict)
    version: SoapVersion | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """How the suite acknowledged a message that came by itself, and when (seconds since the epoch).

    ``told`` says whether it did so with a message; else the answer was empty, or refused it.
    """

    told: bool
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A file of the system's WSDL, or why it could not be had: then ``body`` is empty and ``note`` says so."""

    id: int
    url: str
    status: int | None
    body: bytes
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """What came. ``problem`` says why it is no message; both are None when the body was empty.

    ``headers`` are those of HTTP, or the properties of JMS, as the journal has them; ``instructions`` are the
    targets of processing instructions. ``receipt`` is how the suite acknowledged a message that came by itself.
    """

    id: int
    at: float
    channel: str
    status: int | None
    content_type: str
    carried: Carried | None = None
    problem: str | None = None
    transport: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    instructions: tuple[str, ...] = ()
    receipt: Receipt | None = None

    @property
    def message(self) -> Message | None:
        """Return the message, also one in the detail of a SOAP fault."""
        return self.carried.message if self.carried else None

    def __str__(self) -> str:
        """Say in words what came."""
        if self.problem is not None:
            return f"no message: {self.problem}"
        if self.carried is None:
            return f"an empty answer (HTTP status {self.status})"
        if self.carried.fault is not None:
            return f"a SOAP fault {self.carried.fault.code}: {self.carried.fault.reason}"
        result = self.message.reply.result if self.message and self.message.reply else None
        return f"{self.message}" + (f" with Result {result}" if result is not None else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeView:
    """A request, the answer on the same connection (or why there is none), and what came later for it."""

    asked: Asked
    answer: Arrived | None = None
    no_answer: str = ""
    later: tuple[Arrived, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Everything that a scenario, a fixture or a whole run shows.

    ``kept`` is what a durable subscriber got when it came back, beside the copy that came at once.
    """

    exchanges: tuple[ExchangeView, ...] = ()
    unsolicited: tuple[Arrived, ...] = ()
    kept: tuple[Arrived, ...] = ()
    terms: Terms = field(default_factory=Terms)
    started: float = 0.0
    documents: tuple[Document, ...] = ()

    @property
    def last(self) -> ExchangeView:
        """Return the exchange that the scenario is about: its newest."""
        return self.exchanges[-1]

    @property
    def arrived(self) -> list[tuple[Arrived, Asked | None]]:
        """Return everything that came, each with the request that it belongs to, if any."""
        found: list[tuple[Arrived, Asked | None]] = [(item, None) for item in self.unsolicited]
        for exchange in self.exchanges:
            answers = (exchange.answer,) if exchange.answer else ()
            found += [(item, exchange.asked) for item in (*answers, *exchange.later)]
        return sorted(found, key=lambda pair: pair[0].id)


def read_entry(entry: Entry) -> Arrived:
    """Return a journal entry as something that arrived."""
    arrived = Arrived(
        id=entry.id, at=entry.at, channel=entry.channel, status=entry.status, content_type=entry.content_type,
        transport=entry.transport, headers=entry.headers,
    )  # fmt: skip
    if not entry.body.strip():
        return replace(arrived, problem=entry.note or None)
    try:
        carried = unwrap(entry.body, charset=_charset(entry.content_type))
        return replace(arrived, carried=carried, instructions=instructions(entry.body))
    except MessageError as problem:
        if isinstance(problem, EmptyBodyError) and entry.channel == "reply":
            return arrived  # as empty as no body at all: whether something was due is for checks to say
        return replace(arrived, problem=str(problem))


def _charset(content_type: str) -> str | None:
    for part in content_type.split(";")[1:]:
        name, _, value = part.strip().partition("=")
        if name.lower() == "charset":
            return value.strip("\"' ") or None
    return None


def scene_of(entries: Iterable[Entry], terms: Terms | None = None, started: float = 0.0) -> Scene:
    """Return the scene that journal ``entries`` show.

    A message that came by itself belongs to the exchange whose CorrelationID it carries, or else whose
    JMSCorrelationID; failing that, an event belongs to the newest control that named its device.
    """
    exchanges: dict[int, ExchangeView] = {}
    callbacks: list[Arrived] = []
    kept: list[Arrived] = []
    receipts: dict[int, Receipt] = {}
    documents: list[Document] = []
    for entry in entries:
        if entry.channel == "request":
            exchanges[entry.id] = ExchangeView(asked=_asked(entry))
        elif entry.channel == "reply" and entry.answers in exchanges:
            exchanges[entry.answers] = _answered(exchanges[entry.answers], entry)
        elif entry.channel == "callback":
            callbacks.append(read_entry(entry))
        elif entry.channel == "kept":
            kept.append(read_entry(entry))
        elif entry.channel == "acknowledgement" and entry.answers and entry.status:
            receipts[entry.answers] = Receipt(told=entry.status < 300 and bool(entry.body), at=entry.at)
        elif entry.channel == "description":
            documents.append(_document(entry))
    unsolicited = []
    for callback in [replace(item, receipt=receipts.get(item.id)) for item in callbacks]:
        owner = _owner(callback, exchanges.values())
        if owner is None:
            unsolicited.append(callback)
        else:
            exchanges[owner] = replace(exchanges[owner], later=(*exchanges[owner].later, callback))
    return Scene(
        exchanges=tuple(exchanges.values()), unsolicited=tuple(unsolicited), kept=tuple(kept), terms=terms or Terms(),
        started=started, documents=tuple(documents),
    )  # fmt: skip


def _answered(view: ExchangeView, entry: Entry) -> ExchangeView:
    # Over JMS there is no status: silence is an entry without a body that says why.
    missing = entry.status is None and not entry.body and bool(entry.note)
    return replace(view, no_answer=entry.note) if missing else replace(view, answer=read_entry(entry))


def _document(entry: Entry) -> Document:
    return Document(id=entry.id, url=entry.url, status=entry.status, body=entry.body, note=entry.note)


def _asked(entry: Entry) -> Asked:
    arrived = read_entry(entry)
    version = arrived.carried.version if arrived.carried is not None else None
    return Asked(id=entry.id, at=entry.at, message=arrived.message, version=version, headers=entry.headers)


def _owner(callback: Arrived, exchanges: Iterable[ExchangeView]) -> int | None:
    if callback.message is None:
        return None
    candidates = [view for view in exchanges if view.asked.message is not None and view.asked.id < callback.id]
    correlation = callback.message.correlation_id
    for view in candidates:
        if correlation and view.asked.message is not None and view.asked.message.correlation_id == correlation:
            return view.asked.id
    # Over JMS the header says it, too: a message whose payload says something else is still the answer.
    correlation = callback.headers.get("JMSCorrelationID")
    for view in candidates:
        if correlation and view.asked.headers.get("JMSCorrelationID") == correlation:
            return view.asked.id
    for view in reversed(candidates):
        if view.asked.message is not None and _about_same_device(callback.message, view.asked.message):
            return view.asked.id
    return None


def _about_same_device(event: Message, control: Message) -> bool:
    devices = [device for item in read_controls(control) for device in item.devices]
    return any(same_device(item.device, device) for item in read_events(event) for device in devices)
