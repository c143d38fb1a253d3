"""``conformance requirements``, ``explain`` and ``faults``: what the suite knows, in tables and in words."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from difflib import get_close_matches

import typer
from pytest_bdd.parser import FeatureParser
from rich.console import Console
from rich.table import Table
from rich.text import Text

from conformance.errors import ConfigurationError
from conformance.reference import faults
from conformance.resources import directory
from conformance.standard.catalogue import Requirement, catalogue
from conformance.standard.outline import keys_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which rows are wanted; None is any. ``role`` is a part in the exchange, or a kind of system such as MDM."""

    area: str | None = None
    edition: str | None = None
    role: str | None = None
    basis: str | None = None
    level: str | None = None
    status: str | None = None

    def fits(self, row: Requirement) -> bool:
        """Return whether ``row`` is wanted."""
        asked = ((name, getattr(self, name)) for name in _FILTERS)
        return all(value is None or value in _values(row, name) for name, value in asked)

    def check(self) -> None:
        """Raise ConfigurationError for a value that no row has."""
        for name in _FILTERS:
            value = getattr(self, name)
            known = dict.fromkeys(item for row in catalogue().values() for item in _values(row, name))
            if value is not None and value not in known:
                near = get_close_matches(value, known, n=3)
                hint = f"did you mean {', '.join(near)}?" if near else f"there are: {', '.join(known)}"
                raise ConfigurationError(f"no requirement has --{name} {value}; {hint}")


_FILTERS = tuple(item.name for item in fields(Filter))


def _values(row: Requirement, name: str) -> tuple[str, ...]:
    if name == "edition":
        return row.editions
    if name == "role":
        return (row.role, *row.systems)
    return (getattr(row, name),)


def show_requirements(wanted: Filter, *, untested: bool, as_json: bool) -> None:
    """Print the rows of the catalogue that fit. Raises ConfigurationError for a value that no row has."""
    wanted.check()
    rows = [row for row in catalogue().values() if wanted.fits(row) and not (untested and row.not_tested is None)]
    if as_json:
        typer.echo(json.dumps([_for_machines(row) for row in rows], indent=2))
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("id", "level", "basis", "tested", "obligation", "clause"):
        table.add_column(heading, no_wrap=heading in ("id", "level", "tested"))
    for row in rows:
        tested = "yes" if row.not_tested is None else "no"
        table.add_row(*(Text(text) for text in (row.id, row.level, row.basis, tested, row.text, row.clause)))
    Console(highlight=False).print(table)
    open_rows = sum(row.not_tested is not None for row in rows)
    typer.echo(f"{len(rows)} requirement(s), {open_rows} of them not tested")


def _for_machines(row: Requirement) -> dict[str, object]:
    data = {name: value for name, value in row.as_dict().items() if name != "not_tested"}
    tested = {"tested": row.not_tested is None, "not_tested": row.not_tested}
    return {**data, "outline": list(keys_of(row.clause)), **tested}


def show_faults(*, as_json: bool) -> None:
    """Print the deviations that the reference system knows."""
    rows = [{"name": item.name, "requirements": list(item.requirements), "what": item.what} for item in faults()]
    if as_json:
        typer.echo(json.dumps(rows, indent=2))
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("fault", "falsifies", "what the system does"):
        table.add_column(heading)
    for item in faults():
        table.add_row(Text(item.name), Text(" ".join(item.requirements)), Text(item.what))
    Console(highlight=False).print(table)


def show_explanation(requirement_id: str) -> None:
    """Print one requirement in words. Raises ConfigurationError for an unknown id."""
    row = _found(requirement_id)
    bound = f", of {' or '.join(row.systems)}" if row.systems else ""
    typer.echo(
        f"{row.id} ({row.level}, basis: {row.basis}, edition {', '.join(row.editions)}, role: {row.role}{bound})"
    )
    typer.echo(f"{row.clause}\n\n{row.text}\n\nWhy: {row.why}")
    if row.status == "proposed":
        typer.echo("\nProposed, not published: whatever its verdict, the exit code of a run stays what it is.")
    if row.usual_mistake:
        typer.echo(f"\nHow products usually get it wrong: {row.usual_mistake}")
    if row.transport:
        typer.echo(f"\nJudged in runs over {row.transport.upper()} only")
    if row.needs:
        typer.echo(f"\nApplies when SUT.toml says: {'; '.join(row.needs)}")
    if row.not_tested is not None:
        typer.echo(f"\nNot tested. {row.not_tested}")
        return
    typer.echo(f"\nHow it is tested:\n{_scenarios(row.id)}")
    typer.echo("\nFaults of the reference system that falsify it:")
    for item in faults():
        if row.id in item.requirements:
            typer.echo(f"  {item.name}: {item.what}")


def _found(requirement_id: str) -> Requirement:
    rows, asked = catalogue(), requirement_id.strip().upper()
    if asked in rows:
        return rows[asked]
    if asked.lower() in {row.area for row in rows.values()}:
        raise ConfigurationError(f"{asked.lower()} is an area; see: conformance requirements --area {asked.lower()}")
    near = get_close_matches(asked, rows, n=3)
    hint = f"did you mean {', '.join(near)}?" if near else "see: conformance requirements"
    raise ConfigurationError(f"there is no requirement {requirement_id}; {hint}")


def _scenarios(requirement_id: str) -> str:
    found: list[str] = []
    folder = directory("features")
    for path in sorted(folder.rglob("*.feature")):
        feature = FeatureParser(str(folder), str(path.relative_to(folder))).parse()
        for scenario in feature.scenarios.values():
            if requirement_id in scenario.tags:
                found += [f"  {path.relative_to(folder)}: {scenario.name}"]
                found += [f"    {step.keyword} {step.name}" for step in scenario.steps]
    return "\n".join(found)
