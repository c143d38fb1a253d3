"""The description is read once, wholly, from one host, and however often it imports itself."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from conformance.checks.scene import Document, Scene
from conformance.errors import Inconclusive, NotApplicable, TransportError
from conformance.journal import Entry
from conformance.steps import description
from conformance.steps.description import _files, _followed, _getter, read_description
from conformance.transport.base import Answer

FILE = (
    '<w:definitions xmlns:w="http://schemas.xmlsoap.org/wsdl/">'
    '<w:import namespace="urn:a" location="{}"/></w:definitions>'
)


def served(pages: dict[str, str]) -> Any:
    """Return how files are had, and the list of those that were asked for."""
    asked: list[str] = []

    def get(url: str) -> Entry:
        asked.append(url)
        body = pages.get(url, "").encode()
        return Entry(direction="received", channel="description", transport="soap", url=url, body=body, status=200)

    return get, asked


def test_each_file_once() -> None:
    """A circle of imports ends, and another host is left alone."""
    get, asked = served({
        "http://a/1": FILE.format("2"), "http://a/2": FILE.format("/1"), "http://a/3": FILE.format("http://b/1"),
    })  # fmt: skip
    assert [entry.url for entry in _files("http://a/1", get)] == asked == ["http://a/1", "http://a/2"]
    assert [entry.url for entry in _files("http://a/3", get)] == ["http://a/3"]


def test_an_endless_description_ends() -> None:
    """Each file leads to another one: after some dozens it is enough."""

    def get(url: str) -> Entry:
        body = FILE.format(f"{url}x").encode()
        return Entry(direction="received", channel="description", transport="soap", url=url, body=body, status=200)

    assert len(list(_files("http://a/", get))) == 64


@pytest.mark.parametrize("blame", ["system", "surroundings"])
def test_what_cannot_be_had(monkeypatch: pytest.MonkeyPatch, blame: Any) -> None:
    """The system's own failure is evidence; the network's is nobody's verdict."""

    def fail(*_: object) -> None:
        raise TransportError("it broke off", blame=blame)

    monkeypatch.setattr(description, "fetch", fail)
    monkeypatch.setattr(description, "client_context", lambda _settings: None)
    get = _getter(cast("Any", SimpleNamespace(settings=SimpleNamespace(http_basic=None))), 1.0)
    if blame == "system":
        assert (get("http://a/1").status, get("http://a/1").note) == (None, "it broke off")
    else:
        with pytest.raises(Inconclusive, match="http://a/1 could not be reached"):
            get("http://a/1")


@pytest.mark.parametrize(
    ("to", "ends_at"),
    [("/b", "http://a/b"), (None, "http://a/"), ("/", "http://a/")],
)
def test_redirects(to: str | None, ends_at: str) -> None:
    """One to the same host is followed, one in a circle is not for ever; where it ends is told."""
    asked: list[str] = []

    def get(url: str) -> Answer:
        asked.append(url)
        moved = url == "http://a/"
        headers = {"location": to} if moved and to else {}
        return Answer(status=302 if moved else 200, content_type="", body=b"", headers=headers)

    place, _ = _followed("http://a/", get)
    assert place == asked[-1] == ends_at
    assert len(asked) <= 4


def test_a_redirect_to_another_host_is_nobody_s_failure() -> None:
    """Nothing is fetched from there, so nothing is judged."""
    moved = Answer(status=301, content_type="", body=b"", headers={"Location": "https://a/"})
    with pytest.raises(Inconclusive, match="http://a/ leads to https://a/, another host"):
        _followed("http://a/", lambda _url: moved)


def test_relative_imports_start_where_a_redirect_led() -> None:
    """The base of a relative address is where the document was had (RFC 3986, 5.1.3), and nothing is read twice."""
    asked: list[str] = []

    def get(url: str) -> Entry:
        asked.append(url)
        place = url.replace("/service?wsdl", "/docs/main.wsdl")
        body = FILE.format("part.wsdl").encode() if "main" in place else FILE.format("/service?wsdl").encode()
        return Entry(direction="received", channel="description", transport="soap", url=place, body=body, status=200)

    read = [entry.url for entry in _files("http://a/service?wsdl", get)]
    assert read == ["http://a/docs/main.wsdl", "http://a/docs/part.wsdl"]


