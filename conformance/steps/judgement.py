"""The one Then step: its text is a sentence that a check is registered for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.checks.finding import Finding, NothingToJudgeError
from conformance.checks.registry import judge
from conformance.errors import Inconclusive, RequirementBroken
from conformance.steps.define import then

if TYPE_CHECKING:
    from conformance.checks.scene import Scene
    from conformance.journal import Journal
    from conformance.standard.catalogue import Requirement


@then(r"(?P<sentence>.+)")
def judge_sentence(scene: Scene, requirement: Requirement, journal: Journal, scenario_id: str, sentence: str) -> None:
    """Judge what happened. Raises RequirementBroken for findings of a SHALL; those of a SHOULD are warnings."""
    try:
        findings = judge(sentence, scene)
    except NothingToJudgeError as nothing:
        raise Inconclusive(f"nothing to judge: {nothing}") from nothing
    for finding in findings:
        journal.add_finding(scenario_id, _row(finding, requirement))
    if findings and requirement.level == "shall":
        raise RequirementBroken(journal.redacted(in_words(requirement, findings)))


def _row(finding: Finding, requirement: Requirement) -> dict[str, object]:
    return {"requirement": requirement.id, "severity": requirement.level, **finding.as_dict()}


def in_words(requirement: Requirement, findings: list[Finding]) -> str:
    """Return a failure as a person reads it: what is required, what was expected, what was observed."""
    lines = [f"{requirement.id}: {requirement.text} ({requirement.clause})"]
    for finding in findings[:3]:
        lines += [f"  expected: {finding.expected}", f"  observed: {finding.observed}"]
        lines += [f"  where:    {finding.where}"] if finding.where else []
    lines += [f"  … and {len(findings) - 3} more"] if len(findings) > 3 else []
    return "\n".join(lines)
