"""JMS as the suite's transport: what a worker sends goes through the gateway, which has the virtual machine."""

from __future__ import annotations

import threading
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Connection
from typing import TYPE_CHECKING, Any

from conformance.errors import InternalError, TransportError
from conformance.message.build import serialise
from conformance.message.xml import local_name
from conformance.standard.soap_jms import CONTENT_TYPE
from conformance.transport.base import Answer, Outbound, Sent
from conformance.transport.jms.desk import packed, unpacked
from conformance.transport.jms.jvm import crash_report
from conformance.transport.jms.messages import HEADERS, TIME_TO_LIVE, property_text
from conformance.transport.jms.settings import destination_of
from conformance.transport.jms.soap_binding import envelope_for, properties_of, with_charset

if TYPE_CHECKING:
    from pathlib import Path

    from conformance.transport.jms.desk import DeskAddress
    from conformance.transport.jms.settings import JmsSettings

#: How much longer than it is given the gateway may take for an order, in seconds.
_GRACE_S = 15.0
_CORRELATION, _TYPE, _CLASS, _REPLY_TO = "JMSCorrelationID", "JMSType", "JMSMessageClass", "JMSReplyTo"
_MODE, _PRIORITY = "JMSDeliveryMode", "JMSPriority"
#: What a header JMSReplyTo says for a queue that lives as long as the connection.
TEMPORARY = "temporary"


