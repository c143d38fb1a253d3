"""What one request at a time goes through: a session, its producer, and a temporary queue for the answer."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar, cast

from conformance.errors import ConformanceError, TransportError
from conformance.transport.jms.hand import Hand
from conformance.transport.jms.mailbox import payload_correlation
from conformance.transport.jms.problems import in_words, overdue

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.transport.jms.messages import JmsMessage
    from conformance.transport.jms.provider import Consumer, Link
    from conformance.transport.jms.settings import Destination

T = TypeVar("T")
#: How often a wait looks whether the connection still stands, in seconds.
_LOOK_S = 0.25
_OPEN_S = 10.0


class Lane:
    """Opened on ``link``; its owner lets one thread use it at a time."""

    replies: Destination

    def __init__(self, link: Link, answers: bool) -> None:
        """Open the session, and a temporary queue when ``answers`` come that way."""
        self.link = link
        self.answers = answers
        self._answered: set[str | None] = set()
        self.abandoned = False
        self._hand = Hand("jms lane")
        self._consumer: Consumer | None = None
        self._guarded(lambda: self._open(answers), _OPEN_S, "the broker", "no session")

    def _open(self, answers: bool) -> None:
        self._session = self.link.session()
        if answers:
            self.replies = self._session.temporary_queue()
            self._consumer = self._session.consumer(self.replies)

    def send(self, destination: Destination, message: JmsMessage, seconds: float) -> str:
        """Send, and return the JMSMessageID."""
        late = "the broker did not take the message (is the queue full?)"
        return self._guarded(lambda: self._session.send(destination, message), seconds, str(destination), late)

    def send_held(self, destination: Destination, message: JmsMessage, held_s: float, seconds: float) -> str:
        """Send in a transaction that ends after ``held_s``: a message that lives shorter has expired by then."""

        def send() -> str:
            session = self.link.session(transacted=True)
            try:
                sent = session.send(destination, message)
                threading.Event().wait(held_s)
                session.commit()
            finally:
                session.close()
            return sent

        return self._guarded(send, held_s + seconds, str(destination), "the broker did not take the message")

    def unsubscribe(self, durable: str) -> None:
        """Give a durable subscription up, which nobody must be using."""
        late = "the broker did not let go of the subscription"
        self._guarded(lambda: self._session.unsubscribe(durable), _OPEN_S, durable, late)

    def ask(
        self, destination: Destination, message: JmsMessage, seconds: float, keep: Callable[[JmsMessage], T],
        stray: Callable[[JmsMessage], object],
    ) -> T:  # fmt: skip
        """Send and return what ``keep`` makes of the message that comes to the temporary queue.

        What carries the correlation of an earlier request of this lane is its second answer, and goes to ``stray``.
        """
        ends = time.monotonic() + seconds
        self.send(destination, replace(message, reply_to=self.replies), seconds)
        while (left := ends - time.monotonic()) > 0:
            came = self._guarded(lambda: self._receive(left), left + 1, str(destination), "no answer")
            if came is not None:
                answer, acknowledge = came
                late = self._is_late(answer, message)
                kept = (stray if late else keep)(answer)
                self._guarded(acknowledge, _OPEN_S, str(self.replies), "the acknowledgement was not taken")
                if not late:
                    self._answered.add(message.correlation_id)
                    return cast("T", kept)
            if self.link.broken.is_set():
                said = f"the connection to the broker was lost while the answer from {destination} was awaited"
                raise TransportError(said, blame="surroundings")
        said = f"{destination} did not answer within {seconds:g} s: no message came to JMSReplyTo"
        raise TransportError(said, blame="system", timed_out=True)

    def _is_late(self, answer: JmsMessage, message: JmsMessage) -> bool:
        said = answer.correlation_id or payload_correlation(answer.body)
        return said is not None and said != message.correlation_id and said in self._answered

    def _receive(self, left: float) -> tuple[JmsMessage, Callable[[], None]] | None:
        assert self._consumer is not None  # noqa: S101 - opened with it
        return self._consumer.receive(min(left, _LOOK_S))

    def _guarded(self, task: Callable[[], T], seconds: float, where: str, late: str) -> T:
        try:
            return self._hand.do(task, seconds)
        except TimeoutError:
            self.abandoned = True
            raise overdue(where, seconds, late) from None
        except ConformanceError:
            raise
        except Exception as problem:
            self.abandoned = True
            raise in_words(problem, where) from problem

    def retire(self) -> Consumer | None:
        """Give the consumer of late answers away; None when the lane itself does not work any more."""
        if self.abandoned:
            return None
        self.abandoned = True
        self._hand.rest()
        return self._consumer

    def abandon(self) -> None:
        """Let go of it: its session ends with the connection, if it cannot be closed now."""
        if not self.abandoned and not self.link.broken.is_set():
            with suppress(Exception):  # it is given up because it does not work
                self._hand.do(self._session.close, 1.0)
        self.abandoned = True
        self._hand.rest()
