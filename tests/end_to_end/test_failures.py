"""A system that breaks requirements: what its vendor reads, and words that must stay words."""

from __future__ import annotations

import html
import re
import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from typing import TYPE_CHECKING

from conformance.standard.catalogue import catalogue
from tests.end_to_end.commands import Ended, contents, run, verdicts, write
from tests.end_to_end.hostile_words import MARKUP, SCRIPT, HostileWords
from tests.end_to_end.systems import but_for_stimuli, claims, page
from tests.transport.conftest import HostileServer

if TYPE_CHECKING:
    from pathlib import Path

ESC = "\x1b"


def test_a_failure_is_told(tmp_path: Path) -> None:
    """A fault: exit 1, and requirement, clause, expectation, observation with codes decoded, and a file."""
    name = _fault_of("REP-003")
    ended = run("run", "--fault", name, "--select", "REP-002,REP-003", "--out", "OUT", cwd=tmp_path)
    row = catalogue()["REP-003"]
    assert ended.code == 1, ended.stderr
    failure = _failures(ended)
    assert len(failure) == 1
    assert " ".join(failure[0].split()).count(row.text) == 1
    assert f"clause     {row.clause}" in failure[0]
    assert re.search(r"expected   an Error 2\.9 \(Invalid Verb\)", failure[0])
    assert re.search(r"observed   \d+\.\d+ \(\w.+\)", failure[0])
    assert "where      Reply/Error/code" in failure[0]
    file = re.search(r"messages   (\S+)", failure[0])
    assert file is not None
    assert b"RequestMessage" in (tmp_path / file[1]).parent.joinpath("03-sent-request.xml").read_bytes()
    assert (tmp_path / file[1]).is_file()
    assert len(failure[0].strip().splitlines()) <= 10
    found = verdicts(tmp_path / "OUT")
    assert {item["id"]: item["verdict"] for item in found["requirements"] if item["scenarios"]} == {
        "REP-002": "pass",
        "REP-003": "fail",
    }


def _fault_of(requirement: str) -> str:
    from conformance.reference import faults

    return next(item.name for item in faults() if item.requirements == (requirement,))


def _failures(ended: Ended) -> list[str]:
    """Return the blocks of the summary that tell a failure."""
    return [block for block in ended.stdout.split("\n\n") if block.startswith("FAIL ")]


class _Reader(HTMLParser):
    """Collects the scripts of a page and the attributes that would run one."""

    def __init__(self) -> None:
        super().__init__()
        self.scripts: list[str] = []
        self.handlers: list[str] = []
        self._within = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at a tag."""
        self._within = tag == "script"
        self.handlers += [name for name, _ in attrs if name.startswith("on")]

    def handle_endtag(self, tag: str) -> None:
        """Leave a tag."""
        self._within = False

    def handle_data(self, data: str) -> None:
        """Look at text."""
        if self._within:
            self.scripts.append(data)


def test_words_stay_words(tmp_path: Path) -> None:
    """Markup, control characters and rich's syntax in replies act nowhere, and are still there to be read."""
    with HostileWords() as server:
        write(server.configuration(), tmp_path / "SUT.toml")
        ended = run("run", "SUT.toml", "--select", "REP-002,REP-003,MR-002", "--out", "OUT", cwd=tmp_path)
    out = tmp_path / "OUT"
    assert ended.code == 1, ended.stderr
    assert f"Result {SCRIPT} {MARKUP}" in " ".join(ended.stdout.split())
    assert not re.search("[\x1b\x9b\u202e]", ended.stdout + ended.stderr)
    page_text = (out / "report.html").read_text(encoding="utf-8")
    assert SCRIPT not in page_text
    assert html.escape(SCRIPT) in page_text
    reader = _Reader()
    reader.feed(page_text)
    assert not any("alert(1)" in script for script in reader.scripts)
    assert reader.handlers == []
    case = next(ET.parse(out / "junit.xml").getroot().iter("failure"))  # noqa: S314 - written by this very program
    assert SCRIPT in (case.get("message") or "") + (case.text or "")
    assert not re.search("[\x9b\u202e]", (out / "junit.xml").read_text(encoding="utf-8"))


def test_control_sequences_of_a_page(tmp_path: Path) -> None:
    """ESC in an HTTP answer that is no XML reaches no terminal and no report, not even through plain pytest."""
    server = HostileServer(but_for_stimuli(page("500 Oh", f"text/html; x={ESC}[31m", f"{ESC}[2J{ESC}]0;x\a".encode())))
    try:
        write(claims(server), tmp_path / "SUT.toml")
        options = ("--sut", "SUT.toml", "--out", "OUT", "--skip-pre-flight", "--select", "MR-001,ENV-001,ENV-002")
        ended = run(*options, cwd=tmp_path, module="pytest")
    finally:
        server.stop()
    assert ended.code == 1
    assert ESC not in ended.stdout + ended.stderr
    shown = [path for path, content in contents(tmp_path / "OUT") if ESC.encode() in content]
    assert [path.name for path in shown if path.suffix in (".html", ".json", ".log") or path.name == "junit.xml"] == []
