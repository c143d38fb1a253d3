"""The pre-flight reads the WSDL as a typical client would."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from conformance.sut import fetch, probe_wsdl
from conformance.sut.doctor import Result, examine
from conformance.sut.load import Loaded

Start = Callable[..., Any]
Configured = Callable[..., Loaded]
WSDL = b"""<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" targetNamespace="urn:t" xmlns:t="urn:t"
  xmlns:s="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:x="http://www.w3.org/2001/XMLSchema">
 @IMPORT@
 <types><x:schema targetNamespace="urn:t"><x:element name="E" type="x:string"/></x:schema></types>
 <message name="M"><part name="p" element="t:E"/></message>
 <portType name="P"><operation name="Request"><input message="t:M"/><output message="t:M"/></operation></portType>
 <binding name="B" type="t:P"><s:binding transport="http://schemas.xmlsoap.org/soap/http"/>
  <operation name="Request"><s:operation soapAction=""/><input><s:body use="literal"/></input>
   <output><s:body use="literal"/></output></operation></binding>
 <service name="S"><port name="O" binding="t:B"><s:address location="@URL@"/></port></service>
</definitions>"""
GOOD = WSDL.replace(b"@IMPORT@", b"")
IMPORT = b'<import namespace="urn:u" location="%s"/>'


def of(results: list[Result], name: str) -> list[tuple[str, str, str]]:
    """Return status, what and fix of every finding called ``name``."""
    return [(item.status, item.what, item.fix) for item in results if item.name == name]


def wsdl(url: str) -> tuple[str, str]:
    """Return the change that names ``url`` as the WSDL."""
    return ('#wsdl = "http://127.0.0.1:8080/services/Request?wsdl"', f'wsdl = "{url}"')


def with_wsdl(start: Start, configured: Configured, text: bytes, *more: tuple[str, str]) -> list[tuple[str, str, str]]:
    """Return what is found about the WSDL ``text``."""
    system = start(wsdl=text)
    return of(examine(configured(system.url, wsdl(f"{system.url}?wsdl"), *more)), "WSDL")


def test_a_good_wsdl(start: Start, configured: Configured) -> None:
    """Its operations are listed."""
    (found,) = with_wsdl(start, configured, GOOD)
    assert found[0] == "ok"
    assert "1 operations: Request" in found[1]


def test_a_wsdl_that_says_something_else(start: Start, configured: Configured) -> None:
    """Its address and its SOAP version are compared with SUT.toml."""
    found = with_wsdl(start, configured, GOOD.replace(b"@URL@", b"http://inner/"), ('#soap = "1.1"', 'soap = "1.2"'))
    assert [item[0] for item in found] == ["ok", "warning", "warning"]
    assert "the WSDL offers SOAP 1.1, SUT.toml says 1.2" in found[1][1]
    assert "the WSDL sends clients to http://inner/, SUT.toml to" in found[2][1]


@pytest.mark.parametrize(
    ("text", "status", "said"),
    [
        (b"<html/>", "problem", "its root element is html"),
        (b"nothing", "problem", "not well-formed XML"),
        (GOOD.replace(b'element="t:E"', b'element="t:F"'), "warning", "zeep, a typical client, cannot read"),
        (GOOD[: GOOD.index(b" <service")] + b"</definitions>", "warning", "no operation at all"),
        (WSDL.replace(b"@IMPORT@", IMPORT % b"http://192.0.2.1/x"), "warning", "not on the same host"),
        (WSDL.replace(b"@IMPORT@", IMPORT % b"file:///etc/passwd"), "warning", "not on the same host"),
        (WSDL.replace(b"@IMPORT@", IMPORT % b"http://127.0.0.1:1/x"), "warning", "nothing listens"),
    ],
    ids=["html", "text", "broken", "empty", "elsewhere", "file", "dead-import"],
)
def test_a_wsdl_that_is_of_no_use(start: Start, configured: Configured, text: bytes, status: str, said: str) -> None:
    """What is not there is a problem; what a client cannot use is a warning."""
    found = with_wsdl(start, configured, text)[0]
    assert found[0] == status
    assert said in found[1]


def test_a_wsdl_with_an_import(start: Start, configured: Configured) -> None:
    """Imports come from the same host; one that is not there is said."""
    inner = b'<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" targetNamespace="urn:u"/>'
    other = start(wsdl=inner)
    text = WSDL.replace(b"@IMPORT@", IMPORT % other.url.encode())
    assert with_wsdl(start, configured, text)[0][0] == "ok"
    other.behaviour.wsdl = None
    assert "answers HTTP 404" in with_wsdl(start, configured, text)[0][1]


def test_a_wsdl_that_is_too_large(start: Start, configured: Configured, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not read to its end."""
    monkeypatch.setattr(fetch, "MAX_BYTES", 100)
    (found,) = with_wsdl(start, configured, GOOD)
    assert found[0] == "problem"
    assert "more than 100 bytes" in found[1]


def test_a_missing_wsdl(start: Start, configured: Configured) -> None:
    """The key to correct, or to delete, is named."""
    system = start()
    (found,) = of(examine(configured(system.url, wsdl(f"{system.url}?wsdl"))), "WSDL")
    assert found[0] == "problem"
    assert "answers HTTP 404" in found[1]
    assert "endpoints.generic.wsdl" in found[2]


def test_a_wsdl_that_zeep_never_finishes(start: Start, configured: Configured, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not waited for."""
    released = threading.Event()
    monkeypatch.setattr(probe_wsdl, "_ports", lambda *_: released.wait(30))
    system = start(wsdl=GOOD)
    results = examine(configured(system.url, wsdl(f"{system.url}?wsdl")), budget_s=1.0)
    released.set()
    assert "it was not done within" in of(results, "WSDL")[0][1]
