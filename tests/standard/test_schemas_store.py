"""The store itself: sub-elements, threads, laziness, a user's own directory, and what happens on doubt."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import threading
import timeit
from pathlib import Path

import pytest
from lxml import etree

from conformance import resources
from conformance.errors import ConfigurationError, InternalError
from conformance.standard import schemas
from conformance.standard.schemas import SchemasDisagree, SchemaStore

XSD_2013 = resources.directory("xsd") / "2013"
MESSAGE = "http://iec.ch/TC57/2011/schema/message"
WRAPPER = "http://iec.ch/TC57/2011/MeterReadingsMessage"
OWN = SchemaStore()

ERROR = "<Error><code>0.0</code><xpath>{}</xpath></Error>"
ENVELOPE = f"""<s:Envelope xmlns:s="urn:soap" xmlns:q="urn:q">
<s:Body>
<FaultMessage xmlns="{MESSAGE}"><Reply>
<Result>OK</Result><!-- 1 -->{ERROR}</Reply></FaultMessage></s:Body></s:Envelope>"""


def fault(text: str) -> etree._Element:
    """Return the FaultMessage that is deep in ``text``."""
    found = etree.fromstring(text).find(f".//{{{MESSAGE}}}FaultMessage")
    assert found is not None
    return found


def schema(content: str, namespace: str = "urn:x") -> str:
    """Return the text of a small schema; ``x:`` is its own prefix."""
    return (
        f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:x="{namespace}" '
        f'targetNamespace="{namespace}" elementFormDefault="qualified">{content}</xs:schema>'
    )


def element(content: str = "", namespace: str = "urn:x") -> etree._Element:
    """Return an element ``a`` with ``content``."""
    return etree.fromstring(f'<a xmlns="{namespace}">{content}</a>')


# ------------------------------------------------------------------------------------- parts of a document


def test_sub_element_is_judged_as_if_it_stood_alone() -> None:
    """A prefix that the SOAP envelope declares is in scope in Error/xpath, and one that nobody declares is not."""
    assert OWN.problems(fault(ENVELOPE.format("q:name"))) == []
    (problem,) = OWN.problems(fault(ENVELOPE.format("r:name")))
    assert problem.path == "/FaultMessage/Reply/Error/xpath"
    assert problem.line == 4


def test_comments_are_no_problem_where_something_else_is() -> None:
    """Unaided, xmlschema would take a comment inside a value for a child element."""
    text = ENVELOPE.format("/bad").replace("<code>0", "<code>0<!-- c --><?p i?>")
    assert [one.path for one in OWN.problems(fault(text))] == ["/FaultMessage/Reply/Error/xpath"]


def test_judging_leaves_the_document_as_it_was() -> None:
    """Neither verdict nor explanation may touch the evidence."""
    root = etree.fromstring(ENVELOPE.format("/bad"))
    before = etree.tostring(root)
    assert OWN.problems(root[0][0])
    assert etree.tostring(root) == before


def test_many_threads_share_a_store() -> None:
    """Each with documents of its own; verdicts and reasons are not mixed up."""
    wrong: list[str] = []

    def judge(number: int) -> None:
        expected = [] if number % 2 else [f"'r{number}' is not one of OK, PARTIAL, FAILED"]
        text = f"<Reply><Result>{'r' + str(number) if expected else 'OK'}</Result></Reply>"
        part = etree.fromstring(f'<all><FaultMessage xmlns="{MESSAGE}">{text}</FaultMessage></all>')[0]
        for _ in range(30):
            verdict, found = OWN.is_valid(part), [one.message for one in OWN.problems(part)]
            wrong.extend([text] if verdict == bool(expected) or found != expected else [])

    threads = [threading.Thread(target=judge, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


# ------------------------------------------------------------------------------------- the store as a whole


def test_importing_and_opening_compiles_nothing() -> None:
    """``conformance --help`` must not wait for xmlschema."""
    code = "import sys; from conformance.standard.schemas import SchemaStore; SchemaStore(); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "xmlschema" not in done.stdout.split()


def test_own_schemas_say_what_they_are() -> None:
    """Envelope, profiles and wrappers of one edition; nothing of another."""
    assert OWN.source == "own schemas, edition 2013"
    assert OWN.knows(MESSAGE)
    assert OWN.knows(WRAPPER)
    assert not OWN.knows("http://iec.ch/TC57/2021/schema/message")
    with pytest.raises(InternalError, match="no schema for 'urn:x'"):
        OWN.is_valid(element())
    with pytest.raises(ConfigurationError, match=r"edition 1999.*schemas = DIR"):
        SchemaStore("1999")
    with pytest.raises(ConfigurationError, match="there is no such directory"):
        SchemaStore(directory=Path("nowhere"))


def test_hint_in_a_message_is_not_followed(tmp_path: Path) -> None:
    """xsi:schemaLocation of a stranger must not choose the schema, nor open a file."""
    (tmp_path / "x.xsd").write_text(schema('<xs:element name="a" type="xs:integer"/>'))
    hint = f'xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:schemaLocation="urn:x {tmp_path}/x.xsd"'
    header = "<Header><Verb>get</Verb><Noun/></Header>"
    text = f'<Message xmlns="{MESSAGE}" {hint}>{header}<Request><a xmlns="urn:x">b</a></Request></Message>'
    assert OWN.problems(etree.fromstring(text)) == []


def test_value_that_xmlschema_cannot_digest_is_explained_by_libxml2() -> None:
    """A year of twelve digits is legal; beside it stands an error."""
    timestamp = "<Timestamp>999999999999-01-01T00:00:00Z</Timestamp><AckRequired>no</AckRequired>"
    text = f'<Message xmlns="{MESSAGE}"><Header><Verb>get</Verb><Noun/>{timestamp}</Header></Message>'
    (problem,) = OWN.problems(etree.fromstring(text))
    assert "'no' is not a valid value" in problem.message
    assert "{" not in problem.message


def test_disagreement_is_the_suites_own_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Invalid without any reason is no verdict."""
    monkeypatch.setattr(schemas, "explain", lambda *_: [])
    with pytest.raises(SchemasDisagree, match=r"lxml says: .*own schemas, edition 2013"):
        OWN.problems(fault(ENVELOPE.format("/bad")))


