"""The profiles and typed wrappers as messages use them: what is usual, what is unusual but legal, what is wrong."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from conformance.standard.schemas import SchemaStore

STORE = SchemaStore()
ROOT = "http://iec.ch/TC57/2011"
MSG = f"{ROOT}/schema/message"
HOUR = "<timeStamp>2024-01-01T01:00:00Z</timeStamp>"
CODE = "0.0.2.4.1.1.12.0.0.0.0.0.0.0.0.3.72.0"
NAMES = """<Names><name>M1</name><NameType><description>d</description><name>meterName</name>
  <NameTypeAuthority><name>utility</name></NameTypeAuthority></NameType></Names>"""

LEGAL = {
    "MeterReadings": f"""<MeterReading><isCoincidentTrigger>true</isCoincidentTrigger>
      <IntervalBlocks>
        <IntervalReadings>{HOUR}<value>1.5</value><ReadingQualities><ReadingQualityType ref="1.5.259"/>
          </ReadingQualities></IntervalReadings>
        <PendingCalculation><scalarFloat>0.5</scalarFloat><ReadingType ref="{CODE}"/></PendingCalculation>
        <ReadingType ref="{CODE}"/>
      </IntervalBlocks>
      <Meter><mRID>M1</mRID>{NAMES}<status><value>ok</value></status></Meter>
      <Readings><reason>billing</reason>{HOUR}<value>not a number</value><ReadingType ref="{CODE}"/></Readings>
      <valuesInterval><start>2024-01-01T00:00:00Z</start></valuesInterval></MeterReading>
      <ReadingType><tou>0</tou><argument><denominator>1</denominator><numerator>2</numerator></argument>
      {NAMES}{NAMES}</ReadingType>""",
    "GetMeterReadings": f"""<EndDevice>{NAMES}{NAMES}</EndDevice><EndDevice><mRID>M2</mRID></EndDevice>
      <EndDeviceGroup>{NAMES}</EndDeviceGroup><ReadingType>{NAMES}</ReadingType>
      <TimeSchedule><scheduleInterval><end>2024-01-02T00:00:00+01:00</end></scheduleInterval></TimeSchedule>
      <TimeSchedule><scheduleInterval/></TimeSchedule><UsagePointGroup><mRID>G</mRID></UsagePointGroup>""",
    "EndDeviceControls": f"""<EndDeviceControl><priceSignal>1.5E0</priceSignal><reason>unpaid</reason>
      <PanDisplay><textMessage>hello</textMessage><transmissionMode>both</transmissionMode></PanDisplay>
      <EndDeviceControlType ref="3.31.0.23"/><EndDeviceGroups>{NAMES}</EndDeviceGroups>
      <EndDevices><mRID>M1</mRID><isPan>0</isPan><electronicAddress><mac>1</mac></electronicAddress>{NAMES}
      </EndDevices><primaryDeviceTiming><duration>15</duration><randomisation>startAndEnd</randomisation>
      <interval><start>2024-01-01T00:00:00</start></interval></primaryDeviceTiming>
      <UsagePointGroups/></EndDeviceControl><EndDeviceControlType>{NAMES}</EndDeviceControlType>""",
    "EndDeviceEvents": f"""<EndDeviceEvent><createdDateTime>
        2024-01-01T00:00:00.000Z </createdDateTime><Assets>{NAMES}</Assets>
      <EndDeviceEventDetails><name>x</name><value> y </value></EndDeviceEventDetails>
      <EndDeviceEventType ref="3.26.0.216"/>{NAMES}<status/><UsagePoint/></EndDeviceEvent>""",
}

ILLEGAL = {
    "MeterReadings": [
        ("<isCoincidentTrigger>true<", "<isCoincidentTrigger>yes<", "'yes' is not a valid boolean"),
        (HOUR + "<value>1.5</value>", "<value>1.5</value>" + HOUR, "timeStamp is out of order"),
        ("<reason>billing<", "<reason>Billing<", "'Billing' is not one of billing, demandReset"),
        (f'<ReadingType ref="{CODE}"/></Readings>', "</Readings>", "Readings lacks "),
        (f'ref="{CODE}"/></Readings>', f'code="{CODE}"/></Readings>', "'code' attribute not allowed"),
        (f'ref="{CODE}"/></Readings>', f'ref="{CODE}"><name/></ReadingType></Readings>', "name"),
        ("<denominator>1</denominator>", "", "numerator"),
        ("<tou>0<", "<tou>0.5<", "'0.5' is not a valid integer"),
    ],
    "GetMeterReadings": [
        ("<scheduleInterval/>", "", "TimeSchedule lacks scheduleInterval"),
        ("<mRID>M2</mRID>", "<mRID>M2</mRID><mRID>M3</mRID>", "mRID is repeated more often than allowed"),
        ("<TimeSchedule><scheduleInterval/>", "<EndDevice/><TimeSchedule><scheduleInterval/>", "out of order"),
        ("2024-01-02T00:00:00+01:00", "2024-01-02", "'2024-01-02' is not a valid dateTime"),
    ],
    "EndDeviceControls": [
        ("</PanDisplay>", "</PanDisplay><PanPricing/>", "PanPricing is out of order"),
        ('<EndDeviceControlType ref="3.31.0.23"/>', "", "expected here: EndDeviceControlType"),
        (f"{NAMES}</EndDeviceControlType>", "</EndDeviceControlType>", "EndDeviceControlType lacks "),
        (">both<", ">all<", "'all' is not one of anonymous, both, normal"),
        ("<duration>15<", "<duration>PT15M<", "'PT15M' is not a valid float"),
        ("<electronicAddress>", "<address/><electronicAddress>", "address is not an element of EndDevices"),
    ],
    "EndDeviceEvents": [
        ("<UsagePoint/>", "<UsagePoint/><UsagePoint/>", "UsagePoint is repeated more often than allowed"),
        ("<name>x</name><value>", "<value>", "expected here: name"),
        ("2024-01-01T00:00:00.000Z", "", "'' is not a valid dateTime"),
        ('<EndDeviceEventType ref="3.26.0.216"/>', "", "expected here: EndDeviceEventType"),
    ],
}  # fmt: skip
CASES = [(profile, *case) for profile, cases in ILLEGAL.items() for case in cases]


def payload(profile: str, content: str) -> str:
    """Return the text of a payload in its default namespace."""
    return f'<{profile} xmlns="{ROOT}/{profile}#">{content}</{profile}>'


def messages(text: str) -> list[str]:
    """Return the words of every problem of ``text``."""
    return [one.message for one in STORE.problems(etree.fromstring(text.encode()))]


@pytest.mark.parametrize("profile", LEGAL)
def test_legal_payload_is_valid(profile: str) -> None:
    """Usual and unusual elements, open intervals, several names, white space around a time."""
    assert messages(payload(profile, LEGAL[profile])) == []
    assert messages(payload(profile, "")) == []


@pytest.mark.parametrize(("profile", "was", "becomes", "words"), CASES)
def test_illegal_payload_is_refused_for_its_reason(profile: str, was: str, becomes: str, words: str) -> None:
    """One difference from the legal payload, and a problem names it."""
    assert LEGAL[profile].count(was) >= 1
    found = messages(payload(profile, LEGAL[profile].replace(was, becomes, 1)))
    assert found
    assert words in " | ".join(found)


@pytest.mark.parametrize("declaration", ["xmlns", "xmlns:ns0", "xmlns:_-.1", "xmlns:MeterReadings"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-be", "iso-8859-1"])
def test_prefix_and_encoding_do_not_matter(declaration: str, encoding: str) -> None:
    """The same payload under other prefixes and as other bytes."""
    prefix = declaration.partition(":")[2]
    tag = f"{prefix}:MeterReadings" if prefix else "MeterReadings"
    child = tag.rpartition("MeterReadings")[0] + "MeterReading"
    text = f'<?xml version="1.0" encoding="{encoding}"?><{tag} {declaration}="{ROOT}/MeterReadings#"><{child}/></{tag}>'
    assert STORE.problems(etree.fromstring(text.encode(encoding))) == []


ZONES_ARE_STANDARD = datetime(1970, 1, 1)  # before, some were more than 14 hours from UTC


@given(
    moment=st.datetimes(min_value=ZONES_ARE_STANDARD, timezones=st.one_of(st.none(), st.timezones())),
    before=st.sampled_from(["", " ", "\n\t"]),
)
def test_every_moment_is_a_time_stamp(moment: datetime, before: str) -> None:
    """Any day, fraction and zone of whole minutes, with white space around it."""
    text = moment.isoformat()
    offset = moment.utcoffset()
    if offset is not None and offset.total_seconds() % 60:
        text = moment.replace(tzinfo=None).isoformat()
    event = f"<createdDateTime>{before}{text}{before}</createdDateTime><EndDeviceEventType/>"
    assert messages(payload("EndDeviceEvents", f"<EndDeviceEvent>{event}</EndDeviceEvent>")) == []


# ------------------------------------------------------------------------------------------ typed wrappers


def wrapped(element: str, noun: str, *parts: str, verb: str = "create") -> str:
    """Return a typed wrapper with a header and ``parts``; ``m:`` is the envelope's prefix."""
    header = f"<Header><m:Verb>{verb}</m:Verb><m:Noun>{noun}</m:Noun></Header>"
    return f'<{element} xmlns="{ROOT}/{noun}Message" xmlns:m="{MSG}">{header}{"".join(parts)}</{element}>'


