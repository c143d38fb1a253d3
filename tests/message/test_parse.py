"""Reading is tolerant: any namespace, any order, typed wrappers of every name that products use."""

from __future__ import annotations

import pytest
from lxml import etree

from conformance.errors import MessageError
from conformance.message.controls import read_controls, read_events
from conformance.message.meter_readings import MeterReading, read_meter_readings
from conformance.message.model import Header, Identified, Message, Name, ObjectId, Reply, ReplyError
from conformance.message.parse import parse
from conformance.message.xml import Limits


def within(name: str, content: str = "<Header/>") -> Message:
    """Return the message whose root is called ``name``."""
    return parse(f"<{name}>{content}</{name}>".encode())


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("GetMeterReadings", "RequestMessage"),
        ("CreateEndDeviceControls", "RequestMessage"),
        ("ChangeEndDeviceControls", "RequestMessage"),
        ("CancelEndDeviceControls", "RequestMessage"),
        ("CloseEndDeviceControls", "RequestMessage"),
        ("DeleteEndDeviceControls", "RequestMessage"),
        ("ExecuteEndDeviceControls", "RequestMessage"),
        ("MeterReadingsRequestMessage", "RequestMessage"),
        ("CreatedEndDeviceEvents", "EventMessage"),
        ("ChangedEndDeviceEvents", "EventMessage"),
        ("CanceledEndDeviceEvents", "EventMessage"),
        ("ClosedEndDeviceEvents", "EventMessage"),
        ("DeletedEndDeviceEvents", "EventMessage"),
        ("ExecutedEndDeviceEvents", "EventMessage"),
        ("EndDeviceEventsEventMessage", "EventMessage"),
        ("MeterReadingsResponseMessage", "ResponseMessage"),
        ("ResponseMeterReadings", "ResponseMessage"),
        ("MeterReadingsFaultMessage", "FaultMessage"),
    ],
)
def test_typed_wrappers_are_messages(name: str, kind: str) -> None:
    """The name of the wrapper tells the kind of the message."""
    message = within(name)
    assert (message.kind, message.typed) == (kind, True)


@pytest.mark.parametrize("name", ["GetMeterReadings", "MeterReadings", "Envelope", "Payload", "message", "Reply"])
def test_other_elements_are_none(name: str) -> None:
    """A bare profile is no message, and the error says what was expected."""
    with pytest.raises(MessageError, match=f"the element {name} is no message.*RequestMessage") as refused:
        within(name, "<EndDevice/>")
    assert (refused.value.line, refused.value.column) == (1, 1)


def test_parsing_keeps_to_the_limits() -> None:
    """The size that the caller allows is the size that counts."""
    with pytest.raises(MessageError, match="more than the limit"):
        parse(b"<EventMessage/>", Limits(max_bytes=3))


def test_everything_of_a_reply() -> None:
    """Errors with their objects, identifiers and operations are read; so is the line of each."""
    message = within(
        "ResponseMessage",
        """
        <Header><Verb>reply</Verb><Noun>MeterReadings</Noun></Header>
        <Reply><Result>PARTIAL</Result>
          <Error><code> 2.4 </code><level>FATAL</level><reason>r</reason><details>d</details>
            <ID kind="name" objectType="Meter" idType="t" idAuthority="a">m1</ID>
            <object><mRID>m2</mRID><Name><name>n</name><NameType><name>t</name>
              <NameTypeAuthority><name>a</name></NameTypeAuthority></NameType></Name></object>
            <operationId>3</operationId></Error>
          <Error/>
          <ID>x</ID><ID/>
          <operationId>7</operationId></Reply>""",
    )
    named = Identified(mrid="m2", names=(Name(name="n", name_type="t", authority="a"),))
    marked = ObjectId(value="m1", kind="name", object_type="Meter", id_type="t", id_authority="a")
    first = ReplyError(
        code=" 2.4 ", level="FATAL", reason="r", details="d", ids=(marked,), objects=(named,), operation_id="3", line=4
    )
    assert message.reply == Reply(
        result="PARTIAL",
        errors=(first, ReplyError(code="", line=9)),
        ids=(ObjectId(value="x"), ObjectId(value="")),
        operation_id="7",
    )
    assert first.named() == {"m1", "m2", "n"}
    assert message.reply.codes == (" 2.4 ", "")


