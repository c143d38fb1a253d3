"""Settings of transport and gateway say what SUT.toml says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from conformance.sut.load import load
from conformance.sut.wiring import gateway_settings, soap_settings

Write = Callable[..., Path]
TYPED = (
    ('style = "generic"', 'style = "typed"'),
    ("#[endpoints.typed]", "[endpoints.typed]"),
    ("#get_meter_readings =", "get_meter_readings ="),
)
WITHOUT_CONTROLS = ('"create(EndDeviceControls)" = ["sync", "async"]', '"create(EndDeviceControls)" = []')


def test_generic(write: Write) -> None:
    """One URL and one SOAPAction for all."""
    settings = soap_settings(load(write()))
    assert (settings.style, settings.version) == ("generic", "1.1")
    assert dict(settings.urls) == {"": "http://127.0.0.1:8080/services/Request"}
    assert dict(settings.actions) == {"": "http://iec.ch/61968/Request"}
    assert settings.http_basic is None
    assert settings.username_token is None
    assert settings.max_bytes == 64 * 1024 * 1024


def test_typed(write: Write) -> None:
    """Each service has its URL, and an unknown noun goes to the first."""
    changes = (*TYPED, ("#request_end_device_controls =", "request_end_device_controls ="))
    settings = soap_settings(load(write(*changes)))
    assert settings.urls["RequestEndDeviceControls"].endswith("/RequestEndDeviceControls")
    assert settings.urls["CreateEndDeviceControls"].endswith("/RequestEndDeviceControls")
    assert settings.urls[""] == settings.urls["GetMeterReadings"]
    assert dict(settings.actions) == {}


def test_typed_without_controls(write: Write) -> None:
    """A service that is not there has no URL of its own."""
    settings = soap_settings(load(write(*TYPED, WITHOUT_CONTROLS)))
    assert set(settings.urls) == {"", "GetMeterReadings"}


def test_bare(write: Write) -> None:
    """Plain XML needs no action."""
    changes = (
        ('style = "generic"', 'style = "bare"'),
        ("#[endpoints.bare]", "[endpoints.bare]"),
        ('#url = "http://127.0.0.1:8080/services/messages"', 'url = "http://host/x"\nsoap = "none"'),
    )
    settings = soap_settings(load(write(*changes)))
    assert (settings.style, settings.version, dict(settings.urls)) == ("bare", "none", {"": "http://host/x"})


@pytest.mark.parametrize(
    ("setting", "basic", "token", "kind"),
    [
        ('http_auth = "basic"', True, False, "text"),
        ('ws_security = "username-token"', False, True, "text"),
        ('ws_security = "username-token-digest"', False, True, "digest"),
    ],
)
def test_credentials(
    write: Write, monkeypatch: pytest.MonkeyPatch, setting: str, basic: bool, token: bool, kind: str
) -> None:
    """Credentials go only where SUT.toml sends them, and are blotted out of the journal."""
    monkeypatch.setenv("U", "anna")
    monkeypatch.setenv("P", "hunter22")
    key = setting.partition(" ")[0]
    names = (
        (f'#{key} = "none"', setting),
        ('#username = { env = "SUT_USERNAME" }', 'username = { env = "U" }'),
        ('#password = { env = "SUT_PASSWORD" }', 'password = { env = "P" }'),
    )
    loaded = load(write(*names))
    settings = soap_settings(loaded)
    assert (settings.http_basic is not None, settings.username_token is not None) == (basic, token)
    assert settings.password_type == kind
    assert "hunter22" in gateway_settings(loaded, Path("journal.db")).secrets


def test_gateway(write: Write) -> None:
    """The table [callback] as it stands."""
    changes = (
        ('#host = "127.0.0.1"', 'host = "::1"'),
        ("#port = 0", "port = 8090"),
        ("#advertise =", "advertise ="),
        ("#max_message_mib = 64", "max_message_mib = 0.5"),
    )
    settings = gateway_settings(load(write(*changes)), Path("journal.db"))
    assert (settings.host, settings.port, settings.advertise) == ("::1", 8090, "http://suite.example:8090/")
    assert settings.max_bytes == 512 * 1024
