"""A transport without a network: the same bytes, handed to a function."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.transport import addressing
from conformance.transport.settings import SoapSettings

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.transport.base import Answer, Outbound, Sent

DEFAULT_SETTINGS = SoapSettings(style="generic", version="1.1", urls={"": "memory:"})


class MemoryTransport:
    """Carries requests to ``handler``, in the thread of the caller."""

    def __init__(self, handler: Callable[[Sent], Answer], settings: SoapSettings = DEFAULT_SETTINGS) -> None:
        """Prepare messages as ``settings`` say and let ``handler`` answer them."""
        self._handler = handler
        self._settings = settings

    @property
    def name(self) -> str:
        """Return ``memory``."""
        return "memory"

    def prepare(self, outbound: Outbound) -> Sent:
        """Return the bytes to send: the same as over HTTP."""
        return addressing.prepare(self._settings, outbound)

    def send(self, sent: Sent, timeout: float) -> Answer:  # noqa: ARG002 - a function call has no deadline
        """Return what the handler answers."""
        return self._handler(sent)

    def close(self) -> None:
        """Do nothing: there is no connection."""
