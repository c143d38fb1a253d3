"""The journal: nothing that was committed is lost, nothing secret is kept, and nobody's file is spoiled."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance import journal as journal_module
from conformance.errors import ConfigurationError
from conformance.journal import FORMAT, Entry, Journal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def sent(body: bytes = b"<a/>", **changes: object) -> Entry:
    """Return a request that the suite sent."""
    plain = {"direction": "sent", "channel": "request", "transport": "soap", "url": "http://hes"}
    return Entry(**{**plain, "body": body, **changes})  # type: ignore[arg-type]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return where a journal may be."""
    return tmp_path / "out" / "journal.db"


@pytest.fixture
def journal(path: Path) -> Iterator[Journal]:
    """Return a new journal."""
    journal = Journal(path)
    yield journal
    journal.close()


def test_an_entry_comes_back_as_it_was_kept(journal: Journal) -> None:
    """Every field survives, bytes as bytes, in the order of commitment."""
    first = journal.keep(
        sent(
            bytes(range(256)), status=200, content_type="text/xml", headers={"A": "b"}, note="n", answers=3,
            scenario="s", exchange="e", at=12.5,
        )
    )  # fmt: skip
    second = journal.keep(sent())
    assert [first.id, second.id] == [1, 2]
    assert list(journal.entries()) == [first, second]
    assert first.at == 12.5
    assert second.at > 1_000_000_000
    assert (second.status, second.scenario, second.exchange, second.answers) == (None, None, None, None)
    assert journal.last_id() == 2


def test_entries_are_chosen(journal: Journal) -> None:
    """By channel, direction, scenario, and by what is newer; all of them at once."""
    wanted = [
        journal.append(sent(direction=direction, channel=channel, scenario=scenario))
        for direction in ("sent", "received")
        for channel in ("request", "callback")
        for scenario in ("one", "two", None)
    ]
    assert [entry.id for entry in journal.entries(after=wanted[6])] == wanted[7:]
    assert {entry.channel for entry in journal.entries(channel="callback")} == {"callback"}
    assert {entry.direction for entry in journal.entries(direction="sent")} == {"sent"}
    assert len(list(journal.entries(scenario="two"))) == 4
    [both] = journal.entries(channel="callback", direction="received", scenario="one")
    assert (both.channel, both.direction, both.scenario) == ("callback", "received", "one")


def test_reading_holds_nothing_open(journal: Journal, path: Path) -> None:
    """Whoever reads half of the messages can write meanwhile, keeps no snapshot, and gets none that are newer."""
    for _ in range(5):
        journal.append(sent())
    reading = journal.entries()
    assert next(reading).id == 1
    other = Journal(path)
    other.append(sent())
    journal.claim(5, "mine", "e")
    assert next(reading).id == 2
    # A reader with an open snapshot would keep the checkpoint from emptying the log.
    assert journal._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0
    assert [(entry.id, entry.scenario) for entry in reading] == [(3, None), (4, None), (5, "mine")]
    other.close()


def test_version_tells_what_others_wrote(journal: Journal, path: Path) -> None:
    """A message of another process changes the version; looking does not."""
    before = journal.version()
    assert journal.version() == before
    other = Journal(path)
    other.append(sent())
    assert journal.version() != before
    other.close()


def test_claims(journal: Journal) -> None:
    """The newest claim counts, but for one that takes only what is free."""
    entry = journal.append(sent(channel="callback"))
    journal.claim(entry, "first", "e1", free_only=True)
    journal.claim(entry, "second", "e2", free_only=True)
    [kept] = journal.entries()
    assert (kept.scenario, kept.exchange) == ("first", "e1")
    journal.claim(entry, "third", "e3")
    [kept] = journal.entries()
    assert (kept.scenario, kept.exchange) == ("third", "e3")


def test_who_asked(journal: Journal) -> None:
    """A CorrelationID belongs to the scenario that sent it in a request; callbacks with it do not count."""
    journal.append(sent(scenario="mine", exchange="c1"))
    journal.append(sent(channel="callback", scenario="other", exchange="c2"))
    assert journal.asked_elsewhere("c1", "other")
    assert not journal.asked_elsewhere("c1", "mine")
    assert not journal.asked_elsewhere("c2", "mine")
    assert not journal.asked_elsewhere("c3", "mine")


