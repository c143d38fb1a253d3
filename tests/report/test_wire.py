"""A message is shown whatever its bytes are, and nothing that its sender wrote acts on the reader."""

from __future__ import annotations

import pytest

from conformance.journal import Entry
from conformance.report.text import one_line, slug, visible
from conformance.report.wire import MAX_HEX, MAX_SHOWN, Shown, show, shown_in_part
from tests.report.hostile import ACTIVE, BODIES, HOSTILE
from tests.report.runs import envelope


def shown(body: bytes, content_type: str = "text/xml") -> Shown:
    """Return what is shown of ``body``."""
    entry = Entry(direction="received", channel="reply", transport="soap", url="", body=body, content_type=content_type)
    return show(entry)


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
@pytest.mark.parametrize("content_type", ["text/xml", "text/xml; charset=utf-16", 'a/b; charset="\x00"', "\r\n;;="])
def test_everything_can_be_shown(body: bytes, content_type: str) -> None:
    """No bytes and no content type stop a report, and no active character gets through."""
    found = shown(body, content_type)
    assert not any(character in found.text + found.label + found.problem for character in ACTIVE)
    assert found.well_formed or found.problem


def test_a_message_is_called_by_verb_and_noun() -> None:
    """Well-formed messages are indented and named as people name them."""
    found = shown(envelope("ResponseMessage", "reply", "MeterReadings"))
    assert (found.label, found.form, found.problem) == ("reply(MeterReadings)", "xml", "")
    assert "\n    <m:ResponseMessage" in found.text


def test_a_soap_fault_is_called_so() -> None:
    """A fault shows its code."""
    space = "http://schemas.xmlsoap.org/soap/envelope/"
    fault = "<s:Fault><faultcode>s:Client</faultcode><faultstring>no</faultstring></s:Fault>"
    body = f'<s:Envelope xmlns:s="{space}"><s:Body>{fault}</s:Body></s:Envelope>'.encode()
    assert shown(body).label == "SOAP fault Client"


def test_xml_that_is_no_message() -> None:
    """Other XML is well-formed, named by its root, and says why it is no message."""
    found = shown(b"<definitions/>")
    assert (found.label, found.well_formed) == ("definitions", True)
    assert "definitions" in found.problem


@pytest.mark.parametrize(
    ("name", "form", "text"),
    [
        ("malformed", "text", "<script>"),
        ("utf-16", "xml", "<größe>€</größe>"),
        ("utf-16 cut", "text", "<größe>€"),
        ("latin-1", "xml", "<größe>ü</größe>"),
        ("not utf-8", "hex", "ff fe fa"),
        ("binary", "hex", "00 01 02 03"),
        ("nothing", "empty", ""),
        ("comment", "xml", "<!-- kept -->"),
        ("entities", "text", "&x;"),
    ],
)
def test_form(name: str, form: str, text: str) -> None:
    """XML as XML, text as text, the rest in hexadecimal; comments are evidence, entities are never resolved."""
    found = shown(BODIES[name])
    assert found.form == form
    assert text in found.text


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"<a>" + b"<b>1</b>" * 200_000 + b"</a>", id="XML"),
        pytest.param(b"<a>" + b"x" * 2_000_000, id="text"),
        pytest.param(b"\x00" * 1_000_000, id="binary"),
        pytest.param(b"\x00" * (MAX_HEX + 1), id="small binary"),
    ],
)
def test_huge_messages_are_cut(body: bytes) -> None:
    """A report shows the beginning and says that it does."""
    found = shown(body)
    assert found.cut
    assert len(found.text) <= MAX_SHOWN
    assert shown_in_part(body)


def test_small_messages_are_whole() -> None:
    """The twin of the case above."""
    assert not shown(envelope("ResponseMessage", "reply", "MeterReadings")).cut
    assert not shown_in_part(b"<a/>")


def test_visible_keeps_ordinary_text() -> None:
    """Only what cannot be seen is replaced: tabs, newlines and any script stay."""
    text = "größe\t電力\n한국어"
    assert visible(text) == text


def test_one_line_is_one_line() -> None:
    """Long and broken text becomes one short line."""
    line = one_line(HOSTILE * 10, 80)
    assert len(line) <= 80
    assert len(line.splitlines()) == 1


def test_slugs_are_stable_and_different() -> None:
    """Anchors survive from run to run, and no two scenarios share one."""
    assert (
        slug("reading/one.feature::Two meters…")
        == "reading-one-two-meters-" + slug("reading/one.feature::Two meters…")[-8:]
    )
    assert slug("a b") != slug("a-b")
    assert set(slug(HOSTILE)) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
