"""A fixed battery of requests against the reference system in process, and the transcript of what it says."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from lxml import etree

from conformance.message.build import Draft, build_unchecked, sub, timestamp
from conformance.message.controls import Control, end_device_controls
from conformance.message.meter_readings import Window, get_meter_readings
from conformance.message.model import Header, Identified, Name, Reply
from conformance.message.soap import ENVELOPES, HeaderBlock, SoapVersion, Style, to_typed, wrap
from conformance.message.xml import DEFAULT_LIMITS
from conformance.reference.carriage import Carriage, Delivery, posted, receive
from conformance.reference.consumption import FORWARD, INTERVAL, REVERSE
from conformance.reference.description import UNSUPPORTED
from conformance.reference.deviation import Conduct, Deviation, Receipt
from conformance.reference.meters import AUTHORITY, BADGE, SERIAL_NUMBER, SHARED_NAME
from conformance.reference.service import Service
from conformance.reference.switching import CONNECT, DISCONNECT
from conformance.standard.wsdl import wsdl

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.message.soap import Carried

Element = etree._Element

NOW = datetime(2026, 3, 10, 12, 34, 56, 789000, tzinfo=UTC)
REPLY_TO = "http://127.0.0.1:9/later"
EVENTS_TO = "http://127.0.0.1:9/events"
UNKNOWN = Identified(mrid="00000000-0000-4000-8000-00000000dead")
STRANGER = Identified(mrid="00000000-0000-4000-8000-00000000beef")
SERVICES = {"get": "GetMeterReadings", "create": "RequestEndDeviceControls"}
WINDOW = Window(start="2026-03-09T00:00:00Z", end="2026-03-09T02:00:00Z")
NO_DATA = Window(start="1990-01-01T00:00:00Z", end="1990-01-01T02:00:00Z")


@dataclass
class Bench:
    """One system with a clock that ticks a second at each look, and counted identifiers."""

    deviations: tuple[Deviation, ...] = ()
    style: Style = "generic"
    version: SoapVersion = "1.1"
    seed: int = 1
    transcript: list[object] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Make the system."""
        ticks, ids = itertools.count(), itertools.count(1)
        self.service = Service(
            self.seed,
            clock=lambda: NOW + timedelta(milliseconds=next(ticks)),
            ids=lambda: f"id-a{next(ids)}",
        )
        self.service.conduct = Conduct(self.deviations)
        self.service.events_address = EVENTS_TO
        self.meters = [Identified(mrid=meter.mrid) for meter in self.service.fleet.meters]

    def raw(self, body: bytes, verb: str = "get", action: str | None = None) -> Delivery:
        """Send ``body`` and note everything that leaves."""
        service = SERVICES.get(verb, "GetMeterReadings") if self.style == "typed" else None
        carriage = Carriage(style=self.style, version=self.version, service=service, action=action)
        delivery = receive(self.service, body, carriage, DEFAULT_LIMITS)
        self.transcript += [("before", item.address, item.action, item.wire) for item in delivery.before]
        self.transcript.append(delivery.answer)
        self.transcript += [("later", item.address, item.action, item.wire) for item in delivery.later]
        return delivery

    def send(self, draft: Draft) -> Delivery:
        """Send a request in the style and version of this bench."""
        message = build_unchecked(draft)
        verb = (draft.header.verb if draft.header else None) or "get"
        noun = "EndDeviceControls" if verb == "create" else "MeterReadings"
        if self.style == "typed":
            message = to_typed(message, verb=verb if verb in SERVICES else "get", noun=noun)
        return self.raw(wrap(message, self.version), verb)

    def stimulate(self) -> None:
        """Let both stimuli happen, and note what leaves."""
        carriage = Carriage(style=self.style, version=self.version)
        made = [
            *self.service.power_failure(self.meters[0].mrid or ""),
            *self.service.publish_readings(self.meters[1].mrid or ""),
        ]
        for item in made:
            sent = posted(self.service, item, None, carriage)
            self.transcript.append(("event", sent.address, sent.action, sent.wire))


def header(verb: str = "get", noun: str | None = None, **changes: str | None) -> Header:
    """Return a request header as usual; ``changes`` replace fields."""
    noun = noun or ("EndDeviceControls" if verb == "create" else "MeterReadings")
    usual: dict[str, str | None] = {
        "timestamp": timestamp(NOW),
        "message_id": "0b0e7a54-53f0-4b0e-9a3d-6a8f9b7d1c11",
        "correlation_id": "1c1f8b65-64a1-4c1f-8b4e-7b9a0c8e2d22",
    }
    return Header(verb=verb, noun=noun, **(usual | changes))