# -- plan, scenarios, findings, waits -------------------------------------------------------------------------------


def test_the_plan_and_what_became_of_it(journal: Journal) -> None:
    """Scenarios stand in the order of the plan; a second planning (of another worker) changes nothing."""
    journal.plan("b", 2, {"name": "B"})
    journal.plan("a", 1, {"name": "A"})
    journal.plan("a", 9, {"name": "not this"})
    journal.start("a")
    assert [(row["id"], row["state"], row["plan"]["name"]) for row in journal.scenarios()] == [
        ("a", "running", "A"),
        ("b", "planned", "B"),
    ]
    journal.finish("a", "pass", "why", 1.5, [{"text": "Given", "duration": 0.5}])
    row = journal.scenarios()[0]
    assert (row["state"], row["verdict"], row["reason"], row["duration"]) == ("done", "pass", "why", 1.5)
    assert row["steps"] == [{"text": "Given", "duration": 0.5}]
    assert row["started"] is not None


def test_findings_and_waits(journal: Journal) -> None:
    """Findings come in their order; waits from a number on."""
    journal.add_finding("a", {"expected": "x", "messages": (1, 2)})
    journal.add_finding("b", {"expected": "y"})
    assert list(journal.findings()) == [("a", {"expected": "x", "messages": [1, 2]}), ("b", {"expected": "y"})]
    journal.note_wait("a", "events", "waiting")
    journal.note_wait("a", "events", "came")
    assert [row[2:] for row in journal.waits()] == [("a", "events", "waiting"), ("a", "events", "came")]
    assert [row[2:] for row in journal.waits(after=1)] == [("a", "events", "came")]


def test_meta(journal: Journal) -> None:
    """Any JSON value is kept; the newest counts; absence has a default."""
    journal.set_meta("x", {"a": [1, None]})
    journal.set_meta("x", {"a": [2]})
    assert journal.meta("x") == {"a": [2]}
    assert journal.meta("y", 5) == 5
    assert journal.meta("y") is None


# -- opening ----------------------------------------------------------------------------------------------------


def test_opening_again_changes_nothing(journal: Journal, path: Path) -> None:
    """The format of a journal is the one that it was made with, however often it is opened."""
    journal.set_meta("format", 0)
    Journal(path).close()
    assert journal.meta("format") == 0


def test_a_new_journal_says_its_format(journal: Journal) -> None:
    """The number is there for suites to come."""
    assert journal.meta("format") == FORMAT


@pytest.mark.parametrize("made", [FORMAT + 1, "of the future"])
def test_a_newer_journal_is_refused(journal: Journal, path: Path, made: object) -> None:
    """It may mean something else by the same words; and it is left as it is."""
    journal.set_meta("format", made)
    journal._db.execute("DROP TABLE wait")
    with pytest.raises(ConfigurationError, match="use a newer suite"):
        Journal(path)
    tables = journal._db.execute("SELECT name FROM sqlite_master WHERE name = 'wait'").fetchall()
    assert tables == []


@pytest.mark.parametrize(
    "content", [b"this is no database at all, but a text" * 50, b"SQLite format 3\x00" + b"\xff" * 2000]
)
def test_what_is_no_database_is_refused(path: Path, content: bytes) -> None:
    """The user named a wrong file; it is left as it is."""
    path.parent.mkdir()
    path.write_bytes(content)
    with pytest.raises(ConfigurationError, match="journal"):
        Journal(path)
    assert path.read_bytes() == content


def test_a_foreign_database_is_left_alone(path: Path) -> None:
    """Somebody else's database gets no tables of ours."""
    path.parent.mkdir()
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE theirs (a)")
    with pytest.raises(ConfigurationError, match="no journal of a run"):
        Journal(path)
    assert other.execute("SELECT name FROM sqlite_master").fetchall() == [("theirs",)]
    other.close()


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    """A directory where the file should be, or a file where the directory should be."""
    (tmp_path / "file").write_text("x")
    for wrong in (tmp_path, tmp_path / "file" / "journal.db"):
        with pytest.raises(ConfigurationError, match="cannot write the journal"):
            Journal(wrong)


