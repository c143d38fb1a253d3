"""What SUT.toml says of JMS: its settings, and what it must not say."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from conformance.errors import ConfigurationError
from conformance.sut.jms import jms_settings
from conformance.sut.load import load
from conformance.sut.wiring import gateway_settings
from conformance.transport.jms.settings import SoapBinding

Write = Callable[..., Path]
JMS = """
[endpoints.jms]
class_path = ["jars/*.jar", "one.jar"]
jndi = { "java.naming.factory.initial" = "F" }
requests = { all = "jms:queue:R", "get(MeterReadings)" = "topic:T" }
events = ["jms:topic:E"]
"""
LOGIN = ("[security]\n", '[security]\nusername = { env = "JMS_USER" }\npassword = { env = "JMS_PASSWORD" }\n')


def test_settings(write: Write, tmp_path: Path) -> None:
    """Destinations, defaults and files are what the table says; relative files start at its directory."""
    loaded = load(write(append=JMS))
    settings = jms_settings(loaded)
    assert {name: str(place) for name, place in settings.requests.items()} == {
        "": "jms:queue:R",
        "get(MeterReadings)": "jms:topic:T",
    }
    assert [str(place) for place in settings.events] == ["jms:topic:E"]
    assert settings.class_path[-1] == loaded.path.absolute().parent / "one.jar"
    assert settings.credentials is None
    assert gateway_settings(loaded, tmp_path / "j", "jms").jms == settings
    assert gateway_settings(loaded, tmp_path / "j").jms is None


def test_without_the_table(write: Write) -> None:
    """Without the table there is no JMS, and the message says which table."""
    with pytest.raises(ConfigurationError, match=r"\[endpoints\.jms\]"):
        jms_settings(load(write()))


def test_login(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    """With login the credentials of [security] are used, and blotted out of everything."""
    monkeypatch.setenv("JMS_USER", "suite")
    monkeypatch.setenv("JMS_PASSWORD", "s3cr3t-of-jms")
    loaded = load(write(LOGIN, append=JMS + "login = true\n"))
    found = jms_settings(loaded).credentials
    assert found is not None
    assert (found.username, found.password) == ("suite", "s3cr3t-of-jms")
    assert "s3cr3t-of-jms" in loaded.secrets
    assert not any("not sent" in gap for gap in loaded.gaps)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("login = true", r"endpoints\.jms\.login: is true, but security\.username"),
        ('subscription = "s"', r"endpoints\.jms\.subscription: needs a client id"),
    ],
)
def test_what_goes_together(write: Write, line: str, words: str) -> None:
    """A login needs credentials, a durable subscription a client id."""
    with pytest.raises(ConfigurationError, match=words):
        load(write(append=f"{JMS}{line}\n"))


def test_no_password_in_the_naming_environment(write: Write) -> None:
    """A password in plain text is refused, and not repeated."""
    given = JMS.replace('= "F" }', '= "F", "java.naming.security.credentials" = "s3cr3t" }')
    with pytest.raises(ConfigurationError, match="would end up in reports") as told:
        load(write(append=given))
    assert "s3cr3t" not in str(told.value)


def test_plain_xml_is_the_default(write: Write) -> None:
    """Nothing is said of a binding: bodies are plain XML, as text."""
    settings = jms_settings(load(write(append=JMS)))
    assert (settings.soap, settings.message_class) == (None, "text")


def test_soap_over_jms(write: Write) -> None:
    """Binding soap takes the style of the endpoints and its own version; bytes, unless told otherwise."""
    more = 'binding = "soap"\nsoap = "1.2"\nrequest_action = "urn:a"\ntarget_service = "S"\n'
    settings = jms_settings(load(write(append=JMS + more)))
    assert settings.soap == SoapBinding(style="generic", version="1.2", action="urn:a", target_service="S")
    assert settings.message_class == "bytes"
    settings = jms_settings(load(write(append=JMS + 'binding = "soap"\nmessage_class = "text"\n')))
    assert settings.soap == SoapBinding(style="generic", version="1.1")
    assert settings.message_class == "text"


def test_username_token(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    """WS-Security goes into the envelope over JMS as over HTTP."""
    monkeypatch.setenv("JMS_USER", "suite")
    monkeypatch.setenv("JMS_PASSWORD", "s3cr3t-of-jms")
    token = (LOGIN[0], LOGIN[1] + 'ws_security = "username-token-digest"\n')
    soap = jms_settings(load(write(token, append=JMS + 'binding = "soap"\n'))).soap
    assert soap is not None
    assert soap.username_token is not None
    assert (soap.username_token.username, soap.password_type) == ("suite", "digest")
