"""Files, directories, archives and recordings, and what in them is no message: a clear finding, never a crash."""

from __future__ import annotations

import json
import os
import tracemalloc
import zipfile
from typing import TYPE_CHECKING

import pytest

from conformance.errors import ConfigurationError
from conformance.message.xml import Limits
from conformance.offline.model import Judged, Settings, Verdict
from conformance.offline.sources import Source, sources_of
from conformance.offline.together import judge_all
from tests.offline.judging import SETTINGS
from tests.offline.messages import CONTROL, EVENT, REQUEST, RESPONSE, UUID

if TYPE_CHECKING:
    from pathlib import Path

UMLAUT = RESPONSE.replace(">m-1<", ">Zähler<")


def judge(path: Path, settings: Settings = SETTINGS) -> list[Verdict]:
    """Return what is said of a path."""
    return judge_all(sources_of([path]), settings)


def only(verdicts: list[Verdict]) -> Judged:
    """Return the one finding."""
    found = [one for item in verdicts for one in item.findings]
    assert len(found) == 1, found
    return found[0]


def stored(folder: Path, content: bytes | str, name: str = "message.xml") -> Path:
    """Return a new file."""
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def declared(encoding: str, body: str = UMLAUT) -> str:
    """Return a message that says its encoding."""
    return f'<?xml version="1.0" encoding="{encoding}"?>\n{body}'


LEGAL = {
    "utf-8": declared("UTF-8").encode(),
    "utf-8 with a mark": declared("UTF-8").encode("utf-8-sig"),
    "utf-16": declared("UTF-16").encode("utf-16"),
    "utf-16 big endian": b"\xfe\xff" + declared("UTF-16").encode("utf-16-be"),
    "latin-1": declared("ISO-8859-1").encode("latin-1"),
    "no declaration": UMLAUT.encode(),
    "windows line ends": RESPONSE.replace("\n", "\r\n").encode(),
}


@pytest.mark.parametrize("content", LEGAL.values(), ids=LEGAL)
def test_any_encoding_is_legal(content: bytes, tmp_path: Path) -> None:
    """Nothing is said of it."""
    assert judge(stored(tmp_path, content))[0].findings == ()


BOMB = "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
HOSTILE: dict[str, tuple[bytes | str, str]] = {
    "empty": ("", "empty"),
    "blank": (" \n\t ", "empty"),
    "no XML": ("Dear Sir or Madam", "not well-formed"),
    "a page": ("<html><body/></html>", "html is no message"),
    "two messages": (RESPONSE + RESPONSE, "not well-formed"),
    "NUL": (RESPONSE.replace("17.5", "1\x007.5"), "not well-formed"),
    "a wrong declaration": (declared("UTF-8").encode("latin-1"), "encoding"),
    "an unknown encoding": (declared("KLINGON"), "KLINGON"),
    "UTF-16 that is not": (declared("UTF-16"), "not well-formed"),
    "deep": ("<a>" * 100_000, "depth"),
    "a bomb": (f'<!DOCTYPE l [<!ENTITY a "lol">{BOMB}]><l>&j;</l>', "not well-formed"),
    "a DTD": (f"<!DOCTYPE ResponseMessage>{RESPONSE}", "DTD"),
    "a DTD from the network": (f'<!DOCTYPE ResponseMessage SYSTEM "http://127.0.0.1:9/x.dtd">{RESPONSE}', "DTD"),
    "an external entity": ('<!DOCTYPE l [<!ENTITY a SYSTEM "file:///etc/hostname">]><l>&a;</l>', "DTD"),
    "an unknown SOAP": ('<s:Envelope xmlns:s="urn:x"><s:Body/></s:Envelope>', "urn:x"),
    "SOAP without a body": ('<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"/>', "no Body"),
    "many attributes": ("<a " + " ".join(f'x{n}="1"' for n in range(20_000)) + "/>", "a is no message"),
}


@pytest.mark.parametrize(("content", "words"), HOSTILE.values(), ids=HOSTILE)
def test_what_is_no_message_is_one_finding(content: bytes | str, words: str, tmp_path: Path) -> None:
    """It says why, and the rest of the files is judged."""
    stored(tmp_path, content, "a.xml")
    stored(tmp_path, RESPONSE, "b.xml")
    verdicts = judge(tmp_path)
    one = only(verdicts)
    assert (one.requirement, one.severity) == ("ENV-001", "error")
    assert words in one.message
    assert [item.file.rpartition("/")[2] for item in verdicts] == ["a.xml", "b.xml"]


