"""A JMS client for the suite: send, ask and wait for the answer, listen; it outlives a broker that restarts."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from conformance.errors import ConfigurationError, ConformanceError, TransportError
from conformance.transport.jms import jvm
from conformance.transport.jms.hand import Hand
from conformance.transport.jms.lane import Lane
from conformance.transport.jms.mailbox import Mailbox
from conformance.transport.jms.messages import JmsMessage
from conformance.transport.jms.problems import in_words, overdue
from conformance.transport.jms.provider import Link
from conformance.transport.jms.subscription import Subscription

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType
    from typing import Self

    from conformance.transport.jms.mailbox import Waiter
    from conformance.transport.jms.settings import Destination, JmsSettings

T = TypeVar("T")
Take = Callable[["JmsMessage"], Any]
_BACKOFF_S = (0.05, 0.1, 0.2, 0.5, 1.0)
_RETIRED = 16  # how many lanes that gave up are kept open for what comes too late
#: How soon a provider tells that the connection is gone after a call failed for it, in seconds.
_SURE_S = 0.5


class JmsClient:
    """One connection, opened again when it breaks. Any thread may use it.

    ``stray`` gets answers that nobody waits for any more, before they are acknowledged.
    """

    def __init__(
        self, settings: JmsSettings, *, stray: Take | None = None, crash_directory: Path | None = None
    ) -> None:
        """Nothing is connected before :meth:`connect`."""
        self.settings = settings
        self.stray: Take = stray or (lambda _message: None)
        self._crash_directory = crash_directory
        self._link: Link | None = None
        self._lock = threading.RLock()
        self._closed = threading.Event()
        self._hand = Hand("jms connect")
        self._lanes: queue.LifoQueue[Lane] = queue.LifoQueue()
        self._retired: list[Subscription] = []
        self._subscriptions: list[Subscription] = []
        self._mailbox: Mailbox | None = None

    def connect(self) -> None:
        """Start the virtual machine if need be, connect and log in, within ``settings.connect_s``.

        Raises ConfigurationError (Java, jars, names, login) or TransportError (the broker is not there).
        """
        jvm.start(self.settings.class_path, self._crash_directory, self.settings.machine)
        with self._lock:
            self._link = self._opened()
        if self.settings.replies is not None and self._mailbox is None:
            self._mailbox = Mailbox(self.stray)
            self.listen(self.settings.replies, self._mailbox.take, select=False)

    def _opened(self) -> Link:
        seconds = self.settings.connect_s
        try:
            return self._hand.do(lambda: Link(self.settings), seconds)
        except TimeoutError:
            self._hand = Hand("jms connect")
            said = "no connection; check the URL in endpoints.jms.jndi, that it is a broker, and [timeouts] connect_s"
            raise overdue("the broker", seconds, said) from None
        except ConformanceError:
            raise
        except Exception as problem:
            raise in_words(problem, "the broker") from problem

    def link(self) -> Link:
        """Return the connection; when it broke, connect again, for ``settings.reconnect_s`` at most."""
        # Counted from here: whoever waited while another thread tried in vain does not begin anew.
        ends = time.monotonic() + self.settings.reconnect_s
        with self._lock:
            if self._link is None:
                raise TransportError("the JMS client is not connected", blame="surroundings")
            if not self._link.broken.is_set() or self._closed.is_set():
                return self._link
            self._let_go(self._link)
            self._link = self._reconnected(ends)
            return self._link

    def _let_go(self, link: Link) -> None:
        try:
            self._hand.do(link.close, self.settings.connect_s)
        except TimeoutError:  # a provider that does not let go is left to the end of the process
            self._hand = Hand("jms connect")

    def _reconnected(self, ends: float) -> Link:
        tries = 0
        while True:
            try:
                return self._opened()
            except (TransportError, ConfigurationError):
                # A broker that is just starting refuses in many ways, logins and client ids included.
                pause = _BACKOFF_S[min(tries, len(_BACKOFF_S) - 1)]
                if self._closed.is_set() or time.monotonic() + pause > ends:
                    raise
            tries += 1
            self._closed.wait(pause)

    def send(
        self, destination: Destination, message: JmsMessage, timeout: float | None = None, held_s: float = 0.0
    ) -> str:
        """Send one message and return its JMSMessageID. Raises TransportError or ConfigurationError.

        With ``held_s`` it becomes deliverable only so many seconds after it was sent.
        """
        lane, seconds = self._lane(), timeout or self.settings.connect_s
        try:
            if held_s:
                sent = lane.send_held(destination, message, held_s, seconds)
            else:
                sent = lane.send(destination, message, seconds)
        except ConformanceError:
            lane.abandon()
            raise
        self._lanes.put(lane)
        return sent

    def unsubscribe(self, durable: str) -> None:
        """Give a durable subscription up, which nobody must be using. Raises TransportError."""
        self._lane().unsubscribe(durable)

    def request(
        self, destination: Destination, message: JmsMessage, timeout: float, keep: Callable[[JmsMessage], T],
        *, temporary: bool = False,
    ) -> T:  # fmt: skip
        """Send ``message`` and return what ``keep`` makes of its answer before that is acknowledged.

        With a temporary queue (``temporary`` asks for one in any case), what comes there is the answer, whatever
        it says; with a named one, the message whose JMSCorrelationID, or else payload CorrelationID, is that of the
        request. Raises TransportError when none came within ``timeout`` seconds; later ones go to ``stray``.
        """
        lane = self._lane(temporary or self._mailbox is None)
        try:
            if self._mailbox is not None and not temporary:
                answer: T = self._by_mailbox(lane, destination, message, timeout, self._mailbox.waiter(message, keep))
            else:
                answer = lane.ask(destination, message, timeout, keep, self.stray)
        except TransportError as silence:
            self._retire(lane, overdue=silence.timed_out)
            if silence.blame == "system" and (why := self.proof()):
                raise TransportError(f"{silence}, but {why}", blame="surroundings", timed_out=True) from silence
            raise
        except BaseException:
            lane.abandon()
            raise
        self._lanes.put(lane)
        return answer

    def _by_mailbox(
        self, lane: Lane, destination: Destination, message: JmsMessage, timeout: float, waiter: Waiter
    ) -> Any:
        ends = time.monotonic() + timeout
        doubt: TransportError | None = None
        with waiter:
            try:
                waiter.add(lane.send(destination, replace(message, reply_to=self.settings.replies), timeout))
            except TransportError as problem:
                # Lost in mid-send: the broker may have taken it, and then the answer comes once it is back.
                if not lane.link.broken.wait(_SURE_S):
                    raise
                doubt = problem
            try:
                return waiter.answer(ends, destination, timeout)
            except TransportError as silence:
                if doubt is None and lane.link.broken.is_set():
                    said = f"the connection to the broker was lost while the answer from {destination} was awaited"
                    doubt = TransportError(said, blame="surroundings")
                raise (doubt or silence) from silence

    def listen(
        self, destination: Destination, take: Take, *, durable: str | None = None, select: bool = True
    ) -> Subscription:
        """Give every message of ``destination`` to ``take``, in a thread; acknowledge it when that has returned.

        What ``take`` cannot do now (it raises) it is asked to do again. Returns once messages are kept for us.
        Without ``select`` the configured selector has no say.
        """
        selector = self.settings.selector if select else None
        subscription = Subscription(self, destination, take, durable=durable, selector=selector)
        subscription.start()
        subscription.wait_until_ready(self.settings.connect_s)
        self._subscriptions.append(subscription)
        return subscription

    def close(self) -> None:
        """End every subscription and the connection. Durable subscriptions stay with the broker."""
        self._closed.set()
        for subscription in (*self._subscriptions, *self._retired):
            subscription.stop()
        for subscription in (*self._subscriptions, *self._retired):
            subscription.join(2.0)
        if self._link is not None:
            self._let_go(self._link)
        while not self._lanes.empty():
            self._lanes.get().abandon()
        self._hand.rest()

    def breaks(self) -> int:
        """Return a number that grows whenever the connection breaks or is there again.

        Silence since an older number proves nothing: what was sent meanwhile may be lost.
        """
        link = self._link
        broken = 0 if link is None else 2 * link.number + link.broken.is_set()
        return broken + sum(item.opened for item in self._subscriptions)

    def proof(self) -> str:
        """Return why silence proves nothing; empty when a message of our own comes back.

        A line that swallows everything is noticed late by providers, or never.
        """
        link = self._link
        if link is None or link.broken.is_set():
            return "the connection to the broker was lost"
        hand = Hand("jms proof")
        try:
            hand.do(lambda: self._echo(link), self.settings.connect_s)
        except (TimeoutError, ConformanceError) as problem:
            told = f": {problem}" if str(problem) else f" within {self.settings.connect_s:g} s"
            return f"the broker does not carry our own messages to ourselves either{told}"
        finally:
            hand.rest()
        return ""

    def _echo(self, link: Link) -> None:
        lane = Lane(link, answers=True)
        echo = JmsMessage(body=b"<echo/>", correlation_id="echo", delivery_mode="non-persistent")
        lane.ask(lane.replies, echo, self.settings.connect_s, lambda came: came, self.stray)
        lane.abandon()

    def problem(self) -> str:
        """Return why nothing can arrive now; empty while it can."""
        told = next((item.problem for item in self._subscriptions if item.problem), "")
        link = self._link
        lagging = link is None or link.broken.is_set() or any(item.link is not link for item in self._subscriptions)
        return told or ("the connection to the broker was lost and is not there again yet" if lagging else "")

    def _lane(self, answers: bool | None = None) -> Lane:
        """Return a lane, with a temporary queue if ``answers`` come that way; None leaves that open.

        Over a connection that breaks as it is opened nothing was sent, so another one is tried.
        """
        ends = time.monotonic() + self.settings.reconnect_s
        while True:
            link = self.link()
            try:
                return self._free_lane(link, answers) or Lane(link, answers or self.settings.replies is None)
            except TransportError:
                if not link.broken.wait(_SURE_S) or self._closed.is_set() or time.monotonic() > ends:
                    raise

    def _free_lane(self, link: Link, answers: bool | None) -> Lane | None:
        if answers and self._mailbox is not None:
            return None
        while True:
            try:
                lane = self._lanes.get_nowait()
            except queue.Empty:
                return None
            if lane.link is link and not lane.abandoned and answers in (None, lane.answers):
                return lane
            lane.abandon()

    def _retire(self, lane: Lane, *, overdue: bool) -> None:
        consumer = lane.retire() if overdue else None
        if consumer is None:
            lane.abandon()
            return
        late = Subscription(self, lane.replies, self.stray, consumer=consumer)
        late.start()
        self._retired.append(late)
        if len(self._retired) > _RETIRED:
            self._retired.pop(0).stop()

    def __enter__(self) -> Self:
        self.connect()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
