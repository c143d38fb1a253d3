"""While it runs: what is waited for, for how long, and what came that nearly matched."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from conformance.journal import Journal
from conformance.reference import ReferenceServer
from tests.end_to_end.commands import begin, end, run, verdicts, write
from tests.end_to_end.systems import Detour

if TYPE_CHECKING:
    from pathlib import Path


def test_near_miss(tmp_path: Path) -> None:
    """An answer with another CorrelationID: the wait names it, the limit, and the near miss; so does the journal."""
    options = ("--fault", "correlation_id_of_its_own", "--select", "EXC-004")
    ended = run("run", *options, "--out", "OUT", cwd=tmp_path)
    assert ended.code == 1, ended.stderr
    told = r"0 of 1 scenarios; exchange/answered_later::The later answer can be told from others; waits for "
    wait = r"the later reply\(MeterReadings\), \d\.\d of 5 s; \d message\(s\) came that did not match: "
    assert re.search(told + wait + "CorrelationID differs\n", ended.stderr), ended.stderr
    journal = Journal(tmp_path / "OUT" / "journal.db")
    states = [state for _, _, scenario, what, state in journal.waits() if what == "the later reply(MeterReadings)"]
    journal.close()
    assert re.fullmatch("waiting: 1.. of 5 s; .*CorrelationID differs", states[0])
    assert states[-1].startswith("did not come: 5.0 of 5 s; ")


def test_late_answer(tmp_path: Path) -> None:
    """A system that takes its time to answer: the progress says so, and the run goes on when the answer comes."""
    with ReferenceServer() as server:
        detour = Detour(server.url, tmp_path / "OUT" / "journal.db", 1)
        try:
            text = write(server.configuration(), tmp_path / "SUT.toml").read_text(encoding="utf-8")
            there = text.replace(server.url, detour.url.removesuffix("/soap"))
            (tmp_path / "SUT.toml").write_text(there, encoding="utf-8")
            process = begin("run", "SUT.toml", "--select", "MR-001", "--out", "OUT", cwd=tmp_path)
            assert process.stderr is not None
            line = next((line for line in process.stderr if "waits for" in line), "")
            detour.released.set()
            ended = end(process)
        finally:
            detour.stop()
    told = r"0 of 1 scenarios; reading/on_request::.*; waits for the answer to its request, \d of 10 s\n"
    assert re.fullmatch(told, line), line
    assert ended.code == 0, ended.stdout
    assert verdicts(tmp_path / "OUT")["scenarios"][0]["verdict"] == "pass"
