"""junit.xml: what a build server sees."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lxml import etree

from conformance.report.junit import build
from conformance.report.verdicts import build as judge
from tests.report.hostile import HOSTILE, READABLE
from tests.report.runs import Run, finding, requirement

if TYPE_CHECKING:
    from conformance.journal import Journal


def junit(journal: Journal) -> etree._Element:
    """Return the root of junit.xml."""
    return etree.fromstring(build(judge(journal)))


def one(root: etree._Element, path: str) -> etree._Element:
    """Return the element at ``path``."""
    found = root.find(path)
    assert found is not None, path
    return found


def test_every_verdict_has_its_element(run: Run) -> None:
    """Pass is bare, fail a failure, error an error, the rest skipped with the reason; nothing is left out."""
    run.scenario("passes", ["MR-001"])
    run.scenario("fails", ["MR-002"], "fail", reason="missing", findings=[finding("MR-002")])
    run.scenario("breaks", ["MR-003"], "error", reason="the suite is at fault")
    run.scenario("waits", ["CTL-001"], "inconclusive", reason="no answer", area="controls")
    run.plan("cannot", ["CTL-002"], area="controls", skipped={"verdict": "not-applicable", "reason": "absent"})
    root = junit(run.end())
    assert [suite.get("name") for suite in root] == ["reading", "controls"]
    cases = {case.get("name"): [child.tag for child in case] for case in root.iter("testcase")}
    assert cases == {
        "passes": [], "fails": ["failure"], "breaks": ["error"], "waits": ["skipped"], "cannot": ["skipped"],
    }  # fmt: skip
    assert (root.get("tests"), root.get("failures"), root.get("errors"), root.get("skipped")) == ("5", "1", "1", "2")


def test_what_has_no_scenario_has_no_case(run: Run) -> None:
    """Nothing was skipped where nothing was planned; how many requirements are not tested is a property."""
    run.catalogue += [requirement(f"SCH-{number:03d}", "schedule", not_tested="no scenario") for number in range(7)]
    run.scenario("passes", ["MR-001"])
    root = junit(run.end())
    assert [case.get("name") for case in root.iter("testcase")] == ["passes"]
    assert {item.get("value") for item in root.iter("property") if item.get("name") == "requirements.not_tested"} == {
        "7"
    }


def test_a_proposal_fails_no_build(run: Run) -> None:
    """Build servers turn red on a failure; what is only proposed is none, and its finding can be read all the same."""
    run.catalogue.append(requirement("PRT-001", "ports", status="proposed"))
    run.scenario("links twice", ["PRT-001"], "fail", reason="one is lost", area="ports", findings=[finding("PRT-001")])
    root = junit(run.end())
    case = one(root, ".//testcase")
    assert (root.get("failures"), root.get("skipped")) == ("0", "1")
    assert one(case, "skipped").get("message") == "proposed: fail: one is lost"


def test_failure_says_what_was_broken(run: Run) -> None:
    """Type is the requirement, the message what was observed, the text all of the finding."""
    run.scenario("fails", ["MR-002"], "fail", reason="missing", findings=[finding("MR-002")])
    case = one(junit(run.end()), ".//testcase")
    failure = one(case, "failure")
    assert case.get("classname") == "features.reading.one_meter"
    assert failure.get("type") == "MR-002"
    assert failure.get("message") == "MR-002: readings of meter 4711 only"
    assert "expected: readings of the meters 4711 and 4712" in (failure.text or "")


def test_fail_without_finding(run: Run) -> None:
    """A failure that no finding explains carries the reason."""
    run.scenario("fails", ["MR-002"], "fail", reason="no answer at all")
    assert one(junit(run.end()), ".//failure").get("message") == "no answer at all"


def test_warnings_are_output(run: Run) -> None:
    """A warning does not fail the case; its text is kept."""
    run.scenario("warns", ["MR-001"], findings=[finding("MR-001", severity="should")])
    case = one(junit(run.end()), ".//testcase")
    assert [child.tag for child in case] == ["system-out"]
    assert "warning: MR-001" in (case.findtext("system-out") or "")


def test_identity(run: Run) -> None:
    """Each suite says which system was judged, and how."""
    run.scenario("passes", ["MR-001"])
    values = {item.get("name"): item.get("value") for item in junit(run.end()).iter("property")}
    assert values["system_under_test.product"] == "Head End"
    assert values["selection.soap"] == "1.1"
    assert values["complete"] == "true"


def test_hostile_text(run: Run) -> None:
    """What XML forbids is replaced, the rest arrives unchanged."""
    data = finding("MR-001", expected=HOSTILE, observed=HOSTILE, where=HOSTILE)
    scenario = run.scenario("name " + HOSTILE.replace("\ud800", ""), ["MR-001"], "fail", findings=[data])
    assert scenario
    text = one(junit(run.end()), ".//failure").text or ""
    assert all(part in text for part in READABLE)