def get(*elements: Element, noun: str | None = None, **changes: str | None) -> Draft:
    """Return a get(MeterReadings)."""
    return Draft(kind="RequestMessage", header=header("get", noun, **changes), request=elements)


def create(*controls: Control, **changes: str | None) -> Draft:
    """Return a create(EndDeviceControls)."""
    payload = (end_device_controls(controls),) if controls else ()
    return Draft(kind="RequestMessage", header=header("create", None, **changes), payload=payload)


def named(text: str, kind: str = SERIAL_NUMBER, authority: str = AUTHORITY) -> Identified:
    """Return a meter by name."""
    return Identified(names=(Name(name=text, name_type=kind, authority=authority),))


def later(**changes: str | None) -> dict[str, str | None]:
    """Return the header fields of a request to be answered later."""
    return {"async_reply_flag": "true", "reply_address": REPLY_TO, **changes}


def reads(bench: Bench) -> Iterator[Draft]:
    """Yield reads that succeed, in full or in part."""
    one, two, three = bench.meters[:3]
    yield get(get_meter_readings([one], [FORWARD], WINDOW))
    yield get(get_meter_readings([one, two], [FORWARD, REVERSE], WINDOW))
    yield get(get_meter_readings([one], [FORWARD], WINDOW), get_meter_readings([two], [REVERSE], WINDOW))
    yield get(get_meter_readings([one], [FORWARD], WINDOW))
    yield get(get_meter_readings([one], [FORWARD]))
    yield get(get_meter_readings([one], [INTERVAL], WINDOW))
    yield get(get_meter_readings([one], [FORWARD], NO_DATA))
    yield get(get_meter_readings([one, UNKNOWN, STRANGER], [FORWARD], WINDOW))
    yield get(get_meter_readings([UNKNOWN], [FORWARD], WINDOW))
    yield get(get_meter_readings([one], [FORWARD, "energy"], WINDOW))
    yield get(get_meter_readings([one], ["energy"], WINDOW))
    yield get(get_meter_readings([one], [UNSUPPORTED], WINDOW))
    yield get(get_meter_readings([one], [FORWARD], WINDOW), reply_address=REPLY_TO)
    yield get(get_meter_readings([one, two, three], [FORWARD], WINDOW), **later())
    yield get(get_meter_readings([one], [FORWARD], WINDOW), **later(ack_required="true"))
    yield get(get_meter_readings([one], [FORWARD]), async_reply_flag="true")


def names(bench: Bench) -> Iterator[Draft]:
    """Yield reads of meters by name."""
    for meter in (
        named("M1001"),
        bench.service.fleet.meters[0].identity,
        named("M1001", "TransformerNumber"),
        named("M1001", SERIAL_NUMBER, "Another Utility"),
        named(SHARED_NAME, SERIAL_NUMBER),
        named(SHARED_NAME, BADGE),
    ):
        yield get(get_meter_readings([meter], [FORWARD], WINDOW))


def refusals(bench: Bench) -> Iterator[Draft]:
    """Yield requests that must be refused."""
    one = bench.meters[0]
    yield Draft(kind="RequestMessage", header=header("fetch"), request=(get_meter_readings([one], [FORWARD], WINDOW),))
    yield get(get_meter_readings([one], [FORWARD], WINDOW), noun="Bananas")
    nameless = get(get_meter_readings([one], [FORWARD], WINDOW))
    yield Draft(kind="RequestMessage", header=Header(verb="get"), request=nameless.request)
    yield Draft(kind="RequestMessage", header=header())
    yield create()
    broken = get_meter_readings([one], [FORWARD], WINDOW)
    sub(broken, "Unheard")
    yield get(broken)
    yield get(get_meter_readings([one], [FORWARD], WINDOW), revision="99.7")


