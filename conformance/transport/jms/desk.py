"""What the gateway does with JMS: it alone has the virtual machine, journals what comes, and sends for the workers."""

from __future__ import annotations

import json
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field, replace
from multiprocessing import AuthenticationError
from multiprocessing.connection import Connection, Listener
from typing import TYPE_CHECKING, Any

from conformance.errors import ConfigurationError, ConformanceError, TransportError
from conformance.journal import Entry, Journal
from conformance.message.xml import Limits
from conformance.transport.acknowledge import acknowledge
from conformance.transport.jms.away import Away
from conformance.transport.jms.client import JmsClient
from conformance.transport.jms.mailbox import asks_for_acknowledgement
from conformance.transport.jms.messages import JmsMessage
from conformance.transport.jms.settings import Destination
from conformance.transport.security import blotted

if TYPE_CHECKING:
    from conformance.journal import Channel
    from conformance.transport.jms.settings import JmsSettings

#: How long messages of earlier runs may take to come to an end before this run begins, in seconds.
_CLEARING_S = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskAddress:
    """Where workers of this machine reach the desk, and the key that proves that they belong to the run."""

    address: str
    key: str = field(repr=False)


def packed(head: dict[str, Any], body: bytes) -> bytes:
    """Return a line of JSON and the bytes that belong to it as one piece."""
    return json.dumps(head).encode() + b"\n" + body


def unpacked(piece: bytes) -> tuple[dict[str, Any], bytes]:
    """Return what :func:`packed` put together."""
    head, _, body = piece.partition(b"\n")
    return json.loads(head), body