def test_two_gibibytes(tmp_path: Path) -> None:
    """They are not read."""
    path = tmp_path / "sparse.xml"
    with path.open("wb") as file:
        file.truncate(2 * 1024**3)
    tracemalloc.start()
    one = only(judge(path, Settings(limits=Limits(max_bytes=1024**3))))
    assert tracemalloc.get_traced_memory()[1] < 10_000_000
    tracemalloc.stop()
    assert "--max-mib" in one.message
    assert "not well-formed" in only(judge(path, Settings(limits=Limits(max_bytes=3 * 1024**3)))).message


def test_a_device_and_a_pipe_are_not_read(tmp_path: Path) -> None:
    """Neither would ever end."""
    pipe = tmp_path / "pipe.xml"
    os.mkfifo(pipe)
    assert "pipe or a device" in only(judge(pipe)).message
    assert "pipe or a device" in only(judge_all([Source(pipe.parent / "/dev/zero", "zero")], SETTINGS)).message


def test_what_cannot_be_read(tmp_path: Path) -> None:
    """A link to nowhere, and a file that goes away."""
    (tmp_path / "link.xml").symlink_to(tmp_path / "nowhere")
    assert "cannot be read" in only(judge(tmp_path / "link.xml")).message
    assert "cannot be read" in only(judge_all([Source(tmp_path / "gone.xml", "gone")], SETTINGS)).message


def test_what_is_not_there_is_the_users_mistake(tmp_path: Path) -> None:
    """All of it is named, and nothing is judged; so is a directory that holds nothing."""
    with pytest.raises(ConfigurationError) as caught:
        sources_of([tmp_path / "a", tmp_path / "b"])
    assert len(caught.value.problems) == 2
    with pytest.raises(ConfigurationError, match="holds no file"):
        sources_of([tmp_path])


def zipped(folder: Path, **members: bytes | str) -> Path:
    """Return a new archive."""
    path = folder / "archive.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("_", "."), content)
    return path


def test_an_archive(tmp_path: Path) -> None:
    """Each member is a message; what is none in it (a picture) is passed over, and an archive is not opened."""
    verdicts = judge(zipped(tmp_path, a_xml=REQUEST, b_xml=RESPONSE.replace(">m-1<", ">m-2<"), c_png="x", d_zip="x"))
    assert [item.file.rpartition("!")[2] for item in verdicts] == ["a.xml", "b.xml", "d.zip"]
    assert [one.requirement for one in verdicts[1].findings] == ["MR-005"]
    assert "unpack it" in verdicts[2].findings[0].message


def test_a_bomb_in_an_archive(tmp_path: Path) -> None:
    """A member that unpacks to too much is not unpacked; nor are many that together do."""
    settings = Settings(limits=Limits(max_bytes=1_000_000))
    path = zipped(tmp_path, a_xml=b"<a>" + b" " * 3_000_000, b_xml=RESPONSE)
    assert "--max-mib" in only(judge(path, settings)).message
    path = zipped(tmp_path, **{f"m{n}_xml": RESPONSE + " " * 900_000 for n in range(5)})
    verdicts = judge(path, settings)
    assert len(verdicts) == 3
    assert "unpacks to more than" in only(verdicts).message


@pytest.mark.parametrize("content", [b"PK\x03\x04 nonsense", b"PK\x05\x06" + bytes(18), b"hello"])
def test_a_broken_archive(content: bytes, tmp_path: Path) -> None:
    """It is one finding."""
    assert "archive" in only(judge(stored(tmp_path, content, "x.zip"))).message


def test_a_member_that_cannot_be_read(tmp_path: Path) -> None:
    """Its bytes are not those that were packed."""
    path = zipped(tmp_path, a_xml=RESPONSE)
    content = bytearray(path.read_bytes())
    content[60:70] = bytes(10)
    path.write_bytes(content)
    assert "member cannot be read" in only(judge(path)).message


NONSENSE = ["", "{", "[]", '{"log": {}}', '{"log": {"entries": 7}}', "[" * 100_000, '{"log": {"entries": []}}']
NONSENSE += ['{"log": {"entries": [1, null, {"request": 3, "response": []}, {"request": {"postData": {"text": 1}}}]}}']


