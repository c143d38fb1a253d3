"""Turn what pydantic refuses into the words of SUT.toml: which key, why, what to do."""

from __future__ import annotations

import difflib
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any

from conformance.sut.describe import Key, keys_of, known, paths, table_at
from conformance.sut.fault import Fault
from conformance.sut.rules import too_few
from conformance.sut.values import INCONSISTENT, dotted
from conformance.sut.values import key as toml_key

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conformance.sut.toml_lines import Lines

Path = tuple[str | int, ...]

_KINDS: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (bool, "true or false"),
    (int, "a whole number"),
    (float, "a number"),
    (str, "text"),
    (list, "a list"),
    (dict, "a table"),
    ((datetime, date, time), "a date or time"),
)
_DATES = ("timezone_aware", "datetime_", "date_")


def fault_of(error: Mapping[str, Any]) -> Fault:
    """Return our words for one of ``ValidationError.errors()``. Values of [security] are never repeated."""
    path: Path = tuple(error["loc"])
    kind, context = str(error["type"]), error.get("ctx", {})
    if kind == INCONSISTENT:
        return Fault(path, context["reason"], context["fix"])
    if kind in ("missing", "extra_forbidden"):
        return _missing(path) if kind == "missing" else _unknown(path)
    if kind == "literal_error":
        return _illegal(path, error["input"])
    if kind.startswith(_DATES):
        reason = "has no time zone" if kind == "timezone_aware" else "is not a date and time"
        return Fault(path, reason, "write it with its zone and without quotes, like 2026-01-31T00:00:00Z")
    if kind.endswith("_type"):
        return _wrong_type(path, error["input"])
    return _out_of_bounds(path, kind, context)


def line_of(fault: Fault, lines: Lines, name: str) -> tuple[int, str]:
    """Return the line of ``fault`` and its text ``name:LINE: key: reason; fix``."""
    if not fault.no_table:
        line = lines.nearest(fault.path)
        return line, f"{name}:{line}: {dotted(fault.path)}: {fault.reason}; {fault.fix}"
    line = lines.end(fault.path[:-1])
    where = "at the end of the file" if line == lines.last else f"after line {line}"
    return line, f"{name}:{line}: {dotted(fault.path)}: {fault.reason}; {fault.fix} {where}"


def _missing(path: Path) -> Fault:
    key = known(path)
    if key.table is not None:
        reason = f"the table is missing ({key.description.rstrip('.')})"
        return Fault(path, reason, f"add {' and '.join(_headers(path, key))}", no_table=True)
    reason = f"is missing ({key.description.rstrip('.')})"
    return Fault(path, reason, f"add {toml_key(key.name)} = {key.words}")


def _headers(path: Path, key: Key) -> list[str]:
    """Return the headers of the table ``path``, or of the tables in it that it cannot be without."""
    inner = list(keys_of(key.table).values()) if key.table else []
    if inner and not key.many and all(item.table for item in inner):
        return [header for item in inner if item.required for header in _headers((*path, item.name), item)]
    name = dotted([part for part in path if isinstance(part, str)])
    return [f"[[{name}]]" if key.many else f"[{name}]"]


def _unknown(path: Path) -> Fault:
    name, parent = str(path[-1]), table_at(path[:-1])
    legal = list(keys_of(parent))
    by_lower = {item.lower(): item for item in legal}
    close = difflib.get_close_matches(name.lower(), by_lower, n=1)
    if close:
        return Fault(path, "is unknown", f"did you mean {toml_key(by_lower[close[0]])}?")
    elsewhere = [".".join(other[:-1]) for other, key in paths() if key.name == name and len(other) > 1]
    if elsewhere:
        tables = " or ".join(f"[{item}]" for item in elsewhere)
        return Fault(path, "is unknown here", f"it belongs in {tables}")
    return Fault(path, "is unknown", f"delete it, or write one of {', '.join(legal)}")


def _illegal(path: Path, value: object) -> Fault:
    key = known(path)
    said = f'"{value}" is not legal' if isinstance(value, str) and path[0] != "security" else "is not legal"
    fix = f"write {key.words}"
    if isinstance(value, str):
        legal = {item.strip('",').lower(): item.strip('",') for item in key.words.split() if '"' in item}
        close = difflib.get_close_matches(value.lower(), legal, n=1)
        fix += f'; did you mean "{legal[close[0]]}"?' if close and len(legal) > 1 and value.isalpha() else ""
    return Fault(path, said, fix)


def _wrong_type(path: Path, value: object) -> Fault:
    given = next((words for kind, words in _KINDS if isinstance(value, kind)), "something else")
    key = known(path)
    if path[0] == "security" and len(path) == 2 and key.table is not None:
        fix = f'write {path[-1]} = {{ env = "NAME_OF_A_VARIABLE" }}; secrets never stand in this file'
        return Fault(path, f"is {given}, where a table must be", fix)
    if key.table is not None:
        fix = f"write it as {' and '.join(_headers(path, key))} with keys below"
        return Fault(path, f"is {given}, where a table must be", fix)
    return Fault(path, f"is {given}", f"write {key.words}")


def _out_of_bounds(path: Path, kind: str, context: Mapping[str, Any]) -> Fault:
    words = known(path).words
    if kind == "string_too_short":
        return Fault(path, "is empty", f"write {words}")
    if kind == "too_short":
        return too_few(path, context["actual_length"], context["min_length"])
    if kind in ("greater_than", "greater_than_equal", "less_than_equal"):
        return Fault(path, "is out of bounds", f"write {words}")
    return Fault(path, f"cannot be used ({kind.replace('_', ' ')})", f"write {words}")
