"""The journal: every message as bytes, with time, direction and transport, and what became of the plan.

One SQLite file (WAL) per run. A message is committed before anything judges it, so that a kill loses none.
Several processes write to it at once: the run, its workers, and the gateway that owns the listening sockets.
"""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any, Literal

from conformance.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

Direction = Literal["sent", "received"]
#: ``request`` and ``reply``: an exchange that we started. ``callback`` and ``acknowledgement``: one that they did.
#: ``leftover``: of before the run. ``description``: a file of the WSDL. ``kept``: for a durable subscriber of ours.
Channel = Literal["request", "reply", "callback", "acknowledgement", "leftover", "description", "kept"]

FORMAT = 1
FILE_NAME = "journal.db"
#: How long a writer waits for another one, in seconds.
_BUSY_S = 30

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


#: What an entry has, the table has under the same name.
_COLUMNS = tuple(item.name for item in fields(Entry))


class Journal:
    """Reads and appends. Safe to use from several threads and processes; open one per process."""

    def __init__(self, path: Path, secrets: Sequence[str] = ()) -> None:
        """Open or create the journal at ``path``; ``secrets`` never reach the file.

        Raises ConfigurationError when the file cannot be written, is no journal, or is one of a newer suite.
        """
        self.path = path
        # JSON, in a body or in an address, writes some characters in its own way.
        forms = {form for secret in secrets if secret for form in (secret, json.dumps(secret)[1:-1])}
        # The longest first: a secret may be a part of another one.
        self._secrets = tuple(form.encode(errors="backslashreplace") for form in sorted(forms, key=len, reverse=True))
        self._local = threading.local()
        self._connections: list[sqlite3.Connection] = []
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._prepare()
        except (OSError, sqlite3.Error, ConfigurationError) as problem:
            self.close()
            if isinstance(problem, ConfigurationError):
                raise
            raise ConfigurationError(f"cannot write the journal {path}: {problem}") from problem

    def _prepare(self) -> None:
        """Make the tables of a new journal; look whether those of an old one can be used, before any change."""
        tables = {name for (name,) in self._db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if tables and "meta" not in tables:
            raise ConfigurationError(f"{self.path} is a database, but no journal of a run")
        made = self.meta("format") if tables else None
        if made is not None and (not isinstance(made, int) or made > FORMAT):
            raise ConfigurationError(
                f"the journal {self.path} has format {made}, this suite reads up to {FORMAT}: use a newer suite"
            )
        self._db.executescript(_SCHEMA)
        if made is None:
            # Somebody else may be as far at the same time: the first format stays.
            self._db.execute("INSERT OR IGNORE INTO meta VALUES ('format', ?)", (json.dumps(FORMAT),))

    @property
    def _db(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = sqlite3.connect(self.path, timeout=_BUSY_S, isolation_level=None, check_same_thread=False)
            self._connections.append(connection)
            _set_up(connection)
            self._local.connection = connection
        return connection

    def close(self) -> None:
        """Close every connection of this process."""
        for connection in self._connections:
            connection.close()
        self._connections.clear()
        self._local = threading.local()

    def set_meta(self, key: str, value: Any) -> None:
        """Keep a JSON value under ``key``."""
        self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, json.dumps(value)))

    def meta(self, key: str, default: Any = None) -> Any:
        """Return the value kept under ``key``."""
        row = self._db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return default if row is None else json.loads(row[0])

    def append(self, entry: Entry) -> int:
        """Commit ``entry`` and return its id."""
        return self.keep(entry).id

    def keep(self, entry: Entry) -> Entry:
        """Commit ``entry`` and return it as it was kept: with its id and its time, and without secrets."""
        kept = self._cleaned(entry)
        values = {**{name: getattr(kept, name) for name in _COLUMNS}, "headers": json.dumps(kept.headers), "id": None}
        places = ", ".join(f":{name}" for name in _COLUMNS)
        query = f"INSERT INTO message ({', '.join(_COLUMNS)}) VALUES ({places})"  # noqa: S608 - the names are ours
        cursor = self._db.execute(query, values)
        assert cursor.lastrowid is not None  # noqa: S101 - SQLite gives one after every insert
        return replace(kept, id=cursor.lastrowid)

    def adopt(self, entry_id: int, *, answers: int, scenario: str, exchange: str | None) -> Entry:
        """Say which request an answer belongs to that the gateway has kept, and return it."""
        kept = None if exchange is None else self.redacted(exchange)
        values = (answers, scenario, kept, entry_id)
        self._db.execute("UPDATE message SET answers = ?, scenario = ?, exchange = ? WHERE id = ?", values)
        return next(self.entries(after=entry_id - 1))

    def asked_elsewhere(self, correlation: str, scenario: str) -> bool:
        """Return whether another scenario sent the request with this CorrelationID."""
        query = "SELECT 1 FROM message WHERE exchange = ? AND channel = 'request' AND scenario IS NOT ? LIMIT 1"
        return self._db.execute(query, (self.redacted(correlation), scenario)).fetchone() is not None

    def claim(self, entry_id: int, scenario: str, exchange: str, *, free_only: bool = False) -> None:
        """Say to which scenario and exchange a message belongs that came by itself.

        With ``free_only`` only when nobody has said so before.
        """
        values = (scenario, self.redacted(exchange), entry_id, free_only)
        query = "UPDATE message SET scenario = ?, exchange = ? WHERE id = ? AND (scenario IS NULL OR NOT ?)"
        self._db.execute(query, values)

    def entries(
        self, *, after: int = 0, channel: Channel | None = None, direction: Direction | None = None,
        scenario: str | None = None,
    ) -> Iterator[Entry]:  # fmt: skip
        """Iterate over the messages in the order in which they were committed, up to the newest of now.

        Each is read when it is its turn: no more than one is in memory, and no read stays open meanwhile.
        """
        wanted = {"channel": channel, "direction": direction, "scenario": scenario}
        given = {name: value for name, value in wanted.items() if value is not None}
        clauses = " AND ".join(["id > :after", "id <= :last", *(f"{name} = :{name}" for name in given)])
        columns = ", ".join(_COLUMNS)
        query = f"SELECT {columns} FROM message WHERE {clauses} ORDER BY id LIMIT 1"  # noqa: S608 - names of ours
        last = self.last_id()
        while (row := self._db.execute(query, {"after": after, "last": last, **given}).fetchone()) is not None:
            entry = _entry(row)
            after = entry.id
            yield entry

    def last_id(self) -> int:
        """Return the id of the newest message; 0 when there is none."""
        return int(self._db.execute("SELECT COALESCE(MAX(id), 0) FROM message").fetchone()[0])

    def version(self) -> int:
        """Return a number that changes when another connection wrote: cheap to poll."""
        return int(self._db.execute("PRAGMA data_version").fetchone()[0])

    def _cleaned(self, entry: Entry) -> Entry:
        return replace(
            entry, at=entry.at or time.time(), url=self.redacted(entry.url),
            content_type=self.redacted(entry.content_type),
            headers=self._safe(entry.headers), body=self._clean(entry.body), note=self.redacted(entry.note),
            exchange=None if entry.exchange is None else self.redacted(entry.exchange),
        )  # fmt: skip

    def _clean(self, body: bytes) -> bytes:
        for secret in self._secrets:
            body = body.replace(secret, b"[secret]")
        return body

    def redacted(self, text: str) -> str:
        """Return ``text`` with every secret blotted out, as it would be kept."""
        # A lone surrogate, such as Python makes of a byte that it cannot decode, has no UTF-8.
        return self._clean(text.encode(errors="backslashreplace")).decode(errors="replace")

    def _safe(self, value: Any) -> Any:
        """Return a JSON value without secrets. Its keys stay: they are ours, and a secret may be one of our words."""
        if isinstance(value, str):
            return self.redacted(value)
        if isinstance(value, Mapping):
            return {key: self._safe(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self._safe(item) for item in value]
        return value

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
            (verdict, self.redacted(reason), duration, json.dumps(self._safe(steps)), scenario),
        )

    def scenarios(self) -> list[dict[str, Any]]:
        """Return every scenario of the plan, in its order."""
        rows = self._db.execute(
            "SELECT id, plan, state, verdict, reason, started, duration, steps FROM scenario ORDER BY number, id"
        )
        names = [column[0] for column in rows.description]
        found = [dict(zip(names, row, strict=True)) for row in rows]
        return [{**row, "plan": json.loads(row["plan"]), "steps": json.loads(row["steps"])} for row in found]

    def add_finding(self, scenario: str, data: Mapping[str, Any]) -> None:
        """Keep a finding of ``scenario``."""
        text = json.dumps(self._safe(data))
        self._db.execute("INSERT INTO finding (scenario, data) VALUES (?, ?)", (scenario, text))

    def findings(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Iterate over (scenario, finding)."""
        for scenario, data in self._db.execute("SELECT scenario, data FROM finding ORDER BY id").fetchall():
            yield scenario, json.loads(data)

    def note_wait(self, scenario: str, what: str, state: str) -> None:
        """Keep what a scenario waits for and how that stands, for the progress line and the report."""
        values = (time.time(), scenario, self.redacted(what), self.redacted(state))
        self._db.execute("INSERT INTO wait (at, scenario, what, state) VALUES (?,?,?,?)", values)

    def waits(self, after: int = 0) -> list[tuple[int, float, str, str, str]]:
        """Return (id, at, scenario, what, state) of the waits noted after the id ``after``."""
        rows = self._db.execute("SELECT id, at, scenario, what, state FROM wait WHERE id > ? ORDER BY id", (after,))
        return [tuple(row) for row in rows]


def _set_up(connection: sqlite3.Connection) -> None:
    limit = time.monotonic() + _BUSY_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            break
        except sqlite3.OperationalError as busy:
            # Two that make the journal together: SQLite refuses one at once, whatever the timeout.
            if "locked" not in str(busy) or time.monotonic() > limit:
                raise
            time.sleep(0.005)
    connection.execute("PRAGMA synchronous=NORMAL")


def _entry(row: tuple[Any, ...]) -> Entry:
    values = dict(zip(_COLUMNS, row, strict=True))
    return Entry(**{**values, "headers": json.loads(values["headers"])})
