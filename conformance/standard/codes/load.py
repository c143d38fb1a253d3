"""Read tables of codes: the suite's own, and those of a user; every problem at once, with file and line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from conformance.errors import ConfigurationError
from conformance.standard.codes.kinds import KINDS, MAX_DIGITS
from conformance.standard.codes.tables import (
    BASES,
    COLUMNS,
    END_DEVICE,
    TOGETHER,
    WHOLE,
    Numbers,
    Row,
    Tables,
    kinds_of_row,
    parts_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MAX_BYTES = 16 * 1024 * 1024
MAX_PROBLEMS = 20
_NUMBERS = re.compile(rf"-?[0-9]{{1,{MAX_DIGITS}}}(\.-?[0-9]{{1,{MAX_DIGITS}}})*")


_OWN = Path(__file__).parent

_Rows = dict[tuple[str, str], dict[Numbers, Row]]


class _BadRowError(Exception):
    """What is wrong with a line, and what to do."""


@cache
def own() -> Tables:
    """Return the suite's own tables, which are partial."""
    return Tables(rows=_read(_OWN))


def load(directory: Path) -> Tables:
    """Return the tables in the ``.tsv`` files of ``directory``, and ours for the parts that they do not have.

    Columns: kind, part, code, name, words, basis, separated by tabs; ``#`` begins a comment; words and basis may be
    empty. Raises ConfigurationError that names each problem as ``FILE:LINE: reason; fix``.
    """
    rows = _read(directory)
    return Tables(
        rows={**own().rows, **rows}, source=f"the tables in {directory}, ours for the rest", replaced=frozenset(rows)
    )


def _read(directory: Path) -> Mapping[tuple[str, str], Mapping[Numbers, Row]]:
    problems: list[str] = []
    rows: _Rows = {}
    for path in _files(directory):
        for number, line in _lines(path, problems):
            try:
                _add(rows, _cells(line), path.name)
            except _BadRowError as problem:
                problems.append(f"{path.name}:{number}: {problem}")
    if not problems and not rows:
        problems.append(f"{directory.name}: the files hold no rows; add some below the line with the columns")
    if problems:
        raise _refusal(directory, problems)
    return rows


def _files(directory: Path) -> list[Path]:
    try:
        found = sorted(path for path in directory.iterdir() if path.suffix.lower() == ".tsv")
    except NotADirectoryError:
        raise _refusal(directory, [f"{directory.name} is no directory; name the one that holds the files"]) from None
    except OSError as problem:
        raise _refusal(directory, [f"{directory.name}: {problem.strerror}; name a directory with .tsv files"]) from None
    if not found:
        raise _refusal(directory, [f"{directory.name} holds no file named *.tsv; columns: {' '.join(COLUMNS)}"])
    return found


def _refusal(directory: Path, problems: list[str]) -> ConfigurationError:
    shown = problems[:MAX_PROBLEMS]
    if len(problems) > MAX_PROBLEMS:
        shown.append(f"and {len(problems) - MAX_PROBLEMS} more")
    return ConfigurationError(f"the code tables in {directory} cannot be used", shown)


def _lines(path: Path, problems: list[str]) -> Iterator[tuple[int, str]]:
    """Iterate over the rows of a file with their line numbers, once its first line is the right one."""
    numbered = (
        (number, line)
        for number, line in enumerate(_text(path, problems).split("\n"), 1)
        if line.strip() and not line.startswith("#")
    )
    for number, line in numbered:
        if tuple(cell.strip() for cell in line.split("\t")) == COLUMNS:
            yield from ((number, line.rstrip("\r")) for number, line in numbered)
            return
        hint = "separate the columns by tabs" if "\t" not in line else "name exactly these columns"
        columns = ", ".join(COLUMNS)
        problems.append(f"{path.name}:{number}: the first line is not the columns {columns}; {hint}")
        return


def _text(path: Path, problems: list[str]) -> str:
    """Return the text of a file; nothing when it cannot be used, and why goes to ``problems``."""
    content = b""
    try:
        with path.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
        if len(content) <= MAX_BYTES:
            return content.decode("utf-8-sig")
        problems.append(f"{path.name}: is larger than 16 MiB; leave out what is not a table of codes")
    except OSError as problem:
        problems.append(f"{path.name}: cannot be read: {problem.strerror}; check its permissions")
    except UnicodeDecodeError as problem:
        line = content.count(b"\n", 0, problem.start) + 1
        problems.append(f"{path.name}:{line}: byte {problem.start + 1} is not UTF-8; save the file as UTF-8")
    return ""


def _cells(line: str) -> list[str]:
    cells = [cell.strip() for cell in line.split("\t")]
    cells += [""] * (len(COLUMNS) - len(cells)) if len(cells) in (4, 5) else []
    if len(cells) != len(COLUMNS):
        raise _BadRowError(f"has {len(cells)} columns; write {len(COLUMNS)}, separated by tabs: {' '.join(COLUMNS)}")
    return cells


def _add(rows: _Rows, cells: list[str], table: str) -> None:
    kind, part, code, name, words, basis = cells
    _one_of("kind", kind, (*KINDS, END_DEVICE))
    _one_of("part", part, parts_of(kind))
    _one_of("basis", basis or "U", BASES)
    if not _NUMBERS.fullmatch(code):
        raise _BadRowError(f'code "{code[:40]}" is not made of whole numbers; write it like 12 or 5.259')
    numbers = tuple(map(int, code.split(".")))
    wanted = _length(kind, part)
    if len(numbers) != wanted:
        raise _BadRowError(f"code {code[:40]} has {len(numbers)} numbers, {kind} {part} has {wanted}; write {wanted}")
    if not name:
        raise _BadRowError("the name is empty; write what the code is called")
    row = Row(numbers=numbers, name=name, words=words or name, basis=basis or "U", table=table)
    for each in kinds_of_row(kind):
        there = rows.setdefault((each, part), {})
        if numbers in there:
            raise _BadRowError(f"{each} {part} {code} stands twice, first in {there[numbers].table}; keep one of them")
        there[numbers] = row


def _length(kind: str, part: str) -> int:
    if part == WHOLE:
        return KINDS[kind].parts
    return len(TOGETHER.get(kind, {}).get(part, (part,)))


def _one_of(column: str, value: str, known: Iterable[str]) -> None:
    names = list(known)
    if value in names:
        return
    near = get_close_matches(value, names, 1, 0.5)
    meant = f"did you mean {near[0]}?" if near else f"write one of {', '.join(names)}"
    raise _BadRowError(f'{column} "{value[:40]}" is not known; {meant}')
