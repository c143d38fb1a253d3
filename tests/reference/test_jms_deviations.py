"""Faults and variants that show over JMS only: each changes what the front sends, and nothing over HTTP."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

import pytest

from conformance.reference import Variant, faults, variants
from conformance.reference.fault import Fault
from conformance.standard.catalogue import catalogue
from tests.reference.battery import Bench, drive
from tools.fixture_text import lines_of, stable
from tools.fixtures import CONVERSATIONS, Recording

ALL: list[Fault | Variant] = [*faults(), *variants()]
#: What needs an envelope is looked at in tests/jms/test_soap_over_jms_deviations.py.
OVER_JMS = [item for item in ALL if item.over_jms and item.envelope is None]
#: Beside what everybody says: what only some requests and some circumstances show.
TALKS = (
    *((text,) for text in (
        "M1 is asked for R1",
        "M1 and M2 are asked for R1, to be answered later and acknowledged",
        "something happens at the meter",
        "a BytesMessage in UTF-16 asks for readings of M1",
        "a TextMessage in UTF-16 asks for readings of M1",
        "the largest message that the system takes asks for readings of M1",
        "an expired request asks for readings of M1",
        "the request that disconnects M1 is delivered twice",
    )),
    *CONVERSATIONS,
)  # fmt: skip


def said(conversation: tuple[str, ...], deviating: Fault | Variant | None = None) -> list[str]:
    """Return what is said over JMS in a conversation, with the sizes of the bodies."""
    given = None
    if deviating is not None:
        given = Fault(name=deviating.name, requirements=(), what=deviating.what, deviation=deviating.deviation)
    with tempfile.TemporaryDirectory() as folder:
        recording = Recording.over_jms(Path(folder), given)
        for step in conversation:
            recording.say(step)
        entries = recording.entries()
    lines = stable([line for entry in entries for line in lines_of(entry)])
    return [*lines, *(str(len(entry.body)) for entry in entries)]


@cache
def conforming(conversation: tuple[str, ...]) -> list[str]:
    """Return what is said without a deviation."""
    return said(conversation)


@pytest.mark.parametrize("deviating", OVER_JMS, ids=lambda item: item.name)
def test_it_changes_what_is_said(deviating: Fault | Variant) -> None:
    """Some message, header or property differs in some conversation."""
    assert any(said(talk, deviating) != conforming(talk) for talk in TALKS)


def test_a_conversation_can_be_repeated() -> None:
    """The twin of the cases above: without a deviation nothing differs."""
    assert [said(talk) for talk in TALKS[:3]] == [conforming(talk) for talk in TALKS[:3]]


@cache
def over_http() -> tuple[object, ...]:
    """Return the transcript of the system over HTTP without a deviation."""
    return tuple(drive(Bench()))


def test_it_is_nothing_over_http() -> None:
    """Over HTTP a system with all of them conforms."""
    assert tuple(drive(Bench(tuple(item.deviation for item in OVER_JMS)))) == over_http()


def test_who_is_who() -> None:
    """A fault over JMS is about requirements over JMS, and only about them."""
    for fault in faults():
        assert {catalogue()[name].transport == "jms" for name in fault.requirements} == {fault.over_jms}
        assert fault.over_jms == fault.deviation.over_jms
