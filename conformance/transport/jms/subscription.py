"""Listening to a destination in a thread, through broken connections, without losing or doubling a message."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from conformance.errors import ConformanceError, TransportError
from conformance.transport.jms.problems import in_words, overdue

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.transport.jms.client import JmsClient
    from conformance.transport.jms.messages import JmsMessage
    from conformance.transport.jms.provider import Consumer, Link
    from conformance.transport.jms.settings import Destination

_LOOK_S = 0.1
_PAUSE_S = 0.05
#: How many JMSMessageIDs are remembered.
_REMEMBERED = 100_000


class Subscription(threading.Thread):
    """Gives each message to ``take`` and acknowledges it when that returned.

    A broker that lost our acknowledgement with the connection delivers the message once more: the same
    JMSMessageID over a later connection is acknowledged again and not taken again. What the system itself sends
    twice has two ids.
    """

    def __init__(
        self, client: JmsClient, destination: Destination, take: Callable[[JmsMessage], Any], *,
        durable: str | None = None, selector: str | None = None, consumer: Consumer | None = None,
    ) -> None:  # fmt: skip
        """Start nothing yet; ``consumer`` is one that exists, which is not replaced when it breaks."""
        super().__init__(name=f"jms {destination}", daemon=True)
        self.destination = destination
        self.problem = ""
        self.opened = 0
        self.link: Link | None = None
        self._client = client
        self._take = take
        self._durable, self._selector, self._given = durable, selector, consumer
        self.idle = threading.Event()
        self._ready = threading.Event()
        self._stopped = threading.Event()
        self._failure: ConformanceError | None = None
        self._seen: OrderedDict[str, int] = OrderedDict()

    def stop(self) -> None:
        """End after the message at hand."""
        self._stopped.set()

    def wait_until_ready(self, seconds: float) -> None:
        """Return once the broker keeps messages for us. Raises what kept it from that."""
        if not self._ready.wait(seconds):
            self.stop()
            raise overdue(str(self.destination), seconds, "the broker did not let us listen")
        if self._failure is not None:
            raise self._failure

    def run(self) -> None:
        """Listen until stopped, or until the broker stayed away for too long."""
        try:
            while not self._stopped.is_set():
                self._once()
                if self._given is not None:
                    return
        except ConformanceError as problem:
            self._failure = problem
            if not self._stopped.is_set():
                self.problem = str(problem)
        finally:
            self._ready.set()

    def _once(self) -> None:
        link = self._client.link()
        try:
            consumer = self._given or link.session().consumer(self.destination, self._selector, self._durable)
            self.opened, self.link = self.opened + 1, link
            self._ready.set()
            self._consume(link, consumer)
        except ConformanceError:
            raise
        except Exception as problem:
            said = in_words(problem, str(self.destination))
            if not self._ready.is_set() or not isinstance(said, TransportError):
                raise said from problem
            # The provider may fail a call before it tells that the connection is gone.
            link.broken.set()
            self._stopped.wait(_PAUSE_S)

    def _consume(self, link: Link, consumer: Consumer) -> None:
        while not self._stopped.is_set() and not link.broken.is_set():
            asked = time.monotonic()
            came = consumer.receive(_LOOK_S)
            if came is None:
                self.idle.set()
                if time.monotonic() - asked < _PAUSE_S:  # closed: it comes back at once, again and again
                    self._stopped.wait(_PAUSE_S)
                continue
            message, acknowledge = came
            if not self._again(message, link.number) and not self._taken(message):
                return
            acknowledge()

    def _again(self, message: JmsMessage, link: int) -> bool:
        """Return whether the message was taken over an earlier connection; remember it."""
        if message.message_id is None:
            return False
        first = self._seen.setdefault(message.message_id, link)
        if len(self._seen) > _REMEMBERED:
            self._seen.popitem(last=False)
        return first != link

    def _taken(self, message: JmsMessage) -> bool:
        while not self._stopped.is_set():
            try:
                self._take(message)
            except Exception as problem:
                self.problem = f"{self.destination}: a message cannot be kept ({problem}); trying again"
                self._stopped.wait(_PAUSE_S)
            else:
                self.problem = ""
                return True
        return False
