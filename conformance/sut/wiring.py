"""Turn a loaded SUT.toml into what the SOAP transport and the gateway need to know."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.errors import ConfigurationError
from conformance.sut.jms import jms_settings
from conformance.sut.model import GenericEndpoint, TypedEndpoint
from conformance.transport.base import TRANSPORTS
from conformance.transport.settings import GatewaySettings, SoapSettings

if TYPE_CHECKING:
    from pathlib import Path

    from conformance.sut.load import Loaded

_MIB = 1024 * 1024


def soap_settings(loaded: Loaded) -> SoapSettings:
    """Return how requests reach the system in the style that this run uses.

    Raises ConfigurationError for a system that speaks no SOAP.
    """
    configuration = loaded.configuration
    security, style, endpoint = configuration.security, configuration.endpoints.style, configuration.endpoints.chosen
    if style is None or endpoint is None:
        said = "has no endpoint for SOAP (endpoints.style); add one, or run over JMS: --transport jms"
        raise ConfigurationError(f"{loaded.path} {said}")
    actions = {"": endpoint.request_action} if isinstance(endpoint, GenericEndpoint) else {}
    return SoapSettings(
        style=style,
        version=endpoint.soap,
        urls=_urls(endpoint) if isinstance(endpoint, TypedEndpoint) else {"": endpoint.url},
        actions=actions,
        ca=security.ca,
        client_certificate=security.client_certificate,
        client_key=security.client_key,
        http_basic=loaded.credentials if security.http_auth == "basic" else None,
        username_token=loaded.credentials if security.ws_security != "none" else None,
        password_type="digest" if security.ws_security.endswith("digest") else "text",
        connect_s=configuration.timeouts.connect_s,
        max_bytes=_max_bytes(loaded),
    )


def gateway_settings(loaded: Loaded, journal: Path, transport: str = "soap") -> GatewaySettings:
    """Return where the suite listens for later answers and events, and where they are kept."""
    callback = loaded.configuration.callback
    return GatewaySettings(
        journal=journal,
        host=callback.host,
        port=callback.port,
        advertise=callback.advertise,
        certificate=callback.certificate,
        key=callback.key,
        max_bytes=_max_bytes(loaded),
        secrets=loaded.secrets,
        jms=jms_settings(loaded) if "jms" in TRANSPORTS[transport] else None,
    )


def _urls(endpoint: TypedEndpoint) -> dict[str, str]:
    """Return URLs by operation and by service; a noun without a service of its own goes to the first."""
    urls = {"": endpoint.get_meter_readings, "GetMeterReadings": endpoint.get_meter_readings}
    if endpoint.request_end_device_controls is not None:
        urls["CreateEndDeviceControls"] = endpoint.request_end_device_controls
        # The service carries change, cancel, close and delete as well (facts/soap.md, style 2).
        urls["RequestEndDeviceControls"] = endpoint.request_end_device_controls
    return urls


def _max_bytes(loaded: Loaded) -> int:
    return int(loaded.configuration.limits.max_message_mib * _MIB)
