"""The requirement catalogue: one row for each obligation, from ``requirements/<area>.toml``."""

from __future__ import annotations

import re
import tomllib
from dataclasses import asdict, dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from conformance.errors import InternalError

EDITIONS = ("2013", "2024")
LEVELS = ("shall", "should", "may")
BASES = ("schema", "guidance", "catalogue", "recalled")
ROLES = ("any", "responder", "initiator", "publisher", "subscriber")
SYSTEMS = ("MS", "MDM", "CIS", "OMS")
STATUSES = ("published", "proposed")
TRANSPORTS = ("soap", "jms")
_ID = re.compile(r"[A-Z]{2,4}-\d{3}")
_LISTS = ("editions", "needs", "systems")
_TEXTS = ("id", "area", "clause", "level", "role", "basis", "text", "why", "status")
_OPTIONAL = ("not_tested", "usual_mistake", "transport")
_WORDS = {"level": LEVELS, "basis": BASES, "role": ROLES, "status": STATUSES, "transport": (None, *TRANSPORTS)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """One obligation. ``needs`` are the claims of SUT.toml without which it does not apply.

    ``text`` is a sentence of our own; ``basis`` says on what authority it stands; ``not_tested`` says why no
    scenario tests it; ``transport`` is set where the obligation is about that transport itself. ``role`` is the part
    in the exchange; ``systems`` are the kinds of system that it binds, any when it is empty. ``usual_mistake`` says
    how products get it wrong. The verdict of a ``proposed`` row never makes a published edition fail.
    """

    id: str
    area: str
    clause: str
    level: str
    role: str
    basis: str
    text: str
    why: str
    editions: tuple[str, ...]
    needs: tuple[str, ...] = ()
    systems: tuple[str, ...] = ()
    status: str = "published"
    not_tested: str | None = None
    transport: str | None = None
    usual_mistake: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the row for machines."""
        return {**asdict(self), **{name: list(getattr(self, name)) for name in _LISTS}}


@cache
def catalogue() -> dict[str, Requirement]:
    """Return every requirement by its id, in the order of the tables. Raises InternalError for a bad row."""
    found: dict[str, Requirement] = {}
    texts: dict[str, str] = {}
    folder = files("conformance.standard") / "requirements"
    for table in sorted(folder.iterdir(), key=lambda item: item.name):
        if table.name.endswith(".toml"):
            for row in _rows(table.name.removesuffix(".toml"), tomllib.loads(table.read_text(encoding="utf-8"))):
                if row.id in found:
                    raise InternalError(f"requirement {row.id} stands in the catalogue twice")
                if (other := texts.setdefault(_plain(row.text), row.id)) != row.id:
                    raise InternalError(f"requirement {row.id} says the same as {other}: {row.text}")
                found[row.id] = row
    return found


def with_scenarios() -> dict[str, Requirement]:
    """Return the requirements that scenarios judge, by id."""
    return {name: row for name, row in catalogue().items() if row.not_tested is None}


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))


def _rows(area: str, table: dict[str, Any]) -> list[Requirement]:
    shared = {key: value for key, value in table.items() if key != "requirement"}
    rows = table.get("requirement")
    if not isinstance(rows, list) or not rows:
        raise InternalError(f"requirements/{area}.toml has no [[requirement]]")
    return [_row(_merged(area, shared, row)) for row in rows]


def _merged(area: str, shared: dict[str, Any], row: dict[str, Any]) -> dict[str, Any]:
    if "area" in shared or "area" in row:
        raise InternalError(f"requirement {row.get('id', '?')}: the area is the name of the file")
    return {"area": area, **shared, **row}


def _row(data: dict[str, Any]) -> Requirement:
    try:
        values: dict[str, Any] = {key: tuple(value) if key in _LISTS else value for key, value in data.items()}
        row = Requirement(**values)
    except TypeError as problem:
        raise InternalError(f"requirement {data.get('id', '?')}: {problem}") from problem
    wrong = _wrong(row, data)
    if wrong is not None:
        raise InternalError(f"requirement {row.id}: {wrong}")
    return row


def _wrong(row: Requirement, data: dict[str, Any]) -> str | None:
    empty = [name for name in _TEXTS if not _said(getattr(row, name))]
    empty += [name for name in _OPTIONAL if name in data and not _said(data[name])]
    if empty or not row.editions:
        return f"{', '.join(empty) or 'editions'} must not be empty"
    if not _ID.fullmatch(row.id):
        return "an id is letters, a hyphen and three digits, such as MR-001"
    for name, known in _WORDS.items():
        if getattr(row, name) not in known:
            return f"{name} {getattr(row, name)} is not a known word"
    if row.basis == "recalled" and row.level == "shall":
        return "what is only recalled is at most a should"
    return (
        _wrong_list("editions", data, EDITIONS) or _wrong_list("systems", data, SYSTEMS) or _wrong_list("needs", data)
    )


def _said(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _wrong_list(name: str, data: dict[str, Any], known: tuple[str, ...] | None = None) -> str | None:
    given = data.get(name, [])
    if not isinstance(given, list | tuple) or not all(map(_said, given)) or len(set(given)) != len(given):
        return f"{name} is a list of different words, not {given!r}"
    strange = [item for item in given if known is not None and item not in known]
    return f"{name}: {', '.join(strange)} is none of {', '.join(known or ())}" if strange else None
