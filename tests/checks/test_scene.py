"""Scenes: who belongs to whom, and which names mean the same device."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.checks.naming import same_device
from conformance.checks.scene import read_entry, scene_of
from conformance.journal import Entry
from conformance.message.build import Draft, build_unchecked, serialise
from conformance.message.controls import Control, Event, end_device_controls, end_device_events
from conformance.message.model import Header, Identified, Name, Reply

MAYBE = st.sampled_from([None, "A", "B"])
NAMES = st.builds(Name, name=st.sampled_from(["1", "2"]), name_type=MAYBE, authority=MAYBE)
IDENTIFIED = st.builds(Identified, mrid=MAYBE, names=st.lists(NAMES, max_size=2).map(tuple))
METER = Identified(mrid="A", names=(Name(name="1", name_type="serial", authority="utility"),))


@given(IDENTIFIED, IDENTIFIED)
def test_the_same_device_works_both_ways(one: Identified, other: Identified) -> None:
    """Who is named first makes no difference."""
    assert same_device(one, other) == same_device(other, one)


@given(IDENTIFIED)
def test_a_device_is_itself_if_anything_names_it(one: Identified) -> None:
    """What names nothing is no device, not even itself."""
    assert same_device(one, one) == bool(one.mrid or one.names)


@given(IDENTIFIED, IDENTIFIED)
def test_more_identifiers_never_part_a_device(one: Identified, other: Identified) -> None:
    """Naming it in another way, too, keeps a device that shares an mRID or a full Name."""
    both = Identified(mrid=one.mrid or other.mrid, names=(*one.names, *other.names))
    if one.mrid or one.names:
        assert same_device(one, both)


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (Identified(mrid="A"), True),
        (Identified(mrid="B"), False),
        (Identified(), False),
        (Identified(names=(Name(name="1"),)), True),
        (Identified(names=(Name(name="1", name_type="serial"),)), True),
        (Identified(names=(Name(name="1", name_type="badge"),)), False),
        (Identified(names=(Name(name="1", name_type="serial", authority="another"),)), False),
        (Identified(names=(Name(name="2"),)), False),
        (Identified(mrid="B", names=(Name(name="1"),)), False),
        (Identified(mrid="B", names=METER.names), True),
    ],
)
def test_names_are_compared_as_far_as_they_go(other: Identified, same: bool) -> None:
    """Type and authority may be left out where no mRID says otherwise; they may not differ."""
    assert same_device(METER, other) is same


def message(draft: Draft) -> bytes:
    """Return the bytes of a message."""
    return serialise(build_unchecked(draft))


def request(number: int, correlation: str, device: str = "A") -> Entry:
    """Return a control of ``device`` as it was sent."""
    header = Header(verb="create", noun="EndDeviceControls", correlation_id=correlation)
    payload = end_device_controls([Control(control_type="1.2.3.4", devices=(Identified(mrid=device),))])
    body = message(Draft(kind="RequestMessage", header=header, payload=(payload,)))
    return Entry(direction="sent", channel="request", transport="test", url="", body=body, id=number)


def event(number: int, correlation: str | None, device: str = "A") -> Entry:
    """Return an event of ``device`` as it came."""
    header = Header(verb="created", noun="EndDeviceEvents", correlation_id=correlation)
    payload = end_device_events([Event(event_type="1.2.3.4", created=None, device=Identified(mrid=device))])
    body = message(Draft(kind="EventMessage", header=header, payload=(payload,)))
    return Entry(direction="received", channel="callback", transport="test", url="", body=body, id=number)


def owners(*entries: Entry) -> list[list[int]]:
    """Return the ids of what belongs to each exchange, and last what belongs to none."""
    scene = scene_of(entries)
    return [[item.id for item in view.later] for view in scene.exchanges] + [[item.id for item in scene.unsolicited]]


def test_the_correlation_says_whose_a_message_is() -> None:
    """Also when a newer control is about the same device."""
    assert owners(request(1, "x"), request(2, "y"), event(3, "x")) == [[3], [], []]


def test_failing_that_the_newest_control_of_the_device_has_it() -> None:
    """An event with no or another CorrelationID may well be of a control (exchange rule 5 is a claim)."""
    assert owners(request(1, "x"), request(2, "y"), event(3, None), event(4, "z")) == [[], [3, 4], []]


def test_an_event_of_another_device_belongs_to_nobody() -> None:
    """It came by itself."""
    assert owners(request(1, "x"), event(2, None, "B")) == [[], [2]]


def test_nothing_belongs_to_a_request_that_was_sent_later() -> None:
    """A cause comes before its effect."""
    assert owners(event(1, "x"), request(2, "x")) == [[], [1]]


def test_an_unreadable_callback_belongs_to_nobody() -> None:
    """It is kept all the same, with what is wrong with it."""
    broken = replace(event(2, "x"), body=b"<a>")
    scene = scene_of([request(1, "x"), broken])
    assert scene.unsolicited[0].problem is not None
    assert "no message" in str(scene.unsolicited[0])


def test_an_answer_to_nobody_is_left_out() -> None:
    """A reply whose request is not in the scene is no part of it; an acknowledgement of ours neither."""
    reply = replace(event(2, "x"), channel="reply", answers=1, status=200)
    ours = replace(event(3, "x"), channel="acknowledgement", direction="sent")
    assert owners(reply, ours) == [[]]


@pytest.mark.parametrize(
    ("content_type", "readable"),
    [
        ("text/xml; charset=iso-8859-1", True),
        ('text/xml; action="x"; Charset="ISO-8859-1"', True),
        ("text/xml; charset=", False),
        ("text/xml", False),
        ("text/xml; charset=no-such-charset", False),
    ],
)
def test_the_charset_of_the_transport_helps_when_the_document_does_not(content_type: str, readable: bool) -> None:
    """RFC 7303: a parameter of the content type says what the document leaves open."""
    draft = Draft(kind="ResponseMessage", header=Header(verb="reply", noun="é"), reply=Reply(result="OK"))
    body = serialise(build_unchecked(draft)).decode().split("\n", 1)[1].encode("iso-8859-1")
    came = Entry(
        direction="received", channel="callback", transport="test", url="", body=body, content_type=content_type
    )
    assert (read_entry(came).problem is None) is readable


def test_what_came_is_told_in_words() -> None:
    """An empty answer is no message, and no problem either."""
    empty = Entry(direction="received", channel="reply", transport="test", url="", body=b" ", status=202)
    assert str(read_entry(empty)) == "an empty answer (HTTP status 202)"


def test_a_uuid_may_be_written_in_capitals_and_another_mrid_may_not() -> None:
    """The digits of a UUID have no case; a vendor's own mRID is compared as it stands."""
    uuid = "6024397f-b798-5a81-a050-e2a465aeb586"
    assert same_device(Identified(mrid=uuid), Identified(mrid=uuid.upper()))
    assert not same_device(Identified(mrid="meter-a"), Identified(mrid="METER-A"))


@pytest.mark.parametrize(
    ("status", "body", "told"), [(200, b"<ok/>", True), (202, b"", False), (500, b"<fault/>", False), (None, b"", None)]
)
def test_how_a_message_was_acknowledged(status: int | None, body: bytes, told: bool | None) -> None:
    """With a message, with nothing, with a fault; one that was not acknowledged yet has no receipt."""
    came = Entry(direction="received", channel="callback", transport="soap", url="", body=b"<a/>", id=1, at=1.0)
    said = Entry(
        direction="sent", channel="acknowledgement", transport="soap", url="", body=body, status=status, answers=1,
        id=2, at=3.0,
    )  # fmt: skip
    (found,) = scene_of([came, said]).unsolicited
    assert (None if found.receipt is None else (found.receipt.told, found.receipt.at)) == (
        None if told is None else (told, 3.0)
    )
