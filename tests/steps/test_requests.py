"""What scenarios send: what they call legal is legal, and what must be refused is wrong in that one thing."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from lxml import etree

from conformance.errors import InternalError, MessageError
from conformance.message.build import serialise, timestamp
from conformance.message.controls import Control, end_device_controls, read_controls
from conformance.message.meter_readings import Window, get_meter_readings
from conformance.message.model import Identified
from conformance.message.parse import parse
from conformance.message.soap import unwrap
from conformance.message.xml import children, namespace
from conformance.resources import directory
from conformance.standard.schemas import SchemaStore
from conformance.standard.times import parse_time
from conformance.steps.carrying import CARRYINGS
from conformance.steps.requests import (
    MANNERS,
    UNUSUAL_ID,
    create_controls,
    get_readings,
    header,
    header_with,
    later,
    outbound,
)

if TYPE_CHECKING:
    from conformance.message.build import Draft
    from conformance.transport.base import Outbound

STORE = SchemaStore()
METER = Identified(mrid="m1")
LEGAL = [
    "with every optional header element",
    "with unusual namespace prefixes",
    "with an extension element where the schema allows one",
    "with a time stamp of another legal form",
    "with a CorrelationID of unusual characters",
    "with nothing in its header but verb and noun",
]
#: Legal as XML, and yet to be refused for what they say or do not say.
REFUSED_FOR_ITS_MEANING = [
    "with a noun that the standard does not have",
    "without saying what is wanted",
    "of a revision from the far future",
    "without its payload",
]
AGAINST_THE_SCHEMA = [
    "with a verb that the standard does not have",
    "without a noun",
    "with an element that the schema does not have",
    "without its control type",
]


def read() -> Draft:
    """Return an ordinary read."""
    return get_readings([get_meter_readings([METER], ["0.0"], Window(start=timestamp()))])


def control() -> Draft:
    """Return an ordinary control."""
    payload = end_device_controls([Control(control_type="3.31.0.23", devices=(METER,))])
    return create_controls(payload, "http://suite/")


def made(manner: str) -> Outbound:
    """Return a request in ``manner``: a control where only a control can be so, else a read."""
    return MANNERS[manner](control() if "control type" in manner or "payload" in manner else read())


def problems(message: etree._Element) -> list[str]:
    """Return what the schemas say against the envelope and the profiles in it."""
    found = parse(serialise(message))
    profiles = [*children(found.request, "GetMeterReadings"), *found.payloads]
    return [problem.message for item in (found.root, *profiles) for problem in STORE.problems(item)]


def test_every_manner_is_of_one_sort() -> None:
    """Nothing is added without saying whether it is legal."""
    sorts = [*LEGAL, *REFUSED_FOR_ITS_MEANING, *AGAINST_THE_SCHEMA, "cut off in the middle"]
    assert sorted([*sorts, *CARRYINGS]) == sorted(MANNERS)


@pytest.mark.parametrize("manner", CARRYINGS)
def test_what_is_carried_unusually_is_a_legal_read(manner: str) -> None:
    """The message itself is as usual: only SOAP has something to say to it."""
    made = MANNERS[manner](read())
    assert (made.raw, made.carrying) == (None, CARRYINGS[manner])
    assert STORE.problems(made.message) == []


def test_every_manner_is_used() -> None:
    """What no feature says is dead."""
    text = "\n".join(path.read_text(encoding="utf-8") for path in directory("features").rglob("*.feature"))
    for manner in MANNERS:
        assert re.search(rf"is sent {re.escape(manner)}$", text, re.MULTILINE), manner


@pytest.mark.parametrize("manner", [*LEGAL, *REFUSED_FOR_ITS_MEANING])
def test_what_the_schema_allows(manner: str) -> None:
    """Schemas find nothing wrong: a system that refuses a legal one fails for its own reasons."""
    assert problems(made(manner).message) == []


@pytest.mark.parametrize("manner", AGAINST_THE_SCHEMA)
def test_what_the_schema_forbids(manner: str) -> None:
    """Schemas find exactly one thing wrong; the ordinary twin has nothing wrong."""
    assert len(problems(made(manner).message)) == 1
    assert problems(outbound(read()).message) == problems(outbound(control()).message) == []


def test_cut_off() -> None:
    """The bytes end in the middle; what they were to be is known, so that an answer can be told."""
    request = made("cut off in the middle")
    assert request.raw is not None
    with pytest.raises(MessageError, match="not well-formed"):
        unwrap(request.raw)
    assert problems(request.message) == []


@pytest.mark.parametrize("manner", MANNERS)
def test_verb_and_noun_of_the_address(manner: str) -> None:
    """A typed service is chosen by what the request says, or was to say."""
    request = made(manner)
    said = parse(serialise(request.message))
    if said.verb is not None and said.noun is not None:
        assert (request.verb, request.noun) == (said.verb, said.noun)
    assert request.noun


def test_each_legal_oddity_is_there() -> None:
    """The oddity that the scenario is about is in the message."""
    full = parse(serialise(made(LEGAL[0]).message))
    assert full.header is not None
    assert None not in (full.header.context, full.header.comment, full.header.async_reply_flag)
    assert full.root.find("{*}Header/{*}ReplayDetection/{*}Nonce") is not None
    assert full.root.find("{*}Header/{*}User/{*}UserID") is not None
    assert full.root.find("{*}Header/{*}Property/{*}Value") is not None
    prefixes = {element.prefix for element in made(LEGAL[1]).message.iter()}
    assert len(prefixes) == 2
    assert all(str(prefix).startswith("_n.") for prefix in prefixes)
    extension = made(LEGAL[2]).message
    assert {namespace(item) for item in extension.iter("{*}Hint")} == {"urn:example:extension"}
    stamp = parse(serialise(made(LEGAL[3]).message)).header
    assert stamp is not None
    assert parse_time(stamp.timestamp) is not None
    assert str(stamp.timestamp).endswith("00000+00:00")
    first, second = (parse(serialise(made(LEGAL[4]).message)).correlation_id or "" for _ in range(2))
    assert first.startswith(UNUSUAL_ID)
    assert first != second
    bare = parse(serialise(made(LEGAL[5]).message)).header
    assert bare is not None
    assert [bare.timestamp, bare.source, bare.message_id, bare.correlation_id] == [None] * 4


def test_other_prefixes_change_no_word() -> None:
    """Renaming prefixes renames nothing else."""
    draft = read()
    ordinary, renamed = outbound(draft).message, MANNERS["with unusual namespace prefixes"](read()).message
    words = ("{*}Verb", "{*}Noun", "{*}EndDevice", "{*}mRID", "{*}ReadingType", "{*}name")
    assert [(item.tag, item.text) for item in renamed.iter(*words)] == [
        (item.tag, item.text) for item in ordinary.iter(*words)
    ]


def test_the_missing_control_type_is_all_that_misses() -> None:
    """The device is still named."""
    message = parse(serialise(made("without its control type").message))
    assert read_controls(message) == [Control(control_type=None, devices=(METER,))]


def test_ordinary_requests() -> None:
    """Everything that the guidance expects of a header, fresh for each request; controls say where events go."""
    one, other = header("get", "MeterReadings"), header("get", "MeterReadings")
    assert one.message_id != other.message_id
    assert one.correlation_id != other.correlation_id
    assert parse_time(one.timestamp) is not None
    request = outbound(control())
    assert (request.verb, request.noun) == ("create", "EndDeviceControls")
    sent = parse(serialise(request.message)).header
    assert sent is not None
    assert (sent.reply_address, sent.is_async) == ("http://suite/", False)
    deferred = later(read(), "http://suite/").header
    assert deferred is not None
    assert (deferred.is_async, deferred.reply_address) == (True, "http://suite/")


def test_a_request_without_header_cannot_be_changed() -> None:
    """The suite's own slip is its own error."""
    with pytest.raises(InternalError, match="without a header"):
        header_with(replace(read(), header=None), comment="x")


@pytest.mark.parametrize("manner", MANNERS)
def test_a_manner_leaves_its_draft_alone(manner: str) -> None:
    """The header of the draft is what it was: the next request made of it is an ordinary one."""
    draft = control() if "control type" in manner or "payload" in manner else read()
    before = draft.header
    MANNERS[manner](draft)
    assert draft.header == before
