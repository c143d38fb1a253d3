"""``report.html``: one file that works offline, for managers first and for engineers below."""

from __future__ import annotations

import base64
import hashlib
import json
from collections import Counter
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from conformance.report import sequence, words
from conformance.report.files import write_atomically
from conformance.report.page import Pages
from conformance.report.text import slug, visible
from conformance.report.wire import MAX_SHOWN
from conformance.standard.verdicts import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from conformance.journal import Journal

FILE_NAME = "report.html"
#: More reasons for what was not judged than these open with a click.
MAX_GAPS = 12


def write(journal: Journal, verdicts: dict[str, Any], out_dir: Path, written: Mapping[int, str]) -> None:
    """Write ``out_dir/report.html``; ``written`` maps message ids to their files in ``out_dir``.

    Raises ConfigurationError when the file cannot be written.
    """
    pieces = (piece.encode("utf-8", "replace") for piece in render(journal, verdicts, written))
    write_atomically(out_dir / FILE_NAME, pieces)


def render(journal: Journal, verdicts: dict[str, Any], written: Mapping[int, str]) -> Iterator[str]:
    """Iterate over the pieces of the page, scenario by scenario."""
    script, style = _asset("report.js"), _asset("report.css") + sequence.STYLE
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return _environment().get_template("report.html.j2").generate(
        verdicts=verdicts,
        pages=Pages(journal=journal, verdicts=verdicts, files=written),
        script=Markup(script),  # noqa: S704 - ours
        style=Markup(style),  # noqa: S704 - ours
        script_digest=digest,
        summary=_summary(verdicts),
        facts=_facts(verdicts),
        requirement_of={row["id"]: row for row in verdicts["requirements"]},
        scenario_of={row["id"]: row for row in verdicts["scenarios"]},
        setup=_setup(journal, verdicts),
        words=words,
        few=MAX_GAPS,
        shown_limit=MAX_SHOWN // 1024,
    )  # fmt: skip


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("conformance.report"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        finalize=lambda value: visible(value) if isinstance(value, str) else value,
    )
    environment.filters["anchor"] = slug
    environment.filters["seconds"] = _seconds
    environment.filters["title_of"] = lambda area: area.replace("_", " ").replace("-", " ").capitalize()
    return environment


def _asset(name: str) -> str:
    return files("conformance.report").joinpath("templates", name).read_text(encoding="utf-8")


def _setup(journal: Journal, verdicts: dict[str, Any]) -> list[tuple[str, str]]:
    return [
        ("Capabilities", _json(verdicts["capabilities"])),
        ("Configuration", _json(journal.meta("configuration", {}))),
        ("Versions", _json(verdicts["suite"])),
    ]


def _json(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)


def _seconds(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:.2f} s" if value < 60 else f"{int(value // 60)} min {int(value % 60)} s"


def _summary(verdicts: dict[str, Any]) -> dict[str, Any]:
    counts = verdicts["counts"]["requirements"]
    rows = verdicts["requirements"]
    areas = dict.fromkeys(row["area"] for row in [*rows, *verdicts["scenarios"]])
    planned = {scenario["area"] for scenario in verdicts["scenarios"]}
    return {
        "counts": [(verdict, words.TITLES[verdict], counts[verdict]) for verdict in reversed(words.ORDER)],
        "total": sum(counts.values()),
        "proposed": sum(verdicts["counts"]["proposed"].values()),
        "areas": [{**_area(area, rows), "planned": area in planned} for area in areas],
        "failed": [row for row in rows if row["verdict"] in ("fail", "error")],
        "warned": [row for row in rows if row["warnings"]],
        "evidence": _evidence(verdicts),
        "gaps": _gaps(rows),
        "levels": [level for level in ("shall", "should", "may") if any(row["level"] == level for row in rows)],
        "tone": {0: "pass", 1: "fail"}.get(verdicts["exit_code"], "inconclusive"),
    }


def _evidence(verdicts: dict[str, Any]) -> dict[str, str]:
    """Return the scenario to look at first, by requirement: one with a finding, else one of the same verdict."""
    verdict_of = {row["id"]: row["verdict"] for row in verdicts["requirements"]}
    found: dict[str, str] = {}
    for scenario in verdicts["scenarios"]:
        for finding in scenario["findings"]:
            found.setdefault(finding["requirement"], scenario["id"])
    for scenario in verdicts["scenarios"]:
        for requirement in scenario["requirements"]:
            if verdict_of.get(requirement) == scenario["verdict"]:
                found.setdefault(requirement, scenario["id"])
    return found


def _area(area: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
    mine = [row for row in rows if row["area"] == area]
    counted = Counter(row["verdict"] for row in mine)
    return {
        "name": area,
        "total": len(mine),
        "counts": [(verdict, counted[verdict]) for verdict in reversed(words.ORDER)],
        "warnings": sum(row["warnings"] for row in mine),
    }


def _gaps(rows: list[dict[str, Any]]) -> list[tuple[str, str, list[dict[str, Any]]]]:
    """Return (verdict, reason, requirements) of what was not judged, grouped by reason."""
    groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for verdict in (Verdict.INCONCLUSIVE, Verdict.NOT_TESTED, Verdict.NOT_APPLICABLE):
        for row in rows:
            if row["verdict"] == verdict:
                groups.setdefault((verdict, row["reason"]), []).append(row)
    return [(verdict, reason, members) for (verdict, reason), members in groups.items()]


def _facts(verdicts: dict[str, Any]) -> list[tuple[str, str]]:
    system, selection = verdicts["system_under_test"], verdicts["selection"]
    found = [
        ("System", " ".join(filter(None, [system["vendor"], system["product"], system["version"]]))),
        ("Role and edition", _joined(system["role"], f"IEC 61968-9:{verdicts['edition']}")),
        ("Style", _joined(selection["style"], words.over(selection["transport"]))),
        ("SOAP version", selection["soap"]),
        ("Schemas", verdicts["schemas"]),
        ("Selection", "everything" if selection["select"] is None else selection["select"]),
        ("Started", _moment(verdicts["started"])),
        ("Finished", _moment(verdicts["finished"]) or "did not finish"),
        ("Suite", _joined(verdicts["suite"]["version"], f"Python {verdicts['suite']['python']}")),
    ]
    return [(name, value or "not known") for name, value in found]


def _joined(*parts: str) -> str:
    return " · ".join(filter(None, parts))


def _moment(moment: str | None) -> str:
    return "" if moment is None else f"{moment[:10]} {moment[11:19]} UTC"
