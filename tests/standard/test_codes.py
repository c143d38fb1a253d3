"""Codes in words, and the shapes of type codes."""

from __future__ import annotations

import pytest

from conformance.standard.codes import TYPE_CODES, decode_reply_code, is_type_code, reply_codes


def test_reply_codes_of_annex_b() -> None:
    """Every code has numbers, a category and a meaning; the well-known ones mean what they mean."""
    codes = reply_codes()
    assert len(codes) > 50
    for code, (category, meaning) in codes.items():
        assert all(part.isdigit() for part in code.split("."))
        assert category
        assert meaning
    assert codes["0.0"][1] == "No errors"
    assert "Meter" in codes["2.4"][1]


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("0.0", "0.0 (No errors)"),
        ("2.4", f"2.4 ({reply_codes()['2.4'][1]})"),
        ("99.1", "99.1 (not in Annex B)"),
        ("", "(empty) (not in Annex B)"),
    ],
)
def test_codes_in_words(code: str, words: str) -> None:
    """A report says what a code means, or that it means nothing."""
    assert decode_reply_code(code) == words


READING_TYPE = "0.0.0.1.1.1.12.0.0.0.0.0.0.0.0.3.72.0"


@pytest.mark.parametrize(
    ("element", "code", "is_one"),
    [
        ("ReadingType", READING_TYPE, True),
        ("ReadingType", READING_TYPE.replace("72", "-1"), True),
        ("ReadingType", READING_TYPE.removesuffix(".0"), False),
        ("ReadingType", f"{READING_TYPE}.0", False),
        ("ReadingType", f"{READING_TYPE}\n", False),
        ("ReadingType", READING_TYPE.replace("72", "kWh"), False),
        ("ReadingQualityType", "1.5.257", True),
        ("ReadingQualityType", "1.5", False),
        ("EndDeviceEventType", "3.26.0.85", True),
        ("EndDeviceEventType", "3.26.0", False),
        ("EndDeviceEventType", "3.-26.0.85", False),
        ("EndDeviceControlType", "3.31.0.23", True),
        ("EndDeviceControlType", "3.31.0.23.1", False),
        ("EndDeviceEventType", "٣.26.0.85", False),
        ("Meter", "3.31.0.23", False),
    ],
)
def test_shapes_of_type_codes(element: str, code: str, is_one: bool) -> None:
    """Number of parts and digits; nothing before, nothing after."""
    assert is_type_code(element, code) is is_one


def test_every_shape_says_how_many_parts_it_has() -> None:
    """The words for people and the pattern agree."""
    for element, (_, words) in TYPE_CODES.items():
        parts = int(words.removeprefix("an ").removeprefix("a ").partition("-")[0])
        assert is_type_code(element, ".".join(["1"] * parts))
        assert not is_type_code(element, ".".join(["1"] * (parts + 1)))
