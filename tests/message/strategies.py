"""What Hypothesis draws for messages: any text that XML can hold, and everything that the schemas allow of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import strategies as st

from conformance.message.build import Draft, timestamp
from conformance.message.controls import Control, Event, end_device_controls, end_device_events
from conformance.message.meter_readings import MeterReading, Reading, Window, get_meter_readings, meter_readings
from conformance.message.model import Header, Identified, Name, ObjectId, Reply, ReplyError
from conformance.standard.editions import EDITION_2013, EVENT_VERBS, REQUEST_VERBS

#: XML 1.0, 2.2: what a document can hold at all.
XML_CHARACTERS = st.one_of(
    st.characters(min_codepoint=0x20, exclude_categories=["Cs"], exclude_characters="\ufffe\uffff"),
    st.sampled_from("\t\n\r<>&\"']"),
)
TEXTS = st.text(XML_CHARACTERS, max_size=20)
NAMES = st.text(XML_CHARACTERS, min_size=1, max_size=12)
MAYBE = st.none() | TEXTS
ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
TIMES = st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1), timezones=ZONES | st.just(UTC)).map(timestamp)
FLAGS = st.none() | st.sampled_from(["true", "false", "0", "1"])
NOUNS = st.sampled_from(sorted(EDITION_2013.nouns))
CODES = st.from_regex(r"[0-9]{1,3}(\.[0-9]{1,3}){1,17}", fullmatch=True)
WINDOWS = st.builds(Window, start=st.none() | TIMES, end=st.none() | TIMES)


@st.composite
def named(draw: st.DrawFn) -> Name:
    """Draw a name; an authority gives names of a type only."""
    name_type = draw(MAYBE)
    return Name(name=draw(NAMES), name_type=name_type, authority=draw(MAYBE) if name_type is not None else None)


IDENTITIES = st.builds(Identified, mrid=MAYBE, names=st.lists(named(), max_size=3).map(tuple))
OBJECT_IDS = st.builds(
    ObjectId,
    value=TEXTS,
    kind=st.none() | st.sampled_from(["name", "uuid", "transaction", "other"]),
    object_type=MAYBE,
    id_type=MAYBE,
    id_authority=MAYBE,
)
ERRORS = st.builds(
    ReplyError,
    code=TEXTS,
    level=st.none() | st.sampled_from(["INFORM", "WARNING", "FATAL", "CATASTROPHIC"]),
    reason=MAYBE,
    details=MAYBE,
    ids=st.lists(OBJECT_IDS, max_size=1).map(tuple),
    operation_id=st.none() | st.integers().map(str),
)
REPLIES = st.builds(
    Reply,
    result=st.sampled_from(["OK", "PARTIAL", "FAILED"]),
    errors=st.lists(ERRORS, max_size=3).map(tuple),
    ids=st.lists(OBJECT_IDS, max_size=3).map(tuple),
    operation_id=st.none() | st.integers().map(str),
)


def headers(verbs: st.SearchStrategy[str]) -> st.SearchStrategy[Header]:
    """Return headers that the schema allows, with one of ``verbs``."""
    return st.builds(
        Header,
        verb=verbs,
        noun=NOUNS,
        revision=MAYBE,
        context=MAYBE,
        timestamp=st.none() | TIMES,
        source=MAYBE,
        async_reply_flag=FLAGS,
        reply_address=MAYBE,
        ack_required=FLAGS,
        message_id=MAYBE,
        correlation_id=MAYBE,
        comment=MAYBE,
    )


REQUEST_HEADERS = headers(st.sampled_from(sorted(REQUEST_VERBS)))
EVENT_HEADERS = headers(st.sampled_from(sorted(EVENT_VERBS)))
RESPONSE_HEADERS = headers(st.just("reply"))

QUERIES = st.tuples(
    st.lists(IDENTITIES, max_size=3),
    st.lists(NAMES, max_size=3),
    st.none() | WINDOWS,
)
CONTROLS = st.lists(
    st.builds(Control, control_type=NAMES, devices=st.lists(IDENTITIES, max_size=3).map(tuple), reason=MAYBE),
    max_size=3,
)
EVENTS = st.lists(
    st.builds(
        Event,
        event_type=NAMES,
        created=TIMES,
        device=IDENTITIES,
        mrid=MAYBE,
        details=st.lists(st.tuples(NAMES, TEXTS), max_size=2).map(tuple),
    ),
    max_size=3,
)


@st.composite
def meter_reading(draw: st.DrawFn) -> MeterReading:
    """Draw a MeterReading: registers first, then the intervals of each block, as reading gives them back."""
    block_types = tuple(draw(st.lists(NAMES, unique=True, max_size=2)))
    values = {"value": MAYBE, "time_stamp": st.none() | TIMES, "qualities": st.lists(NAMES, max_size=2).map(tuple)}
    windows = {"period": st.none() | WINDOWS}
    registers = draw(st.lists(st.builds(Reading, reading_type=NAMES, **values, **windows), max_size=3))
    intervals = [
        reading
        for block in block_types
        for reading in draw(
            st.lists(st.builds(Reading, reading_type=st.just(block), in_block=st.just(True), **values), max_size=3)
        )
    ]
    return MeterReading(
        meter=draw(IDENTITIES),
        readings=(*registers, *intervals),
        block_types=block_types,
        usage_point=draw(st.none() | IDENTITIES),
    )


METER_READINGS = st.lists(meter_reading(), max_size=3)
PAYLOADS = st.one_of(
    METER_READINGS.map(meter_readings), CONTROLS.map(end_device_controls), EVENTS.map(end_device_events)
).map(lambda element: (element,))
OPTIONAL_PAYLOADS = st.just(()) | PAYLOADS


@st.composite
def payload(draw: st.DrawFn) -> dict[str, object]:
    """Draw a payload, or IDs in place of it: the schema allows one of the two."""
    ids = draw(st.lists(OBJECT_IDS, max_size=2))
    return {"payload_ids": tuple(ids)} if ids else {"payload": draw(OPTIONAL_PAYLOADS)}


@st.composite
def drafts(draw: st.DrawFn) -> Draft:
    """Draw a legal message of any of the five kinds of the 2013 edition."""
    kind = draw(st.sampled_from(["Message", "RequestMessage", "ResponseMessage", "EventMessage", "FaultMessage"]))
    query = draw(st.none() | st.lists(QUERIES, max_size=2))
    request = None if query is None else tuple(get_meter_readings(*item) for item in query)
    asked = {"request": request, "start": draw(st.none() | TIMES), "end": draw(st.none() | TIMES)}
    replied: dict[str, object] = {"reply": draw(REPLIES)}
    parts: dict[str, dict[str, object]] = {
        "Message": {"header": draw(REQUEST_HEADERS), **asked, **draw(payload())},
        "RequestMessage": {"header": draw(REQUEST_HEADERS), **asked, **draw(payload())},
        "ResponseMessage": {"header": draw(RESPONSE_HEADERS), **replied, **draw(payload())},
        "EventMessage": {"header": draw(EVENT_HEADERS), **draw(payload())},
        "FaultMessage": replied,
    }
    return Draft(kind=kind, **parts[kind])  # type: ignore[arg-type]
