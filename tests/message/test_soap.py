"""SOAP 1.1, SOAP 1.2 and plain XML; faults; the names of typed wrappers."""

from __future__ import annotations

import pytest
from lxml import etree

from conformance.errors import InternalError, MessageError
from conformance.message.build import Draft, build
from conformance.message.model import Header, Reply
from conformance.message.soap import (
    CONTENT_TYPES,
    ENVELOPES,
    SoapFault,
    SoapVersion,
    fault,
    to_typed,
    unwrap,
    wrap,
    wrapper_name,
)
from conformance.message.xml import Limits

HEADER = Header(verb="get", noun="MeterReadings")


def request() -> etree._Element:
    """Return a small request."""
    return build(Draft(kind="RequestMessage", header=HEADER))


def refusal() -> etree._Element:
    """Return a FaultMessage."""
    return build(Draft(kind="FaultMessage", reply=Reply(result="FAILED")))


def envelope(content: str, space: str = ENVELOPES["1.1"]) -> bytes:
    """Return ``content`` within an Envelope of ``space``."""
    return f'<s:Envelope xmlns:s="{space}">{content}</s:Envelope>'.encode()


@pytest.mark.parametrize("version", ["1.1", "1.2"])
def test_fault_with_a_fault_message(version: SoapVersion) -> None:
    """Code, reason and the FaultMessage in the detail are read from either version."""
    for client, code in ((True, ("Client", "Sender")), (False, ("Server", "Receiver"))):
        carried = unwrap(wrap(fault(version, "no <way>", refusal(), client=client), version))
        assert carried.version == version
        assert carried.fault == SoapFault(code=code[version == "1.2"], reason="no <way>")
        assert carried.message is not None
        assert carried.message.reply == Reply(result="FAILED")


@pytest.mark.parametrize(
    ("version", "read"),
    [("1.1", SoapFault(code="gone", reason="no")), ("1.2", SoapFault(code="Sender", reason="no", subcodes=("gone",)))],
)
def test_fault_with_a_subcode(version: SoapVersion, read: SoapFault) -> None:
    """SOAP 1.1 has no subcodes: there it is the code. Its prefix stands for its namespace."""
    element = fault(version, "no", subcode=("urn:codes", "gone"))
    assert element.nsmap["sub"] == "urn:codes"
    assert b"sub:gone" in etree.tostring(element)
    assert unwrap(wrap(element, version)).fault == read


@pytest.mark.parametrize("version", ["1.1", "1.2"])
def test_fault_with_a_code_of_both_versions(version: SoapVersion) -> None:
    """Such a code stands in the place of the one that says whose fault it is; in SOAP 1.2 also above a subcode."""
    assert unwrap(wrap(fault(version, "no", code="MustUnderstand"), version)).fault == SoapFault(
        code="MustUnderstand", reason="no"
    )
    read = unwrap(wrap(fault(version, "no", code="MustUnderstand", subcode=("urn:codes", "gone")), version)).fault
    assert read is not None
    assert (read.code, *read.subcodes) == (("gone",) if version == "1.1" else ("MustUnderstand", "gone"))


def test_subcodes_within_subcodes() -> None:
    """SOAP 1.2 lets them be nested; all of them are read."""
    space = ENVELOPES["1.2"]
    codes = "<s:Subcode><s:Value>a:one</s:Value><s:Subcode><s:Value>two</s:Value></s:Subcode></s:Subcode>"
    body = f"<s:Body><s:Fault><s:Code><s:Value>s:Sender</s:Value>{codes}</s:Code></s:Fault></s:Body>"
    assert unwrap(envelope(body, space)).fault == SoapFault(code="Sender", reason="", subcodes=("one", "two"))


@pytest.mark.parametrize("version", ["1.1", "1.2"])
def test_fault_with_a_detail_of_its_own(version: SoapVersion) -> None:
    """A detail that is no message says nothing, and hides nothing that follows it."""
    bare = fault(version, "no", etree.Element("StackTrace"))
    assert unwrap(wrap(bare, version)).message is None
    both = fault(version, "no", etree.Element("StackTrace"))
    both[-1].append(refusal())
    assert unwrap(wrap(both, version)).message is not None
    assert unwrap(wrap(fault(version, "no"), version)).message is None


