"""What the SOAP transport and the gateway need to know; made from SUT.toml by :mod:`conformance.sut.wiring`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from conformance.message.soap import SoapVersion, Style
    from conformance.transport.jms.settings import JmsSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """Username and password. ``repr`` hides the password."""

    username: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class SoapSettings:
    """How requests reach the system.

    ``urls`` maps a typed operation such as ``GetMeterReadings`` to its URL; the key ``""`` is the default, and the
    only one for the styles generic and bare. ``actions`` maps likewise to a SOAPAction, where one is overridden.
    Times are seconds, sizes bytes.
    """

    style: Style
    version: SoapVersion
    urls: Mapping[str, str]
    actions: Mapping[str, str] = field(default_factory=dict)
    ca: Path | None = None
    client_certificate: Path | None = None
    client_key: Path | None = None
    http_basic: Credentials | None = None
    username_token: Credentials | None = None
    password_type: Literal["text", "digest"] = "text"  # noqa: S105 - a kind of password, not one
    connect_s: float = 5.0
    max_bytes: int = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewaySettings:
    """Where the suite listens. ``secrets`` are blotted out of the journal; ``jms`` adds a broker to HTTP."""

    journal: Path
    host: str = "127.0.0.1"
    port: int = 0
    advertise: str | None = None
    certificate: Path | None = None
    key: Path | None = None
    max_bytes: int = 64 * 1024 * 1024
    secrets: tuple[str, ...] = field(default=(), repr=False)
    jms: JmsSettings | None = None
