"""References to types (ENV-017): a code of the standard, or an element of the same message; nothing else."""

from __future__ import annotations

import string

from hypothesis import given
from hypothesis import strategies as st

from conformance.checks.registry import judge
from conformance.checks.scene import Arrived, Scene
from conformance.message.build import Draft, build_unchecked, root, serialise, sub
from conformance.message.model import Header, Reply
from conformance.message.soap import unwrap
from conformance.standard.codes import TYPE_CODES, is_type_code

SENTENCE = "every ref names a code or an element of the message"
PARTS = {"ReadingType": 18, "ReadingQualityType": 3, "EndDeviceEventType": 4, "EndDeviceControlType": 4}
WORDS = st.text(string.ascii_letters + string.digits + ".-#: ", min_size=1)


def scene_with(element: str, ref: str, shared: str | None = None) -> Scene:
    """Return a scene with one answer that refers to ``ref``, and tells of the element named ``shared``."""
    payload = root("MeterReadings")
    sub(sub(payload, "MeterReading"), element).set("ref", ref)
    if shared is not None:
        sub(sub(sub(payload, element), "Names"), "name", shared)
    header = Header(verb="reply", noun="MeterReadings")
    draft = Draft(kind="ResponseMessage", header=header, reply=Reply(result="OK"), payload=(payload,))
    carried = unwrap(serialise(build_unchecked(draft)))
    return Scene(unsolicited=(Arrived(id=1, at=0, channel="callback", status=None, content_type="", carried=carried),))


def test_every_kind_of_code_is_known_here() -> None:
    """The numbers of parts below are of the standard's annexes, not of the code under test."""
    assert set(PARTS) == set(TYPE_CODES)


@given(st.sampled_from(sorted(PARTS)), st.data())
def test_a_code_needs_no_element(element: str, data: st.DataObject) -> None:
    """As many numbers as the annex says, with dots between."""
    numbers = data.draw(st.lists(st.integers(0, 999), min_size=PARTS[element], max_size=PARTS[element]))
    assert judge(SENTENCE, scene_with(element, ".".join(map(str, numbers)))) == []


@given(st.sampled_from(sorted(PARTS)), st.data())
def test_a_code_of_another_length_is_none(element: str, data: st.DataObject) -> None:
    """One part more or less makes it another code."""
    length = data.draw(st.sampled_from([PARTS[element] - 1, PARTS[element] + 1]))
    numbers = data.draw(st.lists(st.integers(0, 999), min_size=length, max_size=length))
    assert judge(SENTENCE, scene_with(element, ".".join(map(str, numbers))))


@given(st.sampled_from(sorted(PARTS)), WORDS)
def test_a_word_needs_its_element(element: str, word: str) -> None:
    """It is found exactly when nothing in the message bears that name."""
    dangling = bool(judge(SENTENCE, scene_with(element, word)))
    assert dangling is not is_type_code(element, word.strip())
    assert judge(SENTENCE, scene_with(element, word, shared=word)) == []