def test_an_unfinished_journal_is_finished(path: Path) -> None:
    """A process that was killed while it made the tables leaves a file that the next one can use."""
    path.parent.mkdir()
    half = sqlite3.connect(path)
    half.execute("CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID")
    half.close()
    journal = Journal(path)
    assert journal.meta("format") == FORMAT
    assert journal.append(sent()) == 1
    journal.close()


# -- many at once, and sudden ends -----------------------------------------------------------------------------------

WRITE = """
import sys
from pathlib import Path
from conformance.journal import Entry, Journal
journal = Journal(Path(sys.argv[1]))
number = 0
while number < int(sys.argv[2]):
    body = f"{sys.argv[3]} {number}".encode() * 50
    journal.append(Entry(direction="sent", channel="request", transport="soap", url="u", body=body))
    print(number, flush=True)
    number += 1
"""


def writer(path: Path, count: int, name: str) -> subprocess.Popen[str]:
    """Start a process that writes ``count`` messages and says after each that it is committed."""
    arguments = [sys.executable, "-c", WRITE, str(path), str(count), name]
    return subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no kill -9")
def test_a_kill_loses_no_message(path: Path) -> None:
    """Every message of which the writer said that it was committed is there after kill -9, whole."""
    with writer(path, 1_000_000, "w") as process:
        assert process.stdout is not None
        for _ in range(200):
            told = int(process.stdout.readline())
        os.kill(process.pid, signal.SIGKILL)
        told = max([told, *map(int, process.stdout.read().split("\n")[:-1])])
    assert process.returncode == -signal.SIGKILL
    journal = Journal(path)
    bodies = [entry.body for entry in journal.entries()]
    journal.close()
    assert told >= 199
    # One more may have been committed than the writer could still say.
    assert len(bodies) in (told + 1, told + 2)
    assert bodies == [f"w {number}".encode() * 50 for number in range(len(bodies))]


def test_several_processes_write_at_once(path: Path) -> None:
    """Processes that open a new journal together and write to it lose nothing and mix nothing."""
    processes = [writer(path, 100, name) for name in ("a", "b", "c", "d")]
    for process in processes:
        output, _ = process.communicate(timeout=60)
        assert (process.returncode, output.count("\n")) == (0, 100)
    journal = Journal(path)
    bodies = [entry.body for entry in journal.entries()]
    journal.close()
    for name in ("a", "b", "c", "d"):
        assert [body for body in bodies if body.startswith(name.encode())] == [
            f"{name} {number}".encode() * 50 for number in range(100)
        ]


class Busy:
    """A connection that SQLite refuses a number of times."""

    def __init__(self, *refusals: str) -> None:
        """Refuse with each of these texts in turn."""
        self.refusals = list(refusals)
        self.done: list[str] = []

    def execute(self, statement: str) -> None:
        """Do as SQLite does when somebody else makes the same journal."""
        if self.refusals:
            raise sqlite3.OperationalError(self.refusals.pop(0))
        self.done.append(statement)


def test_making_a_journal_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """The lock of another maker is waited for, up to a limit; any other problem is not."""
    busy = Busy("database is locked", "database is locked")
    journal_module._set_up(cast("sqlite3.Connection", busy))
    assert busy.done == ["PRAGMA journal_mode=WAL", "PRAGMA synchronous=NORMAL"]
    with pytest.raises(sqlite3.OperationalError, match="disk"):
        journal_module._set_up(cast("sqlite3.Connection", Busy("disk I/O error")))
    monkeypatch.setattr(journal_module, "_BUSY_S", -1)
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        journal_module._set_up(cast("sqlite3.Connection", Busy("database is locked")))


