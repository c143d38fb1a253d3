"""What the conforming system says, in process: reads, refusals, later answers, controls, events."""

import pytest

from conformance.message.build import Draft
from conformance.message.controls import Control, read_events
from conformance.message.meter_readings import MeterReading, get_meter_readings, read_meter_readings
from conformance.message.model import Header, Identified, Message, Reply
from conformance.message.soap import unwrap
from conformance.reference.carriage import Delivery
from conformance.reference.consumption import FORWARD, INTERVAL, REVERSE
from conformance.reference.description import UNSUPPORTED
from conformance.reference.meters import SERIAL_NUMBER
from conformance.reference.switching import CONNECT, DISCONNECT, DISCONNECTED
from tests.reference.battery import (
    EVENTS_TO,
    NO_DATA,
    REPLY_TO,
    STRANGER,
    UNKNOWN,
    WINDOW,
    Bench,
    create,
    get,
    header,
    later,
    named,
    refusals,
    said,
)


def answer(delivery: Delivery) -> Message:
    """Return the message on the spot."""
    message = said(delivery).message
    assert message is not None
    return message


def reply(delivery: Delivery) -> Reply:
    """Return the Reply on the spot."""
    found = answer(delivery).reply
    assert found is not None
    return found


def afterwards(delivery: Delivery) -> list[Message]:
    """Return the messages that leave later."""
    found = [unwrap(item.wire.body).message for item in delivery.later]
    return [item for item in found if item is not None]


def entries(delivery: Delivery) -> list[MeterReading]:
    """Return the MeterReadings on the spot."""
    return read_meter_readings(answer(delivery))


def test_a_read_brings_meters_times_types() -> None:
    """Two types over two meters in one element (Figure 22)."""
    bench = Bench()
    one, two = bench.meters[:2]
    delivery = bench.send(get(get_meter_readings([one, two], [FORWARD, REVERSE], WINDOW)))
    assert reply(delivery) == Reply(result="OK")
    assert [entry.meter.mrid for entry in entries(delivery)] == [one.mrid, two.mrid]
    for entry in entries(delivery):
        assert {item.reading_type for item in entry.readings} == {FORWARD, REVERSE}
        assert [item.time_stamp for item in entry.readings[:3]] == [
            f"2026-03-09T0{hour}:00:00.000Z" for hour in range(3)
        ]


def test_several_elements_add_up() -> None:
    """Each meter brings its own type only (Figure 23)."""
    bench = Bench()
    one, two = bench.meters[:2]
    delivery = bench.send(
        get(get_meter_readings([one], [FORWARD], WINDOW), get_meter_readings([two], [REVERSE], WINDOW))
    )
    found = {entry.meter.mrid: {item.reading_type for item in entry.readings} for entry in entries(delivery)}
    assert found == {one.mrid: {FORWARD}, two.mrid: {REVERSE}}


def test_header_of_an_answer() -> None:
    """The CorrelationID comes back, the noun too; the MessageID is fresh and the time is now."""
    bench = Bench()
    message = answer(bench.send(get(get_meter_readings(bench.meters[:1]), correlation_id="ü <&>\n 7")))
    assert message.header is not None
    assert (message.verb, message.noun, message.correlation_id) == ("reply", "MeterReadings", "ü <&>\n 7")
    assert message.header.message_id == "id-a1"
    assert (message.header.timestamp or "").startswith("2026-03-10T12:34:56.")


def test_intervals_come_in_blocks() -> None:
    """Two hours have eight quarters, stamped at their ends."""
    bench = Bench()
    delivery = bench.send(get(get_meter_readings(bench.meters[:1], [INTERVAL], WINDOW)))
    (entry,) = entries(delivery)
    assert entry.block_types == (INTERVAL,)
    stamps = [item.time_stamp for item in entry.readings if item.in_block]
    assert len(stamps) == 8
    assert (stamps[0], stamps[-1]) == ("2026-03-09T00:15:00.000Z", "2026-03-09T02:00:00.000Z")


def test_without_a_window_the_meter_is_read_now() -> None:
    """A read on demand brings one value of now for each register type."""
    bench = Bench()
    (entry,) = entries(bench.send(get(get_meter_readings(bench.meters[:1]))))
    assert [item.reading_type for item in entry.readings] == [FORWARD, REVERSE]
    assert all((item.time_stamp or "").startswith("2026-03-10T12:34:56.") for item in entry.readings)


