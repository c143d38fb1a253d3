"""A WSDL is read with all that it imports, in one file or in many, and what is not there is told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conformance.checks.registry import judge
from conformance.checks.scene import Document, Scene, Terms
from conformance.checks.service import links, read_service, same_host
from conformance.message.xml import instructions, parse_xml
from conformance.standard.editions import EDITION_2024, EDITIONS
from conformance.standard.wsdl import served_schema, services, wsdl

AT = "http://hes.example/generic"
SENTENCES = (
    "the description can be read with everything that it imports",
    "every part of the description is an element that its schemas declare",
    "the description offers the request for readings, answered by a response",
    "the operation for requests is bound as document and literal",
    "every address of the description is one that a client can use",
)


def described(service: str, edition: str = "2013") -> tuple[Document, ...]:
    """Return the suite's own description of ``service`` with every schema that it leads to."""
    found = {f"{AT}?wsdl": wsdl(service, AT, edition)}
    waiting = list(found)
    while waiting:
        url = waiting.pop()
        for link in links(parse_xml(found[url]), url):
            if link.url is not None and link.url not in found:
                found[link.url] = served_schema(link.url.partition("xsd=")[2], AT, edition)
                waiting.append(link.url)
    return tuple(
        Document(id=number, url=url, status=200, body=body) for number, (url, body) in enumerate(found.items(), 1)
    )


@pytest.mark.parametrize("edition", EDITIONS)
@pytest.mark.parametrize("service", ["generic", "GetMeterReadings"])
def test_our_own_descriptions_conform(service: str, edition: str) -> None:
    """What the suite demands of others its own descriptions do, in both styles and editions."""
    assert service in services(edition)
    scene = Scene(documents=described(service, edition), terms=Terms(edition=EDITIONS[edition]))
    for sentence in SENTENCES:
        assert judge(sentence, scene) == []


def test_request_is_looked_for_in_the_namespaces_of_the_edition() -> None:
    """One that is public, or that the user knows, must be the right one; one that is made up need not."""
    (offered,) = [one for one in SENTENCES if "offers the request" in one]
    for service, edition, finds in (
        ("generic", EDITION_2024, True),
        ("GetMeterReadings", EDITION_2024, False),
        ("GetMeterReadings", EDITION_2024.renamed({"wrapper": "urn:official:{noun}"}), True),
    ):
        scene = Scene(documents=described(service), terms=Terms(edition=edition))
        assert bool(judge(offered, scene)) == finds


def test_operations() -> None:
    """Each operation is there in both versions of SOAP, with its action and its elements."""
    found = read_service(described("generic"))
    said = {(item.version, item.name, item.action, item.takes, item.gives) for item in found.operations}
    space = "{http://iec.ch/TC57/2011/schema/message}"
    for version in ("1.1", "1.2"):
        expected = (version, "Response", "http://iec.ch/61968/Response", f"{space}ResponseMessage")
        assert (*expected, f"{space}ResponseMessage") in said
    assert (len(said), found.is_whole, set(found.addresses)) == (6, True, {AT})


SPLIT = (
    b'<w:definitions xmlns:w="http://schemas.xmlsoap.org/wsdl/" targetNamespace="urn:a">'
    b'<w:import namespace="urn:b" location="%s"/></w:definitions>'
)


@pytest.mark.parametrize(("place", "whole"), [(b"b.wsdl", True), (b"http://other.example/b.wsdl", False)])
def test_in_several_files(place: bytes, whole: bool) -> None:
    """A description may import another; one on another host is not read, and then nothing is said to be missing."""
    body = wsdl("generic", AT).replace(b'"http://iec.ch/TC57/2011/abstract"', b'"urn:b"')
    first = Document(id=1, url="http://hes.example/a.wsdl", status=200, body=SPLIT % place)
    second = Document(id=2, url="http://hes.example/b.wsdl", status=200, body=body)
    found = read_service((first, second) if whole else (first,))
    assert len(found.operations) == (6 if whole else 0)
    assert judge(SENTENCES[0], Scene(documents=(first,)))[:1] == [] or whole


def test_what_only_other_bindings_use_is_not_judged() -> None:
    """A binding to HTTP GET has parts that are types, as in every description of ASP.NET."""
    other = (
        b'<wsdl:message name="GetIn"><wsdl:part name="meter" type="xs:string"/></wsdl:message>'
        b'<wsdl:portType name="G"><wsdl:operation name="Request"><wsdl:input message="tns:GetIn"/></wsdl:operation>'
        b'</wsdl:portType><wsdl:binding name="G" type="tns:G"><http:binding verb="GET"'
        b' xmlns:http="http://schemas.xmlsoap.org/wsdl/http/"/><wsdl:operation name="Request"/></wsdl:binding>'
    )
    first, *rest = described("generic")
    body = first.body.replace(b"<wsdl:service", other + b"<wsdl:service")
    scene = Scene(documents=(replace(first, body=body), *rest))
    for sentence in SENTENCES:
        assert judge(sentence, scene) == []


def test_what_cannot_be_read_is_named() -> None:
    """A missing file, a page, a DTD: each with its reason."""
    documents = (
        Document(id=1, url="u1", status=404, body=b""),
        Document(id=2, url="u2", status=None, body=b"", note="no answer"),
        Document(id=3, url="u3", status=200, body=b"<!DOCTYPE html><html/>"),
    )
    found = read_service(documents).unreadable
    assert (found["u1"], found["u2"]) == ("HTTP status 404", "no answer")
    assert "document type declaration" in found["u3"]
    assert [item.where for item in judge(SENTENCES[0], Scene(documents=documents))] == ["u1", "u2", "u3"]


def test_hosts() -> None:
    """Scheme, host and port make a host; path and query do not."""
    assert same_host("http://a:1/x?y", "http://a:1/z")
    assert not any(same_host("http://a:1/x", other) for other in ("http://a:2/x", "https://a:1/x", "http://b:1/x", "x"))


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (b"<a/>", ()),
        (b'<?xml version="1.0"?><a/>', ()),
        (b'<?xml version="1.0"?><a><!-- <?no?> --><![CDATA[<?no?>]]></a>', ()),
        (b"<?sheet x?><a><?fold?></a><?end?>", ("sheet", "fold", "end")),
        ('<?xml version="1.0" encoding="UTF-16"?><a><?fold?></a>'.encode("utf-16"), ("fold",)),
        (b"<?fold?><a>", ()),
    ],
)
def test_processing_instructions(body: bytes, found: tuple[str, ...]) -> None:
    """They are found wherever they stand; what only looks like one is none."""
    assert instructions(body) == found
