"""Which schemas judge: the two editions, renamed namespaces, a user's official files, and how far each is believed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import xmlschema
from lxml import etree

from conformance import resources
from conformance.errors import ConfigurationError
from conformance.message.build import Draft, build, root, sub
from conformance.message.model import Header
from conformance.message.parse import read
from conformance.standard import schema_problems
from conformance.standard.editions import EDITION_2013, EDITION_2024, EDITIONS
from conformance.standard.schemas import SchemaStore
from tests.standard.instances import compiled
from tools import outline

XSD = resources.directory("xsd")
FIXTURES = XSD.parent / "fixtures"
STORES = {name: SchemaStore(name) for name in EDITIONS}
BASIC = ("Message.xsd", "MeterReadings.xsd", "EndDeviceEvents.xsd")


def official(tmp_path: Path, *names: str) -> Path:
    """Return a directory with some schemas of 2013 under names that say nothing."""
    for number, name in enumerate(names):
        shutil.copy(XSD / "2013" / name, tmp_path / f"file {number}.xsd")
    return tmp_path


# --------------------------------------------------------------------------------------------- two editions


@pytest.mark.parametrize("edition", EDITIONS.values(), ids=EDITIONS)
def test_message_layer_speaks_both_editions(edition: object) -> None:
    """A message is built in the namespaces of its edition, valid there, and read again."""
    assert edition in (EDITION_2013, EDITION_2024)
    chosen = EDITION_2013 if edition is EDITION_2013 else EDITION_2024
    payload = root("EndDeviceEvents", chosen)
    event = sub(payload, "EndDeviceEvent")
    sub(event, "createdDateTime", "2024-01-01T00:00:00Z")
    sub(event, "EndDeviceEventType").set("ref", "3.26.0.85")
    header = Header(verb="created", noun="EndDeviceEvents")
    message = build(Draft(kind="EventMessage", header=header, payload=(payload,), edition=chosen))
    store, other = STORES[chosen.name], next(one for name, one in STORES.items() if name != chosen.name)
    assert store.is_valid(message)
    assert store.is_valid(payload)
    assert not other.knows(chosen.envelope)
    again = read(message)
    assert (again.verb, again.noun, len(again.payloads)) == ("created", "EndDeviceEvents", 1)


def payload_2024(content: str) -> etree._Element:
    """Return a message of 2024 with a payload."""
    space = EDITION_2024.envelope
    header = "<Header><Verb>created</Verb><Noun>MeterReadings</Noun></Header>"
    return etree.fromstring(f'<EventMessage xmlns="{space}">{header}<Payload>{content}</Payload></EventMessage>')


@pytest.mark.parametrize(
    ("content", "valid"),
    [
        ("<CompressedPayload>H4sIAAAA</CompressedPayload>", True),
        ('<CompressedPayload encoding="base64"><Data>H4sI</Data></CompressedPayload><Format>XML</Format>', True),
        ("<Compressed>H4sIAAAA</Compressed>", True),
        ("<CompressedPayload/><CompressedPayload/>", False),
        ("<OperationSet/><CompressedPayload/>", False),
        ("<Unheard/>", False),
        ('<MeterReadings xmlns="http://iec.ch/TC57/2024/MeterReadings#"/>'
         '<EndDeviceEvents xmlns="http://iec.ch/TC57/2024/EndDeviceEvents#"/>', True),
        ('<Own xmlns="urn:vendor"/>', True),
    ],
)  # fmt: skip
def test_payload_of_2024(content: str, *, valid: bool) -> None:
    """CompressedPayload, and several payloads in one message (facts/envelope.md, edition 2)."""
    message = payload_2024(content)
    assert STORES["2024"].is_valid(message) == valid
    assert compiled(XSD / "2024" / "Message.xsd").is_valid(message) == valid
    as_before = etree.fromstring(etree.tostring(message).replace(b"2021/schema", b"2011/schema"))
    assert STORES["2013"].is_valid(as_before) == (valid and "CompressedPayload" not in content)


def test_root_of_every_profile_of_2024_substitutes_abstract_payload(tmp_path: Path) -> None:
    """A place for AbstractPayload takes each of them, several at once, and nothing else; both validators say so."""
    space, nouns = EDITION_2024.envelope, outline.nouns("2024")
    directory = XSD / "2024"
    links = "".join(
        f'<xs:import namespace="{EDITION_2024.profile(noun)}" schemaLocation="{(directory / noun).as_uri()}.xsd"/>'
        for noun in nouns
    )
    (tmp_path / "holder.xsd").write_text(
        f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:m="{space}" targetNamespace="urn:h">'
        f'<xs:import namespace="{space}" schemaLocation="{(directory / "Message.xsd").as_uri()}"/>{links}'
        '<xs:element name="holder"><xs:complexType><xs:sequence><xs:element ref="m:AbstractPayload" minOccurs="0" '
        'maxOccurs="unbounded"/></xs:sequence></xs:complexType></xs:element></xs:schema>'
    )
    holder = etree.Element("{urn:h}holder")
    holder.extend([root(noun, EDITION_2024) for noun in nouns])
    validators = (
        etree.XMLSchema(etree.parse(tmp_path / "holder.xsd")),
        xmlschema.XMLSchema(str(tmp_path / "holder.xsd")),
    )
    assert validators[0].validate(holder)
    assert validators[1].is_valid(holder)  # type: ignore[arg-type]
    for stranger in (f"{{{space}}}AbstractPayload", "{urn:vendor}Own", f"{{{EDITION_2013.profile('X')}}}X"):
        wrong = etree.fromstring(etree.tostring(holder))
        etree.SubElement(wrong, stranger)
        assert not validators[0].validate(wrong)
        assert not validators[1].is_valid(wrong)  # type: ignore[arg-type]


def test_what_only_later_classes_have_is_refused_before() -> None:
    """An attribute and an enumeration of the later classes ([2024] in the outlines)."""
    for noun, content in (
        ("UsagePointConfig", "<UsagePoint><phaseCount>3</phaseCount></UsagePoint>"),
        ("GetEndDeviceEvents", "<ServiceCategory><kind>steam</kind></ServiceCategory>"),
    ):
        texts = {
            name: f'<{noun} xmlns="{edition.profile(noun)}">{content}</{noun}>' for name, edition in EDITIONS.items()
        }
        assert STORES["2024"].problems(etree.fromstring(texts["2024"])) == []
        assert len(STORES["2013"].problems(etree.fromstring(texts["2013"]))) == 1


def test_header_in_meter_service_requests() -> None:
    """One draft has a copy of the message header in the payload; it is the envelope's type, and optional."""
    space, other = EDITION_2013.profile("MeterServiceRequests"), EDITION_2013.envelope
    inner = f'<m:Verb xmlns:m="{other}">create</m:Verb><m:Noun xmlns:m="{other}">x</m:Noun>'
    text = f'<MeterServiceRequests xmlns="{space}"><Header>{inner}</Header></MeterServiceRequests>'
    assert STORES["2013"].problems(etree.fromstring(text)) == []
    (problem,) = STORES["2013"].problems(etree.fromstring(text.replace(">create<", ">make<")))
    assert "'make' is not one of" in problem.message