def test_several_threads_share_a_journal(journal: Journal) -> None:
    """Each thread gets a connection of its own; closing closes them all."""
    threads = [threading.Thread(target=lambda: [journal.append(sent()) for _ in range(50)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert journal.last_id() == 200
    assert len(journal._connections) == 5
    journal.close()
    assert journal._connections == []


# -- secrets --------------------------------------------------------------------------------------------------------

SECRETS = ("open sesame", 'a "quoted" one', "back\\slash", "ümläut", "open")


def test_secrets_are_blotted_out_everywhere(path: Path) -> None:
    """Body, headers, address, note, findings, reasons, steps and waits: not even the bytes of the file hold one."""
    journal = Journal(path, (*SECRETS, ""))
    all_of_them = " | ".join(SECRETS)
    kept = journal.keep(
        sent(
            f"<a>{all_of_them}</a>{json.dumps(SECRETS)}".encode(), url=f"http://{all_of_them}", note=all_of_them,
            headers={"X": all_of_them}, content_type=all_of_them, exchange=all_of_them,
        )
    )  # fmt: skip
    journal.plan("s", 1, {})
    journal.add_finding("s", {"observed": all_of_them, "deep": [{"er": list(SECRETS)}], "messages": (1,)})
    journal.finish("s", "fail", all_of_them, 0.1, [{"text": all_of_them}])
    journal.note_wait("s", all_of_them, all_of_them)
    assert journal.asked_elsewhere(all_of_them, "another")
    journal.claim(kept.id, "s", all_of_them)
    [entry] = journal.entries()
    assert kept.body == entry.body
    told = [entry, list(journal.findings()), journal.scenarios(), journal.waits()]
    journal.close()
    content = b"".join(file.read_bytes() for file in path.parent.iterdir())
    for secret in SECRETS:
        assert secret not in str(told)
        assert secret.encode() not in content
        assert json.dumps(secret).strip('"').encode() not in content
    assert entry.body.startswith(b"<a>[secret] | [secret] | ")
    assert told[1] == [("s", {"observed": entry.note, "deep": [{"er": ["[secret]"] * len(SECRETS)}], "messages": [1]})]


@pytest.mark.parametrize("secret", ["status", "text", "passed", "1", "{", '"', "duration", "observed", "null"])
def test_a_secret_that_is_a_word_of_ours_breaks_nothing(path: Path, secret: str) -> None:
    """However odd the password: what is kept as JSON stays JSON, with our keys."""
    journal = Journal(path, (secret,))
    journal.plan("s", 1, {})
    journal.add_finding("s", {"observed": "x", "line": None, "messages": [1]})
    journal.finish("s", "fail", "", 0.1, [{"text": "a", "status": "b", "duration": 1.0}])
    journal.append(sent(headers={"status": "c"}))
    [(_, finding)] = journal.findings()
    assert finding == {"observed": "x", "line": None, "messages": [1]}
    assert journal.scenarios()[0]["steps"] == [{"text": "a", "status": "b", "duration": 1.0}]
    assert next(journal.entries()).headers == {"status": "c"}
    journal.close()


@given(text=st.text())
def test_any_text_can_be_kept(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    """Lone surrogates, which Python makes of bytes that it cannot decode, become visible escapes, no error."""
    journal = Journal(tmp_path_factory.mktemp("texts") / "journal.db", ("pass\udcffword",))
    journal.plan("s", 1, {"name": text})
    journal.finish("s", "fail", text, 0.1, [text])
    journal.add_finding("s", {"observed": text})
    journal.note_wait("s", text, text)
    journal.append(sent(note=text, url=text, exchange=text, headers={"X": text}, content_type=text))
    journal.claim(1, "s", text)
    assert journal.asked_elsewhere(text, "another")
    expected = text.encode(errors="backslashreplace").decode()
    row = journal.scenarios()[0]
    [entry] = journal.entries()
    assert (row["reason"], row["steps"], entry.note, entry.url) == (expected, [expected], expected, expected)
    assert journal.waits()[0][3] == expected
    journal.close()


def test_a_lone_surrogate_is_shown(journal: Journal) -> None:
    """The escape says which byte it was."""
    assert journal.keep(sent(note="a\udcff")).note == "a\\udcff"
