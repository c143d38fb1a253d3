"""The requirement catalogue: one row for each obligation, from ``requirements/<area>.toml``."""

from __future__ import annotations

import re
import tomllib
from dataclasses import asdict, dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from conformance.errors import InternalError

LEVELS = ("shall", "should", "may")
BASES = ("schema", "guidance", "catalogue", "recalled")
TRANSPORTS = ("soap", "jms")
_ID = re.compile(r"[A-Z]{2,4}-\d{3}")
_LISTS = ("editions", "needs")


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """One obligation. ``needs`` are the claims of SUT.toml without which it does not apply.

    ``text`` is a sentence of our own; ``basis`` says on what authority it stands; ``not_tested`` says why no
    scenario tests it; ``transport`` is set where the obligation is about that transport itself.
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
    not_tested: str | None = None
    transport: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the row for machines."""
        return {**asdict(self), "editions": list(self.editions), "needs": list(self.needs)}


@cache
def catalogue() -> dict[str, Requirement]:
    """Return every requirement by its id, in the order of the tables. Raises InternalError for a bad row."""
    found: dict[str, Requirement] = {}
    folder = files("conformance.standard") / "requirements"
    for table in sorted(folder.iterdir(), key=lambda item: item.name):
        if table.name.endswith(".toml"):
            for row in _rows(table.name.removesuffix(".toml"), tomllib.loads(table.read_text(encoding="utf-8"))):
                if row.id in found:
                    raise InternalError(f"requirement {row.id} stands in the catalogue twice")
                found[row.id] = row
    return found


def _rows(area: str, table: dict[str, Any]) -> list[Requirement]:
    shared = {key: value for key, value in table.items() if key != "requirement"}
    return [_row({"area": area, **shared, **row}) for row in table.get("requirement", ())]


def _row(data: dict[str, Any]) -> Requirement:
    try:
        values: dict[str, Any] = {key: tuple(value) if key in _LISTS else value for key, value in data.items()}
        row = Requirement(**values)
    except TypeError as problem:
        raise InternalError(f"requirement {data.get('id', '?')}: {problem}") from problem
    wrong = _wrong(row)
    if wrong is not None:
        raise InternalError(f"requirement {row.id}: {wrong}")
    return row


def _wrong(row: Requirement) -> str | None:
    if not _ID.fullmatch(row.id):
        return "an id is letters, a hyphen and three digits, such as MR-001"
    if row.level not in LEVELS or row.basis not in BASES or row.transport not in (None, *TRANSPORTS):
        return f"level {row.level}, basis {row.basis} or transport {row.transport} is not a known word"
    if row.basis == "recalled" and row.level == "shall":
        return "what is only recalled is at most a should"
    if not all((row.clause, row.text, row.why, row.editions)) or row.not_tested == "":
        return "clause, text, why, editions and not_tested must not be empty"
    if not all(re.fullmatch(r"\d{4}", edition) for edition in row.editions):
        return f"editions is a list of years, not {row.editions}"
    return None