def in_payload(noun: str, more: str = "") -> str:
    """Return a Payload with an empty profile, and ``more``."""
    return f"<Payload>{payload(noun, '')}{more}</Payload>"


REPLY = "<Reply><m:Result>OK</m:Result></Reply>"
PARAMETERS = payload("GetMeterReadings", "")


@pytest.mark.parametrize("noun", ["MeterReadings", "EndDeviceControls", "EndDeviceEvents", "UsagePointConfig"])
def test_typed_wrappers_are_valid(noun: str) -> None:
    """Requests, events and responses, each with and without a payload (facts/soap.md, style 2)."""
    for element in ("Create", "Change", "Cancel", "Close", "Delete"):
        for parts in ([], ["<Request/>"], ["<Request><m:ID kind='uuid'>1</m:ID></Request>", in_payload(noun)]):
            assert messages(wrapped(element + noun, noun, *parts)) == []
    for element in ("Created", "Changed", "Canceled", "Closed", "Deleted"):
        assert messages(wrapped(element + noun, noun, in_payload(noun, "<Format>XML</Format>"))) == []
    for parts in ([], ["<Payload/>"], [in_payload(noun, "<m:Format>XML</m:Format>")]):
        assert messages(wrapped(f"{noun}ResponseMessage", noun, REPLY, *parts)) == []
    assert messages(wrapped(f"{noun}RequestMessage", noun, in_payload(noun))) == []
    fault = f'<{noun}FaultMessage xmlns="{ROOT}/{noun}Message" xmlns:m="{MSG}">{REPLY}</{noun}FaultMessage>'
    assert messages(fault) == []


