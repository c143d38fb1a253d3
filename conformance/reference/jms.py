"""The JMS front of the reference system: requests from a queue, answers to JMSReplyTo, events to a topic."""

from __future__ import annotations

import gzip
import time
from typing import TYPE_CHECKING, Any, Self

from conformance.errors import ConformanceError
from conformance.message.xml import Limits
from conformance.reference import soap_over_jms
from conformance.reference.carriage import PLAIN_XML, Carriage, receive
from conformance.reference.jms_mapping import CLAIMS, Mail, Memory, mapped, read
from conformance.sut.jms import JmsEndpoint
from conformance.transport.jms.brokers import ArtemisBroker, ClassicBroker
from conformance.transport.jms.client import JmsClient
from conformance.transport.jms.messages import JmsMessage
from conformance.transport.jms.settings import Destination, JmsSettings, destination_of

if TYPE_CHECKING:
    from pathlib import Path

    from conformance.message.soap import SoapVersion, Style
    from conformance.reference.carriage import Delivery, Posted
    from conformance.reference.server import ReferenceServer
    from conformance.reference.system import System
    from conformance.sut.model import Configuration
    from conformance.transport.jms.brokers import BrokerKind
    from conformance.transport.jms.settings import SoapBinding

REQUESTS = Destination("queue", "IEC61968.REQUESTS")
EVENTS = Destination("topic", "IEC61968.EVENTS")
#: Where ActiveMQ Classic puts persistent messages that have expired.
DEAD_LETTERS = Destination("queue", "ActiveMQ.DLQ")
#: Largest request, in bytes.
MAX_BYTES = 64 * 1024 * 1024
#: How many requests are served at the same time.
_CONSUMERS = 4
_LIMITS = Limits(max_bytes=MAX_BYTES)


class JmsFront:
    """Serves a system over the broker that ``settings`` reach."""

    def __init__(self, system: System, settings: JmsSettings) -> None:
        """Connect to nothing yet."""
        self._system = system
        self._settings = settings
        self._client = JmsClient(settings)
        self._soap = soap = settings.soap
        self._carriage = Carriage(style=soap.style, version=soap.version) if soap else PLAIN_XML
        self._memory = Memory()

    def start(self) -> None:
        """Connect and take requests. Raises ConfigurationError or TransportError."""
        self._client.connect()
        self._system.courier.by_jms = self._post
        self._system.over_jms = self._carriage
        self._system.service.events_address = str(EVENTS)
        for _ in range(_CONSUMERS):
            self._client.listen(self._settings.request_destination("get", "MeterReadings"), self._take)
        if self._system.service.conduct.skips("expiry"):
            self._client.listen(DEAD_LETTERS, self._take)

    def stop(self) -> None:
        """Take no more."""
        self._system.courier.by_jms = None
        self._client.close()

    def _take(self, request: JmsMessage) -> None:
        service = self._system.service
        request = service.conduct.shaped("taken", request, service.scene())
        known = read(request.body, _LIMITS)
        name = (known.header.message_id if known is not None and known.header is not None else None) or ""
        if name and not service.conduct.skips("repetition") and (done := self._memory.again(name)) is not None:
            if not service.conduct.skips("second answer"):
                self._send(done)
            return
        delivery = self._work(request)
        if delivery.before:
            self._system.courier.send(delivery.before, delivery.version)
            self._system.courier.settle(2.0)
        if delivery.answer.delay_s:
            time.sleep(delivery.answer.delay_s)
        answers = self._answers(request, delivery)
        self._memory.keep(name, answers)
        self._send(answers)
        self._system.courier.send(delivery.later, delivery.version)

    def _work(self, request: JmsMessage) -> Delivery:
        service, carriage = self._system.service, self._carriage
        if self._soap is not None:
            carriage = soap_over_jms.carriage_of(request, self._soap.style)
            found = soap_over_jms.refusal(request, service.conduct)
            if found is not None:
                return soap_over_jms.refused(found, carriage.version)
        return receive(service, request.body, carriage, _LIMITS)

    def _answers(self, request: JmsMessage, delivery: Delivery) -> tuple[Mail, ...]:
        """Return what goes to JMSReplyTo. A request without one, and an empty answer, lead to no message."""
        body = delivery.answer.body
        if request.reply_to is None or not body:
            return ()
        if delivery.answer.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)  # a content coding is HTTP's, and there is none here
        # What has no correlation id of its own is answered by its message id (JMS 3.4.5).
        answer = JmsMessage(
            body=body, kind="bytes" if request.kind == "bytes" else "text",
            correlation_id=request.correlation_id or request.message_id,
            delivery_mode=request.delivery_mode, priority=request.priority,
        )  # fmt: skip
        message = mapped(answer, _LIMITS)
        if self._soap is not None:
            message = soap_over_jms.as_answer(message, request, delivery.answer)
        mail = Mail(to=request.reply_to, message=message, asked=request)
        service = self._system.service
        return service.conduct.shaped("mail", (mail,), service.scene(role=delivery.role))

    def _send(self, mails: tuple[Mail, ...]) -> None:
        for mail in mails:
            try:
                self._client.send(mail.to, mail.message)
            except ConformanceError:
                self._system.courier.count("given_up")  # who asked has gone

    def _post(self, posted: Posted) -> None:
        """Send a later message to the queue or topic that its address names."""
        service = self._system.service
        message = mapped(JmsMessage(body=posted.wire.body), _LIMITS)
        to = destination_of(posted.address or "")
        if self._soap is not None:
            message = soap_over_jms.as_later(message, posted, to)
        mail = Mail(to=to, message=message)
        for item in service.conduct.shaped("mail", (mail,), service.scene(role=posted.role)):
            self._client.send(item.to, item.message)


