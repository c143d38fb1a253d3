"""Look at a JMS set-up without leaving anything at the broker, in a process and a virtual machine of its own.

``python -m conformance.transport.jms.probe`` gets its order, secrets among it, as one JSON line over standard input,
and says what it finds as JSON lines; ``{"step": …}`` says what it begins to do, so that one can tell where it is stuck.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
import uuid
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from conformance.errors import ConfigurationError, ConformanceError, TransportError
from conformance.transport.jms import jvm
from conformance.transport.jms.hand import Hand
from conformance.transport.jms.handshake import shake_hands, tls_places
from conformance.transport.jms.loopback import look_back
from conformance.transport.jms.naming import Naming
from conformance.transport.jms.problems import in_words, overdue
from conformance.transport.jms.provider import Link
from conformance.transport.jms.settings import JmsSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conformance.transport.jms.settings import Destination

T = TypeVar("T")
#: What a step may take of the seconds that are given; a broker that answers, however slowly, gets more in all.
_FACTORY, _LOGIN, _HANDSHAKE, _DESTINATION, _IN_ALL = 0.3, 0.6, 0.2, 0.25, 3.0
_SHORTEST_S = 0.2
_GRACE_S = 1.0
_CHEAP = "-XX:TieredStopAtLevel=1"  # a process that ends soon gains nothing by thorough compilation
_CONNECTION = "see that the broker runs and is reached; its URL is in endpoints.jms.jndi, TLS in [endpoints.jms.tls]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What to look at, within how many seconds if nothing answers, and how far a clock may be off (seconds)."""

    settings: JmsSettings
    seconds: float
    skew_s: float


