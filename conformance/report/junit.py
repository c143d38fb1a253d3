"""``junit.xml``: the verdicts in the form that build servers read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lxml import etree

from conformance.report.files import write_atomically
from conformance.report.text import one_line, visible
from conformance.report.words import failures_of, headline, name_of, warnings_of

if TYPE_CHECKING:
    from pathlib import Path

    Element = etree._Element

FILE_NAME = "junit.xml"


def write(verdicts: dict[str, Any], out_dir: Path) -> None:
    """Write ``out_dir/junit.xml``. Raises ConfigurationError when it cannot."""
    write_atomically(out_dir / FILE_NAME, [build(verdicts)])


def build(verdicts: dict[str, Any]) -> bytes:
    """Return the verdicts as JUnit XML: a suite for each area, a case for each scenario of the plan.

    A requirement that no scenario tests has no case: nothing was skipped. How many there are is a property.
    """
    root = etree.Element("testsuites", _totals(verdicts["scenarios"]), name=visible(headline(verdicts)))
    areas: dict[str, list[dict[str, Any]]] = {}
    for scenario in verdicts["scenarios"]:
        areas.setdefault(scenario["area"], []).append(scenario)
    for area, scenarios in areas.items():
        suite = etree.SubElement(root, "testsuite", _totals(scenarios), name=visible(area) or "(no area)")
        if verdicts["started"]:
            suite.set("timestamp", verdicts["started"])
        _properties(suite, verdicts)
        for scenario in scenarios:
            _case(suite, scenario)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _shown(scenario: dict[str, Any]) -> str:
    """Return the verdict that build servers may act on: what is only proposed fails no build."""
    verdict = str(scenario["verdict"])
    return "proposed: fail" if verdict == "fail" and scenario["status"] == "proposed" else verdict


def _totals(scenarios: list[dict[str, Any]]) -> dict[str, str]:
    found = [_shown(scenario) for scenario in scenarios]
    failures, errors = found.count("fail"), found.count("error")
    return {
        "tests": str(len(found)),
        "failures": str(failures),
        "errors": str(errors),
        "skipped": str(len(found) - failures - errors - found.count("pass")),
        "time": f"{sum(scenario['duration_s'] or 0 for scenario in scenarios):.3f}",
    }


def _properties(suite: Element, verdicts: dict[str, Any]) -> None:
    holder = etree.SubElement(suite, "properties")
    facts = {f"system_under_test.{name}": value for name, value in verdicts["system_under_test"].items()}
    facts |= {f"selection.{name}": value or "" for name, value in verdicts["selection"].items()}
    facts |= {
        "suite.version": verdicts["suite"]["version"],
        "requirements.not_tested": str(verdicts["counts"]["requirements"]["not-tested"]),
        "schemas": verdicts["schemas"],
        "complete": "true" if verdicts["complete"] else "false",
    }
    for name, value in facts.items():
        etree.SubElement(holder, "property", name=name, value=visible(value))


def _case(suite: Element, scenario: dict[str, Any]) -> None:
    case = etree.SubElement(
        suite,
        "testcase",
        classname=visible(scenario["feature"].removesuffix(".feature").replace("/", ".")),
        name=visible(name_of(scenario)),
        time=f"{scenario['duration_s'] or 0:.3f}",
    )
    verdict, reason = _shown(scenario), scenario["reason"]
    if verdict == "fail":
        _failure(case, scenario)
    elif verdict == "error":
        etree.SubElement(case, "error", message=one_line(reason), type="error").text = visible(reason)
    elif verdict != "pass":
        etree.SubElement(case, "skipped", message=one_line(f"{verdict}: {reason}"))
    if warned := warnings_of(scenario):
        output = "\n\n".join("warning: " + _in_full(finding) for finding in warned)
        etree.SubElement(case, "system-out").text = visible(output)


def _failure(case: Element, scenario: dict[str, Any]) -> None:
    broken = failures_of(scenario)
    named = ", ".join(dict.fromkeys(finding["requirement"] for finding in broken))
    first = f"{broken[0]['requirement']}: {broken[0]['observed']}" if broken else scenario["reason"]
    failure = etree.SubElement(case, "failure", message=one_line(first), type=visible(named) or "fail")
    failure.text = visible("\n\n".join(_in_full(finding) for finding in broken) or scenario["reason"])


def _in_full(finding: dict[str, Any]) -> str:
    messages = ", ".join(str(message) for message in finding["messages"])
    lines = [
        finding["requirement"],
        f"expected: {finding['expected']}",
        f"observed: {finding['observed']}",
        f"where: {finding['where']}" if finding["where"] else "",
        f"messages in the journal: {messages}" if messages else "",
    ]
    return "\n".join(filter(None, lines))
