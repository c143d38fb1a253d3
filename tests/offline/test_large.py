"""A large message is read in pieces, and judged as if it had been read whole."""

from __future__ import annotations

from io import BytesIO

import pytest
from lxml import etree

from conformance.message.soap import ENVELOPES, to_typed
from conformance.message.xml import Limits, parse_xml
from conformance.offline import large
from conformance.offline.large import empty
from conformance.offline.model import Judged, Piece, Settings, Verdict
from conformance.offline.work import judge_pieces
from tests.offline.judging import SETTINGS, judged
from tests.offline.messages import CONTROL, ENVELOPE, EVENT, READINGS, REQUEST, RESPONSE, TYPE
from tests.offline.test_deviations import BENT, Bent

HEAD = RESPONSE[: RESPONSE.index("      <MeterReading>")]
TAIL = RESPONSE[RESPONSE.index("    </MeterReadings>") :]


def reading(number: int, *, time: str = "", value: str = "1", quality: str = "") -> str:
    """Return an IntervalReadings of three or four lines."""
    stamp = time or f"2026-01-01T{number // 60 % 24:02}:{number % 60:02}:00Z"
    return (
        f"<IntervalReadings>\n <timeStamp>{stamp}</timeStamp>\n <value>{value}</value>{quality}\n</IntervalReadings>\n"
    )


def block(*readings: str, ref: str = TYPE) -> str:
    """Return an IntervalBlocks."""
    return f'<IntervalBlocks>{"".join(readings)}<ReadingType ref="{ref}"/></IntervalBlocks>'


def message(*entries: str, head: str = HEAD, tail: str = TAIL) -> str:
    """Return a ResponseMessage with a MeterReading around each of ``entries``."""
    meters = (
        f"<MeterReading>{entry}<Meter><mRID>m-{n}</mRID></Meter></MeterReading>\n" for n, entry in enumerate(entries)
    )
    return head + "".join(meters) + tail


MANY = [block(*(reading(n) for n in range(40)), ref=TYPE) for _ in range(5)]