class JmsReference:
    """A reference system over a broker of its own. A context manager."""

    def __init__(
        self,
        server: ReferenceServer,
        kind: BrokerKind = "classic",
        directory: Path | None = None,
        soap: SoapBinding | None = None,
    ) -> None:
        """Serve ``server``, which runs already, in plain XML or with ``soap``.

        Raises ConfigurationError when the broker's jars are not there.
        """
        self._server = server
        self._soap = soap
        self._broker = (ArtemisBroker if kind == "artemis" else ClassicBroker)(directory=directory)
        self.url = self._broker.url
        self.destinations = (str(REQUESTS), str(EVENTS))
        self._front = JmsFront(server, self._settings())

    def _settings(self) -> JmsSettings:
        return JmsSettings(
            class_path=self._broker.class_path, jndi=self._broker.jndi, factory="ConnectionFactory",
            requests={"": REQUESTS}, soap=self._soap,
        )  # fmt: skip

    def configuration(self, style: Style = "bare", soap: SoapVersion = "none") -> Configuration:
        """Return the SUT.toml that is true of the system over JMS, and over HTTP in ``style`` with ``soap``.

        With SOAP over JMS both are used as its binding says: SUT.toml knows one style.
        """
        if self._soap is not None:
            style, soap = self._soap.style, self._soap.version
        ordinary = self._server.configuration(style, soap)
        endpoint = JmsEndpoint(
            class_path=[str(path) for path in self._broker.class_path], jndi={**self._broker.jndi},
            requests={"all": str(REQUESTS)}, events=[str(EVENTS)], **_described(self._soap),
        )  # fmt: skip
        endpoints = ordinary.endpoints.model_copy(update={"jms": endpoint})
        capabilities = ordinary.capabilities.model_copy(update={"jms": CLAIMS})
        return ordinary.model_copy(update={"endpoints": endpoints, "capabilities": capabilities})

    def __enter__(self) -> Self:
        """Start both."""
        self._broker.start()
        try:
            self._front.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """Stop both."""
        self._front.stop()
        self._broker.stop()


def _described(soap: SoapBinding | None) -> dict[str, Any]:
    return {"binding": "soap", "soap": soap.version} if soap is not None else {}
