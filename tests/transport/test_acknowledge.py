"""An acknowledgement speaks as the message did, and a refusal says why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from lxml import etree

from conformance.checks.registry import judge
from conformance.checks.scene import scene_of
from conformance.journal import Entry
from conformance.message.build import Draft, build, build_unchecked, root
from conformance.message.model import Header, Reply
from conformance.message.soap import fault, to_typed, unwrap, wrap
from conformance.message.xml import Limits, namespace
from conformance.standard.schemas import SchemaStore
from conformance.transport.acknowledge import acknowledge, refuse

if TYPE_CHECKING:
    from collections.abc import Iterator

EVENT = build(
    Draft(
        kind="EventMessage", header=Header(verb="created", noun="EndDeviceEvents", message_id="m", correlation_id="c-7")
    )
)
#: What every message in SOAP owes, in the words of the features.
OF_ANY_SOAP = (
    "every message stands in an envelope that is built as its version wants it",
    "every Body holds one element",
    "no message holds a processing instruction",
    "every message has the media type of its version",
)
OF_FAULTS = ("every fault comes with a status of failure", "every fault says its code and its reason")
SPACE = "http://iec.ch/TC57/2011/EndDeviceEventsMessage"


@pytest.mark.parametrize("typed", [True, False])
@pytest.mark.parametrize("version", ["1.1", "1.2", "none"])
def test_speaks_as_spoken_to(version: Any, typed: bool) -> None:
    """Version and style are those of the message; verb, noun and CorrelationID are right; there is no payload."""
    event = to_typed(EVENT, verb="created", noun="EndDeviceEvents") if typed else EVENT
    answer = acknowledge(wrap(event, version))
    assert (answer.status, answer.problem) == (200, "")
    carried = unwrap(answer.body)
    message = carried.message
    assert message is not None
    assert message.header is not None
    assert message.reply is not None
    assert (carried.version, message.typed, message.kind) == (version, typed, "ResponseMessage")
    assert (message.verb, message.noun, message.correlation_id) == ("reply", "EndDeviceEvents", "c-7")
    assert (message.reply.result, message.reply.errors, message.payload) == ("OK", (), None)
    assert message.header.message_id not in (None, "m")
    assert message.header.timestamp
    assert carried.body is not None
    expected = f"{{{SPACE}}}EndDeviceEventsResponseMessage" if typed else "ResponseMessage"
    assert str(carried.body.tag).endswith(expected)


def test_is_valid() -> None:
    """The acknowledgement is valid against Message.xsd."""
    carried = unwrap(acknowledge(wrap(EVENT, "1.1")).body)
    assert carried.body is not None
    assert SchemaStore().is_valid(carried.body)


def _messages() -> Iterator[tuple[str, etree._Element]]:
    """Yield what the system sends by itself: events, and later answers; each with its noun."""
    for noun in ("EndDeviceEvents", "MeterReadings", "EndDeviceControls"):
        for kind, verb in (("EventMessage", "created"), ("ResponseMessage", "reply")):
            reply = Reply(result="OK") if kind == "ResponseMessage" else None
            header = Header(verb=verb, noun=noun, correlation_id="c-7")
            yield noun, build(Draft(kind=kind, header=header, reply=reply))


@pytest.mark.parametrize("style", ["generic", "typed"])
@pytest.mark.parametrize("version", ["1.1", "1.2", "none"])
def test_is_valid_in_every_style_and_version(version: Any, style: str) -> None:
    """Of whatever message, it is valid against its schema, and the suite's own checks of SOAP find nothing in it."""
    store = SchemaStore()
    for noun, message in _messages():
        verb = message.findtext("{*}Header/{*}Verb") or ""
        body = to_typed(message, verb=verb, noun=noun) if style == "typed" else message
        answer = acknowledge(wrap(body, version))
        carried = unwrap(answer.body)
        assert carried.body is not None
        assert store.knows(namespace(carried.body))
        assert store.problems(carried.body) == []
        entry = Entry(
            direction="received", channel="callback", transport="soap", url="", body=answer.body, status=answer.status,
            content_type=answer.content_type, id=1,
        )  # fmt: skip
        for sentence in OF_ANY_SOAP if version != "none" else ():
            assert judge(sentence, scene_of([entry])) == []


@pytest.mark.parametrize("version", ["1.1", "1.2"])
@pytest.mark.parametrize("client", [True, False])
def test_a_refusal_is_a_fault_as_the_suite_wants_it(version: Any, client: bool) -> None:
    """What the suite demands of faults, its own obey."""
    answer = refuse("no", version, client=client)
    entry = Entry(
        direction="received", channel="callback", transport="soap", url="", body=answer.body, status=answer.status,
        content_type=answer.content_type, id=1,
    )  # fmt: skip
    for sentence in (*OF_ANY_SOAP, *OF_FAULTS):
        assert judge(sentence, scene_of([entry])) == []


@pytest.mark.parametrize(("manner", "status"), [("empty-200", 200), ("empty-202", 202)])
@pytest.mark.parametrize("version", ["1.1", "1.2", "none"])
def test_with_nothing(version: Any, manner: Any, status: int) -> None:
    """An exchange may be acknowledged with an empty answer, another one not."""
    chosen = {"c-7": manner}
    answer = acknowledge(wrap(EVENT, version), manner=lambda said: chosen.get(said, "message"))
    assert (answer.status, answer.body, answer.content_type) == (status, b"", "")
    assert acknowledge(wrap(EVENT, version), manner=lambda said: chosen.get(f"not {said}", "message")).body


