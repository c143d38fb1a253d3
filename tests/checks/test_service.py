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


def changed(*pairs: tuple[str, str], files: dict[str, str] | None = None) -> Scene:
    """Return the generic description with some text replaced, and more files."""
    first, *rest = described("generic")
    body = first.body.decode()
    for old, new in pairs:
        assert old in body
        body = body.replace(old, new)
    more = [Document(id=90, url=url, status=200, body=text.encode()) for url, text in (files or {}).items()]
    return Scene(documents=(replace(first, body=body.encode()), *rest, *more))


PARTS = "every part of the description is an element that its schemas declare"
SPACE = "http://iec.ch/TC57/2011/schema/message"
XS = 'xmlns:xs="http://www.w3.org/2001/XMLSchema"'
REQUEST = '<wsdl:part name="message" element="body:RequestMessage"/>'
OTHER = f'<xs:schema targetNamespace="urn:own"><xs:include schemaLocation="{AT}?own"/></xs:schema></wsdl:types>'
OWN = ("</wsdl:types>", OTHER)
NAMED = (REQUEST, '<wsdl:part name="message" element="own:Mine" xmlns:own="urn:own"/>')


def test_an_included_schema_may_have_no_namespace() -> None:
    """It takes that of whoever includes it; what is in no file at all is not declared."""
    whole = f'<xs:schema {XS}><xs:include schemaLocation="{AT}?more"/></xs:schema>'
    more = f'<xs:schema {XS}><xs:element name="Mine"/></xs:schema>'
    files = {f"{AT}?own": whole, f"{AT}?more": more}
    assert judge(PARTS, changed(OWN, NAMED, files=files)) == []
    assert judge(SENTENCES[0], changed(OWN, NAMED, files=files)) == []
    assert len(judge(PARTS, changed(OWN, NAMED, files={**files, f"{AT}?more": more.replace("Mine", "Yours")}))) == 1
    redefined = ("</wsdl:types>", OTHER.replace("xs:include", "xs:redefine"))
    assert judge(PARTS, changed(redefined, NAMED, files=files)) == []


def test_what_an_unread_file_may_declare_is_not_judged() -> None:
    """A schema that is spread over two hosts is passed over; every other one is judged as ever."""
    elsewhere = ("</wsdl:types>", OTHER.replace(AT, "http://other.example/"))
    assert judge(PARTS, changed(elsewhere, NAMED)) == []
    assert len(judge(PARTS, changed(elsewhere, (REQUEST, REQUEST.replace("Request", "Wish"))))) == 1
    bare = ("</wsdl:types>", '<xs:schema><xs:import namespace="urn:b"/></xs:schema></wsdl:types>')
    known = ("</wsdl:types>", '<xs:schema><xs:import namespace="http://www.w3.org/2005/08/addressing"/></xs:schema>%s')
    assert len(judge(SENTENCES[0], changed(bare))) == 1
    assert judge(SENTENCES[0], changed(elsewhere, (bare[0], bare[1]))) == []
    assert judge(SENTENCES[0], changed((known[0], known[1] % known[0]))) == []


def test_a_schema_with_a_dtd_is_passed_over() -> None:
    """The W3C publishes such; a page in place of the description is none."""
    imported = f'<xs:schema><xs:import namespace="urn:own" schemaLocation="{AT}?c"/></xs:schema></wsdl:types>'
    text = f'<?xml version="1.0"?><!DOCTYPE xs:schema SYSTEM "x.dtd"><xs:schema {XS} targetNamespace="urn:own"/>'
    scene = changed(("</wsdl:types>", imported), NAMED, files={f"{AT}?c": text})
    assert judge(PARTS, scene) == judge(SENTENCES[0], scene) == []
    alone = Scene(documents=(Document(id=1, url=AT, status=200, body=text.encode()),))
    assert len(judge(SENTENCES[0], alone)) == 1


def test_an_imported_schema_is_of_its_namespace() -> None:
    """What is imported must say so (XML Schema 1.0 Part 1, 4.2.3); what is included need not."""
    imported = f'<xs:schema><xs:import namespace="urn:c" schemaLocation="{AT}?c"/></xs:schema></wsdl:types>'
    scene = changed(("</wsdl:types>", imported), files={f"{AT}?c": f"<xs:schema {XS}/>"})
    assert [item.observed for item in judge(SENTENCES[0], scene)] == ["it is none"]


BODY = '<wsdl:input><soap:body use="literal"/></wsdl:input>'
BLOCK = '<wsdl:input><soap:header message="tns:RequestMessage" part="token" use="literal"/><soap:body use="literal"/>'
MIME = (
    '<wsdl:input><m:multipartRelated xmlns:m="http://schemas.xmlsoap.org/wsdl/mime/"><m:part><soap:body use="literal"/>'
    '</m:part><m:part><m:content part="token" type="text/plain"/></m:part></m:multipartRelated></wsdl:input>'
)


@pytest.mark.parametrize("bound", [f"{BLOCK}</wsdl:input>", MIME, BODY.replace("body use", 'body parts="message" use')])
def test_only_the_body_is_judged(bound: str) -> None:
    """A header block or an attachment is a part, too, even the first, and may be of a type where that is attached."""
    first, *rest = described("generic")
    text = first.body.decode()
    text = text.replace(REQUEST, '<wsdl:part name="token" type="xs:string"/>' + REQUEST)
    text = text[: text.index('<wsdl:binding name="generic_soap12"')] + text[text.index("<wsdl:service") :]
    start, mark, end = text.partition('soapAction="http://iec.ch/61968/Request"')
    mended = "".join((start, mark, end.replace(BODY, bound, 1)))
    for sentence in SENTENCES:
        scene = Scene(documents=(replace(first, body=mended.encode()), *rest))
        assert judge(sentence, scene) == []
    unmended = Scene(documents=(replace(first, body=text.encode()), *rest))
    assert judge(PARTS, unmended)


def test_a_second_binding_may_go_over_jms() -> None:
    """Who offers HTTP may offer more; who offers JMS alone does not offer what is asked for here."""
    first = described("generic")[0].body.decode()
    assert first.count("http://schemas.xmlsoap.org/soap/http") == 2
    queued = first.replace("http://schemas.xmlsoap.org/soap/http", "http://www.w3.org/2010/soapjms/")
    half = first.replace("http://schemas.xmlsoap.org/soap/http", "http://www.w3.org/2010/soapjms/", 1)
    half = half.replace(f'<soap:address location="{AT}"', '<soap:address location="jms:queue:Requests"')
    for body, finds in ((half, False), (queued, True)):
        scene = Scene(documents=(replace(described("generic")[0], body=body.encode()), *described("generic")[1:]))
        assert bool(judge("the operation for requests is bound as document and literal", scene)) == finds
        assert judge("every address of the description is one that a client can use", scene) == []


def test_what_cannot_be_read_is_named() -> None:
    """A missing file, a page, a DTD: each with its reason."""
    documents = (
        Document(id=1, url="u1", status=404, body=b""),
        Document(id=2, url="u2", status=None, body=b"", note="no answer"),
        Document(id=3, url="u3", status=200, body=b"<!DOCTYPE html><html/>"),
    )
    found = read_service(documents).unreadable
    also = (Document(id=4, url="u4", status=203, body=b"<a/>"),)  # from a proxy
    assert "u4" not in read_service(also).unreadable
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