# --------------------------------------------------------------------------------------- a user's directory


def test_files_are_found_by_namespace_whatever_they_are_called(tmp_path: Path) -> None:
    """Other names, another depth, imports that lead nowhere or to the network, and files that are no schema."""
    (tmp_path / "deep").mkdir()
    server = socket.create_server(("127.0.0.1", 0))
    server.setblocking(False)
    url = f"http://127.0.0.1:{server.getsockname()[1]}/MeterReadings.xsd"
    shutil.copy(XSD_2013 / "Message.xsd", tmp_path / "envelope v1.XSD")
    shutil.copy(XSD_2013 / "Message.xsd", tmp_path / "same again.xsd")
    shutil.copy(XSD_2013 / "MeterReadings.xsd", tmp_path / "deep" / "readings.xsd")
    text = (XSD_2013 / "MeterReadingsMessage.xsd").read_text()
    text = text.replace('"MeterReadings.xsd"', f'"{url}"').replace(' schemaLocation="Message.xsd"', "")
    (tmp_path / "deep" / "wrapper.xsd").write_text(text)
    for name, content in {"a.xsd": "no XML", "b.xsd": "<html/>", "c.pdf": "%PDF", "d.xsd": ""}.items():
        (tmp_path / name).write_text(content)
    store = SchemaStore(directory=tmp_path)
    assert store.source == f"schemas in {tmp_path}"
    assert store.knows(MESSAGE)
    assert not store.knows("http://iec.ch/TC57/2011/EndDeviceEvents#")
    wrapper = etree.fromstring(f'<CreateMeterReadings xmlns="{WRAPPER}"/>')
    assert [one.message for one in store.problems(wrapper)] == ["CreateMeterReadings lacks Header"]
    assert store.problems(fault(ENVELOPE.format("q:name"))) == []
    with pytest.raises(BlockingIOError):
        server.accept()
    server.close()


