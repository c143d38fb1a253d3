"""Codes are read, written, judged and told in words; whatever the text is, nothing raises."""

from __future__ import annotations

import json
from dataclasses import asdict

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from conformance.standard import codes
from conformance.standard.codes import KINDS, READING_TYPE, Code, Kind, build, decode, judge, named, own, parse
from conformance.standard.codes.kinds import MAX_DIGITS
from conformance.standard.codes.tables import BASES, TOGETHER, WHOLE

ENERGY = "0.0.2.4.1.1.12.0.0.0.0.0.0.0.0.3.72.0"
kinds = st.sampled_from(list(KINDS.values()))
likely = st.lists(st.sampled_from(["0", "1", "72", "-3", "007", "", "x", "٣", "1" * 12]), max_size=20).map(".".join)


@st.composite
def written(draw: st.DrawFn) -> Code:
    """Draw a code of any kind with numbers in their ranges."""
    kind = draw(kinds)
    return Code(kind, tuple(draw(st.integers(field.low, field.high)) for field in kind.fields))


@given(written())
def test_what_is_written_is_read(code: Code) -> None:
    """A code comes back from its text, and the text from the code; it has the shape of its kind."""
    assert parse(str(code), code.kind) == (code, [])
    assert build(code.kind, **{field.name: code[field.name] for field in code.kind.fields}) == code
    assert code.kind.pattern.fullmatch(str(code))
    assert not any(problem.severity == "malformed" for problem in judge(code.kind, str(code)))


@example("9" * 5000, None)
@example("-.-", None)
@example("1.2\n", None)
@given(st.one_of(st.text(max_size=60), likely), st.one_of(st.none(), kinds))
def test_no_text_raises(text: str, kind: Kind | None) -> None:
    """Any text is decoded and judged; what is no code says why, and has no sentence. All of it can be JSON."""
    found = decode(text, kind)
    assert bool(found.sentence) == bool(found.parts) == (found.worst != "malformed")
    assert json.dumps([asdict(problem) for problem in found.problems])
    if kind is not None:
        assert tuple(judge(kind, text)) == found.problems
        assert isinstance(named(kind.name, text), str)