class Desk:
    """Connects, clears away what earlier runs left behind, and then serves workers until it is closed."""

    def __init__(self, settings: JmsSettings, journal: Journal, key: str) -> None:
        """Connect nothing yet. ``key`` is what workers must know."""
        self._settings = settings
        self._journal = journal
        self._clearing = True
        self._client = JmsClient(settings, stray=self._take, crash_directory=journal.path.parent)
        self._key = key
        self._away: dict[str, Away] = {}
        self._listener: Listener | None = None

    def open(self) -> DeskAddress:
        """Connect and listen. Raises ConfigurationError or TransportError: then there is no run."""
        self._client.connect()
        settings = self._settings
        places = list(settings.events)
        if settings.later is not None and settings.later != settings.replies:
            places.append(settings.later)
        subscriptions = [self._client.listen(place, self._take, durable=self._durable(place)) for place in places]
        ends = time.monotonic() + _CLEARING_S
        for subscription in subscriptions:
            subscription.idle.wait(max(0.0, ends - time.monotonic()))
        self._clearing = False
        self._listener = Listener(authkey=bytes.fromhex(self._key))  # a socket file, or a pipe of Windows
        threading.Thread(target=self._accept, args=(self._listener,), name="jms desk", daemon=True).start()
        return DeskAddress(address=str(self._listener.address), key=self._key)

    def close(self) -> None:
        """Let nobody in any more, and end the connection to the broker."""
        if self._listener is not None:
            self._listener.close()
        for away in self._away.values():
            with suppress(ConformanceError):  # the broker has gone, and we have no other way to tell it
                away.give_up()
        self._client.close()

    def _durable(self, place: Destination) -> str | None:
        name = self._settings.subscription
        return f"{name}.{place.name}" if name and place.kind != "queue" else None

    # -- what comes --------------------------------------------------------------------------------

    def _take(self, message: JmsMessage) -> None:
        """Keep a message that came by itself. Those of before this run are kept apart: they answer nothing."""
        kept = self._keep(message, "leftover" if self._clearing else "callback")
        if not self._clearing:
            self._acknowledge(message, kept)

    def _acknowledge(self, message: JmsMessage, kept: int) -> None:
        """Acknowledge as the gateway does over HTTP, where that is asked for: by AckRequired or by JMSReplyTo."""
        to = asks_for_acknowledgement(message)
        if to is None:
            return
        answer = acknowledge(message.body, limits=Limits(max_bytes=self._settings.max_bytes))
        if answer.status != 200:  # a fault, and what is no message, are answered by nobody
            return
        correlation = message.correlation_id or message.message_id
        said = JmsMessage(
            body=answer.body, kind="bytes" if message.kind == "bytes" else "text", correlation_id=correlation,
            type="ResponseMessage",
        )  # fmt: skip
        told = Entry(
            direction="sent", channel="acknowledgement", transport="jms", url=str(to), body=answer.body,
            content_type=said.content_type, headers=said.headers(), answers=kept,
        )  # fmt: skip
        self._journal.append(told)
        try:
            self._client.send(to, said)
        except ConformanceError as problem:
            note = blotted(f"the acknowledgement could not be sent: {problem}", self._settings.secrets)
            self._journal.append(replace(told, body=b"", note=note))

    def _keep(self, message: JmsMessage, channel: Channel) -> int:
        note = "it waited at the broker before this run began" if channel == "leftover" else message.problem
        return self._journal.append(Entry(
            direction="received", channel=channel, transport="jms", url=str(message.destination), body=message.body,
            content_type=message.content_type, headers=message.headers(), note=note,
        ))  # fmt: skip

    # -- what workers want -------------------------------------------------------------------------

    def _accept(self, listener: Listener) -> None:
        while True:
            try:
                worker = listener.accept()
            except (AuthenticationError, EOFError, ConnectionError):
                continue  # somebody else knocked
            except OSError:
                return
            threading.Thread(target=self._serve, args=(worker,), name="jms worker", daemon=True).start()

    def _serve(self, worker: Connection[Any, Any]) -> None:
        with worker, suppress(EOFError, OSError):
            while True:
                order, body = unpacked(worker.recv_bytes())
                said, answer = self._answer(order, body)
                if "problem" in said:  # providers repeat what they were given, URLs with passwords included
                    said["problem"] = blotted(said["problem"], self._settings.secrets)
                worker.send_bytes(packed(said, answer))

    def _answer(self, order: dict[str, Any], body: bytes) -> tuple[dict[str, Any], bytes]:
        try:
            return self._done(order, body)
        except TransportError as problem:
            return {"problem": str(problem), "blame": problem.blame, "timed_out": problem.timed_out}, b""
        except ConformanceError as problem:
            blame = "surroundings" if isinstance(problem, ConfigurationError) else "suite"
            return {"problem": str(problem), "blame": blame}, b""

    def _done(self, order: dict[str, Any], body: bytes) -> tuple[dict[str, Any], bytes]:
        """Return what came of ``order``. Raises whatever the client raises."""
        if order["do"] == "ping":
            problem = self._client.problem() or (self._client.proof() if order["prove"] else "")
            return {"problem": problem, "breaks": self._client.breaks()}, b""
        destination = Destination(*order["destination"])
        if order["do"] in ("leave", "back"):
            return self._durably(order, destination), b""
        reply_to = order["message"].pop("reply_to", None)
        message = JmsMessage(body=body, reply_to=Destination(*reply_to) if reply_to else None, **order["message"])
        if order["do"] == "post":
            for _ in range(order["copies"]):
                self._client.send(destination, message, order["seconds"], order["held_s"])
            return {}, b""
        kept, came = self._client.request(
            destination, message, order["seconds"], lambda came: (self._keep(came, "reply"), came),
            temporary=order.get("temporary", False),
        )  # fmt: skip
        return {"kept": kept, "content_type": came.content_type, "headers": came.headers()}, came.body

    def _durably(self, order: dict[str, Any], topic: Destination) -> dict[str, Any]:
        """Leave a durable subscription, or come back to it: then say which messages the broker had kept."""
        name = order["name"]
        if order["do"] == "leave":
            self._away[name] = Away(self._settings, topic, name)
            self._away[name].leave()
            return {}
        kept: list[int] = []
        self._away[name].back(lambda message: kept.append(self._keep(message, "kept")), order["seconds"])
        del self._away[name]
        return {"kept": kept}
