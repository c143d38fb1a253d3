"""Say how far a run has come and what it waits for, from its journal."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Self, TextIO

from rich.console import Console
from rich.text import Text

from conformance.journal import Journal
from conformance.report.text import one_line

if TYPE_CHECKING:
    from pathlib import Path

_LOOK_S = 0.25
#: Without a terminal a wait is told when it has lasted this many looks, and then again as often.
_PATIENT_LOOKS = 20


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
        finally:
            journal.close()
        if not rows:
            return None
        self._done = sum(row["state"] == "done" for row in rows)
        running = [row for row in rows if row["state"] == "running"]
        what = running[0]["id"] if running else ""
        waiting = [wait for wait in waits[-len(running) :] if running and wait[4].startswith("waiting")]
        told = f"; waits for {waiting[-1][3]}, {waiting[-1][4].removeprefix('waiting: ')}" if waiting else ""
        return one_line(f"{self._done} of {len(rows)} scenarios; {what}{told}", 300)

    def _tell(self, line: str) -> None:
        self._same = self._same + 1 if self._done == self._told_done else 0
        step = self._done // 10 != self._told_done // 10
        if step or (self._same and self._same % _PATIENT_LOOKS == 0):
            self._console.print(Text(line))
        self._told_done = self._done
