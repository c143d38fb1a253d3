"""``conformance calibrate``: spread the cases over processes, show progress, print the rates."""

from __future__ import annotations

import json
import multiprocessing
import os
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from typing import TYPE_CHECKING

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from conformance.calibration.case import Case, Outcome, cases, check_jms, measure
from conformance.calibration.report import Calibration, wrong_passes
from conformance.errors import ConfigurationError

if TYPE_CHECKING:
    from pathlib import Path

#: A case mostly waits.
_PER_CORE = 2
#: What goes over JMS shares two processes, and so two virtual machines: to start one takes longer than a case.
_OVER_JMS = 2


def carry_out(*, as_json: bool, jobs: int | None, only: str | None, out: Path | None, transport: str = "all") -> int:
    """Measure; return 0 when detection is complete and nothing is alarmed falsely, else 1.

    Raises ConfigurationError when there are cases over JMS that cannot be measured.
    """
    begun = time.monotonic()
    todo = _chosen(only, transport)
    if any(case.transport == "jms" for case in todo):
        check_jms()
    calibration = _measure_all(jobs or _PER_CORE * (os.cpu_count() or 1), todo)
    data = {**calibration.as_dict(), "seconds": round(time.monotonic() - begun, 1)}
    if out is not None:
        out.write_text(json.dumps(data, indent=2) + "\n", encoding="utf-8")
    if as_json:
        typer.echo(json.dumps(data, indent=2))
    else:
        _show(calibration, data["seconds"])
    return 0 if calibration.good else 1


def _chosen(only: str | None, transport: str) -> list[Case]:
    if transport not in ("all", "soap", "jms"):
        raise ConfigurationError(f"--transport {transport} is not known; there are: soap, jms, all")
    return [case for case in cases(only) if transport in ("all", case.transport)]


def _measure_all(jobs: int, todo: list[Case]) -> Calibration:
    outcomes: list[Outcome] = []
    broken: dict[str, str] = {}
    progress = Console(stderr=True, highlight=False)
    # Spawned, never forked: a case starts threads, and a fork copies locks without their owners.
    context = multiprocessing.get_context("spawn")
    with (
        ProcessPoolExecutor(min(jobs, _OVER_JMS), mp_context=context) as over_jms,
        ProcessPoolExecutor(jobs, mp_context=context) as pool,
        progress.status("calibrating") as status,
    ):
        waiting = {(over_jms if case.transport == "jms" else pool).submit(measure, case): case for case in todo}
        for number, done in enumerate(as_completed(waiting), 1):
            case = waiting[done]
            try:
                outcomes.append(done.result())
            except Exception as problem:  # one broken case must not hide the others
                broken[case.name] = f"{type(problem).__name__}: {problem}"
            status.update(f"{number} of {len(todo)}: {case.kind} {case.name}")
            if not progress.is_terminal and number % 25 == 0:
                progress.print(f"{number} of {len(todo)} cases measured")
    return Calibration(outcomes=sorted(outcomes, key=lambda item: (item.case.kind, item.case.name)), broken=broken)


def _show(calibration: Calibration, seconds: float) -> None:
    console = Console(highlight=False)
    data = calibration.as_dict()
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("requirement", "faults", "detected", "false alarms"):
        table.add_column(heading, justify="left" if heading == "requirement" else "right")
    for name, row in data["requirements"].items():
        if row["faults"] or row["false_alarms"]:
            table.add_row(name, str(row["faults"]), str(row["detected"]), str(row["false_alarms"]))
    console.print(table)
    for item in data["faults"]["missed"]:
        console.print(Text(f"MISSED       {item['fault']} by {', '.join(item['requirements'])}", style="bold red"))
    for item in data["variants"]["false_alarms"]:
        console.print(Text(f"FALSE ALARM  {item['variant']}: {', '.join(item['requirements'])}", style="bold red"))
    for item in calibration.outcomes:
        if item.case.kind == "null":
            _show_null(console, item)
    for name, why in calibration.broken.items():
        console.print(Text(f"BROKEN       {name}: {why}", style="bold red"))
    faults, variants = data["faults"], data["variants"]
    rate = 100 * faults["detected"] / faults["total"] if faults["total"] else 100.0
    console.print(
        f"detection {faults['detected']} of {faults['total']} faults ({rate:.1f} %), "
        f"false alarms {len(variants['false_alarms'])} of {variants['total']} legal variants, {seconds:g} s"
    )


def _show_null(console: Console, item: Outcome) -> None:
    wrong = wrong_passes(item)
    told = f"null system {item.case.name}: {item.passed} passed, {item.failed} failed, exit code {item.exit_code}"
    console.print(Text(told + (f"; must not pass: {', '.join(wrong)}" if wrong else ""), style="red" if wrong else ""))
