"""Codes in words: the one decoder behind ``conformance decode``, findings and reports. It never raises."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from conformance.standard.codes.code import Code, Problem, parse, shown
from conformance.standard.codes.judge import judge_code
from conformance.standard.codes.kinds import KINDS, READING_QUALITY, READING_TYPE, REPLY_CODE, Kind, kinds_with
from conformance.standard.codes.load import own
from conformance.standard.codes.reading_words import brief_reading, reading_sentence
from conformance.standard.codes.tables import WHOLE, Row, Tables

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part of a code. ``name``, ``words``, ``basis`` and ``table`` are empty where no table knows the value."""

    field: str
    title: str
    value: int
    name: str = ""
    words: str = ""
    basis: str = ""
    table: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """A code in words. ``fits`` are the kinds of its shape, ``why_kind`` says why this one of several is shown.

    ``brief`` stands well in brackets, ``sentence`` alone. Text that is no code has no parts and no sentence.
    """

    text: str
    kind: Kind | None = None
    fits: tuple[str, ...] = ()
    why_kind: str = ""
    parts: tuple[Part, ...] = ()
    brief: str = ""
    sentence: str = ""
    basis: str = ""
    problems: tuple[Problem, ...] = ()

    @property
    def worst(self) -> str:
        """Return the severity of the worst problem: malformed, error, warning, or nothing."""
        found = {problem.severity for problem in self.problems}
        return next((severity for severity in ("malformed", "error", "warning") if severity in found), "")


def decode(text: str, kind: Kind | None = None, tables: Tables | None = None) -> Decoded:
    """Return what ``text`` means as a code of ``kind``; without it, of the kind that shape and tables suggest."""
    known = tables or own()
    code, problems = parse(text, kind)
    if code is None:
        return Decoded(text=shown(text), kind=kind, problems=tuple(problems))
    why = "asked for"
    fits = tuple(item.name for item in kinds_with(len(code.numbers)))
    if kind is None:
        code, why = _choose(code, known)
    whole = known.row(code.kind.name, WHOLE, *code.numbers)
    return Decoded(
        text=text.strip(),
        kind=code.kind,
        fits=fits,
        why_kind=why,
        parts=tuple(_parts(code, known)),
        brief=brief(code, known),
        sentence=_sentence(code, known, whole),
        basis=whole.basis if whole else "",
        problems=(*problems, *judge_code(code, known, text)),
    )


def _choose(code: Code, tables: Tables) -> tuple[Code, str]:
    """Return the code as the kind that its shape means, or the one whose table has it as a whole."""
    fitting = kinds_with(len(code.numbers))
    if len(fitting) == 1:
        return code, ""
    listed = [kind for kind in fitting if tables.row(kind.name, WHOLE, *code.numbers)]
    if len(listed) == 1:
        return Code(listed[0], code.numbers), "the table has the code as one"
    return code, "nothing tells which is meant"


def _parts(code: Code, tables: Tables) -> Iterator[Part]:
    for field, number in zip(code.kind.fields, code.numbers, strict=True):
        row = _row_of(code, field.name, number, tables)
        if row is not None:
            told = {"name": row.name, "words": row.words, "basis": row.basis, "table": row.table}
            yield Part(field=field.name, title=field.title, value=number, **told)
        else:
            yield Part(field=field.name, title=field.title, value=number)


def _row_of(code: Code, field: str, number: int, tables: Tables) -> Row | None:
    if code.kind is READING_QUALITY and field == "subCategory":
        return tables.row(code.kind.name, "category.subCategory", code["category"], number)
    if code.kind is REPLY_CODE and field == "index":
        return tables.row(code.kind.name, WHOLE, *code.numbers)
    return tables.row(code.kind.name, field, number)


def brief(code: Code, tables: Tables) -> str:
    """Return what a code means in a few words, to stand behind it in brackets."""
    whole = tables.row(code.kind.name, WHOLE, *code.numbers)
    if whole is not None:
        return whole.words
    if code.kind is READING_TYPE:
        return brief_reading(code, tables)
    parts = {part.field: part for part in _parts(code, tables)}
    if code.kind is READING_QUALITY:
        return f"{_told(parts['subCategory'])} ({_told(parts['category'])})"
    if code.kind is REPLY_CODE:
        return f"unknown reply code ({_told(parts['category'])})"
    return ", ".join(_told(part) for part in parts.values() if part.value) or "not applicable"


def _told(part: Part) -> str:
    return part.words if part.name else f"unknown {part.title} {part.value}"


def _sentence(code: Code, tables: Tables, whole: Row | None) -> str:
    meaning = brief(code, tables)
    if code.kind is READING_TYPE and not whole:
        meaning = reading_sentence(code, tables)
    elif code.kind is READING_QUALITY:
        meaning += f", said by: {_system(code, tables)}"
    elif code.kind is REPLY_CODE and whole:
        category = tables.row(code.kind.name, "category", code["category"])
        meaning += f" ({category.words})" if category else ""
    elif code.kind.name.startswith("EndDevice"):
        device = tables.row(code.kind.name, "type", code["type"])
        of = f", {device.words}" if whole and device and code["type"] else ""
        meaning = f"{code.kind.words}{of}: {meaning}"
    doubt = " (recalled, unverified)" if _doubtful(code, tables, whole) else ""
    return f"{meaning[:1].upper()}{meaning[1:]}{doubt}."


def _doubtful(code: Code, tables: Tables, whole: Row | None) -> bool:
    if whole is not None:
        return whole.basis == "R"
    return any(part.basis == "R" for part in _parts(code, tables))


def _system(code: Code, tables: Tables) -> str:
    row = tables.row(code.kind.name, "system", code["system"])
    return row.words if row else f"unknown system {code['system']}"


def named(kind: str, text: str | None, tables: Tables | None = None) -> str:
    """Return a code with its meaning, for findings and reports: ``3.31.0.23 (disconnect)``.

    What is no code of ``kind`` (a name, an mRID, nothing) comes back as it is.
    """
    if text is None:
        return "none"
    code, _ = parse(text, KINDS[kind])
    return text if code is None else f"{text} ({brief(code, tables or own())})"
