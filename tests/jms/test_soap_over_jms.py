"""SOAP over JMS: what the suite sends, and what its reference system makes of it."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import requests

from conformance.message.soap import HeaderBlock, SoapVersion, Style, unwrap
from conformance.message.xml import local_name
from conformance.standard import soap_jms
from conformance.standard.catalogue import with_scenarios
from conformance.steps.requests import encoded
from conformance.steps.soap_jms import headers_of
from conformance.transport.base import Carrying
from conformance.transport.jms.messages import JmsMessage, decoded
from conformance.transport.jms.settings import JmsSettings
from tests.jms.memory import Memory, prepared, settings_of
from tests.jms.test_run_jms import failed, run

GENERIC = "http://iec.ch/61968/Request"
TYPED = "http://iec.ch/TC57/2011/GetMeterReadings/GetMeterReadings"


@pytest.mark.parametrize(
    ("style", "version", "action", "content_type", "element"),
    [
        ("generic", "1.1", GENERIC, "text/xml; charset=utf-8", "RequestMessage"),
        ("typed", "1.1", TYPED, "text/xml; charset=utf-8", "GetMeterReadings"),
        ("bare", "1.1", "", "text/xml; charset=utf-8", "RequestMessage"),
        ("generic", "1.2", GENERIC, f'application/soap+xml; charset=utf-8; action="{GENERIC}"', "RequestMessage"),
        ("bare", "1.2", None, "application/soap+xml; charset=utf-8", "RequestMessage"),
    ],
)
def test_a_request(style: Style, version: SoapVersion, action: str | None, content_type: str, element: str) -> None:
    """The envelope is that of HTTP, the properties stand for its headers, and the body is bytes."""
    settings = settings_of(style, version)
    sent = prepared(settings, Memory(settings).read())
    carried = unwrap(sent.body)
    assert carried.body is not None
    assert (carried.version, local_name(carried.body)) == (version, element)
    assert sent.content_type == sent.headers[soap_jms.CONTENT_TYPE] == content_type
    assert sent.headers[soap_jms.BINDING_VERSION] == "1.0"
    assert sent.headers[soap_jms.REQUEST_URI] == "jms:queue:IEC61968.REQUESTS"
    assert sent.headers.get(soap_jms.SOAP_ACTION) == action
    assert sent.headers["JMSMessageClass"] == "bytes"
    assert soap_jms.TARGET_SERVICE not in sent.headers


def test_what_is_configured() -> None:
    """Target service and SOAPAction can be set; the settings survive the way to the gateway."""
    settings = settings_of(action="urn:mine", target_service="Readings")
    sent = prepared(settings, Memory(settings).read())
    assert (sent.headers[soap_jms.SOAP_ACTION], sent.headers[soap_jms.TARGET_SERVICE]) == ("urn:mine", "Readings")
    assert JmsSettings.from_json(json.loads(json.dumps(settings.as_json()))) == settings


def test_another_encoding() -> None:
    """The content type says the charset that the body has."""
    settings = settings_of()
    memory = Memory(settings)
    sent = prepared(settings, encoded(memory.read(), "UTF-16"))
    assert sent.content_type == "text/xml; charset=utf-16"
    assert memory.ask(sent).properties.get(soap_jms.IS_FAULT) is None


@pytest.mark.parametrize("version", ["1.1", "1.2"])
@pytest.mark.parametrize("style", ["generic", "typed", "bare"])
@pytest.mark.parametrize("kind", ["text", "bytes"])
def test_an_answer(style: Style, version: SoapVersion, kind: str) -> None:
    """It is an envelope of the same version, class and correlation, and says so; it is not marked as a fault."""
    memory = Memory(settings_of(style, version))
    answer = memory.ask(prepared(memory.settings, memory.read(JMSMessageClass=kind)))
    carried = unwrap(answer.body)
    assert (carried.version, carried.fault, answer.kind, answer.correlation_id) == (version, None, kind, "c")
    assert carried.message is not None
    assert carried.message.reply is not None
    assert carried.message.reply.result == "OK"
    assert answer.properties[soap_jms.BINDING_VERSION] == "1.0"
    assert answer.properties[soap_jms.REQUEST_URI] == "jms:queue:IEC61968.REQUESTS"
    assert soap_jms.IS_FAULT not in answer.properties


REFUSALS = [
    ("with a binding version that does not exist", soap_jms.UNRECOGNIZED_VERSION),
    ("without a request URI", soap_jms.MISSING_REQUEST_URI),
    ("with a request URI that is none", soap_jms.MALFORMED_REQUEST_URI),
    ("with a target service in its request URI", soap_jms.TARGET_SERVICE_IN_URI),
    ("without a content type", soap_jms.MISSING_CONTENT_TYPE),
    ("with a charset that is not its encoding", soap_jms.CONTENT_TYPE_MISMATCH),
    ("with a content type that names another action", soap_jms.MISMATCHED_ACTION),
]


@pytest.mark.parametrize("version", ["1.1", "1.2"])
@pytest.mark.parametrize(("manner", "subcode"), REFUSALS)
def test_a_refusal(version: SoapVersion, manner: str, subcode: str) -> None:
    """What contradicts itself is refused with its subcode, marked as a fault by a boolean."""
    memory = Memory(settings_of(version=version))
    ordinary = prepared(memory.settings, memory.read()).headers
    answer = memory.ask(prepared(memory.settings, memory.read(**headers_of(manner, ordinary))))
    fault = unwrap(answer.body).fault
    assert fault is not None
    assert (fault.code, fault.subcodes) == ((subcode, ()) if version == "1.1" else ("Sender", (subcode,)))
    assert answer.properties[soap_jms.IS_FAULT] is True


def test_plain_xml_is_refused() -> None:
    """A bare message where an envelope is expected is answered by a fault, not by silence."""
    memory = Memory(settings_of())
    plain = prepared(JmsSettings(class_path=(), jndi={}, factory="F", requests=memory.settings.requests), memory.read())
    assert unwrap(memory.ask(plain).body).fault is not None


def test_blocks_and_encoding_together() -> None:
    """What SOAP carries unusually is in the envelope over JMS, too, before it is encoded anew."""
    memory = Memory(settings_of(version="1.2"))
    blocks = (HeaderBlock(name="{urn:example:extension}Hint", text="1", must_understand=True),)
    carrying = Carrying(blocks=blocks, action="urn:other")
    sent = prepared(memory.settings, encoded(replace(memory.read(), carrying=carrying), "UTF-16"))
    assert sent.headers[soap_jms.SOAP_ACTION] == "urn:other"
    assert sent.content_type == 'application/soap+xml; charset=utf-16; action="urn:other"'
    envelope = unwrap(sent.body).envelope
    assert envelope is not None
    assert envelope.find("{*}Header/{urn:example:extension}Hint") is not None
    fault = unwrap(memory.ask(sent).body).fault
    assert fault is not None
    assert fault.code == "MustUnderstand"


@pytest.mark.parametrize("address", ["jms:queue:LATER", ""])
@pytest.mark.parametrize("plain", [False, True])
def test_a_stimulus(address: str, plain: bool) -> None:
    """What is published goes to the topic, carried as the front for JMS says, whatever is said of HTTP."""
    memory = Memory(settings_of("typed", "1.2"))
    if plain:
        memory = Memory(JmsSettings(class_path=(), jndi={}, factory="F", requests=memory.settings.requests))
    with memory.server as server:
        memory.front.start()
        url = f"{server.admin_url}/stimuli/power-failure?style=generic&soap=1.1"
        assert requests.post(url, data=address, timeout=5).status_code == 202
        assert server.courier.settle(5)
        memory.front.stop()
    ((to, message),) = memory.sent
    assert str(to) == "jms:topic:IEC61968.EVENTS"
    carried = unwrap(message.body)
    assert carried.body is not None
    expected = ("none", "EventMessage", "text") if plain else ("1.2", "CreatedEndDeviceEvents", "bytes")
    assert (carried.version, local_name(carried.body), message.kind) == expected


def test_content_type_of_what_came() -> None:
    """It is what the property says; the characters of a TextMessage have no charset, other classes no type."""
    properties: dict[str, Any] = {soap_jms.CONTENT_TYPE: "text/xml; charset=utf-16"}
    assert JmsMessage(body=b"x", kind="bytes", properties=properties).content_type == "text/xml; charset=utf-16"
    assert JmsMessage(body=b"x", kind="text", properties=properties).content_type == "text/xml"
    assert JmsMessage(body=b"x", kind="other", properties=properties).content_type == ""
    assert JmsMessage(body=b"x", properties={soap_jms.CONTENT_TYPE: 1}).content_type == "application/xml"
    assert JmsMessage(body=b"x").content_type == "application/xml"


def test_a_content_coding() -> None:
    """A gzip is unpacked within the limit; what is not, or is too much, is told and left as it came."""
    packed = gzip.compress(b"<a/>" * 100)
    assert decoded(packed, "gzip", 1000) == (b"<a/>" * 100, "")
    assert decoded(b"<a/>", "", 10) == decoded(b"<a/>", "identity", 10) == (b"<a/>", "")
    assert decoded(packed, "gzip", 399) == (b"", "the message unpacks to more than 399 bytes, the limit of this run")
    for body, coding, words in ((b"<a/>", "gzip", "is not"), (packed[:-9], "gzip", "ends"), (b"x", "br", "br, which")):
        left, problem = decoded(body, coding, 1000)
        assert left == body
        assert words in problem


SELECTED = "soap_over_jms,MR-001,EXC-003,EVT-001"


def test_a_run(classic: Any, tmp_path: Path) -> None:
    """Over HTTP and a real broker everything about SOAP over JMS passes, later answers and events included."""
    options = ("--transport", "all", "--binding", "soap", "--style", "typed", "--soap", "1.2", "--select", SELECTED)
    code, verdicts = run(tmp_path / "out", *options)
    assert (code, failed(verdicts, enveloped=True)) == (0, [])
    assert verdicts["counts"]["warnings"] == 0
    judged = {row["id"] for row in verdicts["requirements"] if row["verdict"] == "pass"}
    about_it = {row.id for row in with_scenarios().values() if row.area == "soap_over_jms"}
    assert judged == {*about_it, "MR-001", "EXC-003", "EVT-001"}
    assert len(about_it) >= 20
    both = {(row["transport"], row["verdict"]) for row in verdicts["scenarios"] if "EVT-001" in row["requirements"]}
    assert both == {("soap", "pass"), ("jms", "pass")}
    assert (verdicts["selection"]["style"], verdicts["selection"]["soap"]) == ("typed", "1.2")


@pytest.mark.nightly  # fixtures/JMS-101 and test_soap_over_jms_deviations have the same fault without a broker
def test_plain_xml_is_found(classic: Any, tmp_path: Path) -> None:
    """Answers without an envelope are read all the same, and are a finding of the one requirement about it."""
    options = ("--binding", "soap", "--fault", "soapjms_plain_xml", "--select", "JMS-101,MR-001")
    code, verdicts = run(tmp_path / "out", *options)
    assert (code, failed(verdicts, enveloped=True)) == (1, ["JMS-101"])
