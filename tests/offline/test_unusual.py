"""What is legal, or only a should, is noted and never failed; and what looks like it is not noted."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from conformance.message.soap import ENVELOPES
from conformance.message.xml import Limits
from conformance.offline import rules
from conformance.offline.model import SEVERITIES, Piece, Settings
from conformance.offline.work import judge_pieces
from conformance.standard.catalogue import catalogue
from tests.offline.judging import judged
from tests.offline.messages import CONTROL, ENVELOPE, EVENT, READINGS, REQUEST, RESPONSE, UUID


class Unusual(NamedTuple):
    """What is done to a message, what is said of it, and a twin of which nothing is said."""

    name: str
    requirement: str
    message: str
    words: str
    line: int
    twin: str


def _in_soap(message: str, version: str) -> str:
    return f'<s:Envelope xmlns:s="{ENVELOPES[version]}"><s:Body>\n{message}</s:Body></s:Envelope>'


def _option(name: str) -> str:
    option = f"<Request>\n    <Option><name>{name}</name><value>100</value></Option>"
    return REQUEST.replace("<Request>", option)


def _named(first: str, second: str) -> str:
    return CONTROL.replace("          <Names><name>A</name></Names>\n", f"          {first}\n          {second}\n")


def _of_type(name: str, name_type: str) -> str:
    return f"<Names><name>{name}</name><NameType><name>{name_type}</name></NameType></Names>"


def _created(payload: str) -> str:
    message = RESPONSE.replace("ResponseMessage", "RequestMessage").replace(">reply<", ">create<")
    message = message.replace("  <Reply>\n    <Result>OK</Result>\n  </Reply>\n", "")
    start, end = message.index("      <MeterReading>"), message.index("    </MeterReadings>")
    return message[:start] + payload + message[end:]


READING = RESPONSE[RESPONSE.index("      <MeterReading>") : RESPONSE.index("    </MeterReadings>")]
PROPERTY = "    <Property><Name>DLMS.timeout</Name><Value>5</Value></Property>\n"
MANY = "<Names><name>A</name></Names>", "<Names><name>B</name></Names>"
UNUSUAL = [
    Unusual("soap 1.2", "ENV-031", _in_soap(RESPONSE, "1.2"), "SOAP 1.2", 2, _in_soap(RESPONSE, "1.1")),
    Unusual("no uuid", "ENV-032", RESPONSE.replace(UUID, "4711"), '"4711"', 6, RESPONSE.replace(UUID, UUID.upper())),
    Unusual("property", "ENV-033", EVENT.replace("  </Header>", f"{PROPERTY}  </Header>"), "DLMS.timeout", 7, EVENT),
    Unusual("limit", "ENV-034", _option("limit"), '"limit"', 10, _option("priority")),
    Unusual("page size", "ENV-034", _option("Page-Size"), '"Page-Size"', 10, _option("limits of the customer")),
    Unusual("paging in the reply", "ENV-034",
            RESPONSE.replace("<Result>OK</Result>", '<Result>OK</Result>\n    <x:pageInfo xmlns:x="urn:x"/>'),
            "extension pageInfo", 11,
            RESPONSE.replace("<Result>OK</Result>", '<Result>OK</Result>\n    <x:info xmlns:x="urn:x"/>')),
    Unusual("names without type", "ENV-035", _named(*MANY), '"A", "B"', 13,
            _named(_of_type("A", "Serial"), _of_type("B", "Badge"))),
    Unusual("names of one type", "ENV-035", _named(_of_type("A", "Serial"), _of_type("B", "Serial")),
            'NameType "Serial"', 13, _named(_of_type("A", "Serial"), _of_type("A", "Serial"))),
    Unusual("on-demand by create", "ENV-036", _created(""), "create(MeterReadings)", 3, _created(READING)),
]  # fmt: skip


@pytest.mark.parametrize("unusual", UNUSUAL, ids=lambda one: one.name)
def test_what_is_unusual_is_noted_and_its_twin_is_not(unusual: Unusual) -> None:
    """It is one finding, no error, at its line."""
    findings = judged(unusual.message)[0].findings
    assert [(item.requirement, item.place.line) for item in findings] == [(unusual.requirement, unusual.line)]
    assert unusual.words in findings[0].message
    assert findings[0].severity == SEVERITIES[catalogue()[unusual.requirement].level] != "error"
    assert judged(unusual.twin)[0].findings == ()


def test_everything_unusual_is_shown() -> None:
    """A check that no message here makes fire is dead."""
    assert {note.requirement for note in rules.UNUSUAL} == {one.requirement for one in UNUSUAL}
    assert all(catalogue()[note.requirement].level != "shall" for note in rules.UNUSUAL)


NEW = RESPONSE.replace(ENVELOPE, ENVELOPE.replace("2011", "2021"))


def edition(body: str, name: str) -> list[tuple[str, str]]:
    """Return what is found when the edition is said."""
    piece = Piece(name="x", body=body.encode())
    (done,) = judge_pieces(iter([piece]), Settings(limits=Limits(), edition=name))
    return [(item.requirement, item.severity) for item in done.verdict.findings]


def test_the_2024_edition_is_no_misspelling() -> None:
    """Its envelope is named as that, its payload's namespace, which is not public, is not held against it."""
    for space in (READINGS, READINGS.replace("2011", "2024"), "http://iec.ch/TC57/2023/MeterReadings#"):
        verdict = judged(NEW.replace(READINGS, space))[0]
        assert {item.severity for item in verdict.findings} == {"note"}
        assert verdict.findings[0].requirement == "ENV-020"
        assert "61968-9:2024" in verdict.findings[0].message
        assert "edition 2024" in verdict.what


def test_the_edition_can_be_said() -> None:
    """Then the envelope of the other is an error, and named as that."""
    assert edition(RESPONSE, "2013") == []
    assert edition(NEW, "2013") == [("ENV-002", "error")]
    assert ("ENV-020", "error") in edition(RESPONSE, "2024")
    assert all(severity == "note" for _, severity in edition(NEW, "2024"))
