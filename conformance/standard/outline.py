"""The outline of the documents: what the catalogue has to cover, and how a clause leads there (facts/outline.md).

A key is a document and a place in it: ``T 6.2.2``, ``E2 Figure 5``, ``E3 Annex J``. T is TR 61968-900:2015, E2 and E3
are the editions of IEC 61968-9 of 2013 and 2024, I is the proposal CIM issue 5979.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from conformance.errors import InternalError

if TYPE_CHECKING:
    from collections.abc import Iterator

_DOCUMENTS = {
    "TR 61968-900:2015": "T",
    "61968-9:2013": "E2",
    "61968-9:2024": "E3",
    "CIM issue 5979": "I",
}
_WORD = re.compile(
    r"(?P<kind>Figures?|Tables?|Annex(?:es)?)\b|(?P<end>\))|(?P<to>\bto\b)"
    r"|(?P<place>\b(?:[A-Z]\.)?\d+(?:\.\d+)*\b|(?<![\w.])[A-Z]\b(?![.\w]))"
)
_KINDS = {"F": "Figure ", "T": "Table ", "A": "Annex "}


@cache
def outline() -> dict[str, str]:
    """Return the subject of every key, in the order of the documents. Raises InternalError for a bad table."""
    found: dict[str, str] = {}
    text = files("conformance.standard").joinpath("outline.tsv").read_text(encoding="utf-8")
    for line in text.splitlines():
        key, tab, subject = line.partition("\t")
        if line.startswith("#") or key == "key":
            continue
        if not key or not tab or not subject.strip() or key in found:
            raise InternalError(f"outline.tsv: {line!r} is not a new key and its subject")
        found[key] = subject
    return found


@cache
def keys_of(clause: str) -> tuple[str, ...]:
    """Return the keys of the outline that a requirement with ``clause`` stands for.

    ``TR 61968-900:2015, 6.2.2 and 6.3 (Figures 16, 22)`` stands for two clauses and two figures.
    """
    places = set(_places(clause))
    return tuple(key for key in outline() if any(place == key or place.startswith(key + ".") for place in places))


def _places(clause: str) -> Iterator[str]:
    for part in clause.split(";"):
        name = next((name for name in _DOCUMENTS if part.strip().startswith(name)), None)
        if name is not None:
            document = _DOCUMENTS[name]
            yield document
            yield from (f"{document} {place}" for place in _read(part.strip().removeprefix(name)))


def _read(text: str) -> Iterator[str]:
    kind, last, ranging = "", "", False
    for word in _WORD.finditer(text):
        if word["kind"]:
            kind, last = _KINDS[word["kind"][0]], ""
        elif word["end"]:
            kind, last = "", ""
        elif word["to"]:
            ranging = True
            continue
        elif kind or not word["place"].isalpha():
            place = word["place"]
            if place[0].isdigit() and "." in place:
                kind = ""  # a clause again: figures and tables have whole numbers, or a letter
            annex = "Annex " if not kind and place[0].isalpha() else kind
            yield from (annex + item for item in (_between(last, place) if ranging else [place]))
            last = place
        ranging = False


def _between(first: str, last: str) -> list[str]:
    """Return what ``first to last`` means: 5 to 7 is 5, 6, 7, and K.3 to K.5 is K.3, K.4, K.5."""
    begin, end = first.rpartition("."), last.rpartition(".")
    if begin[:2] == end[:2] and begin[2].isdigit() and end[2].isdigit():
        stem = "".join(end[:2])
        return [f"{stem}{number}" for number in range(int(begin[2]), int(end[2]) + 1)]
    return [last]
