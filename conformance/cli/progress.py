"""Say how far a run has come and what it waits for, from its journal."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Self, TextIO

from rich.console import Console
from rich.text import Text

from conformance.journal import Journal
from conformance.report.text import one_line

if TYPE_CHECKING:
    from pathlib import Path

_LOOK_S = 0.25
#: Without a terminal a wait is told when it has lasted so many looks (2 s), and then again after so many more (10 s).
_FIRST_LOOKS, _MORE_LOOKS = 8, 40
#: An answer that takes no longer than this is not worth a word, in seconds.
_SOON_S = 1.0


class Progress:
    """A context manager: follows the run while it is entered. On a terminal one line is rewritten."""

    def __init__(self, journal: Path, stream: TextIO) -> None:
        """Follow ``journal``, which need not exist yet, and write to ``stream``."""
        self._path = journal
        self._console = Console(file=stream, highlight=False)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="progress", daemon=True)
        self._told_done = -1
        self._same = 0

    def __enter__(self) -> Self:
        """Begin to follow."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop, and leave a clean line."""
        self._ended.set()
        self._thread.join()

    def _follow(self) -> None:
        with self._console.status("starting") as status:
            while not self._ended.wait(_LOOK_S):
                if self._path.exists() and (line := self._line()) is not None:
                    status.update(Text(line))
                    if not self._console.is_terminal:
                        self._tell(line)

    def _line(self) -> str | None:
        journal = Journal(self._path)
        try:
            rows = journal.scenarios()
            waits = journal.waits()
            asked = _unanswered(journal)
        finally:
            journal.close()
        if not rows:
            return None
        self._done = sum(row["state"] == "done" for row in rows)
        running = [row["id"] for row in rows if row["state"] == "running"]
        if not running:
            return f"{self._done} of {len(rows)} scenarios"
        waits = [wait for wait in waits[-len(running) :] if wait[2] in running and wait[4].startswith("waiting")]
        told = f"; waits for {waits[-1][3]}, {waits[-1][4].removeprefix('waiting: ')}" if waits else asked
        return one_line(f"{self._done} of {len(rows)} scenarios; {running[0]}{told}", 300)

    def _tell(self, line: str) -> None:
        self._same = self._same + 1 if self._done == self._told_done else 0
        step = self._done // 10 != self._told_done // 10
        if step or (self._same >= _FIRST_LOOKS and (self._same - _FIRST_LOOKS) % _MORE_LOOKS == 0):
            self._console.print(Text(line), soft_wrap=True)
        self._told_done = self._done


def _unanswered(journal: Journal) -> str:
    """Return for how long the newest request has been waiting for its answer; empty when it is not the newest."""
    newest = list(journal.entries(after=journal.last_id() - 1))
    if not newest or newest[-1].channel != "request":
        return ""
    elapsed = time.time() - newest[-1].at
    limit = journal.meta("configuration", {}).get("timeouts", {}).get("reply_s")
    of = f" of {limit:g}" if isinstance(limit, int | float) else ""
    return f"; waits for the answer to its request, {elapsed:.0f}{of} s" if elapsed > _SOON_S else ""