def test_a_payload_is_more_than_its_profiles() -> None:
    """Format, Compressed and ID are no profiles."""
    message = within("EventMessage", "<Payload><ID/><MeterReadings/><Format/><Compressed/><Other/></Payload>")
    assert [item.tag for item in message.payloads] == ["MeterReadings", "Other"]
    assert within("EventMessage", "").payloads == ()


@pytest.mark.parametrize(
    ("code", "success"), [("0.0", True), ("0", True), (" 0.1 ", True), ("00.1", False), ("1.0", False), ("", False)]
)
def test_category_zero_is_no_failure(code: str, success: bool) -> None:
    """Only category 0 says success or progress (61968-9:2013 Annex B)."""
    error = ReplyError(code=code)
    assert error.is_success is success
    assert Reply(result="OK", errors=(error,)).failures == (() if success else (error,))


@pytest.mark.parametrize(
    ("text", "set_"), [("true", True), ("1", True), (" true\n", True), ("false", False), ("TRUE", False), (None, False)]
)
def test_flags_of_the_header(text: str | None, set_: bool) -> None:
    """AsyncReplyFlag and AckRequired are xs:booleans, with white space around them."""
    assert Header(async_reply_flag=text).is_async is set_
    assert Header(ack_required=text).wants_acknowledgement is set_


def test_how_people_write_a_message() -> None:
    """verb(noun), with a question mark for what is absent; the kind when there is no header."""
    full = within("EventMessage", "<Header><Verb>created</Verb><Noun>EndDeviceEvents</Noun></Header>")
    assert (str(full), full.verb, full.noun, full.correlation_id) == (
        "created(EndDeviceEvents)",
        "created",
        "EndDeviceEvents",
        None,
    )
    assert str(within("EventMessage")) == "?(?)"
    bare = within("FaultMessage", "")
    assert (str(bare), bare.verb, bare.noun, bare.correlation_id) == ("FaultMessage", None, None, None)


def test_identities_in_words() -> None:
    """The shortest text that a person recognises the object by."""
    assert str(Identified(mrid="m", names=(Name(name="n"),))) == "m"
    assert str(Identified(names=(Name(name="n"), Name(name="o")))) == "n"
    assert str(Identified()) == "(unnamed)"
    assert ReplyError(code="1", objects=(Identified(names=(Name(name="n"),)),)).named() == {"n"}


def test_profiles_with_holes_are_read() -> None:
    """What a sender left out is None, never an exception: the checks judge it."""
    message = within(
        "EventMessage",
        """<Payload><MeterReadings><MeterReading/><MeterReading><Readings/><IntervalBlocks/></MeterReading>
        </MeterReadings><EndDeviceControls><EndDeviceControl/></EndDeviceControls>
        <EndDeviceEvents><EndDeviceEvent/></EndDeviceEvents></Payload>""",
    )
    first, second = read_meter_readings(message)
    assert first == MeterReading(meter=Identified(), line=first.line)
    assert (second.readings[0].reading_type, second.readings[0].value, second.block_types) == (None, None, (None,))
    [control] = read_controls(message)
    assert (control.control_type, control.devices, control.reason) == (None, (), None)
    [event] = read_events(message)
    assert (event.event_type, event.created, event.device, event.details) == (None, None, Identified(), ())


def test_other_payloads_are_passed_over() -> None:
    """Each reader looks at its own profile alone."""
    message = within("EventMessage", "<Payload><Other><MeterReading/><EndDeviceEvent/></Other></Payload>")
    assert (read_meter_readings(message), read_controls(message), read_events(message)) == ([], [], [])
    assert etree.QName(message.payloads[0]).localname == "Other"