def test_form_of_a_demonstrator_is_valid() -> None:
    """It has several controls in one Payload, and the payload's root and the parameters in Request as well."""
    noun = "EndDeviceControls"
    twice = f"<Payload>{payload(noun, '')}{payload(noun, '')}<Format>XML</Format></Payload>"
    request = f"<Request><StartTime>2024-01-01T00:00:00Z</StartTime>{payload(noun, '')}</Request>"
    for parts in ([twice], [request], [request, twice]):
        assert messages(wrapped(f"Create{noun}", noun, *parts)) == []
    assert messages(wrapped(f"{noun}ResponseMessage", noun, REPLY, twice)) == []


def test_typed_get_is_valid() -> None:
    """One or more GetMeterReadings (TR 61968-900, Figure 23, has two), and an answer without values."""
    get = "GetMeterReadings"
    for parts in ([PARAMETERS], ["<m:StartTime>2024-01-01T00:00:00Z</m:StartTime>", PARAMETERS, PARAMETERS],
                  ["<Option><m:name>a</m:name></Option>", PARAMETERS]):  # fmt: skip
        assert messages(wrapped(get, get, f"<Request>{''.join(parts)}</Request>", verb="get")) == []
    answer = f"<Payload>{payload('MeterReadings', LEGAL['MeterReadings'])}</Payload>"
    for part in ("", "<Payload/>", answer):
        assert messages(wrapped("MeterReadingsResponseMessage", get, REPLY, part, verb="reply")) == []


NO_HEADER: Callable[[str], str] = lambda text: text.partition("<Header>")[0] + text.partition("</Header>")[2]  # noqa: E731


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (wrapped("CreateMeterReadings", "MeterReadings", "<Payload/>"), "Payload lacks MeterReadings"),
        (wrapped("CreateMeterReadings", "MeterReadings", in_payload("EndDeviceEvents")), "EndDeviceEvents is not"),
        (wrapped("CreateMeterReadings", "MeterReadings", f"<Payload>{payload('MeterReadings', '<x/>')}</Payload>"),
         "x is not an element of MeterReadings"),
        (wrapped("CreatedMeterReadings", "MeterReadings", "<Request/>"), "Request is not an element of"),
        (wrapped("MeterReadingsResponseMessage", "MeterReadings"), "lacks Reply"),
        (wrapped("GetMeterReadings", "GetMeterReadings", "<Request/>", verb="get"), "Request lacks "),
        (wrapped("GetMeterReadings", "GetMeterReadings", verb="get"), "lacks Request"),
        (wrapped("CreateMeterReadings", "MeterReadings", verb="Create"), "'Create' is not one of"),
        (wrapped("ReplyMeterReadings", "MeterReadings"), "cannot be the outermost element"),
        (NO_HEADER(wrapped("CreateMeterReadings", "MeterReadings")), "lacks Header"),
        (wrapped("CreateMeterReadings", "MeterReadings").replace("m:Verb", "Verb"), f"instead of '{MSG}'"),
        (wrapped("CreateMeterReadings", "MeterReadings").replace("Header>", "m:Header>"), f"in the namespace '{MSG}'"),
    ],
)  # fmt: skip
def test_wrong_wrapper_is_refused(text: str, words: str) -> None:
    """A missing part, another noun's payload, the wrong namespace."""
    assert words in " | ".join(messages(text))