@pytest.mark.parametrize("kind", KINDS.values(), ids=str)
def test_every_row_decodes(kind: Kind) -> None:
    """Each row of our tables: its words are in the decoded code, and nothing about that part is unknown."""
    for (name, part), rows in own().rows.items():
        for numbers, row in rows.items() if name == kind.name else ():
            fields = TOGETHER.get(name, {}).get(part, (part,))
            values = dict(zip(fields, numbers, strict=True)) if part != WHOLE else {}
            code = build(kind, **values) if values else Code(kind, numbers)
            found = decode(str(code), kind)
            assert found.worst in ("", "warning") or part == "currency", row
            told = found.brief if part == WHOLE else " ".join(item.words for item in found.parts)
            assert row.words in told
            assert not [problem for problem in found.problems if problem.table and problem.field == part]
            assert row.basis in BASES


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (ENERGY,
         "Fifteen-minute forward active energy of electricity (secondary metered), change over the period, in kWh."),
        ("8.8.53.0.1.1.8.0.0.0.0.2.0.0.128.3.38.0",
         "Billing-period maximum 15-minute fixed-block forward active demand of electricity (secondary metered), "
         "phase A, time-of-use bucket 2, in kW."),
        ("0.0.0.12.0.1.4.5.1.0.0.0.0.0.32.0.5.0",
         "Current of electricity (secondary metered), instantaneous value, phase C, fifth harmonic, in A."),
        ("0.0.0.0.0.1.54.1.2.0.0.0.0.0.0.0.29.0",
         "Voltage of electricity (secondary metered), interharmonic 1/2, in V."),
        ("0.0.0.0.0.1.54.1.1.0.0.0.0.0.0.0.29.0",
         "Voltage of electricity (secondary metered), fundamental frequency, in V."),
        ("0.0.0.0.0.1.22.0.0.4.1.0.0.0.0.0.0.0", "IEEE 1366 CEMIn of electricity (secondary metered), argument 4."),
        ("13.0.0.1.1.7.58.0.0.0.0.0.1.2.0.2.42.0",
         "Monthly forward volume of natural gas, register reading that may roll over, critical peak period 1, tier 2, "
         "in 10^2 × m³."),
        ("0.0.0.0.0.0.151.0.0.0.0.0.0.0.0.-2.80.978", "Bill to date, in 10^-2 × EUR."),
        ("0.0.0.0.0.0.3.0.0.0.0.0.0.0.0.0.80.0", "Currency, in money of no named currency."),
        ("0.0.0.0.0.1.2.0.0.1.3.0.0.0.0.-3.0.0",
         "Apparent power factor of electricity (secondary metered), argument 1/3, in units of 10^-3."),
        ("0.0.0.0.0.0.45.0.0.0.0.0.0.0.0.3.72.840", "Tariff rate, in kWh, currency USD."),
        ("0.0.2.4.1.1.999.0.0.0.0.0.0.0.0.3.72.0",
         "Fifteen-minute forward unknown measurement kind 999 of electricity (secondary metered), "
         "change over the period, in kWh."),
        ("0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.72.0", "Unnamed quantity, in Wh."),
        (".".join(["0"] * 18), "Nothing is said: all 18 fields are 0 (not applicable)."),
        ("3.26.0.85", "End device event, electric meter: power failed (outage)."),
        ("3.31.0.23", "End device control, electric meter: disconnect."),
        ("3.8.0.214", "End device control, electric meter: demand reset (recalled, unverified)."),
        ("3.12.77.24", "End device event: electric meter, security, unknown subdomain 77, changed."),
        ("0.0.0.0", "End device event: not applicable."),
        ("1.5.259", "Known missing read (failed reasonability test), said by: end device (recalled, unverified)."),
        ("9.5.1",
         "Unknown subcategory 1 (failed reasonability test), said by: unknown system 9 (recalled, unverified)."),
        ("2.4", "Invalid Meter(s) (Parameter invalid)."),
        ("2.99", "Unknown reply code (Parameter invalid)."),
        ("99.1", "Unknown reply code (unknown category 99)."),
    ],
)  # fmt: skip
def test_sentences(text: str, sentence: str) -> None:
    """Each kind of code in one sentence, also with values that no table knows."""
    assert decode(text).sentence == sentence


@pytest.mark.parametrize(
    ("text", "kind", "why"),
    [
        ("3.26.0.85", "EndDeviceEventType", "the table has the code as one"),
        ("3.31.0.23", "EndDeviceControlType", "the table has the code as one"),
        ("3.31.0.74", "EndDeviceEventType", "nothing tells which is meant"),
        ("1.5.259", "ReadingQualityType", ""),
        ("2.4", "ReplyCode", ""),
        (ENERGY, "ReadingType", ""),
    ],
)
def test_the_kind_is_found(text: str, kind: str, why: str) -> None:
    """By the number of parts; where two kinds have as many, by the table; and the doubt is told."""
    found = decode(text)
    assert (str(found.kind), found.why_kind) == (kind, why)
    fits = {"EndDeviceEventType", "EndDeviceControlType"} if text.count(".") == 3 else {kind}
    assert set(found.fits) == fits


def test_a_kind_that_is_asked_for() -> None:
    """It counts more than the table, and a wrong number of parts is told by it."""
    assert decode("3.31.0.23", KINDS["EndDeviceEventType"]).sentence.startswith(
        "End device event: electric meter, remote"
    )
    (problem,) = decode("2.4", READING_TYPE).problems
    assert problem.message == "has 2 parts, ReadingType has 18 (16 missing)"
    assert problem.fix.startswith("write macroPeriod . aggregate . ")


