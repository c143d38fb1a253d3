"""How the reference system puts its messages on JMS, and knows a message that is delivered again (facts/jms.md)."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from conformance.errors import MessageError
from conformance.message.soap import unwrap
from conformance.sut.capabilities import JmsClaims

if TYPE_CHECKING:
    from conformance.message.model import Message
    from conformance.message.xml import Limits
    from conformance.transport.jms.messages import JmsMessage, Property
    from conformance.transport.jms.settings import Destination

#: How many requests are remembered.
_REMEMBERED = 10_000

CLAIMS = JmsClaims(
    reply_to=["temporary", "named"],
    message_classes=["text", "bytes"],
    max_message_mib=1.0,
    correlation="correlation-id",
    message_type="kind",
    properties={"Verb": "{verb}", "Noun": "{noun}", "Payloads": "int"},
    persistent=True,
    repeated_requests="once",
    durable_subscribers=True,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A message over JMS on its way out; ``asked`` is the request that it answers directly."""

    to: Destination
    message: JmsMessage
    asked: JmsMessage | None = None


def read(body: bytes, limits: Limits) -> Message | None:
    """Return the message in ``body``, or None."""
    try:
        return unwrap(body, limits).message
    except MessageError:
        return None


def mapped(message: JmsMessage, limits: Limits) -> JmsMessage:
    """Return ``message`` with the headers and properties that its body asks for."""
    said = read(message.body, limits)
    if said is None:
        return message
    # A FaultMessage has no header.
    properties: dict[str, Property] = {
        "Verb": said.verb or "reply",
        "Noun": said.noun or "",
        "Payloads": len(said.payloads),
    }
    correlation = message.correlation_id or said.correlation_id
    return replace(message, type=said.kind, correlation_id=correlation, properties=properties)


class Memory:
    """Which requests were taken, by MessageID, and what they were answered with."""

    def __init__(self) -> None:
        """Remember nothing yet."""
        self._answers: OrderedDict[str, tuple[Mail, ...]] = OrderedDict()
        self._lock = threading.Lock()

    def again(self, message_id: str) -> tuple[Mail, ...] | None:
        """Return what the request was answered with before; None when it comes for the first time."""
        with self._lock:
            if message_id in self._answers:
                return self._answers[message_id]
            self._answers[message_id] = ()
            if len(self._answers) > _REMEMBERED:
                self._answers.popitem(last=False)
            return None

    def keep(self, message_id: str, answers: tuple[Mail, ...]) -> None:
        """Remember the answers to a request."""
        with self._lock:
            self._answers[message_id] = answers
