"""What every transport is: four methods over bytes. An in-memory one ships beside SOAP over HTTP."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from lxml import etree

    from conformance.message.soap import HeaderBlock
    from conformance.standard.editions import Edition

    Element = etree._Element

#: What ``--transport`` may say, and which transports that means.
TRANSPORTS: Mapping[str, tuple[str, ...]] = {"soap": ("soap",), "jms": ("jms",), "all": ("soap", "jms")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Carrying:
    """How SOAP shall carry a message unusually: blocks in its Header, another namespace, another SOAPAction."""

    blocks: tuple[HeaderBlock, ...] = ()
    envelope: str | None = None
    action: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outbound:
    """A message on its way out: the envelope, and what an address or a SOAPAction is chosen by.

    ``raw`` replaces the bytes that the transport would make of ``message``: the door for broken requests.
    ``finish`` makes the very bytes from those that would be sent: another encoding, more length.
    ``headers`` are what JMS shall say beside it, None for what it shall not; others have none of these words.
    ``edition`` has the namespaces of typed wrappers, when the envelope alone does not say which.
    """

    message: Element
    verb: str
    noun: str
    raw: bytes | None = None
    headers: Mapping[str, str | None] = field(default_factory=dict)
    carrying: Carrying = field(default_factory=Carrying)
    edition: Edition | None = None
    finish: Callable[[bytes], bytes] | None = None

    def finished(self, made: Callable[[], bytes]) -> bytes:
        """Return the bytes to send, of which ``made`` makes the ordinary ones."""
        body = self.raw if self.raw is not None else made()
        return self.finish(body) if self.finish is not None else body


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """The very bytes that go over the wire, and where to. ``headers`` holds no credentials."""

    url: str
    body: bytes
    content_type: str
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back: status (of HTTP, 0 where there is none) and the body as bytes.

    ``kept`` is the id of the journal's entry when the gateway has already written the answer there.
    """

    status: int
    content_type: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    kept: int | None = None


class Transport(Protocol):
    """Carries requests to the system under test."""

    @property
    def name(self) -> str:
        """Return ``soap``, ``jms`` or ``memory``."""
        ...

    def prepare(self, outbound: Outbound) -> Sent:
        """Return the bytes to send, so that they can be journalled before they leave."""
        ...

    def send(self, sent: Sent, timeout: float) -> Answer:
        """Send and return the answer within ``timeout`` seconds in all. Raises TransportError."""
        ...

    def close(self) -> None:
        """Let go of every connection."""
        ...


@runtime_checkable
class Brokered(Transport, Protocol):
    """A transport with a broker in between: a request can wait there, and what is published is kept."""

    def post(self, sent: Sent, timeout: float, *, copies: int = 1, held_s: float = 0.0) -> None:
        """Send without waiting for an answer. Raises TransportError."""
        ...

    def leave(self, topic: str, name: str, timeout: float) -> None:
        """Subscribe durably to ``topic`` as ``name``, and go away. Raises TransportError."""
        ...

    def back(self, topic: str, name: str, timeout: float) -> list[int]:
        """Come back and give the subscription up; return the journal ids of what had been kept."""
        ...
