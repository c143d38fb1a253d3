"""A sentence means exactly one check: never none, never two, never the last of two."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from conformance.checks import registry
from conformance.checks.registry import check, judge, resolve
from conformance.checks.scene import Scene
from conformance.errors import InternalError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.checks.finding import Finding


def silent(_scene: Scene) -> Iterator[Finding]:
    """Find nothing."""
    yield from ()


@pytest.mark.parametrize("sentence", ["", "no such sentence", "the reply is", "the reply is OK.", "The reply is OK"])
def test_an_unknown_sentence_is_our_fault(sentence: str) -> None:
    """It must not pass, nor look like a fault of the system."""
    with pytest.raises(InternalError, match="no check"):
        judge(sentence, Scene())


def test_an_ambiguous_sentence_is_our_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second pattern that matches, too, is told when the sentence is used."""
    registry.load()
    more = {**registry._CHECKS, "the reply .+": (re.compile("the reply .+"), silent)}
    monkeypatch.setattr(registry, "_CHECKS", more)
    monkeypatch.setattr(registry, "_RESOLVED", {})
    with pytest.raises(InternalError, match="more than one check"):
        resolve("the reply is OK")


def test_what_is_registered_later_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sentence that was resolved before is looked up anew."""
    registry.load()
    monkeypatch.setattr(registry, "_CHECKS", dict(registry._CHECKS))
    monkeypatch.setattr(registry, "_RESOLVED", {})
    resolve("the reply is OK")
    registry.check("the reply .+")(silent)
    with pytest.raises(InternalError, match="more than one check"):
        resolve("the reply is OK")


def test_a_sentence_is_registered_once() -> None:
    """The second of two equal ones is refused at import."""
    registry.load()
    with pytest.raises(InternalError, match="two checks"):
        check("the request is refused")(silent)


def test_arguments_are_the_named_groups_that_matched() -> None:
    """An optional group that did not match leaves its default to the check."""
    assert resolve("an error says 2.5")[1] == {"first": "2.5"}
    assert resolve("an error says 2.9 or 1.8")[1] == {"first": "2.9", "second": "1.8"}
