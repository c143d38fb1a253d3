"""A durable subscriber that goes away and comes back: what was published meanwhile is the broker's to keep."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING

from conformance.transport.jms.client import JmsClient

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.transport.jms.messages import JmsMessage
    from conformance.transport.jms.settings import Destination, JmsSettings


class Away:
    """One durable subscription to one topic, under a client id of its own."""

    def __init__(self, settings: JmsSettings, topic: Destination, name: str) -> None:
        """Connect to nothing yet."""
        client_id = f"{settings.client_id or 'conformance'}.{name}"
        self._settings = replace(settings, client_id=client_id, replies=None)
        self._topic = topic
        self._name = name

    def leave(self) -> None:
        """Subscribe, and go away. Raises ConfigurationError or TransportError."""
        with JmsClient(self._settings) as client:
            client.listen(self._topic, lambda _message: None, durable=self._name)

    def back(self, take: Callable[[JmsMessage], object], seconds: float) -> None:
        """Give what was kept to ``take``, wait ``seconds`` at most for the first, and give the subscription up."""
        came = threading.Event()

        def taken(message: JmsMessage) -> None:
            take(message)
            came.set()

        with JmsClient(self._settings) as client:
            subscription = client.listen(self._topic, taken, durable=self._name)
            came.wait(seconds)
            subscription.idle.clear()
            subscription.idle.wait(seconds)
        self.give_up()

    def give_up(self) -> None:
        """End the subscription: a broker would keep messages for it for ever."""
        with JmsClient(self._settings) as client:
            client.unsubscribe(self._name)
