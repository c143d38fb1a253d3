"""The description is read once, wholly, from one host, and however often it imports itself."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

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
    [("/b", "http://a/b"), ("http://b/", "http://a/"), (None, "http://a/"), ("/", "http://a/")],
)
def test_redirects(to: str | None, ends_at: str) -> None:
    """One to the same host is followed, one to another or in a circle is not for ever."""
    asked: list[str] = []

    def get(url: str) -> Answer:
        asked.append(url)
        moved = url == "http://a/"
        headers = {"location": to} if moved and to else {}
        return Answer(status=302 if moved else 200, content_type="", body=b"", headers=headers)

    _followed("http://a/", get)
    assert asked[-1] == ends_at
    assert len(asked) <= 4


def test_without_a_description() -> None:
    """Who publishes none is not judged by it."""
    endpoints = SimpleNamespace(chosen=SimpleNamespace(wsdl=None))
    words = SimpleNamespace(configuration=SimpleNamespace(endpoints=endpoints))
    with pytest.raises(NotApplicable, match="no WSDL"):
        read_description(cast("Any", SimpleNamespace(transport=None)), cast("Any", words))
