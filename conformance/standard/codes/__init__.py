"""Codes of the standard: read, build, judge and decode them (61968-9 Annexes B to F).

Five kinds: ReadingType, ReadingQualityType, EndDeviceEventType, EndDeviceControlType and reply codes. Numbers and
names are public facts, each marked with its basis (docs/facts/codes.md); what the tables lack is unknown, never wrong.
"""

from __future__ import annotations

from functools import cache

from conformance.standard.codes.code import Code, Problem, build, parse
from conformance.standard.codes.judge import judge, judge_code
from conformance.standard.codes.kinds import (
    CONTROL_TYPE,
    EVENT_TYPE,
    KINDS,
    READING_QUALITY,
    READING_TYPE,
    REPLY_CODE,
    Kind,
)
from conformance.standard.codes.load import load, own
from conformance.standard.codes.tables import WHOLE, Row, Tables
from conformance.standard.codes.words import Decoded, decode, named

__all__ = [
    "CONTROL_TYPE", "EVENT_TYPE", "KINDS", "READING_QUALITY", "READING_TYPE", "REPLY_CODE", "TYPE_CODES", "Code",
    "Decoded", "Kind", "Problem", "Tables", "build", "decode", "decode_reply_code", "is_type_code", "judge",
    "judge_code", "knows_reply_code", "load", "named", "own", "parse", "reply_codes",
]  # fmt: skip

#: element name -> what a code of that type looks like (pattern, in words)
TYPE_CODES = {kind.name: (kind.pattern, kind.shape) for kind in KINDS.values() if kind is not REPLY_CODE}


@cache
def reply_codes() -> dict[str, tuple[str, str]]:
    """Return {code: (category, meaning)} of Annex B, as far as it is public."""
    categories = own().of(REPLY_CODE.name, "category")
    return {code: (categories[row.numbers[:1]].words, row.words) for code, row in _replies(own()).items()}


def knows_reply_code(code: str, tables: Tables | None = None) -> bool:
    """Return whether ``code``, as it stands, is one of the table: of ``tables``, or of Annex B."""
    return code in _replies(tables or own())


def decode_reply_code(code: str, tables: Tables | None = None) -> str:
    """Return ``code`` with its meaning in words, for reports: ``2.4 (Invalid Meter(s))``."""
    known = _replies(tables or own()).get(code)
    place = (REPLY_CODE.name, WHOLE)
    table = tables.name_of(*place) if tables and place in tables.replaced else "Annex B"
    return f"{code} ({known.words})" if known else f"{code or '(empty)'} (not in {table})"


def _replies(tables: Tables) -> dict[str, Row]:
    return {row.code: row for row in tables.of(REPLY_CODE.name, WHOLE).values()}


def is_type_code(element: str, code: str) -> bool:
    """Return whether ``code`` has the shape of a code for ``element``, such as ``ReadingType``."""
    known = TYPE_CODES.get(element)
    return known is not None and known[0].fullmatch(code) is not None
