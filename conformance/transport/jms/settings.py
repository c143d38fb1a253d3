"""What the JMS transport needs to know; made from SUT.toml by :mod:`conformance.sut.wiring`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from conformance.errors import ConfigurationError
from conformance.transport.settings import Credentials

if TYPE_CHECKING:
    from conformance.message.soap import SoapVersion, Style

Kind = Literal["queue", "topic", "jndi", "temporary"]
MessageClass = Literal["text", "bytes"]
Api = Literal["auto", "javax", "jakarta"]

_URI = re.compile(r"(?:jms:)?(queue|topic|jndi|temporary)(?:://|:)(.+)", re.DOTALL)
#: Placeholders of :attr:`JmsSettings.properties`.
PLACEHOLDERS = ("{verb}", "{noun}", "{message_id}", "{correlation_id}")
DEFAULT_PROPERTIES = {"Verb": "{verb}", "Noun": "{noun}"}


@dataclass(frozen=True, slots=True)
class Destination:
    """A queue or topic by its name at the provider, or (``jndi``) an object of the naming service."""

    kind: Kind
    name: str

    def __str__(self) -> str:
        """Return it as a URI (RFC 6167): ``jms:queue:NAME``."""
        return f"jms:{self.kind}:{self.name}"


def destination_of(text: str, kind: Kind = "queue") -> Destination:
    """Return the destination that ``text`` names: ``jms:topic:N``, ``topic:N``, ``topic://N``, or N of ``kind``."""
    found = _URI.fullmatch(text.strip())
    if found is None:
        return Destination(kind, text.strip())
    spoken: dict[str, Kind] = {"queue": "queue", "topic": "topic", "jndi": "jndi", "temporary": "temporary"}
    return Destination(spoken[found.group(1)], found.group(2).partition("?")[0])


def is_destination(text: str) -> bool:
    """Return whether ``text`` says of itself that it is a queue or a topic, and no URL."""
    return _URI.fullmatch(text.strip()) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class SoapBinding:
    """How envelopes travel (SOAP over JMS). ``action`` and ``target_service`` are None where nothing is configured."""

    style: Style
    version: SoapVersion
    action: str | None = None
    target_service: str | None = None
    username_token: Credentials | None = None
    password_type: Literal["text", "digest"] = "text"  # noqa: S105 - a kind of password, not one


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """How the Java virtual machine is started, MiB.

    ``properties`` are set within it when it runs: so no process list and no crash report shows the passwords in them.
    """

    max_heap_mib: int = 1024
    options: tuple[str, ...] = ()
    properties: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class JmsSettings:
    """How to reach the broker, and which destination carries what.

    ``requests`` maps ``verb(noun)`` or a noun to the destination of its requests; the key ``""`` is the default.
    ``replies`` is the queue for JMSReplyTo, None for a temporary one; ``later`` is what ReplyAddress names.
    ``properties`` maps a message property to its value, in which ``{verb}``, ``{noun}``, ``{message_id}`` and
    ``{correlation_id}`` stand for those of the message. Without ``soap`` bodies are plain XML.
    ``subscription`` makes subscriptions to topics durable
    and needs ``client_id``. Times are seconds, sizes bytes, ``expiry_s`` 0 is never.
    ``jndi`` may hold passwords; ``secrets`` are blotted out of what is told.
    """

    class_path: tuple[Path, ...]
    jndi: Mapping[str, str] = field(repr=False)
    factory: str
    requests: Mapping[str, Destination]
    events: tuple[Destination, ...] = ()
    replies: Destination | None = None
    later: Destination | None = None
    credentials: Credentials | None = None
    message_class: MessageClass = "text"
    properties: Mapping[str, str | bool | int | float] = field(default_factory=lambda: dict(DEFAULT_PROPERTIES))
    soap: SoapBinding | None = None
    api: Api = "auto"
    client_id: str | None = None
    subscription: str | None = None
    selector: str | None = None
    persistent: bool = True
    priority: int = 4
    expiry_s: float = 0.0
    connect_s: float = 5.0
    reconnect_s: float = 60.0
    max_bytes: int = 64 * 1024 * 1024
    machine: Machine = field(default_factory=Machine)
    secrets: tuple[str, ...] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        """Refuse what no broker could make sense of. Raises ConfigurationError."""
        if self.subscription and not self.client_id:
            raise ConfigurationError("endpoints.jms.subscription needs endpoints.jms.client_id: durable subscriptions"
                                     " are kept by client id; add it")  # fmt: skip
        if not self.requests:
            raise ConfigurationError('endpoints.jms.requests is empty; name a queue for all: "jms:queue:NAME"')

    def request_destination(self, verb: str, noun: str) -> Destination:
        """Return where a request goes. Raises ConfigurationError when none is known for it."""
        for name in (f"{verb}({noun})", noun, ""):
            if name in self.requests:
                return self.requests[name]
        raise ConfigurationError(f"endpoints.jms.requests has no destination for {verb}({noun}); add one for it or all")

    def as_json(self) -> dict[str, Any]:
        """Return the settings as JSON, secrets included: only for standard input of the gateway."""
        given = asdict(self)
        given["class_path"] = [str(path) for path in self.class_path]
        return given

    @classmethod
    def from_json(cls, given: Mapping[str, Any]) -> JmsSettings:
        """Return the settings that :meth:`as_json` wrote."""

        def one(value: Any) -> Destination | None:
            return Destination(**value) if value else None

        def credentials(value: Any) -> Credentials | None:
            return Credentials(**value) if value else None

        soap = given["soap"]
        return cls(**{
            **given,
            "class_path": tuple(Path(path) for path in given["class_path"]),
            "requests": {name: Destination(**value) for name, value in given["requests"].items()},
            "events": tuple(Destination(**value) for value in given["events"]),
            "replies": one(given["replies"]),
            "later": one(given["later"]),
            "credentials": credentials(given["credentials"]),
            "soap": SoapBinding(**{**soap, "username_token": credentials(soap["username_token"])}) if soap else None,
            "secrets": tuple(given["secrets"]),
            "machine": Machine(**{**given["machine"], "options": tuple(given["machine"]["options"])}),
        })  # fmt: skip
