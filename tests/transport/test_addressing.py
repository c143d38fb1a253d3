"""The bytes, the URL and the SOAPAction of each style, also for what no service exists for."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace
from typing import Any

import pytest
from lxml import etree

from conformance.errors import ConfigurationError
from conformance.message.build import Draft, build_unchecked
from conformance.message.model import Header, Reply
from conformance.message.soap import ELSEWHERE, ENVELOPES, HeaderBlock, unwrap
from conformance.sut.sources import to_blot_out
from conformance.transport.addressing import prepare
from conformance.transport.base import Answer, Carrying, Outbound
from conformance.transport.memory import MemoryTransport
from conformance.transport.settings import Credentials, SoapSettings
from conformance.transport.soap import SoapTransport

GET, CONTROL = "http://hes/get", "http://hes/control"
TYPED: dict[str, Any] = {"GetMeterReadings": GET, "CreateEndDeviceControls": CONTROL}


def outbound(verb: str, noun: str, kind: str = "RequestMessage", raw: bytes | None = None) -> Outbound:
    """Return a message with only a header (and a Reply where there has to be one)."""
    reply = Reply(result="OK") if kind == "ResponseMessage" else None
    message = build_unchecked(Draft(kind=kind, header=Header(verb=verb, noun=noun), reply=reply))
    return Outbound(message=message, verb=verb, noun=noun, raw=raw)


def settings(style: Any, version: Any = "1.1", **more: Any) -> SoapSettings:
    """Return settings with one URL, or with those of the typed style."""
    urls = TYPED if style == "typed" else {"": "http://hes/all"}
    return SoapSettings(**{"style": style, "version": version, "urls": urls, **more})


@pytest.mark.parametrize(("version", "must", "role"), [("1.1", "1", "actor"), ("1.2", "true", "role")])
def test_header_blocks(version: Any, must: str, role: str) -> None:
    """Blocks stand in the Header, with the attributes of the version, before the message and beside a token."""
    blocks = (
        HeaderBlock(name="{urn:x}One", text="1"),
        HeaderBlock(name="{urn:x}Two", must_understand=True, elsewhere=True),
    )
    request = replace(outbound("get", "MeterReadings"), carrying=Carrying(blocks=blocks))
    envelope = etree.fromstring(prepare(settings("generic", version), request).body)
    one, two = envelope[0]
    space = ENVELOPES[version]
    assert (one.tag, one.text, dict(one.attrib)) == ("{urn:x}One", "1", {})
    assert dict(two.attrib) == {f"{{{space}}}mustUnderstand": must, f"{{{space}}}{role}": ELSEWHERE}


@pytest.mark.parametrize("version", ["1.1", "1.2"])
def test_an_envelope_of_no_version_and_an_action_of_choice(version: Any) -> None:
    """Only the namespace of the Envelope differs, and only the action that was chosen is said."""
    usual = prepare(settings("generic", version), outbound("get", "MeterReadings"))
    strange = Carrying(envelope="urn:x", action="urn:act")
    sent = prepare(settings("generic", version), replace(outbound("get", "MeterReadings"), carrying=strange))
    assert sent.body.replace(b"urn:x", ENVELOPES[version].encode()) == usual.body
    assert (sent.headers.get("SOAPAction") or sent.content_type.rpartition("action=")[2]) == '"urn:act"'


@pytest.mark.parametrize(
    ("verb", "noun", "kind", "wrapper", "url", "action"),
    [
        ("get", "MeterReadings", "RequestMessage", "{http://iec.ch/TC57/2011/GetMeterReadingsMessage}GetMeterReadings",
         GET, "http://iec.ch/TC57/2011/GetMeterReadings/GetMeterReadings"),
        ("create", "EndDeviceControls", "RequestMessage",
         "{http://iec.ch/TC57/2011/EndDeviceControlsMessage}CreateEndDeviceControls",
         CONTROL, "http://iec.ch/TC57/2011/EndDeviceControls/CreateEndDeviceControls"),
        ("frobnicate", "MeterReadings", "RequestMessage",
         "{http://iec.ch/TC57/2011/GetMeterReadingsMessage}GetMeterReadings",
         GET, "http://iec.ch/TC57/2011/GetMeterReadings/GetMeterReadings"),
        ("frobnicate", "EndDeviceControls", "RequestMessage",
         "{http://iec.ch/TC57/2011/EndDeviceControlsMessage}CreateEndDeviceControls",
         CONTROL, "http://iec.ch/TC57/2011/EndDeviceControls/CreateEndDeviceControls"),
        ("frobnicate", "MeterConfig", "RequestMessage",
         "{http://iec.ch/TC57/2011/GetMeterReadingsMessage}GetMeterReadings",
         GET, "http://iec.ch/TC57/2011/GetMeterReadings/GetMeterReadings"),
        ("get", "Bananas", "RequestMessage", "{http://iec.ch/TC57/2011/GetMeterReadingsMessage}GetMeterReadings",
         GET, "http://iec.ch/TC57/2011/GetMeterReadings/GetMeterReadings"),
        ("create", "two words", "RequestMessage", "{http://iec.ch/TC57/2011/GetMeterReadingsMessage}GetMeterReadings",
         GET, "http://iec.ch/TC57/2011/GetMeterReadings/GetMeterReadings"),
        ("GET", "GetMeterReadings", "RequestMessage",
         "{http://iec.ch/TC57/2011/GetMeterReadingsMessage}GetMeterReadings",
         GET, "http://iec.ch/TC57/2011/GetMeterReadings/GetMeterReadings"),
    ],
)  # fmt: skip
def test_typed(verb: str, noun: str, kind: str, wrapper: str, url: str, action: str) -> None:
    """A typed operation has its wrapper, URL and SOAPAction; an illegal one goes to the nearest, header as built."""
    sent = prepare(settings("typed"), outbound(verb, noun, kind))
    carried = unwrap(sent.body)
    assert carried.body is not None
    assert carried.message is not None
    assert (carried.body.tag, sent.url, sent.headers["SOAPAction"]) == (wrapper, url, f'"{action}"')
    assert (carried.message.verb, carried.message.noun) == (verb, noun)


@pytest.mark.parametrize(
    ("verb", "noun", "kind", "key", "operation"),
    [
        ("create", "EndDeviceControls", "RequestMessage", "RequestEndDeviceControls", "CreateEndDeviceControls"),
        ("execute", "OperationSet", "RequestMessage", "ExecuteOperationSet", "ExecuteOperationSet"),
        ("created", "EndDeviceEvents", "EventMessage", "SendEndDeviceEvents", "CreatedEndDeviceEvents"),
        ("reply", "MeterReadings", "ResponseMessage", "ReplyMeterReadings", "ResponseMeterReadings"),
        ("change", "MeterConfig", "RequestMessage", "", "ChangeMeterConfig"),
    ],
)
def test_typed_services(verb: str, noun: str, kind: str, key: str, operation: str) -> None:
    """A URL may be given for the operation, for its service, or for all of them."""
    sent = prepare(settings("typed", urls={key: "http://hes/x"}), outbound(verb, noun, kind))
    assert sent.url == "http://hes/x"
    assert sent.headers["SOAPAction"] == f'"http://iec.ch/TC57/2011/{noun}/{operation}"'


@pytest.mark.parametrize(("style", "name"), [("typed", "DeleteMeterConfig"), ("generic", "the style generic")])
def test_missing_url(style: str, name: str) -> None:
    """A legal operation without a URL is an error of the configuration, never sent somewhere else."""
    with pytest.raises(ConfigurationError, match=name):
        prepare(settings(style, urls={"GetMeterReadings": GET}), outbound("delete", "MeterConfig"))


@pytest.mark.parametrize(
    ("kind", "action"),
    [("RequestMessage", "Request"), ("EventMessage", "PublishEvent"), ("ResponseMessage", "Response")],
)
def test_generic_action(kind: str, action: str) -> None:
    """The generic style has one SOAPAction for each kind of message."""
    sent = prepare(settings("generic"), outbound("x", "y", kind))
    assert sent.headers["SOAPAction"] == f'"http://iec.ch/61968/{action}"'


def test_action_is_overridden() -> None:
    """The configured SOAPAction wins, in each style."""
    assert prepare(settings("generic", actions={"": "urn:a"}), outbound("get", "X")).headers["SOAPAction"] == '"urn:a"'
    own = settings("typed", actions={"GetMeterReadings": "urn:b"})
    assert prepare(own, outbound("get", "MeterReadings")).headers["SOAPAction"] == '"urn:b"'


def test_soap_12() -> None:
    """SOAP 1.2 carries the action in the Content-Type."""
    sent = prepare(settings("generic", "1.2"), outbound("get", "MeterReadings"))
    assert sent.content_type == 'application/soap+xml; charset=utf-8; action="http://iec.ch/61968/Request"'
    assert "SOAPAction" not in sent.headers
    assert prepare(settings("bare", "1.2"), outbound("get", "X")).content_type == "application/soap+xml; charset=utf-8"


def test_bare() -> None:
    """The bare style has an empty SOAPAction in SOAP, and no envelope at all as plain XML."""
    assert prepare(settings("bare"), outbound("get", "MeterReadings")).headers["SOAPAction"] == '""'
    plain = prepare(settings("bare", "none"), outbound("get", "MeterReadings"))
    assert "SOAPAction" not in plain.headers
    assert plain.content_type.startswith("application/xml")
    assert unwrap(plain.body).version == "none"


def test_raw_replaces_the_body() -> None:
    """Broken requests go out byte by byte as given."""
    assert prepare(settings("typed"), outbound("get", "MeterReadings", raw=b"<broken")).body == b"<broken"


def test_foreign_namespace_is_sent_as_built() -> None:
    """A message in another envelope namespace is still sent: the case that breaks it decides."""
    message = etree.fromstring(b"<RequestMessage xmlns='urn:x'><Header><Verb>get</Verb></Header></RequestMessage>")
    sent = prepare(settings("typed"), Outbound(message=message, verb="get", noun="MeterReadings"))
    assert b"urn:x" in sent.body


def test_memory_carries_the_same_bytes() -> None:
    """In memory, the very bytes of SOAP reach a function."""
    seen: list[Any] = []

    def answer(sent: Any) -> Answer:
        seen.append(sent)
        return Answer(status=200, content_type="", body=b"ok")

    memory = MemoryTransport(answer, settings("generic"))
    sent = memory.prepare(outbound("get", "MeterReadings"))
    assert memory.send(sent, 1.0).body == b"ok"
    memory.close()
    assert memory.name == "memory"
    assert seen == [prepare(settings("generic"), outbound("get", "MeterReadings"))]


WSSE = "{http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd}"
WSU = "{http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd}"
WHO = Credentials(username="ann", password="h&sh<1>")


@pytest.mark.parametrize("version", ["1.1", "1.2"])
def test_username_token_text(version: str) -> None:
    """The password as text is in the SOAP header, and what the journal blots out covers it."""
    own = settings("generic", version, username_token=WHO)
    body = prepare(own, outbound("get", "MeterReadings")).body
    root = etree.fromstring(body)
    assert root.findtext(f".//{WSSE}Username") == "ann"
    assert root.findtext(f".//{WSSE}Password") == WHO.password
    for secret in to_blot_out(WHO, {}):
        body = body.replace(secret.encode(), b"")
    assert b"sh&lt;1" not in body
    carried = unwrap(prepare(own, outbound("get", "MeterReadings")).body)
    assert carried.message is not None
    assert carried.message.verb == "get"


def test_username_token_digest() -> None:
    """The digest is that of nonce, creation time and password (UsernameToken Profile 1.1), new each time."""
    own = settings("generic", username_token=WHO, password_type="digest")
    roots = [etree.fromstring(prepare(own, outbound("get", "X")).body) for _ in range(2)]
    nonces = set()
    for root in roots:
        nonce = base64.b64decode(root.findtext(f".//{WSSE}Nonce") or "")
        created = root.findtext(f".//{WSU}Created") or ""
        digest = hashlib.sha1(nonce + created.encode() + WHO.password.encode()).digest()  # noqa: S324 - the profile's
        assert root.findtext(f".//{WSSE}Password") == base64.b64encode(digest).decode()
        assert created.endswith("Z")
        nonces.add(nonce)
    assert len(nonces) == 2


def test_username_token_needs_soap() -> None:
    """Plain XML has no place for a token: said before anything is sent."""
    with pytest.raises(ConfigurationError, match="ws_security needs SOAP"):
        SoapTransport(settings("bare", "none", username_token=WHO))


def test_http_basic(hostile: Any, transport: Any) -> None:
    """Basic credentials go over the wire, but are neither in Sent nor visible in the settings."""
    server = hostile(lambda peer: peer.say(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"))
    who = Credentials(username="änn", password="hüsh")
    carrier = transport(server.url, http_basic=who)
    sent = carrier.prepare(outbound("get", "MeterReadings"))
    assert carrier.name == "soap"
    carrier.send(sent, 5.0)
    expected = base64.b64encode("änn:hüsh".encode())
    assert b"Authorization: Basic " + expected in server.requests[0]
    assert "Authorization" not in sent.headers
    assert "hüsh" not in repr(carrier._settings)
    assert expected.decode() in to_blot_out(who, {})


def test_no_secrets_without_credentials() -> None:
    """Nothing is blotted out when there is no password."""
    assert to_blot_out(None, {}) == ()
