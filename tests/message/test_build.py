"""Valid by default: an illegal message comes only through the door that says so."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from conformance.errors import InternalError
from conformance.message.build import Draft, build, build_unchecked, new_id, sub, timestamp
from conformance.message.meter_readings import get_meter_readings
from conformance.message.model import Header, Identified, Reply, ReplyError
from conformance.message.parse import parse
from conformance.message.xml import local_name, parse_xml
from conformance.standard.schemas import SchemaStore
from conformance.standard.times import parse_time

STORE = SchemaStore()
HEADER = Header(verb="get", noun="MeterReadings")
LEGAL = Draft(kind="RequestMessage", header=HEADER)


def illegal_profile() -> etree._Element:
    """Return a GetMeterReadings that its schema forbids: a time schedule without its interval."""
    element = get_meter_readings([Identified(mrid="a")])
    sub(element, "TimeSchedule")
    return element


ILLEGAL = {
    "a verb of one's own": replace(LEGAL, header=replace(HEADER, verb="frobnicate")),
    "no noun": replace(LEGAL, header=replace(HEADER, noun=None)),
    "no header": replace(LEGAL, header=None),
    "a time that is none": replace(LEGAL, header=replace(HEADER, timestamp="yesterday")),
    "a flag that is none": replace(LEGAL, header=replace(HEADER, async_reply_flag="perhaps")),
    "a reply in a request": replace(LEGAL, reply=Reply(result="OK")),
    "a result that is none": Draft(kind="FaultMessage", reply=Reply(result="Fine")),
    "an error level that is none": Draft(
        kind="FaultMessage", reply=Reply(result="FAILED", errors=(ReplyError(code="1.1", level="BAD"),))
    ),
    "a profile in the request": replace(LEGAL, request=(illegal_profile(),)),
    "a profile in the payload": replace(LEGAL, payload=(illegal_profile(),)),
    "a kind of one's own": replace(LEGAL, kind="LetterMessage"),
}


@pytest.mark.parametrize("what", ILLEGAL)
def test_no_illegal_message_by_accident(what: str) -> None:
    """``build`` refuses what ``build_unchecked`` makes; the twin that differs in this one thing is built."""
    draft = ILLEGAL[what]
    with pytest.raises(InternalError, match="built an invalid message"):
        build(draft)
    assert local_name(build_unchecked(draft)) == draft.kind
    assert STORE.is_valid(build(LEGAL))


def test_payloads_of_other_standards_are_allowed() -> None:
    """A payload of a namespace without a schema is not ours to judge."""
    foreign = etree.Element("{urn:example:other}Thing")
    message = build(replace(LEGAL, payload=(foreign,)))
    assert message.find("{*}Payload/{urn:example:other}Thing") is not None


@given(moment=st.datetimes(timezones=st.integers(-14, 14).map(lambda hours: timezone(timedelta(hours=hours)))))
def test_time_stamps_are_utc_to_the_millisecond(moment: datetime) -> None:
    """A moment in any zone is written in UTC with Z and three decimals, and means the same."""
    try:
        moment.astimezone(UTC)
    except OverflowError:
        return
    written = timestamp(moment)
    assert written.endswith("Z")
    assert written[-5] == "."
    read = parse_time(written)
    assert read is not None
    assert abs(moment - read) < timedelta(milliseconds=1)


def test_time_stamp_of_now() -> None:
    """Without a moment it is now."""
    before = datetime.now(UTC) - timedelta(milliseconds=1)
    read = parse_time(timestamp())
    assert read is not None
    assert before <= read <= datetime.now(UTC)


def test_ids_are_fresh_uuids() -> None:
    """A thousand identifiers are a thousand different UUIDs."""
    ids = {new_id() for _ in range(1000)}
    assert len(ids) == 1000
    assert all(str(uuid.UUID(item)) == item for item in ids)


def test_an_empty_payload_is_left_out() -> None:
    """Neither payload nor IDs: no Payload element."""
    assert build(LEGAL).find("{*}Payload") is None
    assert build(LEGAL).find("{*}Request") is None


@given(text=st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_what_xml_cannot_hold_is_told(text: str) -> None:
    """A text is either carried as it is, or refused when it is put in: never changed."""
    draft = replace(LEGAL, header=replace(HEADER, comment=text))
    try:
        message = build(draft)
    except ValueError:
        with pytest.raises(ValueError, match="XML compatible"):
            etree.Element("a").text = text
        return
    header = parse(etree.tostring(message)).header
    assert header is not None
    assert header.comment == text


def test_an_element_that_the_schema_does_not_have() -> None:
    """The suite's own mistake is named with the place, so that it can be found."""
    element = get_meter_readings([Identified(mrid="a")])
    sub(element, "NoSuchElement", "1")
    with pytest.raises(InternalError, match="NoSuchElement"):
        build(replace(LEGAL, request=(element,)))
    assert parse_xml(etree.tostring(build_unchecked(replace(LEGAL, request=(element,)))))[1] is not None
