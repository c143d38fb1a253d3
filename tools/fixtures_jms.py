"""Record fixtures of what goes over JMS: the front of the reference system, without a broker in between."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conformance.errors import TransportError
from conformance.journal import Entry
from conformance.reference.jms import DEAD_LETTERS, EVENTS, REQUESTS, JmsFront
from conformance.transport.base import Answer
from conformance.transport.jms.desk import DeskAddress
from conformance.transport.jms.messages import JmsMessage
from conformance.transport.jms.settings import Destination, JmsSettings, destination_of
from conformance.transport.jms.transport import JmsTransport, message_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from conformance.reference.carriage import Posted
    from conformance.reference.service import Service
    from conformance.transport.base import Sent

LATER = Destination("queue", "CONFORMANCE.LATER")
TEMPORARY = Destination("temporary", "ANSWERS")
SETTINGS = JmsSettings(class_path=(), jndi={}, factory="F", requests={"": REQUESTS}, events=(EVENTS,), later=LATER)
#: A message that lives shorter has expired when a durable subscriber is back, in ms.
_ABSENCE_MS = 1_000


class Post:
    """What the broker, and a courier without threads, do in a recording."""

    def __init__(self, service: Service) -> None:
        """Serve the system ``service``."""
        self.service = service
        self.courier = self
        self.out: list[tuple[Destination, JmsMessage]] = []
        self.front = JmsFront(self, SETTINGS)  # type: ignore[arg-type]  # as much of a system as it uses
        self.front._client = self  # type: ignore[assignment]  # as much of a client as it uses

    def send(self, to: Any, message: Any) -> None:
        """Take a message of the front, or (a courier's) its later messages."""
        if isinstance(to, Destination):
            self.out.append((to, message))
        else:
            self.post(to)

    def post(self, later: Sequence[Posted]) -> None:
        """Put later messages on JMS."""
        for item in later:
            self.front._post(item)

    def settle(self, _: float) -> None:
        """Do nothing: everything has arrived already."""

    def taken(self, now: datetime) -> list[tuple[Destination, Entry]]:
        """Return what was sent since, as the gateway would keep it."""
        found = [(to, _entry(to, message, now)) for to, message in self.out]
        self.out = []
        return found


def _entry(to: Destination, message: JmsMessage, now: datetime) -> Entry:
    moment = int(now.timestamp() * 1000)
    ends = moment + message.expiration if message.expiration else 0
    came = replace(message, destination=to, timestamp=moment, expiration=ends)
    return Entry(
        direction="received", channel="callback", transport="jms", url=str(to), body=message.body,
        content_type=message.content_type, headers=came.headers(),
    )  # fmt: skip


class RecordingTransport(JmsTransport):
    """Hands requests to the front; ``keep`` takes what comes by itself."""

    def __init__(self, recording: Any) -> None:
        """Work for ``recording``, which has a ``post`` and a list ``waiting`` of entries."""
        super().__init__(SETTINGS, DeskAddress(address="", key=""), Path())
        self._recording = recording
        self._away: list[Entry] = []

    def send(self, sent: Sent, timeout: float) -> Answer:  # noqa: ARG002 - a function call has no deadline
        """Return the first message to the temporary queue."""
        self._deliver(sent, TEMPORARY)
        found = self._recording.post.taken(self._recording.now)
        first = next((entry for to, entry in found if to == TEMPORARY), None)
        self._keep([(to, entry) for to, entry in found if entry is not first])
        if first is None:
            raise TransportError(f"{sent.url} did not answer: no message came to JMSReplyTo", blame="system")
        return Answer(status=0, content_type=first.content_type, body=first.body, headers=first.headers)

    def post(
        self, sent: Sent, timeout: float, *, copies: int = 1, held_s: float = 0.0,  # noqa: ARG002 - as above
    ) -> None:  # fmt: skip
        """Deliver ``copies``; what was held for longer than it lives has become a dead letter."""
        expired = held_s * 1000 > int(sent.headers.get("JMSTimeToLive", "0")) > 0
        for _ in range(copies):
            if not expired or self._recording.service.conduct.skips("expiry"):
                to = destination_of(sent.headers["JMSReplyTo"])
                self._deliver(sent, to, DEAD_LETTERS if expired else REQUESTS)
        self._keep(self._recording.post.taken(self._recording.now))

    def _deliver(self, sent: Sent, to: Destination, at: Destination = REQUESTS) -> None:
        self._recording.deliver()
        self._recording.tick()
        message = JmsMessage(body=sent.body, reply_to=to, destination=at, **message_of(SETTINGS, sent))
        self._recording.post.front._take(message)

    def _keep(self, found: list[tuple[Destination, Entry]]) -> None:
        """Remember what the suite listens for: what goes elsewhere nobody hears."""
        self._recording.waiting += [entry for to, entry in found if to in (TEMPORARY, LATER, EVENTS)]

    def gather(self) -> None:
        """Remember what the system sent by itself."""
        found = self._recording.post.taken(self._recording.now)
        self._away = [entry for to, entry in found if to == EVENTS and _outlasts(entry)]
        self._keep(found)

    def back(self, topic: str, name: str, timeout: float) -> list[int]:  # noqa: ARG002 - there is one
        """Return what a broker would have kept meanwhile."""
        journal = self._recording.journal
        return [journal.append(replace(entry, channel="kept")) for entry in self._away]


def _outlasts(entry: Entry) -> bool:
    ends, made = int(entry.headers["JMSExpiration"]), int(entry.headers["JMSTimestamp"])
    return not ends or ends - made > _ABSENCE_MS