def test_a_window_without_data_brings_no_reading() -> None:
    """Nothing is invented, and that is no error."""
    bench = Bench()
    delivery = bench.send(get(get_meter_readings(bench.meters[:1], [FORWARD], NO_DATA)))
    assert reply(delivery).result == "OK"
    assert [entry.readings for entry in entries(delivery)] == [()]


def test_unknown_meters_among_known_ones() -> None:
    """Each has its own Error with its identifier; the others are served."""
    bench = Bench()
    stranger = named("M9999")
    delivery = bench.send(get(get_meter_readings([UNKNOWN, bench.meters[0], stranger], [FORWARD], WINDOW)))
    found = reply(delivery)
    assert (found.result, found.codes) == ("PARTIAL", ("2.4", "2.4"))
    assert [(item.ids[0].value, item.ids[0].kind, item.ids[0].object_type) for item in found.errors] == [
        (UNKNOWN.mrid, "uuid", "Meter"),
        ("M9999", "name", "Meter"),
    ]
    assert found.errors[1].ids[0].id_type == SERIAL_NUMBER
    assert [entry.meter.mrid for entry in entries(delivery)] == [bench.meters[0].mrid]


def test_only_unknown_meters() -> None:
    """FAILED, and no payload."""
    bench = Bench()
    delivery = bench.send(get(get_meter_readings([UNKNOWN, STRANGER], [FORWARD], WINDOW)))
    assert reply(delivery).result == "FAILED"
    assert answer(delivery).payload is None


@pytest.mark.parametrize(("name", "code"), [("energy", "2.6"), (UNSUPPORTED, "2.10")])
def test_unknown_and_unsupported_types(name: str, code: str) -> None:
    """One that is no code, and one that no meter has, are told apart; a known one beside them is served."""
    bench = Bench()
    alone = bench.send(get(get_meter_readings(bench.meters[:1], [name], WINDOW)))
    assert (reply(alone).result, reply(alone).codes) == ("FAILED", (code,))
    beside = bench.send(get(get_meter_readings(bench.meters[:1], [FORWARD, name], WINDOW)))
    assert (reply(beside).result, reply(beside).codes) == ("PARTIAL", (code,))
    assert entries(beside)[0].readings


@pytest.mark.parametrize("style", ["generic", "typed", "bare"])
def test_codes_of_refusals(style: str) -> None:
    """Exchange rule 20, in the order of the battery."""
    bench = Bench(style=style)  # type: ignore[arg-type]
    found = [reply(bench.send(draft)) for draft in refusals(bench)]
    assert [item.codes for item in found] == [(code,) for code in ("2.9", "2.5", "1.5", "1.6", "1.7", "1.8", "1.9")]
    assert {item.result for item in found} == {"FAILED"}


def test_other_refusals() -> None:
    """An unsupported combination says 2.9, a later answer without an address 1.5, an unknown usage point 2.12."""
    bench = Bench()
    read = get_meter_readings(bench.meters[:1], [FORWARD], WINDOW)
    combination = Draft(kind="RequestMessage", header=header("delete", "MeterConfig"))
    assert reply(bench.send(combination)).codes == ("2.9",)
    assert reply(bench.send(get(read, async_reply_flag="true"))).codes == ("1.5",)
    assert reply(bench.send(Draft(kind="RequestMessage"))).codes == ("1.5",)
    assert reply(bench.send(Draft(kind="RequestMessage", header=Header(verb="get", noun="")))).codes == ("1.5",)


@pytest.mark.parametrize("version", ["1.1", "1.2", "none"])
def test_what_cannot_be_read_is_refused_with_a_fault(version: str) -> None:
    """HTTP 500, a fault of the client, and a FaultMessage (exchange rule 6)."""
    bench = Bench(version=version, style="bare")  # type: ignore[arg-type]
    delivery = bench.raw(b"<RequestMessage><Header>")
    carried = said(delivery)
    assert delivery.answer.status == 500
    assert carried.message is not None
    assert carried.message.kind == "FaultMessage"
    assert reply(delivery).codes == ("1.8",)
    if version != "none":
        assert carried.fault is not None
        assert carried.fault.code in ("Client", "Sender")