def test_parts_are_included(tmp_path: Path) -> None:
    """A file that another one includes is a part of it, with or without a namespace of its own."""
    (tmp_path / "whole.xsd").write_text(
        schema('<xs:include schemaLocation="p%201.xsd"/><xs:include schemaLocation="p2.xsd"/>'
               '<xs:element name="a" type="x:Part"/>')
    )  # fmt: skip
    (tmp_path / "p 1.xsd").write_text(
        schema('<xs:simpleType name="Part"><xs:restriction base="x:Number"/></xs:simpleType>')
    )
    number = '<xs:simpleType name="Number"><xs:restriction base="xs:integer"/></xs:simpleType>'
    (tmp_path / "p2.xsd").write_text(schema(number).replace(' targetNamespace="urn:x"', ""))
    store = SchemaStore(directory=tmp_path)
    assert store.is_valid(element("1"))
    assert [one.message for one in store.problems(element("x"))] == ["'x' is not a valid integer"]


def test_wildcard_keeps_its_place(tmp_path: Path) -> None:
    """libxml2 alone would let ``p`` follow what the wildcard takes."""
    particles = '<xs:element name="p" maxOccurs="unbounded"/><xs:any namespace="##other" maxOccurs="unbounded" '
    particles += 'minOccurs="0" processContents="skip"/><xs:any namespace="##local" processContents="skip"/>'
    content = f"<xs:complexType><xs:sequence>{particles}</xs:sequence></xs:complexType>"
    (tmp_path / "x.xsd").write_text(schema(f'<xs:element name="a">{content}</xs:element>'))
    store = SchemaStore(directory=tmp_path)
    foreign, last = '<f xmlns="urn:f"/>', '<l xmlns=""/>'
    assert store.is_valid(element(f"<p/><p/>{foreign}{foreign}{last}"))
    assert [one.message for one in store.problems(element(f"<p/>{foreign}<p/>{last}"))]
    assert not store.is_valid(element(f"<p/>{foreign}{last}{last}"))


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"bad.xsd": schema('<xs:element name="a" type="x:Nothing"/>')}, r"bad\.xsd cannot be used: .*Nothing"),
        ({"bad.xsd": schema('<xs:include schemaLocation="gone.xsd"/>')}, r"bad\.xsd needs gone\.xsd"),
        ({"cut.xsd": schema("")[:-5]}, r"cut\.xsd is not well-formed"),
        ({"1.xsd": schema(""), "2.xsd": schema("<!-- 2 -->")}, r"(?s)same namespace.*urn:x: .*1\.xsd, .*2\.xsd"),
    ],
)  # fmt: skip
def test_unusable_directory_is_refused_with_file_and_reason(tmp_path: Path, files: dict[str, str], words: str) -> None:
    """A schema that is silently missing would let everything pass."""
    for name, content in files.items():
        (tmp_path / name).write_text(content)
    with pytest.raises(ConfigurationError, match=words):
        SchemaStore(directory=tmp_path).is_valid(element())


def test_schema_that_only_xmlschema_refuses_is_named(tmp_path: Path) -> None:
    """The explanation needs a schema, too: an attribute type that is missing fails there at the latest."""
    (tmp_path / "x.xsd").write_text(schema('<xs:element name="a" type="xs:integer"/>'))
    store = SchemaStore(directory=tmp_path)
    assert not store.is_valid(element("b"))
    copied = store._library.usable("urn:x").usable
    copied.write_text("<broken/>")
    with pytest.raises(ConfigurationError, match=r"x\.xsd cannot be used"):
        store.problems(element("b"))


# -------------------------------------------------------------------------------------------- the resources


def test_resources_of_a_wheel_come_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Installed, then the checkout, then an error that names both."""
    package = tmp_path / "conformance"
    monkeypatch.setattr(resources, "_PACKAGE", package)
    with pytest.raises(InternalError, match="lacks its directory xsd"):
        resources.directory("xsd")
    (tmp_path / "xsd").mkdir()
    assert resources.directory("xsd") == tmp_path / "xsd"
    (package / "_data" / "xsd").mkdir(parents=True)
    assert resources.directory("xsd") == package / "_data" / "xsd"


def test_small_message_is_judged_fast() -> None:
    """A tenth of a millisecond at most (about 5 µs on a desk), so that nobody is tempted to judge less."""
    message = fault(ENVELOPE.format("q:name"))
    assert min(timeit.repeat(lambda: OWN.is_valid(message), number=100, repeat=5)) < 100 * 1e-4
