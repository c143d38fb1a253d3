"""Settings, destinations, and the characters of a message: no Java here."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.errors import ConfigurationError
from conformance.transport.jms import jars, jvm
from conformance.transport.jms.messages import JmsMessage, bytes_of, is_identifier, kind_for, text_of
from conformance.transport.jms.settings import Destination, JmsSettings, destination_of, is_destination
from conformance.transport.settings import Credentials

QUEUE = Destination("queue", "R")


def made(**more: object) -> JmsSettings:
    """Return settings that need no broker."""
    given = {"class_path": (Path("a.jar"),), "jndi": {}, "factory": "F", "requests": {"": QUEUE}, **more}
    return JmsSettings(**given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "kind", "name"),
    [
        ("jms:queue:A.B", "queue", "A.B"),
        ("jms:topic:A", "topic", "A"),
        ("topic://A", "topic", "A"),
        ("queue:A?timeToLive=1", "queue", "A"),
        ("jms:jndi:java:comp/env/q", "jndi", "java:comp/env/q"),
        ("JUST.A.NAME", "queue", "JUST.A.NAME"),
    ],
)
def test_destinations(text: str, kind: str, name: str) -> None:
    """Every usual way to write a destination is understood, and written back as one URI."""
    found = destination_of(text)
    assert (found.kind, found.name) == (kind, name)
    assert destination_of(str(found)) == found


def test_url_is_no_destination() -> None:
    """An HTTP address is not taken for a queue."""
    assert not is_destination("http://127.0.0.1:8080/callback")
    assert is_destination("jms:queue:X")


def test_settings_survive_the_way_to_the_gateway() -> None:
    """Settings come back from JSON as they were."""
    settings = made(
        events=(Destination("topic", "E"),),
        replies=QUEUE,
        later=QUEUE,
        credentials=Credentials(username="u", password="p"),
    )
    assert JmsSettings.from_json(json.loads(json.dumps(settings.as_json()))) == settings
    assert "password='p'" not in repr(settings)


def test_settings_that_cannot_work() -> None:
    """A durable subscription without client id, no destination at all, and none for a noun are told."""
    with pytest.raises(ConfigurationError, match="client_id"):
        made(subscription="s")
    with pytest.raises(ConfigurationError, match="requests is empty"):
        made(requests={})
    with pytest.raises(ConfigurationError, match=r"create\(EndDeviceControls\)"):
        made(requests={"MeterReadings": QUEUE}).request_destination("create", "EndDeviceControls")


def test_request_destinations() -> None:
    """Verb and noun come before the noun, and the noun before the one for all."""
    one, two, three = (Destination("queue", name) for name in "ABC")
    settings = made(requests={"get(MeterReadings)": one, "MeterReadings": two, "": three})
    assert settings.request_destination("get", "MeterReadings") is one
    assert settings.request_destination("create", "MeterReadings") is two
    assert settings.request_destination("create", "EndDeviceControls") is three


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "utf-8-sig", "iso-8859-1"])
def test_characters_of_every_encoding(encoding: str) -> None:
    """A TextMessage made of XML in any encoding is XML of the same content again."""
    from lxml import etree

    named = {"utf-8-sig": "utf-8", "utf-16-le": "utf-16"}.get(encoding, encoding)
    document = f"<?xml version='1.0' encoding='{named}'?><a>Zähler</a>"
    text = text_of(document.encode(encoding))
    assert text is not None
    assert etree.fromstring(bytes_of(text)).text == "Zähler"


@given(st.binary(max_size=200))
def test_bytes_without_characters_go_as_bytes(body: bytes) -> None:
    """Whatever cannot be a TextMessage becomes a BytesMessage; nothing raises."""
    assert kind_for(body, "text") == ("text" if text_of(body) is not None else "bytes")
    assert kind_for(body, "bytes") == "bytes"


@pytest.mark.parametrize(
    ("name", "legal"), [("Verb", True), ("_a$1", True), ("a-b", False), ("1a", False), ("Like", False)]
)
def test_identifiers(name: str, legal: bool) -> None:
    """Names of properties are Java identifiers and no words of the selector language."""
    assert is_identifier(name) is legal


def test_headers_for_the_journal() -> None:
    """Headers and typed properties are text in the journal; what is not set is left out."""
    headers = JmsMessage(body=b"", properties={"a": True, "b": 1.5}, redelivered=True).headers()
    assert (headers["a"], headers["b"], headers["JMSRedelivered"]) == ("true", "1.5", "true")
    assert "JMSCorrelationID" not in headers


def test_missing_jars_are_told_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What to install, and how."""
    monkeypatch.setenv("CONFORMANCE_JARS", str(tmp_path))
    monkeypatch.setattr(jars, "DEBIAN", tmp_path)
    with pytest.raises(ConfigurationError, match=r"^the jars .*apt-get install activemq libactivemq-java.*$"):
        jars.find_jars("classic")
    with pytest.raises(ConfigurationError, match=r"^the jars .*conformance jms install artemis.*$"):
        jars.find_jars("artemis")
    with pytest.raises(ConfigurationError, match=r"has no activemq-broker"):
        jars.find_jars("classic", tmp_path)


def test_missing_python_package(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the extra the line names it."""
    monkeypatch.setattr(jvm, "find_spec", lambda name: None)
    monkeypatch.setattr(jvm._Started, "class_path", None)
    with pytest.raises(ConfigurationError, match=r"^JMS needs .*\[jms\]'$"):
        jvm.start(())


def test_class_path_that_is_not_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Every file that does not exist is named."""
    monkeypatch.setattr(jvm._Started, "class_path", None)
    with pytest.raises(ConfigurationError, match=r"no\.jar"):
        jvm.start(jvm.expand([str(tmp_path / "no.jar"), str(tmp_path / "*.jar")]))


def test_crash_report(tmp_path: Path) -> None:
    """The head of the newest report is told; without one there is nothing to tell."""
    assert jvm.crash_report(tmp_path) is None
    (tmp_path / "jvm-crash-1.log").write_text("#\n# A fatal error\n#\n#  SIGSEGV\nrest\n")
    assert jvm.crash_report(tmp_path) == (tmp_path / "jvm-crash-1.log", "A fatal error SIGSEGV")
