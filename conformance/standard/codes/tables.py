"""What tables of codes hold: rows for parts and for whole codes, each with its basis.

The own tables are the ``.tsv`` files beside this module. They are as complete as public facts are, so that a value
that they lack is *unknown*, never wrong. A licensed user has the full tables: files with the same columns replace
ours, part by part (``kind`` and ``part``), and every finding says which table it stands on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from conformance.standard.codes.kinds import CONTROL_TYPE, EVENT_TYPE, KINDS

COLUMNS = ("kind", "part", "code", "name", "words", "basis")
#: The ``kind`` of rows that hold for events and for controls: the parts of both have the same numbers.
END_DEVICE = "EndDevice"
#: The ``part`` of rows about whole codes.
WHOLE = "code"
#: Parts that mean something only together: kind -> part -> fields.
TOGETHER: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "ReadingQualityType": {"category.subCategory": ("category", "subCategory")}
}
#: Marks of what a row stands on.
BASES = {
    "V": "read in a published schema or message",
    "B": "run and observed",
    "C": "public catalogue, or several public sources",
    "X": "one public source",
    "R": "recalled, unverified",
    "U": "the user's own table",
}

Numbers = tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What one value, or one whole code, means. ``table`` is the file that says so."""

    numbers: Numbers
    name: str
    words: str
    basis: str
    table: str

    @property
    def code(self) -> str:
        """Return the numbers as they are written."""
        return ".".join(map(str, self.numbers))


@dataclass(frozen=True, kw_only=True)
class Tables:
    """Rows by kind, part and numbers. ``source`` says in words whose tables they are."""

    rows: Mapping[tuple[str, str], Mapping[Numbers, Row]]
    source: str = "the suite's own tables"
    replaced: frozenset[tuple[str, str]] = field(default_factory=frozenset)

    def of(self, kind: str, part: str) -> Mapping[Numbers, Row]:
        """Return the rows of one part of a kind; none when no table has it."""
        return self.rows.get((kind, part), {})

    def row(self, kind: str, part: str, *numbers: int) -> Row | None:
        """Return what ``numbers`` mean there, or None: unknown."""
        return self.of(kind, part).get(numbers)

    def name_of(self, kind: str, part: str) -> str:
        """Say which table judges that part: a user's file, or the suite's own, which is partial."""
        some = next(iter(self.of(kind, part).values()), None)
        if some is None:
            return "no table"
        return some.table if (kind, part) in self.replaced else f"{some.table} of the suite, which is partial"

    @cached_property
    def numbers_by_name(self) -> Mapping[tuple[str, str, str], int]:
        """Return the number of each named value: (kind, part, name) -> number."""
        return {
            (*place, row.name): numbers[0]
            for place, rows in self.rows.items()
            for numbers, row in rows.items()
            if len(numbers) == 1
        }


def parts_of(kind: str) -> list[str]:
    """Return what the ``part`` column may say for ``kind``."""
    names = [item.name for item in KINDS[kind].fields] if kind in KINDS else []
    if kind == END_DEVICE:
        return [item.name for item in EVENT_TYPE.fields]
    return [*names, *TOGETHER.get(kind, {}), WHOLE]


def kinds_of_row(kind: str) -> tuple[str, ...]:
    """Return the kinds that a row of ``kind`` is about."""
    return (EVENT_TYPE.name, CONTROL_TYPE.name) if kind == END_DEVICE else (kind,)
