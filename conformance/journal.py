"""The journal: every message as bytes, with time, direction and transport, and what became of the plan.

One SQLite file (WAL) per run. A message is committed before anything judges it, so that a kill loses none.
Several processes write to it at once: the run, its workers, and the gateway that owns the listening sockets.
"""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from conformance.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

Direction = Literal["sent", "received"]
#: ``request`` and ``reply``: an exchange that we started. ``callback`` and ``acknowledgement``: one that they did.
Channel = Literal["request", "reply", "callback", "acknowledgement"]

FORMAT = 1
FILE_NAME = "journal.db"

_SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS message (
  id INTEGER PRIMARY KEY, at REAL NOT NULL, direction TEXT NOT NULL, channel TEXT NOT NULL,
  transport TEXT NOT NULL, url TEXT NOT NULL, status INTEGER, content_type TEXT NOT NULL,
  headers TEXT NOT NULL, body BLOB NOT NULL, note TEXT NOT NULL, answers INTEGER, scenario TEXT, exchange TEXT
);
CREATE INDEX IF NOT EXISTS message_by_scenario ON message (scenario);
CREATE INDEX IF NOT EXISTS message_by_exchange ON message (exchange);
CREATE TABLE IF NOT EXISTS scenario (
  id TEXT PRIMARY KEY, number INTEGER NOT NULL, plan TEXT NOT NULL, state TEXT NOT NULL, verdict TEXT,
  reason TEXT NOT NULL DEFAULT '', started REAL, duration REAL, steps TEXT NOT NULL DEFAULT '[]'
);
CREATE TABLE IF NOT EXISTS finding (
  id INTEGER PRIMARY KEY, scenario TEXT NOT NULL, data TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS wait (
  id INTEGER PRIMARY KEY, at REAL NOT NULL, scenario TEXT NOT NULL, what TEXT NOT NULL, state TEXT NOT NULL
);
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One message. ``at`` is seconds since the epoch, UTC; ``answers`` is the id of the entry it replies to."""

    direction: Direction
    channel: Channel
    transport: str
    url: str
    body: bytes
    status: int | None = None
    content_type: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    note: str = ""
    answers: int | None = None
    scenario: str | None = None
    exchange: str | None = None
    at: float = 0.0
    id: int = 0


class Journal:
    """Reads and appends. Safe to use from several threads and processes; open one per process."""

    def __init__(self, path: Path, secrets: Sequence[str] = ()) -> None:
        """Open or create the journal at ``path``; ``secrets`` never reach the file.

        Raises ConfigurationError when the file cannot be written or is no journal.
        """
        self.path = path
        # Headers, steps and findings are kept as JSON, which writes some characters in its own way.
        forms = {form for secret in secrets if secret for form in (secret, json.dumps(secret)[1:-1])}
        # The longest first: a secret may be a part of another one.
        self._secrets = tuple(form.encode() for form in sorted(forms, key=len, reverse=True))
        self._local = threading.local()
        self._connections: list[sqlite3.Connection] = []
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db.executescript(_SCHEMA)
            self.set_meta("format", FORMAT)
        except (OSError, sqlite3.Error) as problem:
            raise ConfigurationError(f"cannot write the journal {path}: {problem}") from problem

    @property
    def _db(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = sqlite3.connect(self.path, timeout=30, isolation_level=None, check_same_thread=False)
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=NORMAL")
            self._local.connection = connection
            self._connections.append(connection)
        return connection

    def close(self) -> None:
        """Close every connection of this process."""
        for connection in self._connections:
            connection.close()
        self._connections.clear()
        self._local = threading.local()

    # -- what is known of the run ------------------------------------------------------------------

    def set_meta(self, key: str, value: Any) -> None:
        """Keep a JSON value under ``key``."""
        self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, json.dumps(value)))

    def meta(self, key: str, default: Any = None) -> Any:
        """Return the value kept under ``key``."""
        row = self._db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return default if row is None else json.loads(row[0])

    # -- messages ----------------------------------------------------------------------------------

    def append(self, entry: Entry) -> int:
        """Commit ``entry`` and return its id. Secrets are blotted out first."""
        headers = json.dumps(dict(entry.headers))
        values = (
            entry.at or time.time(), entry.direction, entry.channel, entry.transport, self._text(entry.url),
            entry.status, entry.content_type, self._text(headers), self._clean(entry.body), self._text(entry.note),
            entry.answers, entry.scenario, entry.exchange,
        )  # fmt: skip
        cursor = self._db.execute(
            "INSERT INTO message (at, direction, channel, transport, url, status, content_type, headers, body, note,"
            " answers, scenario, exchange) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)",
            values,
        )
        assert cursor.lastrowid is not None  # noqa: S101 - SQLite gives one after every insert
        return cursor.lastrowid

    def keep(self, entry: Entry) -> Entry:
        """Commit ``entry`` and return it as it was kept: with its id and its time."""
        at = entry.at or time.time()
        return replace(entry, id=self.append(replace(entry, at=at)), at=at)

    def asked_elsewhere(self, correlation: str, scenario: str) -> bool:
        """Return whether another scenario sent the request with this CorrelationID."""
        row = self._db.execute(
            "SELECT 1 FROM message WHERE exchange = ? AND channel = 'request' AND scenario IS NOT ? LIMIT 1",
            (correlation, scenario),
        ).fetchone()
        return row is not None

    def claim(self, entry_id: int, scenario: str, exchange: str) -> None:
        """Say to which scenario and exchange a message belongs that came by itself."""
        self._db.execute("UPDATE message SET scenario = ?, exchange = ? WHERE id = ?", (scenario, exchange, entry_id))

    def entries(
        self, *, after: int = 0, channel: Channel | None = None, direction: Direction | None = None,
        scenario: str | None = None,
    ) -> Iterator[Entry]:  # fmt: skip
        """Iterate over the messages in the order in which they were committed."""
        wanted = {"channel": channel, "direction": direction, "scenario": scenario}
        given = {name: value for name, value in wanted.items() if value is not None}
        clauses = " AND ".join(["id > :after", *(f"{name} = :{name}" for name in given)])
        rows = self._db.execute(
            "SELECT id, at, direction, channel, transport, url, status, content_type, headers, body, note, answers,"  # noqa: S608
            f" scenario, exchange FROM message WHERE {clauses} ORDER BY id",  # the clauses are ours
            {"after": after, **given},
        )
        for row in rows:
            yield _entry(row)

    def last_id(self) -> int:
        """Return the id of the newest message; 0 when there is none."""
        return int(self._db.execute("SELECT COALESCE(MAX(id), 0) FROM message").fetchone()[0])

    def version(self) -> int:
        """Return a number that changes when another connection wrote: cheap to poll."""
        return int(self._db.execute("PRAGMA data_version").fetchone()[0])

    def _clean(self, body: bytes) -> bytes:
        for secret in self._secrets:
            body = body.replace(secret, b"[secret]")
        return body

    # -- plan, scenarios, findings, waits -----------------------------------------------------------

    def plan(self, scenario: str, number: int, plan: Mapping[str, Any]) -> None:
        """Say that ``scenario`` shall run (or, with ``plan["skipped"]``, why it shall not)."""
        self._db.execute(
            "INSERT OR IGNORE INTO scenario (id, number, plan, state) VALUES (?, ?, ?, 'planned')",
            (scenario, number, json.dumps(dict(plan))),
        )

    def start(self, scenario: str) -> None:
        """Say that ``scenario`` runs now."""
        self._db.execute("UPDATE scenario SET state = 'running', started = ? WHERE id = ?", (time.time(), scenario))

    def finish(self, scenario: str, verdict: str, reason: str, duration: float, steps: Sequence[Any]) -> None:
        """Say how ``scenario`` ended."""
        self._db.execute(
            "UPDATE scenario SET state = 'done', verdict = ?, reason = ?, duration = ?, steps = ? WHERE id = ?",
            (verdict, self._text(reason), duration, self._text(json.dumps(list(steps))), scenario),
        )

    def scenarios(self) -> list[dict[str, Any]]:
        """Return every scenario of the plan, in its order."""
        rows = self._db.execute(
            "SELECT id, plan, state, verdict, reason, started, duration, steps FROM scenario ORDER BY number, id"
        )
        names = ("id", "plan", "state", "verdict", "reason", "started", "duration", "steps")
        found = [dict(zip(names, row, strict=True)) for row in rows]
        return [{**row, "plan": json.loads(row["plan"]), "steps": json.loads(row["steps"])} for row in found]

    def add_finding(self, scenario: str, data: Mapping[str, Any]) -> None:
        """Keep a finding of ``scenario``."""
        text = self._text(json.dumps(dict(data)))
        self._db.execute("INSERT INTO finding (scenario, data) VALUES (?, ?)", (scenario, text))

    def findings(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Iterate over (scenario, finding)."""
        for scenario, data in self._db.execute("SELECT scenario, data FROM finding ORDER BY id"):
            yield scenario, json.loads(data)

    def note_wait(self, scenario: str, what: str, state: str) -> None:
        """Keep what a scenario waits for and how that stands, for the progress line and the report."""
        self._db.execute(
            "INSERT INTO wait (at, scenario, what, state) VALUES (?,?,?,?)", (time.time(), scenario, what, state)
        )

    def waits(self, after: int = 0) -> list[tuple[int, float, str, str, str]]:
        """Return (id, at, scenario, what, state) of the waits noted after the id ``after``."""
        rows = self._db.execute("SELECT id, at, scenario, what, state FROM wait WHERE id > ? ORDER BY id", (after,))
        return [tuple(row) for row in rows]

    def _text(self, text: str) -> str:
        return self._clean(text.encode()).decode()


def _entry(row: tuple[Any, ...]) -> Entry:
    return Entry(
        id=row[0], at=row[1], direction=row[2], channel=row[3], transport=row[4], url=row[5], status=row[6],
        content_type=row[7], headers=json.loads(row[8]), body=row[9], note=row[10], answers=row[11],
        scenario=row[12], exchange=row[13],
    )  # fmt: skip
