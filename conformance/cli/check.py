"""``conformance check``: judge stored messages, print what is wrong with them."""

from __future__ import annotations

import json
import sys
import tempfile
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.text import Text

from conformance.errors import ConfigurationError
from conformance.message.xml import Limits
from conformance.offline.model import Settings
from conformance.offline.reading import agreed
from conformance.offline.sources import STANDARD_INPUT, Source, sources_of
from conformance.offline.together import judge_all
from conformance.standard.editions import EDITIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conformance.offline.model import Judged, Verdict

_MIB = 1024 * 1024
_STYLE = {"error": "bold red", "warning": "yellow", "note": "cyan"}
#: Fewer files are judged before anybody would read how many are done.
_MANY = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What to judge, and how."""

    paths: list[Path]
    as_json: bool = False
    strict: bool = False
    max_mib: float = 1024
    jobs: int = 1
    sut: Path | None = None
    edition: str | None = None


def carry_out(order: Order) -> int:
    """Judge everything; return 0 when there is no error, else 1. With ``strict`` warnings count as errors.

    Raises ConfigurationError when a path, or SUT.toml, cannot be used.
    """
    if order.edition not in (None, *EDITIONS):
        raise ConfigurationError(f"--edition {order.edition} is not known; there are: {', '.join(EDITIONS)}")
    settings = Settings(limits=Limits(max_bytes=int(order.max_mib * _MIB)), sut=order.sut, edition=order.edition)
    agreed(settings)  # what is wrong in SUT.toml is told before anything is judged
    with tempfile.TemporaryDirectory(prefix="conformance-check-") as folder:
        sources = _sources(order.paths, Path(folder), settings.limits.max_bytes)
        with _progress(len(sources)) as progress:
            verdicts = judge_all(sources, settings, order.jobs, progress)
    if order.as_json:
        # A line for each message: whoever looks at them with a tool of lines sees whole ones.
        typer.echo("[\n" + ",\n".join(json.dumps(item.as_dict()) for item in verdicts) + "\n]")
    else:
        _show(verdicts)
    bad = {"error", "warning"} if order.strict else {"error"}
    return 1 if any(finding.severity in bad for item in verdicts for finding in item.findings) else 0


def _sources(paths: list[Path], folder: Path, max_bytes: int) -> list[Source]:
    """Return what to judge; standard input (-) is stored first, so that it can be read more than once."""
    if paths.count(Path("-")) > 1:
        raise ConfigurationError("standard input (-) can be read only once")
    sources = sources_of([path for path in paths if path != Path("-")])
    if Path("-") in paths:
        stored = folder / "input"
        with stored.open("wb") as file:
            for _ in range(max_bytes // _MIB + 1):
                file.write(sys.stdin.buffer.read(_MIB))
        sources.append(Source(stored, STANDARD_INPUT))
    return sources


@contextmanager
def _progress(many: int) -> Iterator[Callable[[int], None]]:
    """Show on a terminal how many of many files are done; elsewhere nothing."""
    console = Console(stderr=True)
    if many < _MANY or not console.is_terminal:
        yield lambda _done: None
        return
    columns = (TextColumn("judging"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("", total=many)
        yield lambda done: progress.update(task, completed=done)


def _show(verdicts: list[Verdict]) -> None:
    console = Console(highlight=False, soft_wrap=True)
    count: Counter[str] = Counter(finding.severity for item in verdicts for finding in item.findings)
    for item in verdicts:
        nothing = "" if item.findings else ", nothing to object to"
        console.print(Text(f"{_printable(item.file)}: {_printable(item.what)}{nothing}"))
        for finding in item.findings:
            console.print(_line(finding))
    told = ", ".join(f"{count[name]} {name}{'' if count[name] == 1 else 's'}" for name in _STYLE)
    console.print(Text(f"{len(verdicts)} message{'' if len(verdicts) == 1 else 's'}: {told}"))


def _line(finding: Judged) -> Text:
    place = "" if finding.place.line is None else f"{finding.place.line}"
    place += "" if finding.place.column is None else f":{finding.place.column}"
    alike = "" if finding.count == 1 else f" ({finding.count} times)"
    text = Text(f"  {place:>8} ")
    text.append(f"{finding.severity:<8}", style=_STYLE[finding.severity])
    text.append(_printable(f"{finding.requirement}  {finding.message}{alike}"))
    if finding.place.path:
        text.append(f"  {_printable(finding.place.path)}", style="dim")
    return text


def _printable(text: str) -> str:
    """Return ``text`` on one line and without what a terminal would obey: it came from outside."""
    return "".join(item if item.isprintable() else repr(item)[1:-1] for item in text)
