"""The JMS front of the reference system without a broker: what it sends is kept in a list."""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

from conformance.message.build import Draft, build
from conformance.message.meter_readings import Window, get_meter_readings
from conformance.message.model import Header, Identified
from conformance.message.soap import SoapVersion, Style
from conformance.reference import ReferenceServer
from conformance.reference.carriage import Carriage, posted
from conformance.reference.consumption import FORWARD
from conformance.reference.deviation import Conduct, Deviation
from conformance.reference.jms import REQUESTS, JmsFront
from conformance.transport.base import Outbound, Sent
from conformance.transport.jms.desk import DeskAddress
from conformance.transport.jms.messages import JmsMessage
from conformance.transport.jms.settings import Destination, JmsSettings, SoapBinding
from conformance.transport.jms.transport import JmsTransport, message_of

ANSWERS = Destination("temporary", "ID:1")
WINDOW = Window(start="2026-03-09T00:00:00Z", end="2026-03-09T02:00:00Z")


def settings_of(style: Style = "generic", version: SoapVersion = "1.1", **more: Any) -> JmsSettings:
    """Return settings for SOAP over JMS."""
    binding = SoapBinding(style=style, version=version, **more)
    return JmsSettings(
        class_path=(), jndi={}, factory="F", requests={"": REQUESTS}, message_class="bytes", soap=binding
    )


def prepared(settings: JmsSettings, outbound: Outbound) -> Sent:
    """Return what the suite would send."""
    return JmsTransport(settings, DeskAddress(address="", key="00"), Path()).prepare(outbound)


class Memory:
    """A reference system whose client is replaced: nothing listens, nothing connects."""

    def __init__(self, settings: JmsSettings, *faults: str) -> None:
        """Make it, with ``faults``."""
        self.settings = settings
        self.server = ReferenceServer(faults=faults)
        self.front = JmsFront(self.server, settings)
        self.front._client = self  # type: ignore[assignment]
        self._ids = count(1)
        self.sent: list[tuple[Destination, JmsMessage]] = []

    def connect(self) -> None:
        """Connect to nothing."""

    def listen(self, source: Destination, take: object) -> None:
        """Listen to nothing."""

    def close(self) -> None:
        """There is nothing to close."""

    def send(self, to: Destination, message: JmsMessage) -> str:
        """Keep a message instead of sending it."""
        self.sent.append((to, message))
        return "ID:2"

    def ask(self, sent: Sent) -> JmsMessage:
        """Return the answer to a request."""
        request = JmsMessage(body=sent.body, **message_of(self.settings, sent), message_id="ID:3", reply_to=ANSWERS)
        self.front._take(request)
        ((to, answer),) = self.sent
        self.sent.clear()
        assert to == ANSWERS
        return answer

    def read(self, **headers: str | None) -> Outbound:
        """Return a request for readings of the first meter; ``headers`` are those of JMS."""
        meter = Identified(mrid=self.server.service.fleet.meters[0].mrid)
        header = Header(verb="get", noun="MeterReadings", message_id=f"m{next(self._ids)}", correlation_id="c")
        draft = Draft(kind="RequestMessage", header=header, request=(get_meter_readings([meter], [FORWARD], WINDOW),))
        return Outbound(message=build(draft), verb="get", noun="MeterReadings", headers=headers)

    def deviate(self, *deviations: Deviation) -> None:
        """Let it deviate."""
        self.server.service.conduct = Conduct(deviations)

    def event(self, address: str) -> list[JmsMessage]:
        """Return the event that says that the power failed at the first meter, addressed to ``address``."""
        service = self.server.service
        binding = self.settings.soap
        assert binding is not None
        carriage = Carriage(style=binding.style, version=binding.version)
        for outgoing in service.power_failure(service.fleet.meters[0].mrid):
            self.front._post(replace(posted(service, outgoing, None, carriage), address=address))
        found = [message for _, message in self.sent]
        self.sent.clear()
        return found
