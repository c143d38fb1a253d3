"""JMS as the suite's transport: what a worker sends goes through the gateway, which has the virtual machine."""

from __future__ import annotations

import threading
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Connection
from typing import TYPE_CHECKING, Any

from conformance.errors import InternalError, TransportError
from conformance.message.build import serialise
from conformance.message.xml import local_name
from conformance.transport.base import Answer, Outbound, Sent
from conformance.transport.jms.desk import packed, unpacked
from conformance.transport.jms.jvm import crash_report
from conformance.transport.jms.messages import property_text
from conformance.transport.jms.settings import destination_of

if TYPE_CHECKING:
    from pathlib import Path

    from conformance.transport.jms.desk import DeskAddress
    from conformance.transport.jms.settings import JmsSettings

#: How much longer than it is given the gateway may take for an order, in seconds.
_GRACE_S = 15.0
_CORRELATION, _TYPE, _CLASS = "JMSCorrelationID", "JMSType", "JMSMessageClass"


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
        """Return the message to send: the bare XML, with headers and properties as they are configured."""
        settings, message = self._settings, outbound.message
        words = {
            "{verb}": outbound.verb,
            "{noun}": outbound.noun,
            "{message_id}": message.findtext("{*}Header/{*}MessageID") or "",
            "{correlation_id}": message.findtext("{*}Header/{*}CorrelationID") or "",
        }
        headers = {_TYPE: local_name(message), _CLASS: settings.message_class}
        if words["{correlation_id}"]:
            headers[_CORRELATION] = words["{correlation_id}"]
        for name, value in settings.properties.items():
            headers[name] = _filled(property_text(value), words)
        return Sent(
            url=str(settings.request_destination(outbound.verb, outbound.noun)),
            body=outbound.raw if outbound.raw is not None else serialise(message),
            content_type="application/xml",
            headers=headers,
        )

    def send(self, sent: Sent, timeout: float) -> Answer:
        """Send and return the answer, or raise TransportError, within ``timeout`` seconds in all.

        Raises InternalError when the gateway has ended, with the report of its virtual machine if that crashed.
        """
        destination = destination_of(sent.url)
        order = {
            "do": "request",
            "destination": [destination.kind, destination.name],
            "message": self._message(sent),
            "seconds": timeout,
        }
        # A lost broker is waited for before anything is sent; the answer has its time after that.
        said, body = self._ask(order, sent.body, timeout + self._settings.reconnect_s)
        if "problem" in said:
            if said["blame"] == "suite":
                raise InternalError(said["problem"])
            raise TransportError(said["problem"], blame=said["blame"], timed_out=said.get("timed_out", False))
        return Answer(
            status=0, content_type=said["content_type"], body=body, headers=said["headers"], kept=said["kept"]
        )

    def _message(self, sent: Sent) -> dict[str, Any]:
        settings = self._settings
        ours = (_CORRELATION, _TYPE, _CLASS)
        return {
            "kind": sent.headers.get(_CLASS, settings.message_class),
            "correlation_id": sent.headers.get(_CORRELATION),
            "type": sent.headers.get(_TYPE),
            "properties": {name: self._typed(name, text) for name, text in sent.headers.items() if name not in ours},
            "delivery_mode": "persistent" if settings.persistent else "non-persistent",
            "priority": settings.priority,
            "expiration": int(settings.expiry_s * 1000),
        }

    def _typed(self, name: str, text: str) -> str | bool | int | float:
        """Return a property as SUT.toml types it: headers of the journal are all text."""
        value = self._settings.properties.get(name, text)
        return value if text == property_text(value) else text

    def problem(self) -> str:
        """Return why nothing can arrive any more; empty while it can. Raises InternalError as :meth:`send` does."""
        return self._state()[0]

    def breaks(self) -> int:
        """Return a number that grows when the connection to the broker is lost: then silence proves nothing."""
        return self._state()[1]

    def _state(self) -> tuple[str, int]:
        try:
            said, _ = self._ask({"do": "ping"}, b"", 1.0)
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


def _filled(text: str, words: dict[str, str]) -> str:
    for name, value in words.items():
        text = text.replace(name, value)
    return text
