"""``conformance check``: judge stored messages, print what is wrong with them."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING

import typer
from rich.console import Console
from rich.text import Text

from conformance.message.xml import Limits
from conformance.offline.judge import judge_all
from conformance.offline.reading import open_piece
from conformance.offline.sources import files_of, pieces_of

if TYPE_CHECKING:
    from pathlib import Path

    from conformance.offline.model import Judged, Verdict

_MIB = 1024 * 1024
_STYLE = {"error": "bold red", "warning": "yellow", "note": "cyan"}


def carry_out(paths: list[Path], *, as_json: bool, strict: bool, max_mib: float) -> int:
    """Judge everything; return 0 when there is no error, else 1. With ``strict`` warnings count as errors."""
    limits = Limits(max_bytes=int(max_mib * _MIB))
    pieces = (piece for path in files_of(paths) for piece in pieces_of(path, limits.max_bytes))
    verdicts = judge_all([open_piece(number, piece, limits) for number, piece in enumerate(pieces, start=1)])
    if as_json:
        typer.echo(json.dumps([item.as_dict() for item in verdicts], indent=2))
    else:
        _show(verdicts)
    bad = {"error", "warning"} if strict else {"error"}
    return 1 if any(finding.severity in bad for item in verdicts for finding in item.findings) else 0


def _show(verdicts: list[Verdict]) -> None:
    console = Console(highlight=False, soft_wrap=True)
    count: Counter[str] = Counter(finding.severity for item in verdicts for finding in item.findings)
    for item in verdicts:
        console.print(Text(f"{item.file}: {item.what}" + ("" if item.findings else ", nothing to object to")))
        for finding in item.findings:
            console.print(_line(finding))
    told = ", ".join(f"{count[name]} {name}(s)" for name in _STYLE)
    console.print(Text(f"{len(verdicts)} message(s): {told}"))


def _line(finding: Judged) -> Text:
    place = "" if finding.place.line is None else f"{finding.place.line}"
    place += "" if finding.place.column is None else f":{finding.place.column}"
    alike = "" if finding.count == 1 else f" ({finding.count} times)"
    text = Text(f"  {place:>8} ")
    text.append(f"{finding.severity:<8}", style=_STYLE[finding.severity])
    text.append(f"{finding.requirement}  {finding.message}{alike}")
    if finding.place.path:
        text.append(f"  {finding.place.path}", style="dim")
    return text
