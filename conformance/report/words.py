"""Verdicts in words, the same in every report."""

from __future__ import annotations

from typing import Any

from conformance.standard.verdicts import Verdict

#: Worst first: the order in which reports name them.
ORDER = (
    Verdict.FAIL,
    Verdict.ERROR,
    Verdict.INCONCLUSIVE,
    Verdict.NOT_TESTED,
    Verdict.NOT_APPLICABLE,
    Verdict.PASS,
)
TITLES = {
    Verdict.PASS: "pass",
    Verdict.FAIL: "fail",
    Verdict.INCONCLUSIVE: "inconclusive",
    Verdict.NOT_APPLICABLE: "not applicable",
    Verdict.NOT_TESTED: "not tested",
    Verdict.ERROR: "error",
}
MEANINGS = {
    Verdict.PASS: "The obligation was judged and kept.",
    Verdict.FAIL: "The system broke the obligation.",
    Verdict.INCONCLUSIVE: "The suite could not judge: surroundings, missing test data or a broken premise.",
    Verdict.NOT_APPLICABLE: "The system declares that it lacks the capability.",
    Verdict.NOT_TESTED: "The suite did not test it in this run; the reason is given.",
    Verdict.ERROR: "The suite itself is at fault.",
}
EXIT_MEANINGS = {
    0: "no requirement failed, and everything applicable that the suite can test was judged",
    1: "at least one requirement failed",
    3: "no requirement failed, but not everything applicable was judged",
}


def over(transport: str) -> str:
    """Return what a run went over."""
    return "SOAP and JMS" if transport == "all" else transport.upper()


def name_of(scenario: dict[str, Any]) -> str:
    """Return the name of a scenario, and over which transport it ran when the run went over several."""
    return f"{scenario['name']} [{scenario['transport']}]" if "transport" in scenario else str(scenario["name"])


def plural(count: int, word: str) -> str:
    """Return ``1 requirement`` or ``2 requirements``."""
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def headline(verdicts: dict[str, Any]) -> str:
    """Return the verdict on the run as one short sentence."""
    counts = verdicts["counts"]["requirements"]
    failed = counts[Verdict.FAIL]
    if verdicts["exit_code"] == 1:
        judged = failed + counts[Verdict.PASS]
        return f"Does not conform: {failed} of {plural(judged, 'judged requirement')} failed" if failed else (
            "Does not conform: a scenario failed"
        )  # fmt: skip
    if not executed(verdicts):
        return "No verdict: nothing was executed"
    if verdicts["exit_code"] == 0 and not counts[Verdict.PASS]:
        return "Nothing that is published was judged, only what is proposed"
    if verdicts["exit_code"] == 0:
        untested = counts[Verdict.NOT_TESTED]
        judged_only = f"; {untested} not tested" if untested else ""
        return f"Conforms: {plural(counts[Verdict.PASS], 'requirement')} judged, none failed{judged_only}"
    return "No verdict: " + _what_is_missing(verdicts)


def _what_is_missing(verdicts: dict[str, Any]) -> str:
    counts = verdicts["counts"]["requirements"]
    parts = []
    if counts[Verdict.INCONCLUSIVE]:
        parts.append(f"{plural(counts[Verdict.INCONCLUSIVE], 'requirement')} inconclusive")
    if counts[Verdict.ERROR]:
        parts.append(f"the suite failed on {plural(counts[Verdict.ERROR], 'requirement')}")
    if not parts:
        parts.append("the run did not end" if not verdicts["complete"] else "no requirement was judged")
    return ", ".join(parts)


def executed(verdicts: dict[str, Any]) -> bool:
    """Return whether any scenario of the run was started."""
    return any(scenario["started"] is not None for scenario in verdicts["scenarios"])


def completeness(verdicts: dict[str, Any]) -> str:
    """Return whether the run was complete, and how much of the plan was not executed."""
    planned = [item for item in verdicts["scenarios"] if item["verdict"] not in ("not-applicable", "not-tested")]
    missed = sum(1 for item in planned if item["started"] is None)
    if verdicts["complete"]:
        return "The run is complete."
    if not missed:
        return "The run is not complete: it was ended before it could close."
    return f"The run is not complete: {missed} of {plural(len(planned), 'scenario')} were not executed."


def warnings_of(scenario: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the findings of a scenario that change no verdict."""
    return [finding for finding in scenario["findings"] if finding["severity"] != "shall"]


def failures_of(scenario: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the findings of a scenario that make it fail."""
    return [finding for finding in scenario["findings"] if finding["severity"] == "shall"]