@pytest.mark.parametrize(("version", "code"), [("1.1", "Server"), ("1.2", "Receiver")])
def test_refused_on_purpose(version: Any, code: str) -> None:
    """An exchange may be refused with a fault of the server, which leaves its sender free to try again."""
    answer = acknowledge(wrap(EVENT, version), manner=lambda _said: "fault")
    carried = unwrap(answer.body)
    assert carried.fault is not None
    assert (answer.status, carried.fault.code, carried.message) == (500, code, None)


def test_every_acknowledgement_is_new() -> None:
    """Each has a MessageID of its own (exchange rule 4)."""
    bodies = {acknowledge(wrap(EVENT, "none")).body for _ in range(3)}
    assert len(bodies) == 3


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("CreatedEndDeviceEvents", "EndDeviceEventsResponseMessage"),
        ("MeterReadingsResponseMessage", "MeterReadingsResponseMessage"),
        ("ResponseMeterReadings", "MeterReadingsResponseMessage"),
        ("MeterReadingsEventMessage", "MeterReadingsResponseMessage"),
        ("created", "createdResponseMessage"),
        ("created1x", "ResponseMessage"),
    ],
)
def test_names_of_typed_wrappers(name: str, expected: str) -> None:
    """The noun in the wrapper's name is kept, and a name that would be none is replaced by the envelope."""
    body = f'<{name} xmlns="urn:x"><Header><Verb>v</Verb><Noun>two words</Noun></Header></{name}>'
    carried = unwrap(acknowledge(body.encode()).body)
    assert carried.body is not None
    assert carried.message is not None
    assert str(carried.body.tag).rpartition("}")[2] == expected
    assert carried.message.noun == "two words"


def test_wrapper_without_namespace() -> None:
    """A typed wrapper without a namespace is answered in the one it should have had."""
    carried = unwrap(acknowledge(b"<CreatedEndDeviceEvents/>").body)
    assert carried.body is not None
    assert namespace(carried.body) == SPACE


@pytest.mark.parametrize(
    ("body", "noun"),
    [
        (wrap(build_unchecked(Draft(kind="EventMessage", payload=(root("MeterReadings"),))), "none"), "MeterReadings"),
        (b"<CreatedMeterReadings xmlns='urn:x'/>", "MeterReadings"),
        (b"<EventMessage/>", ""),
    ],
)
def test_noun_that_is_missing(body: bytes, noun: str) -> None:
    """Without a noun in the header, payload or wrapper tell it."""
    carried = unwrap(acknowledge(body).body)
    assert carried.message is not None
    assert carried.message.noun == noun
    assert carried.message.correlation_id is None


def test_faults_are_taken() -> None:
    """A SOAP fault, and a FaultMessage, which name no noun, get an empty answer."""
    message = build_unchecked(Draft(kind="FaultMessage", reply=Reply(result="FAILED")))
    for body in (wrap(fault("1.1", "no"), "1.1"), wrap(message, "1.2"), wrap(message, "none")):
        answer = acknowledge(body)
        assert (answer.status, answer.body) == (202, b"")


@pytest.mark.parametrize(
    ("body", "content_type", "status", "version"),
    [
        (wrap(EVENT, "1.1")[:-20], "text/xml", 500, "1.1"),
        (wrap(EVENT, "1.2")[:-20], "", 400, "1.2"),
        (b"<", 'application/soap+xml; action="x"', 400, "1.2"),
        (b'<s:Envelope xmlns:s="urn:other"/>', "text/xml", 500, "1.1"),
        (wrap(EVENT, "1.1").decode().replace("UTF-8", "UTF-16").encode("utf-16")[:-40], "text/xml", 500, "1.1"),
        (b"<!DOCTYPE x><EventMessage/>", "text/xml", 400, "none"),
        (b"", "", 400, "none"),
        (b"<Bananas\x07/>", "", 400, "none"),
    ],
)
def test_what_is_no_message(body: bytes, content_type: str, status: int, version: str) -> None:
    """What cannot be read is refused in the version it came in, with the reason, or as plain text."""
    answer = acknowledge(body, content_type)
    assert answer.status == status
    assert answer.problem
    if version == "none":
        assert answer.body.decode() == f"{answer.problem}\n"
        return
    carried = unwrap(answer.body)
    assert carried.version == version
    assert carried.fault is not None
    assert carried.message is not None
    assert carried.message.reply is not None
    assert carried.fault.code in ("Client", "Sender")
    assert carried.message.reply.errors[0].reason == answer.problem


def test_our_own_fault() -> None:
    """When we are to blame, the fault says so, and no FaultMessage accuses the sender."""
    carried = unwrap(refuse("disk full", "1.2", client=False).body)
    assert carried.fault is not None
    assert (carried.fault.code, carried.message) == ("Receiver", None)


@pytest.mark.parametrize("content_type", ["text/xml; charset=iso-8859-1", 'text/xml; charset="ISO-8859-1"'])
def test_charset_of_the_transport(content_type: str) -> None:
    """A message without an encoding of its own is read in that of its Content-Type."""
    body = "<EventMessage><Header><Verb>created</Verb><Noun>Zähler</Noun></Header></EventMessage>".encode("latin-1")
    assert acknowledge(body, content_type).status == 200
    assert acknowledge(body, "text/xml; charset=\r\nno-such").status == 400
    assert acknowledge(body).status == 400


def test_limit() -> None:
    """The limit of the run counts."""
    assert "limit of 10" in acknowledge(wrap(EVENT, "1.1"), "", Limits(max_bytes=10)).problem


def test_detail_is_readable() -> None:
    """The reason is printable, whatever bytes the parser quotes."""
    answer = refuse("bad \x00\x07 byte", "1.1")
    assert etree.fromstring(answer.body).findtext(".//faultstring") == "bad ?? byte"
