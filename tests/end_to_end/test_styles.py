"""The main job: the reference system conforms in every style and SOAP version, and the reports are all there."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING

import jsonschema
import pytest

from conformance.journal import Journal
from conformance.reference import ReferenceServer
from conformance.report.verdicts import schema
from conformance.standard.catalogue import with_scenarios
from conformance.sut.load import load
from conformance.sut.model import Timeouts
from tests.end_to_end.commands import judge, run, verdicts, write

if TYPE_CHECKING:
    from pathlib import Path

    from conformance.message.soap import SoapVersion, Style

#: Enough for loopback. Seconds.
BRISK = Timeouts(reply_s=10, result_s=5, event_s=5, quiet_s=0.15)
COMBINATIONS = [
    ("generic", "1.2"), ("typed", "1.1"), ("typed", "1.2"), ("bare", "1.1"), ("bare", "1.2"), ("bare", "none"),
]  # fmt: skip


def test_without_a_file(tmp_path: Path) -> None:
    """One command, no file: a verdict, and every report; progress goes to stderr, the summary to stdout."""
    ended = run("run", "--out", "OUT", cwd=tmp_path)
    out = tmp_path / "OUT"
    assert ended.code == 0, ended.stderr
    found = verdicts(out)
    jsonschema.validate(found, schema())
    verdict_of = {row["id"]: row["verdict"] for row in found["requirements"]}
    passed = {name for name, verdict in verdict_of.items() if verdict == "pass"}
    assert passed == with_scenarios().keys() - _about("jms")
    assert {verdict_of[name] for name in verdict_of.keys() - passed} == {"not-tested", "not-applicable"}
    assert f"Conforms: {len(passed)} requirements judged, none failed; " in ended.stdout
    assert len(ended.stdout.splitlines()) < 30
    assert f"of {len(found['scenarios'])} scenarios" in ended.stderr
    assert "scenarios" not in ended.stdout
    _look_at_reports(out, found)


def _look_at_reports(out: Path, found: dict[str, object]) -> None:
    suites = ET.parse(out / "junit.xml").getroot()  # noqa: S314 - written by this very program
    assert len(list(suites.iter("testcase"))) == len(found["scenarios"])  # type: ignore[arg-type]
    assert "<svg" in (out / "report.html").read_text(encoding="utf-8")
    executed = [row for row in found["scenarios"] if row["started"] is not None]  # type: ignore[attr-defined]
    assert len(list((out / "allure-results").glob("*-result.json"))) == len(executed)
    assert load(out / "SUT.toml").configuration.endpoints.style == "generic"
    journal = Journal(out / "journal.db")
    assert journal.meta("ended") == "complete"
    assert any(entry.channel == "callback" for entry in journal.entries())
    journal.close()


def _about(transport: str) -> set[str]:
    return {row.id for row in with_scenarios().values() if row.transport == transport}


def _absent(style: Style, soap: SoapVersion) -> set[str]:
    """Return what does not apply: all about JMS; about SOAP where there is none, no SOAPAction, no description."""
    if soap == "none":
        return _about("soap") | _about("jms")
    absent = _about("jms") | ({"SOAP-007"} if soap == "1.2" else set())
    of_the_description = {f"SOAP-{number:03}" for number in range(18, 26)}
    return absent | {"generic": set(), "typed": {"SOAP-018", "SOAP-022"}, "bare": of_the_description}[style]


@pytest.mark.parametrize(("style", "soap"), COMBINATIONS)
def test_every_style_and_version(tmp_path: Path, style: Style, soap: SoapVersion) -> None:
    """All requirements that apply pass without a warning, however the messages are wrapped."""
    with ReferenceServer() as server:
        sut = write(server.configuration(style, soap), tmp_path / "SUT.toml", timeouts=BRISK)
        found = judge(sut, tmp_path / "OUT")
    judged = [row for row in found["requirements"] if row["id"] in with_scenarios()]
    other = {row["id"]: row["verdict"] for row in judged if row["verdict"] != "pass" or row["warnings"]}
    assert other == dict.fromkeys(_absent(style, soap), "not-applicable")
    assert (found["exit_code"], found["selection"]["style"], found["selection"]["soap"]) == (0, style, soap)


def test_options_of_the_reference_system(tmp_path: Path) -> None:
    """--style, --soap and --variant reach the bundled system, and the file that describes it."""
    options = ("--style", "typed", "--soap", "1.2", "--variant", "odd_prefixes", "--variant", "gzip")
    ended = run("run", *options, "--select", "reading", "--out", "OUT", cwd=tmp_path)
    found = verdicts(tmp_path / "OUT")
    assert (ended.code, found["selection"]["style"], found["selection"]["soap"]) == (0, "typed", "1.2"), ended.stdout
    assert found["selection"]["select"] == "reading"
    others = [row for row in found["requirements"] if row["area"] != "reading" and row["id"] in with_scenarios()]
    assert {row["verdict"] for row in others} == {"not-tested"}
