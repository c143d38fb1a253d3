"""``conformance doctor``: the pre-flight, for people and for machines."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import typer
from rich.console import Console
from rich.text import Text

from conformance.sut.doctor import examine
from conformance.sut.load import load

if TYPE_CHECKING:
    from pathlib import Path

_STYLES = {"ok": "green", "warning": "yellow", "problem": "bold red", "skipped": "dim"}


def carry_out(sut: Path, *, as_json: bool) -> int:
    """Examine the system; return 0, or 2 when a run could not start."""
    results = examine(load(sut))
    if as_json:
        typer.echo(json.dumps([asdict(result) for result in results], indent=2))
    else:
        console = Console(highlight=False)
        for result in results:
            line = Text.assemble((f"{result.status:8}", _STYLES[result.status]), f" {result.name}: {result.what}")
            console.print(line, soft_wrap=True)
            if result.fix:
                console.print(Text(f"         → {result.fix}"), soft_wrap=True)
        problems = sum(result.status == "problem" for result in results)
        told = f"{problems} problem(s): a run cannot start" if problems else f"ready: conformance run {sut}"
        console.print(Text(told, style="bold"))
    return 2 if any(result.status == "problem" for result in results) else 0