# ------------------------------------------------------------------------------------------------- fixtures


def test_validators_agree_on_every_fixture() -> None:
    """Whatever a fixture holds of a known namespace gets one verdict, from lxml and from xmlschema."""
    seen = 0
    for path in sorted(FIXTURES.rglob("*.xml")):
        try:
            found = etree.fromstring(path.read_bytes(), etree.XMLParser(resolve_entities=False, no_network=True))
        except etree.XMLSyntaxError:
            continue  # a fixture of what is not well-formed
        for element in [one for one in found.iter("*") if _is_outermost(one)]:
            space, name = etree.QName(element).namespace or "", etree.QName(element).localname
            noun = name if space.endswith("#") else space.rpartition("/")[2]
            file = XSD / "2013" / ("Message.xsd" if space == EDITION_2013.envelope else f"{noun}.xsd")
            explained = schema_problems.explain(compiled(file), element)
            assert STORES["2013"].is_valid(element) == (not explained), f"{path}: {name}: {explained}"
            seen += 1
    assert seen > 1000


def _is_outermost(element: etree._Element) -> bool:
    """Return whether it is a message, a wrapper or a payload: of a known namespace, and its parent of another."""
    space, parent = etree.QName(element).namespace or "", element.getparent()
    inside = parent is not None and etree.QName(parent).namespace in (space, EDITION_2013.wrapper("MeterReadings"))
    return STORES["2013"].knows(space) and not inside


# ------------------------------------------------------------------------------------------------ authority


def test_only_what_was_read_twice_is_believed() -> None:
    """A schema after the classes, after one source, or of an edition that is not public never fails anybody."""
    own = STORES["2013"]
    for noun in ("MeterReadings", "EndDeviceEvents", "EndDeviceControls", "MeterReadSchedule"):
        assert own.is_authoritative(EDITION_2013.profile(noun))
    for noun in ("UsagePointConfig", "MeterConfig", "GetEndDeviceGroups"):
        assert not own.is_authoritative(EDITION_2013.profile(noun))
    assert own.is_authoritative(EDITION_2013.envelope)
    assert own.is_authoritative(EDITION_2013.wrapper("MeterConfig"))
    for space in (EDITION_2024.profile("MeterReadings"), EDITION_2024.envelope):
        assert not STORES["2024"].is_authoritative(space)


def test_every_profile_says_its_basis_and_clause() -> None:
    """The first comment of each file (``basis``: schema, classes or catalogue), and no word of another basis."""
    for name, edition in EDITIONS.items():
        for profile in outline.profiles():
            if profile.clause(name):
                comment = STORES[name]._library.comment(edition.profile(profile.noun))
                basis = "catalogue" if name == "2024" and profile.basis == "schema" else profile.basis
                sources = f", {profile.sources} public source" if profile.sources else "."
                assert f"\n  Basis: {basis}{sources}" in comment
                assert f"IEC 61968-9:{name}, {profile.clause(name)}" in comment
                assert (profile.basis == "schema") == bool(profile.sources)


