"""``conformance requirements``, ``explain`` and ``faults``: what the suite knows, in tables and in words."""

from __future__ import annotations

import json
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


def show_requirements(
    *, area: str | None, edition: str | None, role: str | None, untested: bool, as_json: bool
) -> None:
    """Print the rows of the catalogue that fit."""
    rows = [
        row
        for row in catalogue().values()
        if area in (None, row.area)
        and (edition is None or edition in row.editions)
        and role in (None, row.role)
        and (not untested or row.not_tested is not None)
    ]
    if as_json:
        typer.echo(json.dumps([_for_machines(row) for row in rows], indent=2))
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("id", "level", "basis", "obligation", "clause"):
        table.add_column(heading, no_wrap=heading in ("id", "level"))
    for row in rows:
        table.add_row(*(Text(text) for text in (row.id, row.level, row.basis, row.text, row.clause)))
    Console(highlight=False).print(table)
    typer.echo(f"{len(rows)} requirement(s)")


def _for_machines(row: Requirement) -> dict[str, object]:
    data = {name: value for name, value in row.as_dict().items() if name != "not_tested"}
    return {**data, "tested": row.not_tested is None, "not_tested": row.not_tested}


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
    row = catalogue().get(requirement_id.upper())
    if row is None:
        near = get_close_matches(requirement_id.upper(), catalogue(), n=3)
        hint = f"; did you mean {', '.join(near)}?" if near else "; see: conformance requirements"
        raise ConfigurationError(f"there is no requirement {requirement_id}{hint}")
    typer.echo(f"{row.id} ({row.level}, basis: {row.basis}, edition {', '.join(row.editions)}, role: {row.role})")
    typer.echo(f"{row.clause}\n\n{row.text}\n\nWhy: {row.why}")
    if row.transport:
        typer.echo(f"\nJudged in runs over {row.transport.upper()} only")
    if row.needs:
        typer.echo(f"\nApplies when SUT.toml says: {'; '.join(row.needs)}")
    typer.echo(f"\nHow it is tested:\n{_scenarios(row.id) or row.not_tested}")
    falsified = [item for item in faults() if row.id in item.requirements]
    typer.echo("\nFaults of the reference system that falsify it:")
    for item in falsified:
        typer.echo(f"  {item.name}: {item.what}")


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
