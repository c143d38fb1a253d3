"""One run over SOAP and over JMS: verdicts are equal, the worse one counts, and reports tell them apart."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
from lxml import etree
from rich.console import Console

from conformance.journal import Journal
from conformance.reference import ReferenceServer
from conformance.reference.jms import JmsReference
from conformance.report import write_all
from conformance.report.console import summary
from conformance.report.verdicts import schema
from conformance.standard.catalogue import catalogue
from conformance.sut.model import Timeouts
from tests.end_to_end.commands import judge, write
from tests.jms.test_run_jms import failed, run

#: Long enough for loopback; what a fault keeps back is waited for in vain. Seconds.
_IMPATIENT = Timeouts(reply_s=10, result_s=1, event_s=1, quiet_s=0.1)


def over(verdicts: dict[str, Any], transport: str) -> dict[str, Any]:
    """Return what the scenarios over one transport ended with, by their ids without it."""
    mark = f"[{transport}]"
    return {
        row["id"].removesuffix(mark): (row["verdict"], row["requirements"], [step["text"] for step in row["steps"]])
        for row in verdicts["scenarios"]
        if row["transport"] == transport and row["id"].endswith(mark)
    }


def about_both(verdicts: dict[str, Any], transport: str) -> dict[str, Any]:
    """Return :func:`over`, without what is about one transport alone."""
    alone = {row.id for row in catalogue().values() if row.transport is not None}
    return {name: row for name, row in over(verdicts, transport).items() if not alone & set(row[1])}


def test_verdicts_are_equal(classic: Any, tmp_path: Path) -> None:
    """The whole suite over SOAP and over ActiveMQ Classic in one run: scenario by scenario the same verdicts."""
    code, verdicts = run(tmp_path / "out", "--transport", "all", "--jobs", "2")
    assert (code, failed(verdicts)) == (0, [])
    assert verdicts["counts"]["requirements"]["pass"] >= 113
    assert about_both(verdicts, "soap") == about_both(verdicts, "jms")
    assert len(about_both(verdicts, "soap")) >= 113
    jsonschema.validate(verdicts, schema())
    journal = Journal(tmp_path / "out" / "journal.db")
    marks = {(entry.transport, (entry.scenario or "").rpartition("[")[2]) for entry in journal.entries()}
    journal.close()
    # No message of one transport was taken for one of the other.
    assert {mark for mark in marks if mark[1]} == {("soap", "soap]"), ("jms", "jms]")}


@contextlib.contextmanager
def half(path: Path, both: str, only_jms: str) -> Iterator[Path]:
    """Yield the SUT.toml of a system with one fault everywhere, and another one over JMS alone."""
    web, behind = ReferenceServer(faults=(both,)), ReferenceServer(faults=(both, only_jms))
    with web, behind, JmsReference(behind) as broker:
        ordinary = web.configuration()
        endpoints = ordinary.endpoints.model_copy(update={"jms": broker.configuration().endpoints.jms})
        yield write(ordinary, path, endpoints=endpoints, timeouts=_IMPATIENT)


def test_the_worse_verdict_counts(classic: Any, tmp_path: Path) -> None:
    """A fault over both is found over both; one over JMS alone fails its requirement, and only over JMS."""
    out = tmp_path / "out"
    with half(tmp_path / "SUT.toml", "result_with_new_correlation_id", "message_id_reused") as sut:
        verdicts = judge(sut, out, "MR-001,EXC-004,ENV-009", "--transport", "all")
    found = {
        transport: {row[1][0]: row[0] for row in over(verdicts, transport).values()} for transport in ("soap", "jms")
    }
    assert found == {
        "soap": {"MR-001": "pass", "EXC-004": "fail", "ENV-009": "pass"},
        "jms": {"MR-001": "pass", "EXC-004": "fail", "ENV-009": "fail"},
    }
    assert failed(verdicts) == ["ENV-009", "EXC-004"]
    row = next(row for row in verdicts["requirements"] if row["id"] == "ENV-009")
    assert row["reason"].startswith("over JMS: ")
    told_apart(out, verdicts)


def told_apart(out: Path, verdicts: dict[str, Any]) -> None:
    """Check that every report says over which transport a scenario ran."""
    jsonschema.validate(verdicts, schema())
    assert write_all(out) == verdicts
    page = (out / "report.html").read_text(encoding="utf-8")
    cases = [case.get("name") for case in etree.parse(out / "junit.xml").iter("testcase")]
    console = Console(file=io.StringIO(), width=160, record=True)
    for part in summary(verdicts, out):
        console.print(part)
    said = console.export_text()
    assert len(set(cases)) == len(cases) == 6
    for row in verdicts["scenarios"]:
        name = f"{row['name']} [{row['transport']}]"
        assert name in cases
        assert name in page
        assert (name in said) is (row["verdict"] == "fail")
    assert "SOAP and JMS" in page
