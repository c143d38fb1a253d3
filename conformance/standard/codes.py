"""Codes of the standard in words: reply codes of Annex B, and the shapes of type codes.

Source: fact tables codes/reply_codes.tsv (61968-9:2013 Annex B, informative there) and Annexes C, D and E.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

#: element name -> what a code of that type looks like (number of parts, in words)
TYPE_CODES = {
    "ReadingType": (re.compile(r"-?[0-9]+(\.-?[0-9]+){17}"), "an 18-part code"),
    "ReadingQualityType": (re.compile(r"[0-9]+\.[0-9]+\.[0-9]+"), "a 3-part code"),
    "EndDeviceEventType": (re.compile(r"[0-9]+(\.[0-9]+){3}"), "a 4-part code"),
    "EndDeviceControlType": (re.compile(r"[0-9]+(\.[0-9]+){3}"), "a 4-part code"),
}


@cache
def reply_codes() -> dict[str, tuple[str, str]]:
    """Return {code: (category, meaning)} of Annex B."""
    table = (files("conformance.standard") / "reply_codes.tsv").read_text(encoding="utf-8")
    rows = [line.split("\t") for line in table.splitlines() if line and not line.startswith("#")]
    return {code: (category, meaning) for code, category, meaning in rows[1:]}


def decode_reply_code(code: str) -> str:
    """Return ``code`` with its meaning in words, for reports: ``2.4 (Invalid Meter(s))``."""
    known = reply_codes().get(code)
    return f"{code} ({known[1]})" if known else f"{code or '(empty)'} (not in Annex B)"


def is_type_code(element: str, code: str) -> bool:
    """Return whether ``code`` has the shape of a code for ``element``, such as ``ReadingType``."""
    known = TYPE_CODES.get(element)
    return known is not None and known[0].fullmatch(code) is not None
