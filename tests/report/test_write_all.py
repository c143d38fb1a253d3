"""All reports at once: from a real directory, after a kill, over and over, and for a large run."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING

import jsonschema
import pytest

from conformance.errors import ConfigurationError
from conformance.report import write_all
from conformance.report.messages import directory
from conformance.report.verdicts import schema
from tests.report.runs import Run, envelope, finding

if TYPE_CHECKING:
    from pathlib import Path

REPORTS = {"verdicts.json", "junit.xml", "report.html"}
KILLED = """
    import os, signal, sys
    from pathlib import Path
    from conformance.journal import Journal
    from tests.report.runs import Run, identify
    journal = Journal(Path(sys.argv[1]) / "journal.db")
    identify(journal)
    run = Run(journal)
    run.scenario("first", ["MR-001"])
    second = run.plan("second", ["MR-002"])
    run.plan("third", ["MR-003"])
    journal.start(second)
    run.exchange(second)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_no_journal(tmp_path: Path) -> None:
    """A directory without a journal is a clear mistake of the caller, and nothing is created in it."""
    with pytest.raises(ConfigurationError, match=r"no journal") as caught:
        write_all(tmp_path)
    assert "journal.db does not exist" in str(caught.value)
    assert not list(tmp_path.iterdir())


def test_no_journal_but_a_file_of_that_name(tmp_path: Path) -> None:
    """A file that is no journal is one, too."""
    (tmp_path / "journal.db").write_bytes(b"not a database" * 100)
    with pytest.raises(ConfigurationError, match=r"journal\.db"):
        write_all(tmp_path)


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_after_a_kill(tmp_path: Path) -> None:
    """A run that was killed with signal 9 is reported: nothing is lost, and what was not run is named."""
    code = textwrap.dedent(KILLED)
    ended = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], check=False, env=os.environ | {"PYTHONPATH": "."}
    )
    assert ended.returncode == -signal.SIGKILL
    verdicts = write_all(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} >= REPORTS
    assert [item["verdict"] for item in verdicts["scenarios"]] == ["pass", "inconclusive", "inconclusive"]
    assert verdicts["scenarios"][1]["messages"] == [3, 4]
    assert (verdicts["complete"], verdicts["exit_code"]) == (False, 3)


def test_again_and_again(run: Run) -> None:
    """Reports can be written again over old ones, with the same bytes, and leave no temporary files."""
    run.scenario("reads", ["MR-001"], "fail", findings=[finding("MR-001")])
    out = run.end().path.parent
    first = write_all(out)
    before = {path: path.read_bytes() for path in out.rglob("*.*") if not path.name.startswith("journal.db")}
    assert write_all(out) == first
    after = {path: path.read_bytes() for path in out.rglob("*.*") if not path.name.startswith("journal.db")}
    assert before == after
    assert json.loads((out / "verdicts.json").read_text()) == first


def test_messages_of_findings_are_files(run: Run) -> None:
    """The exact bytes, numbered in their order, for scenarios with findings and for no others."""
    failed = run.scenario("fails", ["MR-001"], "fail", findings=[finding("MR-001")])
    binary = bytes(range(256))
    run.message(failed, binary, channel="callback")
    passed = run.scenario("passes", ["MR-002"])
    out = run.end().path.parent
    write_all(out)
    files = sorted((out / directory(failed)).iterdir())
    assert [file.name for file in files] == [
        "01-sent-request.xml", "02-received-reply.xml", "03-received-callback.xml",
    ]  # fmt: skip
    assert files[0].read_bytes() == envelope("RequestMessage", "get", "MeterReadings")
    assert files[2].read_bytes() == binary
    assert not (out / directory(passed)).exists()


def test_unwritable(run: Run) -> None:
    """Where a report cannot be written, the message says which."""
    out = run.end().path.parent
    (out / "verdicts.json").mkdir()
    with pytest.raises(ConfigurationError, match=r"cannot write .*verdicts\.json"):
        write_all(out)


@pytest.mark.parametrize("many", [100, pytest.param(1000, marks=pytest.mark.nightly)])
def test_many_scenarios(run: Run, many: int) -> None:
    """A large run is reported whole, in a page that a browser still opens."""
    run.journal._db.execute("BEGIN")
    for number in range(many):
        identity = f"MR-{number:03}"
        kind = number % 10
        findings = [finding(identity)] if kind == 0 else [finding(identity, severity="should")] if kind == 1 else []
        run.scenario(f"reads {number}", [identity], "fail" if kind == 0 else "pass", findings=findings)
    run.journal._db.execute("COMMIT")
    out = run.end().path.parent
    verdicts = write_all(out)
    jsonschema.Draft202012Validator(schema()).validate(verdicts)
    assert len(verdicts["scenarios"]) == many
    assert (out / "report.html").stat().st_size < 20_000_000