class JmsTransport:
    """Carries requests to the system over a broker. Any thread may use it; each has a line of its own."""

    def __init__(self, settings: JmsSettings, desk: DeskAddress, out: Path) -> None:
        """Use the gateway's ``desk``; the report of a crash would be in ``out``."""
        self._settings = settings
        self._desk = desk
        self._out = out
        self._local = threading.local()
        self._lock = threading.Lock()
        self._lines: list[Connection[Any, Any]] = []

    @property
    def name(self) -> str:
        """Return ``jms``."""
        return "jms"

    def prepare(self, outbound: Outbound) -> Sent:
        """Return the message to send, in an envelope if so configured, with headers and properties."""
        settings, message = self._settings, outbound.message
        words = {
            "{verb}": outbound.verb,
            "{noun}": outbound.noun,
            "{message_id}": message.findtext("{*}Header/{*}MessageID") or "",
            "{correlation_id}": message.findtext("{*}Header/{*}CorrelationID") or "",
        }
        headers = {
            _TYPE: local_name(message), _CLASS: settings.message_class, _MODE: _mode(settings),
            _PRIORITY: str(settings.priority),
        }  # fmt: skip
        if words["{correlation_id}"]:
            headers[_CORRELATION] = words["{correlation_id}"]
        for name, value in settings.properties.items():
            headers[name] = _filled(property_text(value), words)
        destination = settings.request_destination(outbound.verb, outbound.noun)
        if (soap := settings.soap) is not None:
            envelope = envelope_for(soap, destination, outbound)
            headers |= properties_of(soap.version, envelope.action, destination, soap.target_service)
            headers[CONTENT_TYPE] = with_charset(headers[CONTENT_TYPE], envelope.body)
            body, content_type = envelope.body, headers[CONTENT_TYPE]
        else:
            body = outbound.finished(lambda: serialise(message))
            content_type = "application/xml"
        kept = {name: value for name, value in {**headers, **outbound.headers}.items() if value is not None}
        return Sent(url=str(destination), body=body, content_type=content_type, headers=kept)

    def send(self, sent: Sent, timeout: float) -> Answer:
        """Send and return the answer, or raise TransportError, within ``timeout`` seconds in all.

        Raises InternalError when the gateway has ended, with the report of its virtual machine if that crashed.
        """
        order = {
            "do": "request",
            "message": message_of(self._settings, sent),
            "temporary": sent.headers.get(_REPLY_TO) == TEMPORARY,
            "seconds": timeout,
        }
        # A lost broker is waited for before anything is sent; the answer has its time after that.
        said, body = self._order(sent.url, order, sent.body, timeout + self._settings.reconnect_s)
        return Answer(
            status=0, content_type=said["content_type"], body=body, headers=said["headers"], kept=said["kept"]
        )

    def post(self, sent: Sent, timeout: float, *, copies: int = 1, held_s: float = 0.0) -> None:
        """Send without waiting for an answer, ``copies`` times; deliverable only after ``held_s`` seconds."""
        message = message_of(self._settings, sent)
        if sent.headers.get(_REPLY_TO):
            to = destination_of(sent.headers[_REPLY_TO])
            message["reply_to"] = [to.kind, to.name]
        order = {"do": "post", "message": message, "copies": copies, "held_s": held_s, "seconds": timeout}
        self._order(sent.url, order, sent.body, copies * (timeout + held_s))

    def leave(self, topic: str, name: str, timeout: float) -> None:
        """Subscribe durably to ``topic`` as ``name``, and go away. Raises TransportError."""
        self._order(topic, {"do": "leave", "name": name}, b"", 3 * timeout)

    def back(self, topic: str, name: str, timeout: float) -> list[int]:
        """Come back and give the subscription up; return the journal ids of what had been kept."""
        found, _ = self._order(topic, {"do": "back", "name": name, "seconds": timeout}, b"", 6 * timeout)
        kept: list[int] = found["kept"]
        return kept

    def _order(self, url: str, order: dict[str, Any], body: bytes, seconds: float) -> tuple[dict[str, Any], bytes]:
        """Have the gateway do something at the destination ``url``. Raises TransportError or InternalError."""
        destination = destination_of(url)
        said, answer = self._ask({**order, "destination": [destination.kind, destination.name]}, body, seconds)
        if "problem" in said:
            if said["blame"] == "suite":
                raise InternalError(said["problem"])
            raise TransportError(said["problem"], blame=said["blame"], timed_out=said.get("timed_out", False))
        return said, answer

    def problem(self) -> str:
        """Return why nothing can arrive any more; empty while it can. Raises InternalError as :meth:`send` does."""
        return self._state(prove=True)[0]

    def breaks(self) -> int:
        """Return a number that grows when the connection to the broker is lost: then silence proves nothing."""
        return self._state(prove=False)[1]

    def _state(self, *, prove: bool) -> tuple[str, int]:
        try:
            said, _ = self._ask({"do": "ping", "prove": prove}, b"", self._settings.connect_s if prove else 1.0)
        except TransportError as stuck:
            return str(stuck), -1
        return str(said["problem"]), int(said["breaks"])

    def close(self) -> None:
        """Hang up every line."""
        with self._lock:
            for line in self._lines:
                line.close()
            self._lines.clear()
            self._local = threading.local()

    def _ask(self, order: dict[str, Any], body: bytes, seconds: float) -> tuple[dict[str, Any], bytes]:
        try:
            line = self._line()
            line.send_bytes(packed(order, body))
            if not line.poll(seconds + _GRACE_S):
                self._local.line = None
                said = f"the gateway did not come back within {seconds + _GRACE_S:g} s: the JMS provider is stuck"
                raise TransportError(said, blame="surroundings", timed_out=True)
            return unpacked(line.recv_bytes())
        except (EOFError, OSError, AuthenticationError) as gone:
            self._local.line = None
            raise InternalError(self._epitaph()) from gone

    def _line(self) -> Connection[Any, Any]:
        line: Connection[Any, Any] | None = getattr(self._local, "line", None)
        if line is None:
            line = Client(self._desk.address, authkey=bytes.fromhex(self._desk.key))
            self._local.line = line
            with self._lock:
                self._lines.append(line)
        return line

    def _epitaph(self) -> str:
        report = crash_report(self._out)
        if report is None:
            return "the gateway, which sends and receives over JMS, has ended; what it said stands above"
        path, head = report
        return f"the Java virtual machine of the gateway crashed: {head} (the whole report: {path})"


def message_of(settings: JmsSettings, sent: Sent) -> dict[str, Any]:
    """Return the fields of the JmsMessage that ``sent`` means, but for its body and where the answer goes."""
    headers = sent.headers
    alive_ms = headers.get(TIME_TO_LIVE, str(int(settings.expiry_s * 1000)))
    return {
        "kind": headers.get(_CLASS, settings.message_class),
        "correlation_id": headers.get(_CORRELATION),
        "type": headers.get(_TYPE),
        "properties": {name: _typed(settings, name, text) for name, text in headers.items() if name not in HEADERS},
        "delivery_mode": _mode(settings),
        "priority": settings.priority,
        "expiration": int(alive_ms),
    }


def _mode(settings: JmsSettings) -> str:
    return "persistent" if settings.persistent else "non-persistent"


def _typed(settings: JmsSettings, name: str, text: str) -> str | bool | int | float:
    """Return a property as SUT.toml types it: headers of the journal are all text."""
    value = settings.properties.get(name, text)
    return value if text == property_text(value) else text


def _filled(text: str, words: dict[str, str]) -> str:
    for name, value in words.items():
        text = text.replace(name, value)
    return text