def test_a_later_answer_in_parts() -> None:
    """Acknowledged at once without payload; one part for each meter, 0.1 on all but the last, errors on the last."""
    bench = Bench()
    one, two = bench.meters[:2]
    delivery = bench.send(get(get_meter_readings([one, UNKNOWN, two], [FORWARD], WINDOW), **later()))
    assert (reply(delivery), answer(delivery).payload) == (Reply(result="OK"), None)
    parts = afterwards(delivery)
    assert [(item.reply.result, item.reply.codes) for item in parts if item.reply] == [
        ("PARTIAL", ("0.1",)),
        ("PARTIAL", ("2.4",)),
    ]
    assert [entry.meter.mrid for item in parts for entry in read_meter_readings(item)] == [one.mrid, two.mrid]
    assert {item.address for item in delivery.later} == {REPLY_TO}
    assert {item.action for item in delivery.later} == {"http://iec.ch/61968/Response"}
    assert len({item.header.message_id for item in parts if item.header}) == 2
    assert {item.correlation_id for item in parts} == {answer(delivery).correlation_id}


def test_a_control_is_replied_and_reported() -> None:
    """One event for each device, at the events address or at the ReplyAddress, with the CorrelationID."""
    bench = Bench()
    one, two = bench.meters[:2]
    both = Control(control_type=DISCONNECT, devices=(one, two, UNKNOWN))
    delivery = bench.send(create(both))
    assert (reply(delivery).result, reply(delivery).codes) == ("PARTIAL", ("2.4",))
    events = [event for message in afterwards(delivery) for event in read_events(message)]
    assert [(event.device.mrid, event.event_type) for event in events] == [
        (one.mrid, DISCONNECTED),
        (two.mrid, DISCONNECTED),
    ]
    assert [message.correlation_id for message in afterwards(delivery)] == [answer(delivery).correlation_id] * 2
    assert {item.address for item in delivery.later} == {EVENTS_TO}
    assert not bench.service.fleet.meters[0].connected
    back = bench.send(create(Control(control_type=CONNECT, devices=(one,)), reply_address=REPLY_TO))
    assert {item.address for item in back.later} == {REPLY_TO}
    assert bench.service.fleet.meters[0].connected


def test_controls_that_are_refused_do_nothing() -> None:
    """Unknown type, unknown meter, no type: FAILED, and no event."""
    bench = Bench()
    one = bench.meters[0]
    for control in (
        Control(control_type="3.99.0.99", devices=(one,)),
        Control(control_type=DISCONNECT, devices=(UNKNOWN,)),
        Control(control_type=None, devices=(one,)),
        Control(control_type=DISCONNECT),
    ):
        delivery = bench.send(create(control))
        assert reply(delivery).result == "FAILED"
        assert delivery.later == ()
    assert bench.service.fleet.meters[0].connected


def test_an_asynchronous_control_is_replied_before_its_events() -> None:
    """Acknowledgement, reply, event (Figure 40)."""
    bench = Bench()
    delivery = bench.send(create(Control(control_type=CONNECT, devices=(bench.meters[0],)), **later()))
    assert [str(message) for message in afterwards(delivery)] == [
        "reply(EndDeviceControls)",
        "created(EndDeviceEvents)",
    ]


def test_a_meter_is_one_however_it_is_named() -> None:
    """Named by mRID and name it is one meter, and the answer carries both."""
    bench = Bench()
    full = bench.service.fleet.meters[0].identity
    delivery = bench.send(get(get_meter_readings([full, Identified(mrid=full.mrid)], [FORWARD], WINDOW)))
    assert [entry.meter for entry in entries(delivery)] == [full]


def test_stimuli() -> None:
    """A power failure is an event, readings are published; an unknown meter is a KeyError."""
    bench = Bench(style="typed")
    bench.stimulate()
    messages = [unwrap(item[3].body).message for item in bench.transcript if isinstance(item, tuple)]
    assert [str(message) for message in messages] == ["created(EndDeviceEvents)", "created(MeterReadings)"]
    with pytest.raises(KeyError):
        bench.service.power_failure("nobody")
    with pytest.raises(KeyError):
        bench.service.publish_readings("nobody")