SERVICE = (
    '<w:definitions xmlns:w="http://schemas.xmlsoap.org/wsdl/" xmlns:s="http://schemas.xmlsoap.org/wsdl/soap/"'
    ' xmlns:m="http://iec.ch/TC57/2011/schema/message" xmlns:t="urn:t" targetNamespace="urn:t">{}</w:definitions>'
)
BOUND = (
    '<w:message name="{0}M"><w:part name="p" element="m:{1}"/></w:message>'
    '<w:portType name="{0}P"><w:operation name="{0}"><w:input message="t:{0}M"/></w:operation></w:portType>'
    '<w:binding name="{0}B" type="t:{0}P"><s:binding transport="{2}"/><w:operation name="{0}">'
    '<s:operation soapAction="urn:{0}"/></w:operation></w:binding>'
    '<w:service name="{0}S"><w:port name="{0}T" binding="t:{0}B"><s:address location="{3}"/></w:port></w:service>'
)
OVER_HTTP = "http://schemas.xmlsoap.org/soap/http"


class Reader:
    """A party that has read a description, and keeps what it is to send."""

    def __init__(self, *bound: tuple[str, str, str, str]) -> None:
        body = SERVICE.format("".join(BOUND.format(*item) for item in bound)).encode()
        self.scene = Scene(documents=(Document(id=1, url="http://a/?wsdl", status=200, body=body),))
        self.sent: list[Any] = []

    def ask(self, outbound: Any) -> None:
        """Keep what is to be sent."""
        self.sent.append(outbound)


def vocabulary(style: str = "generic") -> Any:
    """Return the words of a system at http://a/."""
    endpoints = SimpleNamespace(style=style, chosen=SimpleNamespace(url="http://a/", soap="1.1", wsdl="http://a/?wsdl"))
    return SimpleNamespace(
        configuration=SimpleNamespace(endpoints=endpoints), meters=lambda _: [], types=lambda _: [], window=None
    )


def test_the_action_is_that_of_the_operation_in_use(monkeypatch: pytest.MonkeyPatch) -> None:
    """A description may offer both styles, JMS besides, and other addresses: what is sent decides."""
    monkeypatch.setattr(description, "read_description", lambda *_: None)
    party: Any = Reader(
        ("Typed", "GetMeterReadings", OVER_HTTP, "http://a/"),
        ("Queued", "RequestMessage", "http://www.w3.org/2010/soapjms/", "jms:queue:a"),
        ("Other", "RequestMessage", OVER_HTTP, "http://a/other"),
        ("Ours", "RequestMessage", OVER_HTTP, "http://a/"),
    )
    description.ask_with_action(party, vocabulary())
    assert [item.carrying.action for item in party.sent] == ["urn:Ours"]


@pytest.mark.parametrize(
    ("takes", "place", "refusal"),
    [
        ("ResponseMessage", "http://a/", None),
        ("ResponseMessage", "http://a/news", Inconclusive),
        ("EventMessage", "http://a/", NotApplicable),
    ],
)
def test_news_goes_only_where_it_is_taken(
    monkeypatch: pytest.MonkeyPatch, takes: str, place: str, refusal: type[Exception] | None
) -> None:
    """An operation at an address of its own is not looked for at that of requests; its action is its own."""
    monkeypatch.setattr(description, "read_description", lambda *_: None)
    party: Any = Reader(("Response", takes, OVER_HTTP, place), ("Request", "RequestMessage", OVER_HTTP, "http://a/"))
    if refusal is not None:
        with pytest.raises(refusal):
            description.offers(party, vocabulary(), "Response")
        return
    description.offers(party, vocabulary(), "Response")
    description.send_news(party, vocabulary(), "Response")
    assert [item.carrying.action for item in party.sent] == ["urn:Response"]


def test_without_a_description() -> None:
    """Who publishes none is not judged by it."""
    endpoints = SimpleNamespace(chosen=SimpleNamespace(wsdl=None))
    words = SimpleNamespace(configuration=SimpleNamespace(endpoints=endpoints))
    with pytest.raises(NotApplicable, match="no WSDL"):
        read_description(cast("Any", SimpleNamespace(transport=None)), cast("Any", words))
