"""How real products deviate (facts/deviations.md): each is named in plain words, once, at its line; the rest passes."""

from __future__ import annotations

import html
from typing import NamedTuple

import pytest

from tests.offline.judging import judged
from tests.offline.messages import CONTROL, ENVELOPE, EVENT, EVENTS, READINGS, REQUEST, RESPONSE, TYPE, UUID


class Bent(NamedTuple):
    """One deviation: what is replaced in which message, what is said of it, and at which line."""

    name: str
    message: str
    old: str
    new: str
    requirement: str
    line: int
    words: tuple[str, ...]


BENT = [
    Bent("capitalised verb", CONTROL, "<Verb>create<", "<Verb>Create<", "ENV-003", 3, ('"Create"', "writes create")),
    Bent("upper-case verb", RESPONSE, "<Verb>reply<", "<Verb>REPLY<", "ENV-003", 3, ('"REPLY"', "writes reply")),
    Bent("reply without noun", RESPONSE, "    <Noun>MeterReadings</Noun>\n", "", "ENV-002", 2, ("lacks Noun",)),
    Bent("noun with Get", REQUEST, "<Noun>MeterReadings<", "<Noun>GetMeterReadings<", "ENV-004", 4, ("GetMeter",)),
    Bent("unknown noun", REQUEST, ">MeterReadings<", ">MeterReadingRequests<", "ENV-004", 4, ("MeterReadingRequests",)),
    Bent("noun in two words", REQUEST, ">MeterReadings<", ">meter readings<", "ENV-004", 4, ("meter readings",)),
    Bent("no namespace", RESPONSE, f' xmlns="{ENVELOPE}"', "", "ENV-002", 1, ("no namespace at all", ENVELOPE)),
    Bent("payload without namespace", RESPONSE, f' xmlns="{READINGS}"', ' xmlns=""', "ENV-019", 13, ("no namespace",)),
    Bent("www", RESPONSE, "http://iec.ch/TC57/2011/schema", "http://www.iec.ch/TC57/2011/schema", "ENV-002", 1,
         ("host www.iec.ch instead of iec.ch",)),
    Bent("another year", RESPONSE, "iec.ch/TC57/2011/schema", "iec.ch/TC57/2008/schema", "ENV-002", 1,
         ("year 2008 instead of 2011",)),
    Bent("payload of another year", RESPONSE, "iec.ch/TC57/2011/Meter", "iec.ch/TC57/2007/Meter", "ENV-019", 13,
         ("year 2007 instead of 2011",)),
    Bent("payload in the envelope's", RESPONSE, f' xmlns="{READINGS}"', "", "ENV-019", 13, (ENVELOPE, READINGS)),
    Bent("reading type that is no code", RESPONSE, TYPE, "kWh", "ENV-017", 19, ('"kWh"', "18-part code")),
    Bent("value first", RESPONSE, "<timeStamp>2026-01-01T00:00:00Z</timeStamp>\n          <value>17.5</value>",
         "<value>17.5</value>\n          <timeStamp>2026-01-01T00:00:00Z</timeStamp>", "ENV-019", 18,
         ("timeStamp is out of order",)),
    Bent("event without time", EVENT, "        <createdDateTime>2026-01-01T00:00:01Z</createdDateTime>\n", "",
         "ENV-019", 10, ("lacks", "createdDateTime")),
    Bent("event with verb create", EVENT, ">created<", ">create<", "ENV-005", 3, ("created", '"create"')),
    Bent("stamp false", RESPONSE, ">2026-01-01T00:00:02Z<", ">false<", "ENV-002", 5, ("'false'", "dateTime")),
    Bent("stamp without zone", RESPONSE, ">2026-01-01T00:00:02Z<", ">2026-01-01T00:00:02<", "ENV-011", 5, ("offset",)),
    Bent("header out of order", RESPONSE,
         f"<Timestamp>2026-01-01T00:00:02Z</Timestamp>\n    <MessageID>{UUID}</MessageID>",
         f"<MessageID>{UUID}</MessageID>\n    <Timestamp>2026-01-01T00:00:02Z</Timestamp>", "ENV-002", 6,
         ("Timestamp is out of order",)),
]  # fmt: skip


