"""One thing that is wrong with SUT.toml, and how its plain tables are looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with the value at ``path``, and what to do. ``no_table``: a whole table is missing."""

    path: tuple[str | int, ...]
    reason: str
    fix: str
    no_table: bool = False


def at(data: object, *path: str) -> Any:
    """Return what stands at ``path``; None when there is no such thing."""
    for part in path:
        if isinstance(data, dict):
            data = data.get(part)
        else:
            return None
    return data


def rows(data: object, *path: str) -> list[Any]:
    """Return the list at ``path``; empty when there is none."""
    found = at(data, *path)
    return found if isinstance(found, list) else []


def entries(data: object, *path: str) -> dict[str, Any]:
    """Return the table at ``path``; empty when there is none."""
    found = at(data, *path)
    return found if isinstance(found, dict) else {}
