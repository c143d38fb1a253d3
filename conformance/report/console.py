"""The end of a run in the terminal: what failed and why, in a few lines each, and where the evidence is."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from conformance.report.messages import file_of
from conformance.report.text import one_line, visible
from conformance.report.words import (
    EXIT_MEANINGS,
    completeness,
    executed,
    failures_of,
    headline,
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

_COLUMNS = ("pass", "fail", "error", "inconclusive", "not-applicable", "not-tested")
_STYLES = {"pass": "green", "fail": "bold red", "error": "magenta", "inconclusive": "yellow"}
_REPORTS = ("report.html", "verdicts.json", "junit.xml", "messages", "journal.db")


def summary(verdicts: dict[str, Any], out: Path) -> list[RenderableType]:
    """Return what to print at the end of a run whose reports are in ``out``.

    Text of the system under test is neither markup nor a terminal's control sequence in it.
    """
    rows = {row["id"]: row for row in verdicts["requirements"]}
    parts: list[RenderableType] = [_table(verdicts)]
    for scenario in verdicts["scenarios"]:
        if scenario["verdict"] == "fail":
            parts.append(_failure(scenario, rows, out))
    parts.extend(_block("Suite errors", list(_reasons(verdicts, "error")), MAX_INCONCLUSIVE, "magenta"))
    parts.extend(_block("Warnings (change no verdict)", list(_warnings(verdicts)), MAX_WARNINGS, "yellow"))
    parts.extend(_block("Inconclusive", list(_reasons(verdicts, "inconclusive")), MAX_INCONCLUSIVE, "yellow"))
    parts.append(_closing(verdicts, out))
    return parts


def _table(verdicts: dict[str, Any]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    table.add_column("requirements")
    for heading in ("pass", "fail", "error", "inconclusive", "n/a", "not tested", "warnings"):
        table.add_column(heading, justify="right", no_wrap=True)
    rows = verdicts["requirements"]
    for area in dict.fromkeys(row["area"] for row in rows):
        mine = [row for row in rows if row["area"] == area]
        table.add_row(Text(one_line(area, 40)), *_cells(mine))
    table.add_row(Text("all", style="bold"), *_cells(rows))
    return table


def _cells(rows: list[dict[str, Any]]) -> Iterator[Text]:
    counted = Counter(row["verdict"] for row in rows)
    for verdict in _COLUMNS:
        count = counted[verdict]
        yield Text(str(count) if count else "–", style=_STYLES.get(verdict, "") if count else "dim")
    warnings = sum(row["warnings"] for row in rows)
    yield Text(str(warnings) if warnings else "–", style="yellow" if warnings else "dim")


def _failure(scenario: dict[str, Any], rows: dict[str, dict[str, Any]], out: Path) -> Text:
    """Return a failed scenario in at most ten lines."""
    text = Text("\n")
    _line(text, "FAIL", scenario["name"], "bold red", limit=150)
    broken = failures_of(scenario)
    if not broken:
        _field(text, "reason", scenario["reason"])
        _field(text, "messages", f"report.html#{scenario['id']}")
        return text
    first = broken[0]
    row = rows.get(first["requirement"])
    _field(text, first["requirement"], row["text"] if row else "(not in the catalogue of this run)")
    if row and row["clause"]:
        _field(text, "clause", row["clause"])
    for name in ("expected", "observed", "where"):
        if first[name]:
            _field(text, name, first[name])
    message = first["messages"][0] if first["messages"] else 0
    _field(text, "messages", str(out / file_of(out, scenario, message)))
    if len(broken) > 1:
        _field(text, "", f"and {plural(len(broken) - 1, 'more finding')} in report.html")
    return text


def _warnings(verdicts: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for scenario in verdicts["scenarios"]:
        for finding in warnings_of(scenario):
            yield finding["requirement"], f"{finding['observed']} ({scenario['name']})"


def _reasons(verdicts: dict[str, Any], verdict: str) -> Iterator[tuple[str, str]]:
    """Iterate over (how many scenarios, reason): a thousand with one reason are one line."""
    found: dict[str, list[str]] = {}
    for scenario in verdicts["scenarios"]:
        if scenario["verdict"] == verdict:
            found.setdefault(scenario["reason"], []).append(scenario["name"])
    for reason, names in found.items():
        yield (f"{len(names)}×", reason) if len(names) > 1 else ("1×", f"{reason} ({names[0]})")


def _block(title: str, lines: list[tuple[str, str]], limit: int, style: str) -> Iterator[Text]:
    if not lines:
        return
    text = Text("\n")
    text.append(title, style=f"bold {style}")
    for head, rest in lines[:limit]:
        text.append("\n")
        text.append(f"  {one_line(head, 20):<9} ", style=style)
        text.append(one_line(rest, 160))
    if len(lines) > limit:
        text.append(f"\n  and {len(lines) - limit} more in report.html", style="dim")
    yield text


def _closing(verdicts: dict[str, Any], out: Path) -> Text:
    text = Text("\n")
    there = [name for name in _REPORTS if (out / name).exists()]
    if there:
        text.append(f"Reports in {visible(str(out))}: {', '.join(there)}\n", style="dim")
    if not verdicts["complete"] and executed(verdicts):
        text.append(completeness(verdicts) + "\n", style="yellow")
    code = verdicts["exit_code"]
    style = {0: "bold green", 1: "bold red"}.get(code, "bold yellow")
    text.append(headline(verdicts), style=style)
    text.append(f"\nExit code {code}: {EXIT_MEANINGS[code]}.")
    return text


def _line(text: Text, head: str, rest: str, style: str, limit: int) -> None:
    text.append(f"{head} ", style=style)
    text.append(one_line(rest, limit), style="bold")


def _field(text: Text, name: str, value: str) -> None:
    text.append(f"\n  {one_line(name, 24):<9} ", style="dim")
    text.append(one_line(value, 300))