@pytest.mark.parametrize(
    ("text", "message", "position"),
    [
        ("1..3", "part 2 of 3 is empty", 3),
        ("3.26.0.85.", "part 5 of 5 is empty", 11),
        ("3.26.x.85", 'part 3 of 4 is "x", not a whole number', 6),
        ("٣.1", 'part 1 of 2 is "٣", not a whole number', 1),
        ("1.+2", 'part 2 of 2 is "+2", not a whole number', 3),
        ("2.1234567890", "part 2 of 2 has 10 digits", 3),
        ("2.\x1b[31m", 'part 2 of 2 is "\ufffd[31m", not a whole number', 3),
        ("7", "has 1 part, as no kind of code does", None),
        (".".join("1" * 17), "has 17 parts, as no kind of code does", None),
        (" ", "there is no code", None),
        ("1" * 5000, "more than 198 characters are too many for a code", None),
    ],
)
def test_what_is_no_code(text: str, message: str, position: int | None) -> None:
    """The reason, the place, counted from 1, and what to do."""
    (problem,) = decode(text).problems
    assert (problem.severity, problem.message, problem.position) == ("malformed", message, position)
    assert problem.fix
    assert problem.expected


def change(**parts: int | str) -> str:
    """Return a right reading type with other parts."""
    right: dict[str, int | str] = {"measurementKind": "energy", "unit": "Wh", "commodity": 1, "multiplier": "k"}
    return str(build(READING_TYPE, **{**right, **parts}))


@pytest.mark.parametrize(
    ("text", "severity", "field", "value"),
    [
        (change(), "", "", ""),
        (change(interharmonicNumerator=5, interharmonicDenominator=1), "", "", ""),
        (change(interharmonicNumerator=5), "error", "interharmonicDenominator", "0"),
        (change(interharmonicDenominator=2), "error", "interharmonicNumerator", "0"),
        (change(argumentNumerator=4, argumentDenominator=1), "", "", ""),
        (change(argumentNumerator=-4, argumentDenominator=1), "", "", ""),
        (change(argumentNumerator=4), "error", "argumentDenominator", "0"),
        (change(argumentDenominator=1), "warning", "argumentNumerator", "0"),
        (change(measurementKind="ieee1366CEMIn", unit="count"), "warning", "argumentNumerator", "0"),
        (change(measurementKind="ieee1366CEMIn", unit="count", argumentNumerator=3, argumentDenominator=1), "", "", ""),
        (change(currency="USD"), "error", "currency", "840"),
        (change(currency="USD", measurementKind="tariffRate"), "warning", "currency", "840"),
        (change(currency="EUR", measurementKind="billToDate", unit="money"), "", "", ""),
        (change(measurementKind="billToDate", unit="money"), "warning", "currency", "0"),
        (change().replace(".72.0", ".80.1000"), "error", "currency", "1000"),
        (change().replace(".3.72.", ".03.72."), "warning", "multiplier", "03"),
        (change().replace(".3.72.", ".-0.72."), "warning", "multiplier", "-0"),
        (change(multiplier="m"), "", "", ""),
        (change().replace("0.", "-1.", 1), "error", "macroPeriod", "-1"),
        (change(measuringPeriod=8), "warning", "measuringPeriod", "8"),
        (change(tou=77, cpp=8, consumptionTier=9), "", "", ""),
        (f" {change()}\n", "warning", "", ""),
        (str(build(READING_TYPE)), "warning", "", ""),
    ],
)
def test_rules_of_a_reading_type(text: str, severity: str, field: str, value: str) -> None:
    """Public rules are errors, what is unknown or unusual a warning; the twin that differs in one thing is right."""
    problems = judge(READING_TYPE, text)
    assert [problem.severity for problem in problems] == ([severity] if severity else [])
    for problem in problems:
        assert (problem.field, problem.value) == (field, value)
        if problem.position is not None and severity != "malformed":
            assert text[problem.position - 1 :].startswith(value)


