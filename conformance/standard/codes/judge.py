"""Is a code right? Ranges and public rules are errors; what a table does not know is a warning, with the nearest.

Pure, and never an exception: whatever the text is, the answer is a list of problems, empty when all is well.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from conformance.standard.codes.code import Code, Problem, parse
from conformance.standard.codes.kinds import READING_TYPE, Kind, kinds_with
from conformance.standard.codes.load import own
from conformance.standard.codes.rules import between_fields
from conformance.standard.codes.tables import TOGETHER, WHOLE, Row, Tables

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from conformance.standard.codes.tables import Numbers

#: A part is judged by its table only when that says more than what "not applicable" is.
_LEAST_ROWS = 2


def judge(kind: Kind, text: str, tables: Tables | None = None) -> list[Problem]:
    """Return every problem of ``text`` as a code of ``kind``, judged by ``tables`` (the suite's own without them)."""
    code, problems = parse(text, kind)
    return problems if code is None else problems + judge_code(code, tables, text)


def judge_code(code: Code, tables: Tables | None = None, text: str = "") -> list[Problem]:
    """Return the problems of a code that can be read: values that are unknown, rules between fields.

    Positions are those in ``text``, or in the code as it should be written; they are left out where the two differ.
    """
    known = tables or own()
    found = list(_unknown(code, known))
    found += between_fields(code) if code.kind is READING_TYPE else ()
    return found if text.strip() in ("", str(code)) else [replace(problem, position=None) for problem in found]


def _unknown(code: Code, tables: Tables) -> Iterator[Problem]:
    kind = code.kind.name
    if tables.row(kind, WHOLE, *code.numbers):
        return  # a code that is known as a whole is known, whatever its parts are
    unknown_parts: set[str] = set()
    for field, number in zip(code.kind.fields, code.numbers, strict=True):
        rows = tables.of(kind, field.name)
        if not field.low <= number <= field.high:
            unknown_parts.add(field.name)  # that is told as an error
        elif len(rows) >= _LEAST_ROWS and (number,) not in rows:
            unknown_parts.add(field.name)
            yield _not_listed(code, tables, field.name, (number,))
    for part, fields in TOGETHER.get(kind, {}).items():
        numbers = tuple(code[name] for name in fields)
        alike = {key: row for key, row in tables.of(kind, part).items() if key[0] == numbers[0]}
        if alike and numbers not in alike and not unknown_parts & set(fields):
            yield _not_listed(code, tables, part, numbers)
            unknown_parts |= set(fields)
    if tables.of(kind, WHOLE) and not unknown_parts and code.kind is not READING_TYPE:
        yield _not_listed(code, tables, WHOLE, code.numbers)


def _not_listed(code: Code, tables: Tables, part: str, numbers: Numbers) -> Problem:
    kind = code.kind.name
    near = nearest(numbers, tables.of(kind, part))
    table = tables.name_of(kind, part)
    whole = part == WHOLE
    listed = f"{near.code} ({near.words})" if near else "nothing near"
    elsewhere = _elsewhere(code, tables) if whole else ""
    return Problem(
        severity="warning",
        message=f"{f'{code} ' if whole else ''}is not in the table ({table})",
        expected=f"a value of the table; nearest is {listed}",
        field="" if whole else part,
        value="" if whole else ".".join(map(str, numbers)),
        fix=elsewhere or f"the nearest that is known: {listed}",
        position=None if whole else code.position(part.partition(".")[0]),
        table=table,
    )


def _elsewhere(code: Code, tables: Tables) -> str:
    """Say that the table has the code as one of another kind of the same shape."""
    for kind in kinds_with(code.kind.parts):
        row = tables.row(kind.name, WHOLE, *code.numbers)
        if row is not None:
            return f"it is known as {kind} ({row.words})"
    return ""


def nearest(numbers: Numbers, rows: Mapping[Numbers, Row]) -> Row | None:
    """Return the row that shares most numbers with ``numbers`` and, of those, differs as little as can be."""

    def distance(row: Row) -> tuple[int, list[int]]:
        apart = [abs(one - other) for one, other in zip(row.numbers, numbers, strict=True)]
        return sum(map(bool, apart)), apart

    return min(rows.values(), key=distance, default=None)
