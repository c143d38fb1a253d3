"""A failed scenario for the terminal: at most ten lines, however narrow it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rich.text import Text

from conformance.report.messages import file_of
from conformance.report.text import one_line, visible
from conformance.report.words import failures_of, name_of, plural

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console, ConsoleOptions, RenderResult

MAX_LINES = 10

_INDENT = 13


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Prints ``head`` and then ``fields`` with hanging indents; long fields lose their last lines first.

    The last field is never shortened: it is the file that a reader wants to copy.
    """

    head: str
    fields: tuple[tuple[str, str], ...]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the lines for the width of ``console``."""
        yield Text("")
        yield Text.assemble(("FAIL ", "bold red"), (self.head, "bold"), no_wrap=True, overflow="ellipsis")
        width = max(20, options.max_width - _INDENT)
        blocks = [_wrapped(value, width, console) for _, value in self.fields]
        _fit(blocks[:-1], MAX_LINES - 1 - len(blocks[-1]))
        for (name, _), lines in zip(self.fields, blocks, strict=True):
            for number, line in enumerate(lines):
                label = one_line(name, _INDENT - 3) if number == 0 else ""
                yield Text.assemble((f"  {label}".ljust(_INDENT), "dim"), line)


def failure(scenario: dict[str, Any], rows: dict[str, dict[str, Any]], out: Path) -> Failure:
    """Return a failed scenario with its first finding; ``rows`` are the requirements by id."""
    broken = failures_of(scenario)
    more = f" (and {plural(len(broken) - 1, 'more finding')})" if len(broken) > 1 else ""
    head = one_line(name_of(scenario), 150) + more
    if not broken:
        return Failure(head=head, fields=(("reason", scenario["reason"]), ("more in", str(out / "report.html"))))
    first = broken[0]
    row = rows.get(first["requirement"])
    fields = [
        (first["requirement"], row["text"] if row else "(not in the catalogue of this run)"),
        ("clause", row["clause"] if row else ""),
        ("expected", first["expected"]),
        ("observed", first["observed"]),
        ("where", first["where"]),
        ("messages", _file(scenario, first, out)),
    ]
    return Failure(head=head, fields=tuple(field for field in fields if field[1]))


def _file(scenario: dict[str, Any], finding: dict[str, Any], out: Path) -> str:
    # The newest is what was observed; what was asked lies beside it.
    message = finding["messages"][-1] if finding["messages"] else 0
    return str(out / file_of(out, scenario, message))


def _wrapped(value: str, width: int, console: Console) -> list[Text]:
    line = Text(" ".join(visible(value).split()), overflow="fold")
    return list(line.wrap(console, width)) or [Text("–")]


def _fit(blocks: list[list[Text]], limit: int) -> None:
    """Shorten the longest of ``blocks`` until all have ``limit`` lines at most, and one each at least."""
    cut = []
    while sum(map(len, blocks)) > limit and max(map(len, blocks)) > 1:
        longest = max(blocks, key=len)
        longest.pop()
        cut.append(longest)
    for block in cut:
        if not block[-1].plain.endswith("…"):
            block[-1].rstrip()
            block[-1].right_crop(1)
            block[-1].append("…")
