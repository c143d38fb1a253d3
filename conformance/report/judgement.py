"""What each scenario and each requirement ended with, from the plan and from what became of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from conformance.standard.verdicts import Verdict, worst

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conformance.journal import Journal

NOT_REACHED = "the run ended before it was executed"
CUT_OFF = "the run ended while it was being executed"


@dataclass(slots=True, kw_only=True)
class Ruling:
    """One scenario with its verdict. ``duration`` is in seconds, ``started`` in seconds since the epoch.

    It is ``proposed`` when all that it judges is: then it makes no published edition fail.
    """

    id: str
    plan: dict[str, Any]
    verdict: Verdict
    reason: str
    unfinished: bool
    proposed: bool
    started: float | None
    duration: float | None
    steps: list[dict[str, Any]]
    findings: list[dict[str, Any]] = field(default_factory=list)
    exchanges: dict[str, None] = field(default_factory=dict)
    messages: list[int] = field(default_factory=list)

    @property
    def transport(self) -> str | None:
        """Return the transport that it ran over, when the run went over several."""
        return self.plan.get("transport")

    @property
    def broken(self) -> list[dict[str, Any]]:
        """Return the findings against obligations."""
        return [finding for finding in self.findings if finding["severity"] == "shall"]


def judge_scenarios(journal: Journal, catalogue: list[dict[str, Any]]) -> list[Ruling]:
    """Return every scenario of the plan, in its order, its findings weighed as ``catalogue`` has it."""
    rows = {row["id"]: row for row in catalogue}
    rulings = {row["id"]: _ruling(row, rows) for row in journal.scenarios()}
    for scenario, data in journal.findings():
        if scenario in rulings:
            rulings[scenario].findings.append(_finding(data, rows, rulings[scenario]))
    for entry in journal.entries():
        if entry.scenario in rulings:
            ruling = rulings[entry.scenario]
            ruling.messages.append(entry.id)
            if entry.exchange:
                ruling.exchanges[entry.exchange] = None
    for ruling in rulings.values():
        _weigh_findings(ruling)
    return list(rulings.values())


def is_proposed(row: Mapping[str, Any] | None) -> bool:
    """Return whether a row of the catalogue is only proposed; a row from before there was a status is published."""
    return row is not None and row.get("status") == "proposed"


def _ruling(row: dict[str, Any], catalogue: Mapping[str, dict[str, Any]]) -> Ruling:
    verdict, reason = _outcome(row)
    skipped = row["plan"].get("skipped")
    about = row["plan"].get("requirements", ())
    return Ruling(
        id=row["id"],
        plan=row["plan"],
        verdict=verdict,
        reason=reason,
        unfinished=row["state"] != "done" and not skipped,
        proposed=bool(about) and all(is_proposed(catalogue.get(name)) for name in about),
        started=row["started"],
        duration=row["duration"],
        steps=_steps(row),
    )


def _outcome(row: dict[str, Any]) -> tuple[Verdict, str]:
    skipped = row["plan"].get("skipped")
    if row["state"] == "done" and row["verdict"]:
        return Verdict(row["verdict"]), row["reason"]
    if skipped:
        return Verdict(skipped["verdict"]), skipped["reason"]
    return Verdict.INCONCLUSIVE, CUT_OFF if row["state"] == "running" else NOT_REACHED


def _steps(row: dict[str, Any]) -> list[dict[str, Any]]:
    if row["steps"]:
        return [
            {"text": step["text"], "status": step["status"], "duration_s": step.get("duration")}
            for step in row["steps"]
        ]
    status = "unknown" if row["state"] == "running" else "not-run"
    return [{"text": text, "status": status, "duration_s": None} for text in row["plan"].get("steps", ())]


def _finding(data: dict[str, Any], catalogue: Mapping[str, dict[str, Any]], ruling: Ruling) -> dict[str, Any]:
    requirement = str(data.get("requirement", ""))
    row = catalogue.get(requirement)
    binding = data.get("severity", "shall") == "shall" and (row is None or row["level"] == "shall")
    binding = binding and (ruling.proposed or not is_proposed(row))  # a proposal never breaks what is published
    return {
        "requirement": requirement,
        "severity": "shall" if binding else "should",
        "expected": str(data.get("expected", "")),
        "observed": str(data.get("observed", "")),
        "where": str(data.get("where") or ""),
        "messages": [int(message) for message in data.get("messages", ())],
    }


def _weigh_findings(ruling: Ruling) -> None:
    """Let a broken obligation on record count whatever ended the scenario, and warnings change nothing."""
    if ruling.broken and ruling.verdict is not Verdict.FAIL:
        ruling.verdict = Verdict.FAIL
        ruling.reason = "; ".join(filter(None, [ruling.broken[0]["observed"], ruling.reason]))
    elif ruling.verdict is Verdict.FAIL and ruling.findings and not ruling.broken:
        ruling.verdict = Verdict.PASS


def judge_requirements(
    catalogue: list[dict[str, Any]], scenarios: list[Ruling], run: Mapping[str, str | None]
) -> list[dict[str, Any]]:
    """Return a row for every requirement of the catalogue, in its order.

    ``run`` says what the run is about: what was selected (``select``), ``edition`` and ``role``.
    """
    tested: dict[str, list[Ruling]] = {row["id"]: [] for row in catalogue}
    for ruling in scenarios:
        named = [
            *ruling.plan.get("requirements", ()),
            *(finding["requirement"] for finding in ruling.findings),
        ]
        for requirement in dict.fromkeys(named):
            if requirement in tested:
                tested[requirement].append(ruling)
    return [_requirement(row, tested[row["id"]], run) for row in catalogue]


def _requirement(row: dict[str, Any], scenarios: list[Ruling], run: Mapping[str, str | None]) -> dict[str, Any]:
    outcomes = [outcome for ruling in scenarios if (outcome := _contribution(row, ruling))]
    if outcomes:
        verdict = worst(outcome for outcome, _ in outcomes)
        reason = next((why for outcome, why in outcomes if outcome is verdict and why), "")
    else:
        verdict, reason = _unjudged(row, run)
    found = [finding for ruling in scenarios for finding in ruling.findings if finding["requirement"] == row["id"]]
    return {
        "id": row["id"],
        "area": row["area"],
        "clause": row.get("clause") or "",
        "text": row["text"],
        "level": row["level"],
        "basis": row.get("basis") or "",
        "role": row.get("role") or "",
        "editions": list(row.get("editions") or ()),
        "status": row.get("status") or "published",
        "verdict": str(verdict),
        "reason": reason,
        "scenarios": [ruling.id for ruling in scenarios],
        "warnings": sum(finding["severity"] != "shall" for finding in found),
    }


def _contribution(row: dict[str, Any], ruling: Ruling) -> tuple[Verdict, str] | None:
    """Return what a scenario says about one requirement, and why (over which transport); None when nothing."""
    said = _said(row, ruling)
    if said is None or not said[1] or ruling.transport is None:
        return said
    return said[0], f"over {ruling.transport.upper()}: {said[1]}"


def _said(row: dict[str, Any], ruling: Ruling) -> tuple[Verdict, str] | None:
    own = next((finding for finding in ruling.broken if finding["requirement"] == row["id"]), None)
    if row["id"] not in ruling.plan.get("requirements", ()):
        # A broken obligation counts wherever it shows; that it did not show elsewhere proves nothing.
        return (Verdict.FAIL, own["observed"]) if own else None
    if ruling.verdict is Verdict.FAIL and row["level"] != "shall":
        warned = any(finding["requirement"] == row["id"] for finding in ruling.findings)
        return (Verdict.PASS, "") if warned else (Verdict.INCONCLUSIVE, f"its scenario failed: {ruling.reason}")
    return ruling.verdict, own["observed"] if own else ruling.reason


def _unjudged(row: dict[str, Any], run: Mapping[str, str | None]) -> tuple[Verdict, str]:
    """Return the verdict on a requirement that no scenario of the run is about, and the reason."""
    for name, allowed in (("edition", row.get("editions")), ("role", row.get("systems"))):
        if (mine := run.get(name)) and allowed and mine not in allowed:
            theirs = ", ".join(allowed)
            return Verdict.NOT_APPLICABLE, f"it is an obligation of {name} {theirs}; this run judges {name} {mine}"
    if row.get("not_tested"):
        return Verdict.NOT_TESTED, str(row["not_tested"])
    return Verdict.NOT_TESTED, "not selected" if run.get("select") else "no scenario of this run tests it"
