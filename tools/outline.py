"""Reads the compact outlines of ``xsd/source``, from which :mod:`tools.schemas` writes the schemas.

An outline has a head of ``key: value`` lines (``about``, ``clause 2013``, ``clause 2024``, ``basis``, ``note``), then
types; the first one is the outermost element, of the file's name. ``#`` starts a comment line. ::

    EndDeviceEvent                a type; its members follow in their order, indented
      createdDateTime dateTime    exactly one, of this type
      Names* Name                 * any number, + one or more, ? at most one
      severity?                   without a type: string, or with a capital the type of the same name
      EndDeviceEventType @ref     an empty element that points at another one
      choice?                     one of the members that follow, further indented
      @ref                        among members: the element itself may have that attribute
      phaseCount? integer [2024]  only in that edition
    Money = decimal               a number with a name
    TenderKind = card | cash      an enumeration; a line ``TenderKind [2024] = coin`` adds to it in that edition
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

SOURCE = Path(__file__).resolve().parent.parent / "xsd" / "source"
PRIMITIVES = frozenset({"string", "boolean", "integer", "float", "decimal", "dateTime", "date", "time"})
_MEMBER = re.compile(r"(?P<name>@?\w+)(?P<occurs>[?*+]?)(?: (?P<type>@?[\w:]+))?(?: \[(?P<edition>\d{4})\])?")
_VALUES = re.compile(r"(?P<name>\w+)(?: \[(?P<edition>\d{4})\])? = (?P<values>.+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """An element, or (with ``members``) a choice between some; ``occurs`` is one of ``? * +`` or empty."""

    name: str
    occurs: str = ""
    type: str = ""
    edition: str | None = None
    members: tuple[Member, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Type:
    """Elements in their order, or a simple type: a ``base``, or the ``values`` of an enumeration by edition."""

    name: str
    members: tuple[Member, ...] = ()
    base: str = ""
    values: tuple[tuple[str | None, tuple[str, ...]], ...] = ()

    def listed(self, edition: str) -> list[str]:
        """Return the values of the enumeration in ``edition``."""
        return [value for only, values in self.values if only in (None, edition) for value in values]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """One profile, or the common types."""

    noun: str
    head: dict[str, list[str]]
    types: dict[str, Type] = field(default_factory=dict)

    @property
    def basis(self) -> str:
        """Return ``schema`` or ``classes``."""
        return self.head["basis"][0].partition(",")[0]

    @property
    def sources(self) -> int:
        """Return in how many public schemas the profile was read."""
        found = re.search(r"(\d+) sources?$", self.head["basis"][0])
        return int(found[1]) if found else 0

    def clause(self, edition: str) -> str | None:
        """Return where ``edition`` has the profile; None when it has not."""
        found = self.head.get(f"clause {edition}")
        return found[0] if found else None


def read(path: Path) -> Outline:
    """Return the outline in ``path``. Raises ValueError, with file and line, for a line that is no notation."""
    head: dict[str, list[str]] = {}
    types: dict[str, Type] = {}
    block: list[tuple[int, str]] = []
    for number, line in [*enumerate(path.read_text(encoding="utf-8").splitlines(), 1), (0, "End")]:
        text = line.strip()
        key, colon, value = text.partition(": ")
        if not text or text.startswith("#"):
            continue
        if colon and not types and not block:
            head.setdefault(key, []).append(value)
        elif line.startswith(" "):
            block.append((number, line))
        else:
            if block:
                _add(types, block, path)
            block = [(number, line)]
    return Outline(noun=path.stem, head=head, types=types)


def profiles() -> list[Outline]:
    """Return every profile, in alphabetical order."""
    return [read(path) for path in sorted(SOURCE.glob("*.txt")) if path.stem != "common"]


@cache
def nouns(edition: str) -> tuple[str, ...]:
    """Return the names of the profiles that ``edition`` has, in alphabetical order."""
    return tuple(one.noun for one in profiles() if one.clause(edition))


def common() -> Outline:
    """Return the types that profiles share."""
    return read(SOURCE / "common.txt")


def _add(types: dict[str, Type], block: list[tuple[int, str]], path: Path) -> None:
    number, first = block[0]
    if "=" in first:
        made = _simple(" ".join(text.strip() for _, text in block), types)
    elif re.fullmatch(r"\w+", first) and len(block) > 1:
        made = Type(name=first, members=tuple(_members(block[1:], path)))
    else:
        raise ValueError(f"{path.name}:{number}: '{first}' is neither a type with members nor a list of values")
    if made.name in types and not (made.values and types[made.name].values):
        raise ValueError(f"{path.name}:{number}: the type {made.name} stands twice")
    types[made.name] = made


def _simple(text: str, types: dict[str, Type]) -> Type:
    found = _VALUES.fullmatch(text)
    if found is None:
        raise ValueError(f"'{text}' is no list of values")
    values = tuple(value.strip() for value in found["values"].split("|"))
    if len(values) == 1 and values[0] in PRIMITIVES:
        return Type(name=found["name"], base=values[0])
    before = types[found["name"]].values if found["name"] in types else ()
    return Type(name=found["name"], values=(*before, (found["edition"], values)))


def _members(lines: list[tuple[int, str]], path: Path) -> Iterator[Member]:
    depth = _depth(lines[0][1])
    while lines:
        (number, line), *lines = lines
        inner = []
        while lines and _depth(lines[0][1]) > depth:
            inner.append(lines.pop(0))
        found = _MEMBER.fullmatch(line.strip())
        if found is None or bool(inner) != (found["name"] == "choice"):
            raise ValueError(f"{path.name}:{number}: '{line.strip()}' is no member")
        name, kind = found["name"], found["type"]
        yield Member(
            name=name,
            occurs=found["occurs"],
            type=kind or (name if name[0].isupper() else "string"),
            edition=found["edition"],
            members=tuple(_members(inner, path)) if inner else (),
        )


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip())