@pytest.mark.parametrize("message", [RESPONSE, REQUEST, EVENT, CONTROL])
def test_what_conforms(message: str) -> None:
    """Nothing is said of a message that conforms."""
    assert judged(message)[0].findings == ()


@pytest.mark.parametrize("bent", BENT, ids=lambda bent: bent.name)
def test_one_deviation_is_one_finding(bent: Bent) -> None:
    """It is named in words, at its line and column, and nothing else is said."""
    assert bent.message.count(bent.old) == 1
    findings = judged(bent.message.replace(bent.old, bent.new))[0].findings
    assert [(item.requirement, item.place.line) for item in findings] == [(bent.requirement, bent.line)]
    assert all(word in findings[0].message for word in bent.words), findings[0].message
    assert findings[0].place.column is not None
    assert findings[0].place.path


def test_all_at_once() -> None:
    """What is wrong in several places is told of each, and none hides another."""
    message = RESPONSE.replace("http://iec.ch/TC57/2011/schema", "http://www.iec.ch/TC57/2011/schema")
    for bent in BENT:
        if bent.name in ("upper-case verb", "stamp false", "reading type that is no code", "value first"):
            message = message.replace(bent.old, bent.new)
    found = [(item.requirement, item.place.line) for item in judged(message)[0].findings]
    assert found == [("ENV-002", 1), ("ENV-003", 3), ("ENV-002", 5), ("ENV-019", 18), ("ENV-017", 19)]


def test_escaped() -> None:
    """A message that stands as text in a parameter is judged, and its form is found."""
    body = f"<call>\n <parameter>{html.escape(RESPONSE)}</parameter>\n</call>"
    findings = judged(body)[0].findings
    assert [(item.requirement, item.place.line, item.place.column) for item in findings] == [("ENV-001", 2, 2)]
    assert "text" in findings[0].message


def test_events_namespace_is_another() -> None:
    """A payload in the namespace of another profile is found as that."""
    findings = judged(RESPONSE.replace(READINGS, EVENTS))[0].findings
    assert [item.requirement for item in findings] == ["ENV-019"]


SOAP = '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>\n{}</s:Body></s:Envelope>'
DECLARED = f'<?xml version="1.0" encoding="UTF-16"?>\n{RESPONSE}'
XSI = 'xmlns:x="http://www.w3.org/2001/XMLSchema-instance" xmlns:e="http://schemas.xmlsoap.org/soap/encoding/"'


@pytest.mark.parametrize(
    "call",
    [
        f"<call>\n<arg>{html.escape(RESPONSE)}</arg></call>",
        f"<call>\n<arg><![CDATA[{RESPONSE}]]></arg></call>",
        f"<call>\n<arg><![CDATA[{DECLARED}]]></arg></call>",
        f'<call {XSI}>\n<arg x:type="e:string">\n{html.escape(RESPONSE)}\n</arg></call>',
        f"<processRequestMessage>\n<arg>{html.escape(RESPONSE)}</arg></processRequestMessage>",
        f"<createdEndDeviceEvents>\n<arg>{html.escape(RESPONSE)}</arg></createdEndDeviceEvents>",
    ],
    ids=["escaped", "CDATA", "declared", "soap encoding", "like a wrapper", "like an event"],
)
@pytest.mark.parametrize("carried", ["{}", SOAP], ids=["bare", "soap"])
def test_escaped_in_a_call(call: str, carried: str) -> None:
    """However the text is written and whatever the operation is called: one finding, and the message is judged."""
    body = carried.format(call)
    findings = judged(body)[0].findings
    assert [(item.requirement, item.place.line) for item in findings] == [("ENV-001", 3 if carried == SOAP else 2)]
    bad = judged(body.replace("reply", "Reply"))[0].findings
    assert [item.requirement for item in bad] == ["ENV-001", "ENV-003"]


def test_a_text_that_is_no_message_is_no_message() -> None:
    """Escaped markup of something else is not taken for one."""
    findings = judged("<call><arg>&lt;html/&gt;</arg></call>")[0].findings
    assert [item.requirement for item in findings] == ["ENV-001"]
    assert "call is no message" in findings[0].message
