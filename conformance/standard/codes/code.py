"""Read codes from text, and write them: what is read and written again is the same text.

Text that is no code is never an exception here but a :class:`Problem` with its place, because codes come from others.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from conformance.standard.codes.kinds import KINDS, MAX_DIGITS, Field, Kind, kinds_with
from conformance.standard.codes.load import own

#: Longer text is not looked at: the longest legal code has 18 numbers.
MAX_LENGTH = 18 * (MAX_DIGITS + 2)
_SHOWN = 60

Severity = Literal["malformed", "error", "warning"]
_PLAIN = re.compile(rf"(?:0|-?[1-9][0-9]{{0,{MAX_DIGITS - 1}}})")
_NUMBER = re.compile(r"-?[0-9]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What is wrong with a code, or unknown in it.

    ``severity`` is ``malformed`` (it is no code of that kind), ``error`` (it breaks a range or a rule that is
    public) or ``warning`` (unknown to the table, or unusual). ``field`` and ``value`` say where, or are empty for
    the whole code; ``position`` counts characters of the code from 1; ``table`` is what judged, if a table did.
    """

    severity: Severity
    message: str
    expected: str
    field: str = ""
    value: str = ""
    fix: str = ""
    position: int | None = None
    table: str = ""

    def __str__(self) -> str:
        """Return all of it in one line."""
        place = f"{self.field} {self.value}: " if self.field else ""
        character = f" (character {self.position})" if self.position is not None else ""
        return f"{place}{self.message}{character}" + (f"; {self.fix}" if self.fix else "")


@dataclass(frozen=True, slots=True)
class Code:
    """A code: its kind, and one number for each of its parts."""

    kind: Kind
    numbers: tuple[int, ...]

    def __str__(self) -> str:
        """Return the code as it stands in a message."""
        return ".".join(map(str, self.numbers))

    def __getitem__(self, field: str) -> int:
        """Return the number of a part by its name. Raises KeyError for an unknown one."""
        return self.numbers[self.kind.index(field)]

    def position(self, field: str) -> int:
        """Return where the part begins in the text of the code, counted from 1."""
        return 1 + sum(len(str(number)) + 1 for number in self.numbers[: self.kind.index(field)])


def build(kind: Kind, **parts: int | str) -> Code:
    """Return the code with these parts, by number or by name (``measuringPeriod="fifteenMinute"``); the rest is 0.

    Raises KeyError for a part or a name that does not exist, and ValueError for a number that is out of range.
    """
    numbers = [0] * kind.parts
    for name, value in parts.items():
        place = kind.index(name)
        number = own().numbers_by_name[kind.name, name, value] if isinstance(value, str) else value
        field = kind.fields[place]
        if not field.low <= number <= field.high:
            raise ValueError(f"{name} {number} is not {field.expected}")
        numbers[place] = number
    return Code(kind, tuple(numbers))


def parse(text: str, kind: Kind | None = None) -> tuple[Code | None, list[Problem]]:
    """Return the code in ``text``, and what is wrong with how it is written; no code when that is malformed.

    Without ``kind`` the number of parts tells it; where two kinds have one shape, the first of them is taken.
    """
    stripped = text.strip()
    found = _malformed(stripped, kind)
    if found is not None:
        return None, [found]
    parts = stripped.split(".")
    meant = kind or kinds_with(len(parts))[0]
    code = Code(meant, tuple(map(int, parts)))
    return code, [*_padded(text, stripped), *_unusual(meant, parts)]


def shown(text: str) -> str:
    """Return text of others so that it fits into a sentence: short, and nothing in it acts on a terminal."""
    clipped = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in clipped)


def _malformed(text: str, kind: Kind | None) -> Problem | None:
    expected = kind.shape if kind else "numbers with dots between them"
    if not text:
        return Problem(severity="malformed", message="there is no code", expected=expected, fix="write one")
    if len(text) > MAX_LENGTH:
        message = f"more than {MAX_LENGTH} characters are too many for a code"
        return Problem(severity="malformed", message=message, expected=expected, fix="give one code alone")
    parts = text.split(".")
    return _bad_part(parts, expected) or _bad_count(parts, kind, expected)


def _bad_part(parts: list[str], expected: str) -> Problem | None:
    position = 1
    for place, part in enumerate(parts, 1):
        reason, fix = _bad_number(part)
        if reason:
            message = f"part {place} of {len(parts)} {reason}"
            return Problem(
                severity="malformed", message=message, expected=expected, fix=fix, position=position, value=shown(part)
            )
        position += len(part) + 1
    return None


def _bad_number(part: str) -> tuple[str, str]:
    if not part:
        return "is empty", "write a number there (0: not applicable), or take out the dot"
    if not _NUMBER.fullmatch(part) or not part.isascii():
        return f'is "{shown(part)}", not a whole number', "write digits only, with dots between the numbers"
    if len(part.lstrip("-")) > MAX_DIGITS:
        return f"has {len(part.lstrip('-'))} digits", f"no number of a code has more than {MAX_DIGITS}"
    return "", ""


def _bad_count(parts: list[str], kind: Kind | None, expected: str) -> Problem | None:
    count = len(parts)
    if kind is not None and count != kind.parts:
        names = " . ".join(field.name for field in kind.fields)
        more = f"{kind.parts - count} missing" if count < kind.parts else f"{count - kind.parts} too many"
        message = f"has {_counted(count)}, {kind} has {kind.parts} ({more})"
        return Problem(severity="malformed", message=message, expected=expected, fix=f"write {names}")
    if kind is None and not kinds_with(count):
        shapes = ", ".join(f"{item} {item.parts}" for item in KINDS.values())
        message = f"has {_counted(count)}, as no kind of code does"
        return Problem(severity="malformed", message=message, expected=expected, fix=f"parts are: {shapes}")
    return None


def _counted(count: int) -> str:
    return "1 part" if count == 1 else f"{count} parts"


def _padded(text: str, stripped: str) -> list[Problem]:
    if text == stripped:
        return []
    message = "there is white space around the code"
    return [Problem(severity="warning", message=message, expected="the code alone", fix="take it out")]


def _unusual(kind: Kind, parts: list[str]) -> list[Problem]:
    """Return what is wrong with the numbers by themselves: out of range, or written with needless digits."""
    found = []
    position = 1
    for field, part in zip(kind.fields, parts, strict=True):
        problem = _unusual_number(field, part, position)
        found += [problem] if problem else []
        position += len(part) + 1
    return found


def _unusual_number(field: Field, part: str, position: int) -> Problem | None:
    number = int(part)
    severity: Severity = "error"
    if not field.low <= number <= field.high:
        message, fix = f"is not {field.expected}", ""
    elif not _PLAIN.fullmatch(part):
        severity, message, fix = "warning", "has a needless zero or sign", f"write {number}"
    else:
        return None
    expected = field.expected
    return Problem(
        severity=severity, message=message, expected=expected, field=field.name, value=part, fix=fix, position=position
    )