class Probe:
    """Looks at everything in turn; what is found goes to ``say(name=…, status=…, what=…, fix=…)``."""

    def __init__(self, order: Order, say: Callable[..., None]) -> None:
        """Look at nothing yet."""
        self._settings = order.settings
        self._skew_s = order.skew_s
        self._say = say
        self._seconds = order.seconds
        self._ends = time.monotonic() + order.seconds * _IN_ALL

    def run(self) -> None:
        """Find what there is to be found; nothing is raised."""
        if not self._machine() or not self._factory():
            self._skip("JMS login", "JMS destination", "JMS loopback", "JMS clock", why="the provider is not there")
            return
        link = self._login()
        if link is None:
            self._skip("JMS destination", "JMS loopback", "JMS clock", why="the broker does not let the suite in")
            return
        self._destinations(link)
        look_back(link, self._within, self._say, self._skew_s)
        with suppress(ConformanceError):
            self._within("closing the connection", link.close, _FACTORY)

    def _machine(self) -> bool:
        settings = self._settings
        missing = jvm.missing_jars(settings.class_path)
        for file in missing:
            fix = "correct endpoints.jms.class_path; for ActiveMQ: conformance jms install classic"
            self._say(name="JMS jars", status="problem", what=f"{file} does not exist", fix=fix)
        stores = jvm.missing_stores(settings.machine)
        for file in stores:
            fix = "correct [endpoints.jms.tls]"
            self._say(name="JMS TLS", status="problem", what=f"{file} does not exist", fix=fix)
        if missing or stores:
            return False
        try:
            options = (_CHEAP, *settings.machine.options)
            jvm.start(settings.class_path, machine=replace(settings.machine, options=options))
        except ConfigurationError as problem:
            fix = "put right what is said, then look again"
            self._say(name="Java", status="problem", what=str(problem), fix=fix)
            return False
        version = jvm.java_class("java.lang.System").getProperty("java.version")
        self._say(name="JMS jars", status="ok", what=f"{len(settings.class_path)} on the class path")
        self._say(name="Java", status="ok", what=f"the virtual machine of Java {version} starts")
        return True

    def _factory(self) -> bool:
        step, fix = "looking the connection factory up", "correct endpoints.jms.class_path, jndi, factory or api"
        naming = self._tried("JMS factory", step, lambda: Naming(self._settings), fix, _FACTORY)
        if naming is None:
            return False
        kind = naming.factory.getClass().getName()
        self._say(name="JMS factory", status="ok", what=f"{self._settings.factory} is a {kind} of {naming.package}")
        return True

    def _login(self) -> Link | None:
        try:
            link = self._within("connecting and logging in", partial(Link, self._settings), self._patience())
        except ConformanceError as problem:
            self._say(name="JMS login", status="problem", what=str(problem), fix=_CONNECTION)
            if isinstance(problem, TransportError):
                self._handshakes()
            return None
        who = "with a username" if self._settings.credentials else "without a username"
        self._say(name="JMS login", status="ok", what=f"connected {who}: {link.about()}")
        return link

    def _handshakes(self) -> None:
        """Find out what is wrong with TLS, if it is that, where the URLs ask for it."""
        for host, port in tls_places(self._settings.jndi):
            shake = partial(shake_hands, host, port, self._seconds * _HANDSHAKE / 3)
            fix = "do what is said, in [endpoints.jms.tls] or at the broker"
            if self._tried("JMS TLS", f"speaking TLS with {host}:{port}", shake, fix, _HANDSHAKE):
                self._say(name="JMS TLS", status="ok", what=f"{host}:{port} and the suite accept each other")

    def _destinations(self, link: Link) -> None:
        for key, place in self._written().items():
            fix = f"create {place}, let the suite's user send to it, or correct {key}"
            self._one(place, f"{key} can be sent to", partial(self._try_producer, link, place), fix)
        for key, place in self._read():
            fix = f"create {place}, let the suite's user receive from it, or correct {key}"
            self._one(place, f"{key} can be listened to", partial(self._try_consumer, link, place), fix)

    def _one(self, place: Destination, what: str, task: Callable[[], bool], fix: str) -> None:
        if self._tried(f"JMS {place}", f"opening {place}", task, fix, _DESTINATION):
            self._say(name=f"JMS {place}", status="ok", what=what)

    def _written(self) -> dict[str, Destination]:
        """Return the destinations of requests by the keys that name them, each once."""
        keys: dict[Destination, list[str]] = {}
        for name, place in self._settings.requests.items():
            keys.setdefault(place, []).append(f'endpoints.jms.requests."{name or "all"}"')
        return {" and ".join(names): place for place, names in keys.items()}

    def _read(self) -> Iterator[tuple[str, Destination]]:
        settings = self._settings
        if settings.replies is not None:
            yield "endpoints.jms.replies", settings.replies
        if settings.later is not None and settings.later != settings.replies:
            yield "endpoints.jms.later", settings.later
        yield from (("endpoints.jms.events", place) for place in settings.events)

    @staticmethod
    def _try_producer(link: Link, place: Destination) -> bool:
        session = link.session()
        session.try_producer(place)
        session.close()
        return True

    def _try_consumer(self, link: Link, place: Destination) -> bool:
        """Make a consumer that no message is for: what waits there stays as it is, delivery counts included."""
        nothing = f"JMSCorrelationID = 'conformance-{uuid.uuid4()}'"
        chosen = self._settings.selector if place != self._settings.replies else None
        session = link.session()
        session.consumer(place, f"({chosen}) AND {nothing}" if chosen else nothing)
        session.close()
        return True

    # -- one step ----------------------------------------------------------------------------------

    def _tried(self, name: str, step: str, task: Callable[[], T], fix: str, share: float) -> T | None:
        try:
            return self._within(step, task, share)
        except ConformanceError as problem:
            self._say(name=name, status="problem", what=str(problem), fix=fix)
            return None

    def _patience(self) -> float:
        """Return the share of the time that SUT.toml leaves to a connection."""
        return min(_LOGIN, self._settings.connect_s / self._seconds)

    def _within(self, step: str, task: Callable[[], T], share: float) -> T:
        """Return what ``task`` returns within its ``share`` of the time. Raises ConformanceError."""
        self._say(step=step)
        seconds = max(_SHORTEST_S, min(self._seconds * share, self._ends - time.monotonic()))
        hand = Hand("jms probe")
        try:
            return hand.do(task, seconds)
        except TimeoutError:
            raise overdue(step, seconds, "the provider did not come back") from None
        except ConformanceError:
            raise
        except Exception as problem:
            raise in_words(problem, step) from None
        finally:
            hand.rest()

    def _skip(self, *names: str, why: str) -> None:
        for name in names:
            self._say(name=name, status="skipped", what=why, fix="")


def order_of(given: dict[str, Any]) -> Order:
    """Return the order that came as JSON."""
    return Order(**{**given, "settings": JmsSettings.from_json(given["settings"])})


def main() -> None:
    """Look, say what is found, and end at once: threads of a provider that is stuck do not end by themselves."""
    order = order_of(json.loads(sys.stdin.readline()))
    force = threading.Timer(order.seconds * _IN_ALL + _GRACE_S, os._exit, args=(3,))
    force.daemon = True
    force.start()
    Probe(order, _say).run()
    sys.stdout.flush()
    os._exit(0)


def _say(**said: str) -> None:
    sys.stdout.write(json.dumps({"fix": "", **said}) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