@pytest.mark.parametrize("content", NONSENSE, ids=range(len(NONSENSE)))
def test_a_recording_of_nonsense(content: str, tmp_path: Path) -> None:
    """It is one finding."""
    assert "HAR file" in only(judge(stored(tmp_path, content, "x.har"))).message


def test_a_recording_with_more_than_messages(tmp_path: Path) -> None:
    """Pages, scripts and service descriptions are passed over; a message may be in base64, or only an answer."""
    entries = [
        {
            "request": {"url": "a"},
            "response": {"content": {"text": '<w:definitions xmlns:w="http://iec.ch/TC57/2011/"/>'}},
        },
        {"request": {"postData": {"text": '{"a": 1}'}}, "response": {"content": {"text": "{}"}}},
        {"request": {"postData": {"text": CONTROL}}, "response": {"status": 202, "content": {"size": 0}}},
        {"request": {}, "response": {"content": {"text": EVENT.replace(UUID, UUID[:-1] + "0")}}},
    ]
    verdicts = judge(stored(tmp_path, json.dumps({"log": {"entries": entries}}), "x.har"))
    assert [item.file.rpartition("#")[2] for item in verdicts] == ["3 request", "3 response", "4 response"]
    assert [item.what for item in verdicts][1] == "no answer"
    assert not any(item.findings for item in verdicts)


def test_a_directory_in_several_processes(tmp_path: Path) -> None:
    """The answer is the same, in the same order, as from one."""
    for number in range(12):
        body = RESPONSE.replace(">c-1<", f">c-{number}<").replace(UUID, f"7c9e6679-7425-40de-944c-{number:012}")
        stored(tmp_path, body.replace(">reply<", ">Reply<") if number % 5 == 0 else body, f"{number:02}.xml")
    stored(tmp_path, REQUEST.replace("m-1", "m-9").replace(">c-1<", ">c-3<"), "request.xml")
    stored(tmp_path, EVENT, "twice-1.xml")
    stored(tmp_path, EVENT.replace("3.26.0.85", "3.26.0.216"), "twice-2.xml")
    alone, shared = (judge_all(sources_of([tmp_path]), SETTINGS, jobs) for jobs in (1, 2))
    assert alone == shared
    found = {(item.file.rpartition("/")[2], one.requirement) for item in alone for one in item.findings}
    assert found == {("00.xml", "ENV-003"), ("05.xml", "ENV-003"), ("10.xml", "ENV-003"), ("03.xml", "MR-005"),
                     ("twice-2.xml", "ENV-009")}  # fmt: skip


def scene(*entries: str) -> str:
    """Return a scene file."""
    return f'<scene about="a test" started="2026-01-01T00:00:00Z">{"".join(entries)}</scene>'


def test_scenes_are_worlds_of_their_own(tmp_path: Path) -> None:
    """A MessageID may come again in another scene, but not in the same one."""
    one = f'<received channel="callback">{EVENT}</received>'
    other = one.replace("3.26.0.85", "3.26.0.216")
    stored(tmp_path, scene(one), "a.xml")
    stored(tmp_path, scene(other), "b.xml")
    assert [item.findings for item in judge(tmp_path)] == [(), ()]
    assert only(judge(stored(tmp_path, scene(one, other), "both.xml"))).requirement == "ENV-009"


def test_answers_in_a_scene_belong_to_their_requests(tmp_path: Path) -> None:
    """Whatever else came in between, and although both answers stand after both requests."""
    foreign = RESPONSE.replace(">c-1<", ">c-9<").replace(UUID, "a-2")
    second = REQUEST.replace(">c-1<", ">c-2<").replace("7c9e6679-7425-40de-944b-e07fc1f90ae6", "q-2")
    entries = (
        f"<sent>{REQUEST}</sent>", f"<sent>{second}</sent>",
        f'<received channel="reply" answers="1" status="200">{RESPONSE}</received>',
        f'<received channel="reply" answers="2" status="200">{foreign}</received>',
    )  # fmt: skip
    found = {item.file.partition("#")[2]: item.findings for item in judge(stored(tmp_path, scene(*entries)))}
    assert found["3 received"] == ()
    assert {item.requirement for item in found["4 received"] if item.severity == "error"} == {"ENV-007"}


def test_a_broken_scene(tmp_path: Path) -> None:
    """It is told like every file that is not well-formed."""
    assert only(judge(stored(tmp_path, "<scene><sent>"))).requirement == "ENV-001"
