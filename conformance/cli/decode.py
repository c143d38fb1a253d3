"""``conformance decode``: codes in words, each with what is wrong with it.

Exit codes: 0 every code is right, warnings included; 1 some code breaks a range or a rule; 2 some text is no code,
or tables cannot be used.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from conformance.errors import ConfigurationError
from conformance.report.text import visible
from conformance.standard import codes
from conformance.standard.codes.tables import BASES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from conformance.standard.codes import Decoded, Kind, Tables

_EXITS = {"": 0, "warning": 0, "error": 1, "malformed": 2}
_STYLES = {"warning": "yellow", "error": "bold red", "malformed": "bold red"}
#: More of a line of standard input is not kept: no code is longer.
_MAX_LINE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the command line asks for."""

    codes: tuple[str, ...]
    kind: str | None = None
    tables: Path | None = None
    sut: Path | None = None
    as_json: bool = False


def carry_out(wish: Wish) -> int:
    """Print each code in words; return the exit code. Raises ConfigurationError for what cannot be used."""
    kind = _kind(wish.kind)
    tables = _tables(wish)
    found = [codes.decode(text, kind, tables) for text in _texts(wish.codes)]
    if not found:
        raise ConfigurationError("there is no code to decode: standard input has no line that holds one")
    if wish.as_json:
        typer.echo(json.dumps([_as_dict(item) for item in found], indent=2))
    else:
        _show(found, tables)
    return max(_EXITS[item.worst] for item in found)


def _kind(name: str | None) -> Kind | None:
    if name is None:
        return None
    by_name = {kind.name.lower(): kind for kind in codes.KINDS.values()}
    if name.lower() not in by_name:
        raise ConfigurationError(f"--kind {visible(name)} is not known; it is one of: {', '.join(codes.KINDS)}")
    return by_name[name.lower()]


def _tables(wish: Wish) -> Tables:
    if wish.tables is not None and wish.sut is not None:
        raise ConfigurationError("--tables and --sut both say which tables judge: give one of them")
    if wish.tables is not None:
        return codes.load(wish.tables)
    if wish.sut is None:
        return codes.own()
    from conformance.sut.load import load

    own_tables = load(wish.sut).configuration.standard.code_tables
    return codes.load(own_tables) if own_tables is not None else codes.own()


def _texts(given: Iterable[str]) -> Iterator[str]:
    for text in given:
        if text != "-":
            yield text
            continue
        while line := sys.stdin.buffer.readline(_MAX_LINE):
            rest = line
            while not rest.endswith(b"\n") and (rest := sys.stdin.buffer.readline(_MAX_LINE)):
                pass  # what is too long is refused as it begins
            stripped = line.decode("utf-8", "replace").strip()
            if stripped:
                yield stripped


def _as_dict(item: Decoded) -> dict[str, Any]:
    return {
        "code": item.text,
        "well_formed": item.worst != "malformed",
        "kind": item.kind.name if item.kind else None,
        "clause": item.kind.clause if item.kind else None,
        "fits": list(item.fits),
        "sentence": item.sentence,
        "basis": item.basis,
        "fields": [asdict(part) for part in item.parts],
        "problems": [asdict(problem) for problem in item.problems],
    }


def _show(found: list[Decoded], tables: Tables) -> None:
    console = Console(highlight=False)
    for number, item in enumerate(found):
        if number:
            console.print()
        _show_one(console, item)
    marks = dict.fromkeys(mark for item in found for mark in (*(part.basis for part in item.parts), item.basis) if mark)
    if marks:
        told = "; ".join(f"{mark} {BASES[mark]}" for mark in sorted(marks))
        console.print(Text(f"\nBasis: {told}. Tables: {visible(tables.source)}.", style="dim"))


def _show_one(console: Console, item: Decoded) -> None:
    kind = f"  {item.kind} ({item.kind.clause})" if item.kind and item.parts else ""
    console.print(Text.assemble((visible(item.text) or "(empty)", "bold"), kind), soft_wrap=True)
    if len(item.fits) > 1:
        told = f"The shape fits {' and '.join(item.fits)}; shown as {item.kind}: {item.why_kind} (--kind chooses)."
        console.print(Text(told), soft_wrap=True)
    if item.parts:
        console.print(_table(item))
    if item.sentence:
        console.print(Text(visible(item.sentence), style="bold green"), soft_wrap=True)
    for problem in item.problems:
        line = Text.assemble((f"{problem.severity}: ", _STYLES[problem.severity]), visible(str(problem)))
        console.print(line, soft_wrap=True)


def _table(item: Decoded) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    table.add_column("", justify="right")
    table.add_column("field", no_wrap=True)
    table.add_column("value", justify="right")
    for heading in ("name", "meaning", "basis"):
        table.add_column(heading, overflow="fold")
    unknown = {name for problem in item.problems for name in problem.field.split(".")}
    for number, part in enumerate(item.parts, 1):
        free = "unknown" if part.field in unknown else "–" if part.value else "not applicable"
        cells = (str(number), part.field, str(part.value), visible(part.name), visible(part.words) or free, part.basis)
        table.add_row(*map(Text, cells), style="" if part.value else "dim")
    return table