@pytest.fixture(params=[61, 1000, 100_000])
def chunk(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """Set how much is read at once, so that every place of a small message is a border of two chunks."""
    monkeypatch.setattr(large, "CHUNK", request.param)
    return int(request.param)


def streamed(body: str | bytes, settings: Settings = SETTINGS) -> Verdict:
    """Return what is said of a message that is read in pieces."""
    content = body.encode() if isinstance(body, str) else body
    piece = Piece(name="x", stream=lambda: BytesIO(content))
    return next(judge_pieces(iter([piece]), settings)).verdict


def places(verdict: Verdict) -> list[tuple[str, int | None, str]]:
    """Return what was found at which line, without what only tells that no schema was applied."""
    return [(one.requirement, one.place.line, one.severity) for one in verdict.findings if one.severity != "note"]


@pytest.mark.parametrize("bent", BENT, ids=lambda bent: bent.name)
def test_every_deviation_is_found_in_the_same_place(bent: Bent, chunk: int) -> None:
    """In pieces as in whole; a ReadingType is found where its reading starts."""
    body = bent.message.replace(bent.old, bent.new)
    expected = [(name, 16 if name == "ENV-017" else line, severity) for name, line, severity in places(judged(body)[0])]
    assert places(streamed(body)) == expected


@pytest.mark.parametrize("body", [RESPONSE, REQUEST, EVENT, CONTROL, message(*MANY)], ids=range(5))
def test_what_conforms(body: str, chunk: int) -> None:
    """Nothing is said of it."""
    assert streamed(body).findings == ()


def test_all_readings_are_taken_out(chunk: int) -> None:
    """Only one MeterReading is left, without readings; all were counted."""
    body = message(*MANY, f"{MANY[0]}{MANY[1]}").encode()
    emptied = empty(lambda: BytesIO(body), 1_000_000)
    assert (emptied.readings, emptied.gone) == (280, 5)
    assert sum(1 for _ in emptied.root.iter("{*}IntervalReadings")) == 0
    assert [ref for _name, ref in emptied.refs] == [TYPE]


def _only(verdict: Verdict) -> Judged:
    assert len(verdict.findings) == 1, verdict.findings
    return verdict.findings[0]


@pytest.mark.parametrize(
    ("odd", "requirement", "lines_on"),
    [
        (reading(3, value=" "), "MR-008", 0),
        (reading(3).replace("<timeStamp>2026-01-01T00:03:00Z</timeStamp>", "<source>x</source>"), "MR-009", 0),
        (reading(3, time="yesterday"), "ENV-019", 1),
        (reading(3, quality="<strange/>"), "ENV-019", 2),
    ],
)
def test_one_odd_reading_among_many(odd: str, requirement: str, lines_on: int, chunk: int) -> None:
    """It is found with its line, wherever it stands, and nothing else is."""
    for entry in (0, 2, 4):
        entries = list(MANY)
        entries[entry] = block(*(reading(n) for n in range(17)), odd, *(reading(n) for n in range(18, 40)))
        body = message(*entries)
        one = _only(streamed(body))
        assert (one.requirement, one.severity) == (requirement, "error")
        assert one.place.line == body[: body.index(odd)].count("\n") + 1 + lines_on
        assert one.place.column is not None


def test_a_quality_stands_for_a_value(chunk: int) -> None:
    """A missing value with a quality is legal; a quality whose code is none is found."""
    for ref, expected in (("1.5.259", []), ("missing", ["ENV-017"])):
        quality = f'<ReadingQualities><ReadingQualityType ref="{ref}"/></ReadingQualities>'
        body = message(block(reading(1), reading(2, quality=quality).replace("<value>1</value>", ""), reading(3)))
        assert [one.requirement for one in streamed(body).findings] == expected
        assert [one.requirement for one in judged(body)[0].findings] == expected


def test_many_odd_readings_are_one_finding(chunk: int) -> None:
    """With their number; and what a schema refuses over and over ends the reading."""
    one = _only(streamed(message(block(*(reading(n, value="") for n in range(300))))))
    assert one.requirement == "MR-008"
    assert "299 more" in one.message
    refused = streamed(message(*[block(*(reading(n, time="x") for n in range(60)))] * 20))
    assert {item.requirement for item in refused.findings} == {"ENV-019"}
    assert sum(item.count for item in refused.findings) > 1000


def _soap(body: str, version: str) -> str:
    return f'<s:Envelope xmlns:s="{ENVELOPES[version]}"><s:Header/><s:Body>{body}</s:Body></s:Envelope>'


def _typed(body: str) -> str:
    return etree.tostring(to_typed(parse_xml(body.encode()), verb="reply", noun="MeterReadings"), encoding="unicode")


@pytest.mark.parametrize("wrap", [lambda body: _soap(body, "1.1"), lambda body: _soap(_typed(body), "1.1"), _typed])
def test_however_it_is_wrapped(wrap: object, chunk: int) -> None:
    """In SOAP and in a typed wrapper, the schema looks into the payload as well."""
    assert callable(wrap)
    good, bad = (wrap(message(block(reading(1), reading(2, time=time)))) for time in ("", "never"))
    assert streamed(good).findings == ()
    assert _only(streamed(bad)).requirement == "ENV-019"


def test_namespaces_of_another_year(chunk: int) -> None:
    """They are named, and the schema still judges what is in them."""
    body = message(block(reading(1), reading(2, time="never")))
    body = body.replace(ENVELOPE, ENVELOPE.replace("//", "//www.")).replace(READINGS, READINGS.replace("2011", "2009"))
    found = streamed(body).findings
    assert [one.requirement for one in found] == ["ENV-002", "ENV-019", "ENV-019"]
    assert "www.iec.ch" in found[0].message
    assert "2009" in found[1].message
    assert "never" in found[2].message


def test_utf_16(chunk: int) -> None:
    """Any encoding is legal."""
    assert streamed(('<?xml version="1.0" encoding="UTF-16"?>' + message(*MANY)).encode("utf-16")).findings == ()


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (message(*MANY)[:-200], "not well-formed"),
        (message(*MANY) + "<more/>", "not well-formed"),
        (message(*MANY).replace("<value>1</value>\n", "<value>1</valu>\n", 1), "not well-formed"),
        (message(block(reading(1, time="x"))).replace("</Payload>", "</payload>"), "not well-formed"),
        ("<!DOCTYPE ResponseMessage>" + message(*MANY), "DTD"),
        (HEAD + "<a>" * 300, "depth"),
        ("no XML", "not well-formed"),
        (" " * 100_000 + RESPONSE, "no element starts"),
        (f"<html>{RESPONSE}</html>", "html is no message"),
        (message(block(reading(1, value="1" * 11_000_000))), "too long"),
        (message(*MANY).replace("<value>1<", "<value>&#0;1<", 1), "not well-formed"),
    ],
    ids=range(11),
)
def test_what_cannot_be_read(body: str, words: str) -> None:
    """It is one finding that says why."""
    one = _only(streamed(body))
    assert one.requirement == "ENV-001"
    assert words in one.message


def test_too_many_bytes_and_too_many_elements(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both end the reading, with what to do."""
    assert "--max-mib" in _only(streamed(message(*MANY), Settings(limits=Limits(max_bytes=5000)))).message
    monkeypatch.setattr(large, "MAX_LEFT", 100)
    start = "<EndDeviceEvent>"
    events = EVENT.replace(start, f"{start}<mRID>1</mRID></EndDeviceEvent>" * 60 + start)
    assert "split it" in _only(streamed(events)).message


def test_memory_does_not_grow(monkeypatch: pytest.MonkeyPatch) -> None:
    """However long the message, what is in memory is about a chunk: here a hundred elements, of six thousand."""
    monkeypatch.setattr(large, "CHUNK", 1000)
    most = []
    for many in (2, 10, 50):
        monkeypatch.setattr(large, "MAX_LEFT", 100)
        body = message(*[block(*(reading(n) for n in range(40)))] * many).encode()
        most.append(empty(lambda body=body: BytesIO(body), 10_000_000).readings)  # type: ignore[misc]
    assert most == [80, 400, 2000]