def tolerances(bench: Bench) -> Iterator[Element]:
    """Yield unusual requests that are legal."""
    one = bench.meters[0]
    usual = get(get_meter_readings([one], [FORWARD], WINDOW), context="TESTING", comment="none")
    yield build_unchecked(usual)
    plain = build_unchecked(get(get_meter_readings([one], [FORWARD], WINDOW)))
    yield etree.fromstring(
        etree.tostring(plain)
        .replace(b"<", b"<zz:")
        .replace(b"<zz:/", b"</zz:")
        .replace(b'xmlns="', b'xmlns:zz="', 1)
        .replace(b"zz:GetMeterReadings xmlns=", b"zz:GetMeterReadings xmlns:zz=")
    )
    extended = build_unchecked(get(get_meter_readings([one], [FORWARD], WINDOW)))
    etree.SubElement(extended[0], "{urn:x}hop").text = "1"
    yield extended
    yield build_unchecked(get(get_meter_readings([one], [FORWARD], WINDOW), timestamp="2026-03-10T13:34:56+01:00"))
    yield build_unchecked(get(get_meter_readings([one], [FORWARD], WINDOW), correlation_id="ü <&> 'a' / 7"))
    bare = Draft(
        kind="RequestMessage",
        header=Header(verb="get", noun="MeterReadings"),
        request=(get_meter_readings([one], [FORWARD], WINDOW),),
    )
    yield build_unchecked(bare)


def controls(bench: Bench) -> Iterator[Draft]:
    """Yield controls."""
    one, two = bench.meters[:2]
    off, on = Control(control_type=DISCONNECT, devices=(one,)), Control(control_type=CONNECT, devices=(one,))
    yield create(off)
    yield create(on)
    yield create(Control(control_type=DISCONNECT, devices=(one, two)))
    yield create(Control(control_type=CONNECT, devices=(one,)), Control(control_type=DISCONNECT, devices=(two,)))
    yield create(Control(control_type=CONNECT, devices=(two, UNKNOWN)))
    yield create(Control(control_type=CONNECT, devices=(UNKNOWN,)))
    yield create(Control(control_type="3.99.0.99", devices=(one,)))
    yield create(Control(control_type=None, devices=(one,)))
    yield create(Control(control_type=DISCONNECT, devices=(named("M1001"),)))
    yield create(on, **later())


def drive(bench: Bench) -> list[object]:
    """Send the whole battery and return the transcript."""
    for draft in (*reads(bench), *names(bench), *refusals(bench)):
        bench.send(draft)
    for element in tolerances(bench):
        typed = to_typed(element, verb="get", noun="MeterReadings") if bench.style == "typed" else element
        bench.raw(wrap(typed, bench.version))
    for draft in controls(bench):
        bench.send(draft)
    bench.stimulate()
    bench.raw(b"<RequestMessage><Header>")
    bench.send(get(get_meter_readings(bench.meters[:1], [FORWARD], WINDOW)))
    return bench.transcript


#: Blocks that need not be understood, that must be, and that another node must understand.
BLOCKS = (
    HeaderBlock(name="{urn:x}Hop", text="1"),
    HeaderBlock(name="{urn:x}Price", text="1", must_understand=True),
    HeaderBlock(name="{urn:x}Price", text="1", must_understand=True, elsewhere=True),
)


def carry(bench: Bench) -> list[object]:
    """Send what is about SOAP itself, look at descriptions and receipts; return the transcript.

    Only for versions of SOAP: plain XML has neither blocks nor an envelope.
    """
    one = bench.meters[0]
    message = build_unchecked(get(get_meter_readings([one], [FORWARD], WINDOW)))
    body = to_typed(message, verb="get", noun="MeterReadings") if bench.style == "typed" else message
    for block in BLOCKS:
        bench.raw(wrap(body, bench.version, (block.element(bench.version),)))
    bench.raw(wrap(body, bench.version).replace(ENVELOPES[bench.version].encode(), b"urn:example:future"))
    bench.raw(wrap(body, bench.version), action="http://iec.ch/61968/Request/v2")
    news = Draft(kind="ResponseMessage", header=header("reply", "MeterReadings"), reply=Reply(result="OK"))
    bench.raw(wrap(build_unchecked(news), bench.version))
    shape, scene = bench.service.conduct.shaped, bench.service.scene()
    for service in ("generic", "GetMeterReadings"):
        described = etree.fromstring(wsdl(service, "http://127.0.0.1:9/"))
        bench.transcript.append(etree.tostring(shape("description", described, scene)))
    for receipt in (Receipt(status=200, body=b"<ok/>", done=True), Receipt(status=202, body=b"", done=True),
                    Receipt(status=500, body=b"", done=False)):  # fmt: skip
        bench.transcript.append(shape("receipt", receipt, scene))
    bench.raw(wrap(body, bench.version))
    return bench.transcript


def said(delivery: Delivery) -> Carried:
    """Return what the answer of ``delivery`` carries."""
    from conformance.message.soap import unwrap

    return unwrap(delivery.answer.body)
