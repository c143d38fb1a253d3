"""``verdicts.json``: what the journal says about the run, for machines. Other reports are made from it."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from conformance.report.files import write_atomically
from conformance.report.judgement import Ruling, is_proposed, judge_requirements, judge_scenarios
from conformance.standard.verdicts import Verdict, exit_code

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from conformance.journal import Journal

FORMAT = 1
FILE_NAME = "verdicts.json"

_IDENTITY = ("vendor", "product", "version", "role", "edition")
_SELECTION = ("select", "transport", "edition", "style", "soap")


@cache
def schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of verdicts.json."""
    text = files("conformance.report").joinpath("verdicts.schema.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def write(journal: Journal, out_dir: Path) -> dict[str, Any]:
    """Write ``out_dir/verdicts.json`` and return what it says. Raises ConfigurationError when it cannot."""
    verdicts = build(journal)
    text = json.dumps(verdicts, indent=2, ensure_ascii=False) + "\n"
    # A lone surrogate from the wire has no UTF-8; the backslash form is exactly JSON's own escape.
    write_atomically(out_dir / FILE_NAME, [text.encode("utf-8", "backslashreplace")])
    return verdicts


def build(journal: Journal) -> dict[str, Any]:
    """Return what the journal says about the run so far, also after a kill. Deterministic."""
    catalogue: list[dict[str, Any]] = journal.meta("catalogue", [])
    selection = _texts(journal.meta("selection", {}), _SELECTION)
    system = _no_nulls(_texts(journal.meta("system_under_test", {}), _IDENTITY))
    scenarios = judge_scenarios(journal, catalogue)
    requirements = judge_requirements(catalogue, scenarios, {**selection, "role": system["role"]})
    complete = journal.meta("ended") == "complete" and not any(ruling.unfinished for ruling in scenarios)
    shown = [_scenario(ruling) for ruling in scenarios]
    return {
        "format": FORMAT,
        "suite": _suite(journal.meta("suite", {})),
        "edition": selection["edition"] or "",
        "system_under_test": system,
        "capabilities": journal.meta("capabilities", {}),
        "selection": {**_no_nulls(selection), "select": selection["select"]},
        "schemas": str(journal.meta("schemas", "")),
        "started": iso(journal.meta("started")),
        "finished": iso(journal.meta("finished")),
        "complete": complete,
        "counts": {
            "requirements": _counts(row["verdict"] for row in requirements if not is_proposed(row)),
            "proposed": _counts(row["verdict"] for row in requirements if is_proposed(row)),
            "scenarios": _counts(row["verdict"] for row in shown),
            "warnings": sum(finding["severity"] != "shall" for row in shown for finding in row["findings"]),
        },
        "requirements": requirements,
        "scenarios": shown,
        "exit_code": _exit_code(requirements, scenarios, complete=complete),
    }


def iso(moment: float | None) -> str | None:
    """Return seconds since the epoch as UTC text with milliseconds; None for None."""
    if moment is None:
        return None
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _exit_code(requirements: list[dict[str, Any]], scenarios: list[Ruling], *, complete: bool) -> int:
    """Return the exit code. A scenario whose requirements the catalogue lacks counts for itself."""
    known = {row["id"] for row in requirements}
    orphans = (ruling for ruling in scenarios if not known & set(ruling.plan.get("requirements", ())))
    published = (row["verdict"] for row in requirements if not is_proposed(row))
    proposed = (row["verdict"] for row in requirements if is_proposed(row))
    code = exit_code(_counts([*published, *(ruling.verdict for ruling in orphans)]), _counts(proposed))
    return 3 if code == 0 and not complete else code


def _scenario(ruling: Ruling) -> dict[str, Any]:
    several = {"transport": ruling.transport} if ruling.transport else {}
    return {
        "id": ruling.id,
        "feature": str(ruling.plan.get("feature", "")),
        "area": str(ruling.plan.get("area", "")),
        "rule": ruling.plan.get("rule"),
        "name": str(ruling.plan.get("name", ruling.id)),
        **several,
        "requirements": list(ruling.plan.get("requirements", ())),
        "status": "proposed" if ruling.proposed else "published",
        "verdict": str(ruling.verdict),
        "reason": ruling.reason,
        "findings": ruling.findings,
        "exchanges": list(ruling.exchanges),
        "messages": ruling.messages,
        "duration_s": ruling.duration,
        "started": iso(ruling.started),
        "steps": ruling.steps,
    }


def _suite(found: Mapping[str, Any]) -> dict[str, Any]:
    dependencies = found.get("dependencies", {})
    return {
        "version": str(found.get("version", "")),
        "python": str(found.get("python", "")),
        "dependencies": {name: str(dependencies[name]) for name in sorted(dependencies)},
    }


def _counts(verdicts: Iterable[str]) -> dict[str, int]:
    counted = Counter(verdicts)
    return {str(verdict): counted[verdict] for verdict in Verdict}


def _texts(found: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, str | None]:
    return {name: None if found.get(name) is None else str(found[name]) for name in names}


def _no_nulls(found: dict[str, str | None]) -> dict[str, str]:
    return {name: value or "" for name, value in found.items()}
