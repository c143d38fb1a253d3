"""What the model knows about each key: its table, its legal values in words, its description."""

from __future__ import annotations

import types
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union, get_args, get_origin

from conformance.errors import InternalError
from conformance.sut.model import Configuration
from conformance.sut.values import Table, Words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_PLAIN = {
    str: "text",
    bool: "true or false",
    int: "whole number",
    float: "number",
    Path: "file; a relative path starts at the directory of this file",
}


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a table. ``table`` is set when its value is a table, or (``many``) a list of tables."""

    name: str
    description: str
    words: str
    required: bool
    default: Any
    kind: type
    table: type[Table] | None = None
    many: bool = False


def keys_of(table: type[Table]) -> dict[str, Key]:
    """Return the keys of ``table`` by the names that SUT.toml gives them, in the order of the model."""
    return {key.name: key for key in (_key(name, field) for name, field in table.model_fields.items())}


def known(path: Sequence[str | int]) -> Key:
    """Return the key at ``path`` in SUT.toml; the numbers of list entries are passed over."""
    table: type[Table] = Configuration
    key: Key | None = None
    for name in (part for part in path if isinstance(part, str)):
        key = keys_of(table)[name]
        table = key.table or table
    if key is None:
        raise InternalError(f"no key stands at {path}")
    return key


def table_at(path: Sequence[str | int]) -> type[Table]:
    """Return the table at ``path``, which must be one."""
    return (known(path).table or Configuration) if path else Configuration


def paths(table: type[Table] = Configuration, above: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Key]]:
    """Iterate over every key of SUT.toml with its path."""
    for key in keys_of(table).values():
        path = (*above, key.name)
        yield path, key
        if key.table is not None:
            yield from paths(key.table, path)


def _key(name: str, field: Any) -> Key:
    kind, metadata = _strip(field.annotation)
    words = next((item.text for item in [*field.metadata, *metadata] if isinstance(item, Words)), None)
    many = get_origin(kind) is list
    inner = _strip(get_args(kind)[0])[0] if many else kind
    table = inner if isinstance(inner, type) and issubclass(inner, Table) else None
    return Key(
        name=field.alias or name,
        description=field.description or "",
        words=words or _words(inner, many=many),
        required=field.is_required(),
        default=None if field.is_required() else field.default,
        kind=inner if isinstance(inner, type) else str,
        table=table,
        many=many,
    )


def _strip(annotation: Any) -> tuple[Any, tuple[Any, ...]]:
    """Take ``| None`` and ``Annotated`` away; return what is left, and the metadata."""
    metadata: tuple[Any, ...] = ()
    if get_origin(annotation) in (Union, types.UnionType):
        annotation = next(item for item in get_args(annotation) if item is not type(None))
    if get_origin(annotation) is Annotated:
        annotation, *found = get_args(annotation)
        metadata = tuple(found)
    return annotation, metadata


def _words(kind: Any, *, many: bool) -> str:
    if get_origin(kind) is Literal:
        values = [f'"{value}"' for value in get_args(kind)]
        return f"list of {', '.join(values)}" if many else " or ".join(values)
    if isinstance(kind, type) and issubclass(kind, Table):
        return "list of tables" if many else "table"
    return f"list of {_PLAIN[kind]}" if many else _PLAIN[kind]
