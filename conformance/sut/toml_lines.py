"""Where things stand in a TOML text: the line of every table and key that tomllib has already accepted.

What stands within an inline table or an array has no line of its own: the nearest parent's line is given.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_left
from dataclasses import dataclass, field

Path = tuple[str | int, ...]

_TOKEN = re.compile(
    r'"""(?:[^\\]|\\.)*?""""{0,2}'
    r"|'''.*?''''{0,2}"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'[^'\n]*'"
    r"|\#[^\n]*|[\[{]|[\]}]|\n|[^\[\]{}\"'\#\n]+",
    re.DOTALL,
)
_PART = re.compile(r"""\s*("(?:[^"\\\n]|\\.)*"|'[^'\n]*'|[A-Za-z0-9_-]+)\s*(\.?)""")
_BLANK = re.compile(r"(?:\s|\#[^\n]*)*")


@dataclass(slots=True)
class Lines:
    """Lines, counted from 1: where each known path begins, and where each table ends."""

    last: int
    begins: dict[Path, int] = field(default_factory=dict)
    ends: dict[Path, int] = field(default_factory=dict)

    def nearest(self, path: Path) -> int:
        """Return the line of ``path``, or of its nearest parent that has one."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.begins:
                return self.begins[path[:length]]
        return 1

    def end(self, path: Path) -> int:
        """Return the last line of the table ``path``; the last of the file when there is no such table."""
        return self.ends.get(path, self.last)


def locate(text: str) -> Lines:
    """Return where everything stands in ``text``, which must be legal TOML."""
    # tomllib too treats CR LF as one line end, and refuses a CR alone.
    return _Locator(text.replace("\r\n", "\n")).run()


class _Locator:
    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0
        self.line_ends = [found.start() for found in re.finditer("\n", text)]
        self.lines = Lines(last=max(1, len(text.splitlines())))
        self.table: Path = ()
        self.counts: dict[Path, int] = {}

    def run(self) -> Lines:
        while self._skip_blank():
            line = self._line()
            if self.text[self.position] == "[":
                self._header(line)
            else:
                self._assignment(line)
        return self.lines

    def _line(self) -> int:
        return bisect_left(self.line_ends, self.position) + 1

    def _skip_blank(self) -> bool:
        blank = _BLANK.match(self.text, self.position)
        self.position = blank.end() if blank else self.position
        return self.position < len(self.text)

    def _key(self) -> list[str]:
        parts: list[str] = []
        more = True
        while more and (found := _PART.match(self.text, self.position)):
            part, dot = found.groups()
            # A quoted key may hold escapes: let tomllib read it.
            parts.append(tomllib.loads(f"x = {part}")["x"] if part[0] in "\"'" else part)
            self.position = found.end()
            more = bool(dot)
        return parts

    def _header(self, line: int) -> None:
        of_array = self.text.startswith("[[", self.position)
        self.position += 2 if of_array else 1
        parts = self._key()
        self.position = self.text.index("]", self.position) + (2 if of_array else 1)
        path: Path = ()
        for index, part in enumerate(parts):
            path = (*path, part)
            self.lines.begins.setdefault(path, line)
            if of_array and index == len(parts) - 1:
                self.counts[path] = self.counts.get(path, 0) + 1
            if path in self.counts:
                path = (*path, self.counts[path] - 1)
        self.table = path
        self.lines.begins[path] = line
        self._reaches(line)

    def _assignment(self, line: int) -> None:
        path = self.table
        for part in self._key():
            path = (*path, part)
            self.lines.begins.setdefault(path, line)
        self.position = self.text.index("=", self.position) + 1
        self._skip_value()
        self._reaches(self._line())

    def _skip_value(self) -> None:
        depth = 0
        while found := _TOKEN.match(self.text, self.position):
            piece = found.group()
            if piece == "\n" and depth == 0:
                return
            depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(piece, 0)
            self.position = found.end()

    def _reaches(self, line: int) -> None:
        for length in range(len(self.table) + 1):
            self.lines.ends[self.table[:length]] = line