# ---------------------------------------------------------------------------------------- renamed namespaces


def test_renamed_edition_is_judged_in_its_own_names() -> None:
    """Whoever knows the official URIs says them, and envelope, profiles and wrappers follow."""
    uris = {"envelope": "urn:a&b", "profile": "urn:p/{noun}/2024#", "wrapper": "urn:w:{noun}"}
    edition = EDITION_2024.renamed(uris)
    store = SchemaStore(edition)
    assert store.knows("urn:a&b")
    assert store.knows("urn:p/MeterReadings/2024#")
    assert store.knows("urn:w:GetMeterReadings")
    assert not store.knows(EDITION_2024.envelope)
    payload = root("MeterReadings", edition)
    message = build(Draft(kind="EventMessage", header=Header(verb="created", noun="MeterReadings"),
                          payload=(payload,), edition=edition))  # fmt: skip
    assert message.tag == "{urn:a&b}EventMessage"
    assert store.is_valid(message)
    wrapper = etree.fromstring('<CreateMeterReadings xmlns="urn:w:MeterReadings"/>')
    assert [one.message for one in store.problems(wrapper)] == ["CreateMeterReadings lacks Header"]
    sub(payload, "Unheard")
    assert "Unheard is not an element" in store.problems(payload)[0].message


# --------------------------------------------------------------------------------------- a user's directory


def test_official_files_replace_the_own_ones(tmp_path: Path) -> None:
    """What they refuse is believed; typed wrappers, which they may lack, stay the suite's own."""
    store = SchemaStore(directory=official(tmp_path, *BASIC, "UsagePointConfig.xsd"))
    store.check()
    assert store.source == f"schemas in {tmp_path}; typed SOAP wrappers: own schemas"
    assert store.is_authoritative(EDITION_2013.profile("UsagePointConfig"))
    assert not store.knows(EDITION_2013.profile("MeterConfig"))
    assert store.knows(EDITION_2013.wrapper("MeterReadings"))
    wrapper = etree.fromstring(f'<CreateMeterReadings xmlns="{EDITION_2013.wrapper("MeterReadings")}"/>')
    assert [one.message for one in store.problems(wrapper)] == ["CreateMeterReadings lacks Header"]
    strict = (tmp_path / "file 1.xsd").read_text("utf-8").replace('name="Meter" type="Meter" minOccurs="0"', 'name="Meter" type="Meter"')  # fmt: skip  # noqa: E501
    (tmp_path / "file 1.xsd").write_text(strict, "utf-8")
    readings = etree.fromstring(f'<MeterReadings xmlns="{EDITION_2013.profile("MeterReadings")}"><MeterReading/></MeterReadings>')  # fmt: skip  # noqa: E501
    assert SchemaStore(directory=tmp_path).problems(readings) != []
    assert STORES["2013"].problems(readings) == []


def test_directory_that_has_wrappers_has_them_all(tmp_path: Path) -> None:
    """Then a wrapper that is missing is missing."""
    store = SchemaStore(directory=official(tmp_path, *BASIC, "MeterReadingsMessage.xsd"))
    assert store.source == f"schemas in {tmp_path}"
    assert not store.knows(EDITION_2013.wrapper("EndDeviceEvents"))


@pytest.mark.parametrize(
    ("names", "words"),
    [
        ((), "there is no schema in it"),
        (("MeterReadings.xsd",), r"(?s)cannot be used.*none is the envelope .*2011/schema/message: add Message.xsd"),
        (("Message.xsd", "MeterReadingsMessage.xsd"),
         r"(?s)file 1.xsd cannot be used: no file has the namespace .*2011/MeterReadings#, which it imports: add that"),
        (("MeterServiceRequests.xsd",),
         r"(?s)no file has the namespace .*schema/message, which it imports: add.*none is the envelope"),
    ],
)  # fmt: skip
def test_directory_that_cannot_judge_is_refused(tmp_path: Path, names: tuple[str, ...], words: str) -> None:
    """All that is wrong is said at once, before anything is judged."""
    store = SchemaStore(directory=official(tmp_path, *names))
    with pytest.raises(ConfigurationError, match=words):
        store.check()


def test_own_schemas_need_no_check() -> None:
    """They are tested here instead, and nothing is compiled at the start of a run."""
    store = SchemaStore()
    store.check()
    assert "_library" not in vars(store)


def test_file_that_cannot_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Said in words, with what to do."""
    store = SchemaStore(directory=official(tmp_path, *BASIC))

    def refuse(_path: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(ConfigurationError, match=r"file 0\.xsd cannot be read: Permission denied; check"):
        store.knows("urn:x")