def test_a_fault_without_words() -> None:
    """A fault that says nothing is still a fault."""
    carried = unwrap(envelope("<s:Body><s:Fault/></s:Body>"))
    assert carried.fault == SoapFault(code="", reason="")


def test_an_element_called_fault_is_none() -> None:
    """Only the Fault of the envelope's own namespace is a SOAP fault."""
    with pytest.raises(MessageError, match="the element Fault is no message"):
        unwrap(envelope("<s:Body><Fault/></s:Body>"))


def test_plain_xml_has_no_faults() -> None:
    """The suite asks for none."""
    with pytest.raises(InternalError, match="no SOAP fault"):
        fault("none", "no")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (envelope("", "urn:soap:13"), "unknown namespace urn:soap:13"),
        (b"<Envelope><Body/></Envelope>", r"unknown namespace \(none\)"),
        (envelope(""), "has no Body"),
        (envelope("<s:Header/>"), "has no Body"),
        (envelope("<s:Body/>"), "Body is empty"),
        (envelope("<s:Body>text</s:Body>"), "Body is empty"),
        (envelope("<s:Body><!-- c --></s:Body>"), "Body is empty"),
        (envelope("<s:Body><Hello/></s:Body>"), "the element Hello is no message"),
        (f'<s:Body xmlns:s="{ENVELOPES["1.1"]}"/>'.encode(), "Body where a SOAP Envelope was expected"),
        (b"<html><body/></html>", "the element html is no message"),
    ],
)
def test_what_carries_nothing(body: bytes, words: str) -> None:
    """Each way of carrying no message is told in words of its own, with a place."""
    with pytest.raises(MessageError, match=words) as refused:
        unwrap(body)
    assert refused.value.line is not None
    assert refused.value.column is not None


def test_headers_of_the_envelope() -> None:
    """What stands in the SOAP Header is sent, and does not get in the way of reading."""
    body = wrap(request(), "1.1", (etree.Element("{urn:example}Security"),))
    assert b"Security" in body
    assert etree.fromstring(body)[0][0].tag == "{urn:example}Security"
    assert unwrap(body).message is not None
    assert b":Header" not in wrap(request(), "1.2").replace(b"soap:Body", b"")


def test_limits_reach_the_parser() -> None:
    """Size and charset are those of the caller."""
    body = wrap(request(), "1.1")
    with pytest.raises(MessageError, match="more than the limit"):
        unwrap(body, Limits(max_bytes=len(body) - 1))
    other = Header(verb="get", noun="MeterReadings", comment="Größe")
    latin = etree.tostring(build(Draft(kind="RequestMessage", header=other)), encoding="unicode").encode("latin-1")
    carried = unwrap(latin, charset="ISO-8859-1")
    assert carried.message is not None
    assert carried.message.header == other


def test_every_version_has_its_content_type() -> None:
    """SOAP 1.1, SOAP 1.2 and plain XML are told apart by their media types."""
    kinds = {version: value.partition(";")[0] for version, value in CONTENT_TYPES.items()}
    assert kinds == {"1.1": "text/xml", "1.2": "application/soap+xml", "none": "application/xml"}


@pytest.mark.parametrize(
    ("kind", "verb", "noun", "name", "of"),
    [
        ("RequestMessage", "get", "MeterReadings", "GetMeterReadings", "GetMeterReadings"),
        ("RequestMessage", "create", "EndDeviceControls", "CreateEndDeviceControls", "EndDeviceControls"),
        ("EventMessage", "created", "EndDeviceEvents", "CreatedEndDeviceEvents", "EndDeviceEvents"),
        ("ResponseMessage", "reply", "MeterReadings", "MeterReadingsResponseMessage", "MeterReadings"),
        ("FaultMessage", "", "MeterReadings", "MeterReadingsFaultMessage", "MeterReadings"),
    ],
)
def test_names_of_typed_wrappers(kind: str, verb: str, noun: str, name: str, of: str) -> None:
    """Wrappers are named after verb and noun; answers after their noun (facts/soap.md, style 2)."""
    message = etree.Element(f"{{urn:any}}{kind}")
    assert wrapper_name(message, verb, noun) == (name, of)
    assert to_typed(message, verb=verb, noun=noun).tag == f"{{http://iec.ch/TC57/2011/{of}Message}}{name}"
    assert to_typed(message, verb=verb, noun=noun, space="urn:own").tag == f"{{urn:own}}{name}"
