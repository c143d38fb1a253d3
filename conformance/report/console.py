"""The end of a run in the terminal: what failed and why, in a few lines each, and where the evidence is."""

from __future__ import annotations

from collections import Counter
from itertools import chain
from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from conformance.report.failure import failure
from conformance.report.text import one_line, visible
from conformance.report.words import (
    EXIT_MEANINGS,
    completeness,
    executed,
    headline,
    name_of,
    plural,
    warnings_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from rich.console import RenderableType

#: More than these are counted; report.html has all of them.
MAX_WARNINGS = 10
MAX_INCONCLUSIVE = 20

#: An area with nothing else needs no line of its own.
_SILENT = ("not-applicable", "not-tested")
_COLUMNS = ("pass", "fail", "error", "inconclusive", "not-applicable", "not-tested")
_STYLES = {"pass": "green", "fail": "bold red", "error": "magenta", "inconclusive": "yellow"}
_REPORTS = ("report.html", "verdicts.json", "junit.xml", "messages", "journal.db")


def summary(verdicts: dict[str, Any], out: Path) -> list[RenderableType]:
    """Return what to print at the end of a run whose reports are in ``out``.

    Text of the system under test is neither markup nor a terminal's control sequence in it.
    """
    rows = {row["id"]: row for row in verdicts["requirements"]}
    failed = [row for row in verdicts["scenarios"] if row["verdict"] == "fail" and row["status"] == "published"]
    parts: list[RenderableType] = [_table(verdicts), *(failure(scenario, rows, out) for scenario in failed)]
    beside = list(_reasons(verdicts, "fail", "proposed"))
    parts.extend(_block("Not kept, but only proposed (changes no exit code)", beside, MAX_INCONCLUSIVE, "yellow"))
    parts.extend(_block("Suite errors", list(_reasons(verdicts, "error")), MAX_INCONCLUSIVE, "magenta"))
    warned = list(_warnings(verdicts))
    parts.extend(_block("Warnings (change no verdict)", warned, MAX_WARNINGS, "yellow", one_line_each=True))
    parts.extend(_block("Inconclusive", list(_reasons(verdicts, "inconclusive")), MAX_INCONCLUSIVE, "yellow"))
    parts.append(_closing(verdicts, out))
    return parts


def _table(verdicts: dict[str, Any]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    table.add_column("requirements")
    for heading in ("pass", "fail", "error", "inconclusive", "n/a", "not tested", "warnings"):
        table.add_column(heading, justify="right", no_wrap=True)
    rows = verdicts["requirements"]
    published = [row for row in rows if row["status"] == "published"]
    silent: list[list[dict[str, Any]]] = []
    for area in dict.fromkeys(row["area"] for row in rows):
        mine = [row for row in rows if row["area"] == area]
        only = " (proposed)" if all(row["status"] == "proposed" for row in mine) else ""
        if all(row["verdict"] in _SILENT for row in mine):
            silent += [] if only else [mine]
        else:
            table.add_row(Text(one_line(area, 40) + only), *_cells(mine))
    if silent:
        others = plural(len(silent), "area") + " in which nothing was judged"
        table.add_row(Text(others, style="dim"), *_cells(list(chain.from_iterable(silent))))
    table.add_row(Text("all", style="bold"), *_cells(published))
    return table


def _cells(rows: list[dict[str, Any]]) -> Iterator[Text]:
    counted = Counter(row["verdict"] for row in rows)
    for verdict in _COLUMNS:
        count = counted[verdict]
        yield Text(str(count) if count else "–", style=_STYLES.get(verdict, "") if count else "dim")
    warnings = sum(row["warnings"] for row in rows)
    yield Text(str(warnings) if warnings else "–", style="yellow" if warnings else "dim")


def _warnings(verdicts: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for scenario in verdicts["scenarios"]:
        for finding in warnings_of(scenario):
            yield finding["requirement"], f"{finding['observed']} ({name_of(scenario)})"


def _reasons(verdicts: dict[str, Any], verdict: str, status: str | None = None) -> Iterator[tuple[str, str]]:
    """Iterate over (how many scenarios, reason): a thousand with one reason are one line."""
    found: dict[str, list[str]] = {}
    for scenario in verdicts["scenarios"]:
        if scenario["verdict"] == verdict and status in (None, scenario["status"]):
            found.setdefault(scenario["reason"], []).append(_subject(scenario))
    for reason, names in found.items():
        yield f"{len(names)} ×", f"{reason} ({', '.join(dict.fromkeys(names))})"


def _subject(scenario: dict[str, Any]) -> str:
    """Return the requirements of a scenario, and the transport when the run went over several."""
    named = " ".join(scenario["requirements"])
    return " ".join(filter(None, [named, scenario.get("transport")])) if named else name_of(scenario)


def _block(
    title: str, lines: list[tuple[str, str]], limit: int, style: str, *, one_line_each: bool = False
) -> Iterator[RenderableType]:
    if not lines:
        return
    yield Text.assemble("\n", (title, f"bold {style}"))
    table = Table.grid(padding=(0, 2, 0, 0), expand=one_line_each)
    table.add_column(min_width=9, no_wrap=True, style=style)
    table.add_column(
        overflow="ellipsis" if one_line_each else "fold", no_wrap=one_line_each, ratio=1 if one_line_each else None
    )
    for head, rest in lines[:limit]:
        table.add_row(Text(f"  {one_line(head, 20)}"), Text(one_line(rest, 160)))
    yield table
    if len(lines) > limit:
        yield Text(f"  and {len(lines) - limit} more in report.html", style="dim")


def _closing(verdicts: dict[str, Any], out: Path) -> Text:
    text = Text("\n")
    there = [name for name in _REPORTS if (out / name).exists()]
    if there:
        text.append(f"Reports in {visible(str(out))}: {', '.join(there)}\n", style="dim")
    if verdicts["schemas"]:
        text.append(f"Judged by: {one_line(verdicts['schemas'], 160)}\n", style="dim")
    if not verdicts["complete"] and executed(verdicts):
        text.append(completeness(verdicts) + "\n", style="yellow")
    code = verdicts["exit_code"]
    style = {0: "bold green", 1: "bold red"}.get(code, "bold yellow")
    text.append(headline(verdicts), style=style)
    text.append(f"\nExit code {code}: {EXIT_MEANINGS[code]}.")
    return text
