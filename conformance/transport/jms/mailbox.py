"""Answers that come to a queue with a name: each goes to whoever asked, by its correlation."""

from __future__ import annotations

import queue
import threading
import time
from typing import TYPE_CHECKING, Any, Self

from conformance.errors import MessageError, TransportError
from conformance.message.soap import unwrap
from conformance.transport.jms.settings import destination_of, is_destination

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.transport.jms.messages import JmsMessage
    from conformance.transport.jms.settings import Destination


def payload_correlation(body: bytes) -> str | None:
    """Return Header/CorrelationID of a body; None when it is no message or has none."""
    try:
        carried = unwrap(body)
    except MessageError:
        return None
    return carried.message.correlation_id if carried.message is not None else None


def asks_for_acknowledgement(message: JmsMessage) -> Destination | None:
    """Return where an acknowledgement of ``message`` goes; None when it asks for none.

    JMSReplyTo asks for one by itself (JMS 3.4.6); AckRequired without it means ReplyAddress, if that is a queue.
    """
    if message.reply_to is not None:
        return message.reply_to
    try:
        carried = unwrap(message.body)
    except MessageError:
        return None
    header = carried.message.header if carried.message is not None else None
    if header is None or not header.wants_acknowledgement:
        return None
    address = header.reply_address or ""
    return destination_of(address) if is_destination(address) else None


class Waiter:
    """One request that waits for its answer: a context manager, which waits while it is open."""

    def __init__(self, mailbox: Mailbox, keep: Callable[[JmsMessage], Any], names: tuple[str, ...]) -> None:
        """Wait, once open, for what carries one of ``names``."""
        self._names = names
        self.keep = keep
        self.answers: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self.done = False
        self._mailbox = mailbox

    def __enter__(self) -> Self:
        for name in self._names:
            self.add(name)
        return self

    def __exit__(self, *_: object) -> None:
        self._mailbox.forget(self)

    def add(self, message_id: str) -> None:
        """Wait for the JMSMessageID, too: systems echo that where no correlation id was given."""
        self._mailbox.expect(message_id, self)

    def answer(self, ends: float, destination: Destination, seconds: float) -> Any:
        """Return the answer. Raises TransportError when it does not come before ``ends``."""
        try:
            return self.answers.get(timeout=max(0.001, ends - time.monotonic()))
        except queue.Empty:
            said = f"{destination} did not answer within {seconds:g} s: no message with this correlation came"
            raise TransportError(said, blame="system", timed_out=True) from None


class Mailbox:
    """Sorts what comes to the reply queue. What nobody waits for is a stray: late, or of somebody else."""

    def __init__(self, stray: Callable[[JmsMessage], Any]) -> None:
        """Give strays to ``stray``."""
        self._stray = stray
        self._waiters: dict[str, Waiter] = {}
        self._lock = threading.Lock()

    def waiter(self, message: JmsMessage, keep: Callable[[JmsMessage], Any]) -> Waiter:
        """Return who waits for the answer to ``message``."""
        names = {name for name in (message.correlation_id, payload_correlation(message.body)) if name}
        return Waiter(self, keep, tuple(names))

    def forget(self, waiter: Waiter) -> None:
        """Let nothing go to ``waiter`` any more."""
        with self._lock:
            waiter.done = True
            self._waiters = {name: item for name, item in self._waiters.items() if item is not waiter}

    def expect(self, name: str, waiter: Waiter) -> None:
        """Let ``waiter`` have the answer that carries ``name``."""
        with self._lock:
            self._waiters[name] = waiter

    def take(self, message: JmsMessage) -> None:
        """Give a message to whoever waits for it, once; everything else is a stray."""
        waiter = self._waiter(message.correlation_id)
        if waiter is None:
            waiter = self._waiter(payload_correlation(message.body))
        if waiter is None:
            self._stray(message)
        else:
            waiter.answers.put(waiter.keep(message))

    def _waiter(self, name: str | None) -> Waiter | None:
        with self._lock:
            waiter = self._waiters.get(name) if name else None
            if waiter is None or waiter.done:
                return None
            waiter.done = True  # what comes after the first answer is for ReplyAddress
            return waiter