@pytest.mark.parametrize(
    ("kind", "text", "field", "nearest"),
    [
        ("ReadingType", change(measuringPeriod=8), "measuringPeriod", "7 (sixty-minute)"),
        ("ReadingType", change(unit=40), "unit", "39 (Pa)"),
        ("EndDeviceEventType", "3.31.0.74", "eventOrAction", "79 (error)"),
        ("EndDeviceEventType", "3.26.1.85", "", "3.26.0.85 (power failed (outage))"),
        ("EndDeviceControlType", "3.31.0.24", "", "3.31.0.23 (disconnect)"),
        ("EndDeviceEventType", "4.26.0.85", "type", "3 (electric meter)"),
        ("ReadingQualityType", "1.5.260", "category.subCategory", "5.259 (known missing read)"),
        ("ReadingQualityType", "1.13.0", "category", "12 (projected)"),
        ("ReplyCode", "2.34", "", "2.33 (Invalid PricingStructure(s))"),
    ],
)
def test_an_unknown_value_is_a_warning_with_the_nearest(kind: str, text: str, field: str, nearest: str) -> None:
    """The tables are partial: nothing unknown is an error; who judged is named."""
    problem, *_ = judge(KINDS[kind], text)
    assert {each.severity for each in judge(KINDS[kind], text)} == {"warning"}
    assert problem.field == field
    assert problem.fix == f"the nearest that is known: {nearest}"
    assert problem.table.endswith(".tsv of the suite, which is partial")


def test_a_whole_code_that_is_known_needs_no_known_parts() -> None:
    """3.26.136.47 is listed, though its subdomain has no name; and what has no table of parts is not unknown."""
    assert not judge(KINDS["EndDeviceEventType"], "3.26.136.47")
    assert not judge(KINDS["ReadingQualityType"], "3.9.77")


def test_a_code_of_the_other_kind() -> None:
    """A control where an event should stand is the usual confusion: it is named instead of a neighbour."""
    (problem,) = judge(KINDS["EndDeviceEventType"], "3.31.0.23")
    assert (problem.severity, problem.fix) == ("warning", "it is known as EndDeviceControlType (disconnect)")


def test_everything_at_once() -> None:
    """Out of range, unknown, and against a rule: each is told, with its place."""
    found = judge(READING_TYPE, "-1.3.0.0.0.0.12.5.0.0.0.0.0.0.0.0.72.0")
    told = [(problem.severity, problem.field, problem.position) for problem in found]
    assert told == [("error", "macroPeriod", 1), ("warning", "aggregate", 4), ("error", "interharmonicDenominator", 19)]
    assert [problem.severity for problem in judge(KINDS["ReplyCode"], "-1.2")] == ["error"]
    (zero, unknown) = judge(READING_TYPE, "00.3.0.0.0.0.12.0.0.0.0.0.0.0.0.0.72.0")
    assert (zero.position, unknown.position) == (1, None)


def test_build_refuses() -> None:
    """A part or a name that does not exist, and a number out of range."""
    with pytest.raises(KeyError):
        build(READING_TYPE, colour=1)
    with pytest.raises(KeyError):
        build(READING_TYPE, unit="furlong")
    with pytest.raises(ValueError, match="unit -1 is not a whole number, 0 or more"):
        build(READING_TYPE, unit=-1)
    with pytest.raises(ValueError, match="currency 1000 is not a whole number from 0 to 999"):
        build(READING_TYPE, currency=10**3)


def test_codes_beside_their_meaning() -> None:
    """For findings and reports; what is no code comes back as it is."""
    assert named("EndDeviceControlType", "3.31.0.23") == "3.31.0.23 (disconnect)"
    assert (
        named("ReadingType", ENERGY)
        == f"{ENERGY} (fifteen-minute forward active energy, change over the period, in kWh)"
    )
    assert named("ReadingType", "energy-type-1") == "energy-type-1"
    assert named("ReadingType", None) == "none"


def test_a_problem_in_one_line() -> None:
    """Field, value, what is wrong, where, what to do."""
    (problem,) = judge(READING_TYPE, change(currency="USD"))
    assert str(problem) == (
        "currency 840: is given, but the unit 72 is not money (character 37); write unit 80, or currency 0"
    )
    assert MAX_DIGITS == 9
    assert codes.knows_reply_code("2.4")
    assert not codes.knows_reply_code("2.04")
