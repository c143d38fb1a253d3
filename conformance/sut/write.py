"""Write a Configuration as TOML that :func:`conformance.sut.load.load` reads back as the same."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conformance.sut.values import key

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from conformance.sut.model import Configuration


def to_toml(configuration: Configuration) -> str:
    """Return ``configuration`` as the text of a SUT.toml. It holds the places of secrets, never a secret."""
    data = configuration.model_dump(by_alias=True, exclude_none=True)
    return "\n".join(_table(data, "")).strip() + "\n"


def to_value(value: Any) -> str:
    """Return ``value`` as TOML on one line: text, number, truth, moment, file, list, or inline table."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, list | tuple):
        return f"[{', '.join(to_value(item) for item in value)}]"
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{key(name)} = {to_value(item)}' for name, item in value.items())} }}"
    text = value.as_posix() if isinstance(value, Path) else str(value)
    # A JSON text is a basic string of TOML, but for DEL, which TOML wants escaped.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _table(data: Mapping[str, Any], name: str) -> Iterator[str]:
    """Iterate over the lines of one table: plain values first, because a header ends them."""
    tables = {item: value for item, value in data.items() if _is_table(value) or _is_tables(value)}
    for item, value in data.items():
        if item not in tables:
            yield f"{key(item)} = {to_value(value)}"
    for item, value in tables.items():
        path = f"{name}.{key(item)}" if name else key(item)
        for entry in value if _is_tables(value) else [value]:
            yield ""
            yield f"[[{path}]]" if _is_tables(value) else f"[{path}]"
            if _is_tables(value):
                yield from (f"{key(inner)} = {to_value(content)}" for inner, content in entry.items())
            else:
                yield from _table(entry, path)


def _is_table(value: object) -> bool:
    return isinstance(value, dict)


def _is_tables(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, dict) for item in value)
