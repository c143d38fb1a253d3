"""verdicts.json: what counts as what, for runs that end in every possible way."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from conformance.report.verdicts import build, schema, write
from tests.report.runs import Run, finding, requirement

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def judged(run: Run, how: str | None = "complete") -> dict[str, Any]:
    """Return the verdicts of a run that ended ``how``; every one of them has to keep the schema."""
    verdicts = build(run.end(how))
    jsonschema.Draft202012Validator(schema()).validate(verdicts)
    return verdicts


def row(verdicts: dict[str, Any], identity: str) -> dict[str, Any]:
    """Return what the verdicts say about one requirement."""
    return next(item for item in verdicts["requirements"] if item["id"] == identity)


def test_schema_is_a_schema() -> None:
    """The shipped file is itself valid JSON Schema 2020-12."""
    jsonschema.Draft202012Validator.check_schema(schema())


def test_schema_is_strict() -> None:
    """No object of the format admits a key that the schema does not name, save the free tables."""
    objects = [schema(), *schema()["$defs"].values()]
    assert all(item["additionalProperties"] is False for item in objects if item.get("type") == "object")


def test_all_pass(run: Run) -> None:
    """A complete run without a finding conforms: exit code 0."""
    run.scenario("reads", ["MR-001"])
    run.scenario("reads two", ["MR-001", "MR-002"])
    verdicts = judged(run)
    assert verdicts["exit_code"] == 0
    assert verdicts["complete"] is True
    assert verdicts["counts"]["requirements"]["pass"] == 2
    assert row(verdicts, "MR-001")["scenarios"] == [item["id"] for item in verdicts["scenarios"]]
    assert verdicts["started"] == "2025-10-09T08:53:20.000Z"


def test_scenario_lists_its_messages_and_exchanges(run: Run) -> None:
    """Messages and exchanges stand in the order in which they came."""
    scenario = run.scenario("reads", ["MR-001"])
    late = run.message(scenario, b"<x/>", channel="callback", exchange="x-late")
    found = judged(run)["scenarios"][0]
    assert found["messages"] == [1, 2, late]
    assert found["exchanges"] == [f"x-{scenario}", "x-late"]


def test_a_fail_is_the_worst(run: Run) -> None:
    """One failing scenario fails its requirement, whatever the others say: exit code 1."""
    run.scenario("reads", ["MR-001"])
    run.scenario("reads two", ["MR-001"], "fail", reason="a meter is missing", findings=[finding("MR-001")])
    verdicts = judged(run)
    assert row(verdicts, "MR-001")["verdict"] == "fail"
    assert row(verdicts, "MR-001")["reason"] == "readings of meter 4711 only"
    assert verdicts["exit_code"] == 1


def test_warnings_change_no_verdict(run: Run) -> None:
    """A finding against a SHOULD is counted and the requirement passes."""
    run.scenario("reads", ["MR-001"], findings=[finding("MR-001", severity="should")])
    verdicts = judged(run)
    assert (row(verdicts, "MR-001")["verdict"], row(verdicts, "MR-001")["warnings"]) == ("pass", 1)
    assert verdicts["counts"]["warnings"] == 1
    assert verdicts["exit_code"] == 0


def test_a_should_never_fails(run: Run) -> None:
    """What the catalogue calls a SHOULD is a warning even when a check called it a fail."""
    run.catalogue.append(requirement("MR-009", level="should"))
    run.scenario("reads", ["MR-009"], "fail", reason="late", findings=[finding("MR-009")])
    verdicts = judged(run)
    assert row(verdicts, "MR-009")["verdict"] == "pass"
    assert row(verdicts, "MR-009")["warnings"] == 1
    assert verdicts["scenarios"][0]["verdict"] == "pass"
    assert verdicts["exit_code"] == 0


def test_a_should_beside_a_failing_shall_is_inconclusive(run: Run) -> None:
    """The SHOULD of a scenario that failed for another reason was neither kept nor broken."""
    run.catalogue.append(requirement("MR-009", level="should"))
    run.scenario("reads", ["MR-001", "MR-009"], "fail", reason="missing", findings=[finding("MR-001")])
    verdicts = judged(run)
    assert row(verdicts, "MR-001")["verdict"] == "fail"
    assert row(verdicts, "MR-009")["verdict"] == "inconclusive"


def test_a_finding_counts_for_the_requirement_that_it_names(run: Run) -> None:
    """A broken obligation that another scenario tags fails too: it must not be green elsewhere."""
    run.scenario("is well-formed", ["ENV-001"])
    run.scenario("reads", ["MR-001"], "fail", reason="broken", findings=[finding("ENV-001")])
    verdicts = judged(run)
    assert row(verdicts, "ENV-001")["verdict"] == "fail"
    assert len(row(verdicts, "ENV-001")["scenarios"]) == 2


@pytest.mark.parametrize("verdict", ["pass", "inconclusive", "error"])
def test_a_broken_obligation_on_record_fails(run: Run, verdict: str) -> None:
    """Whatever ended the scenario, a SHALL finding in the journal is a fail."""
    run.scenario("reads", ["MR-001"], verdict, reason="no answer", findings=[finding("MR-001")])
    found = judged(run)
    assert found["scenarios"][0]["verdict"] == "fail"
    assert found["scenarios"][0]["reason"] == "readings of meter 4711 only; no answer"


@pytest.mark.parametrize("verdict", ["inconclusive", "error"])
def test_nothing_judged_in_full(run: Run, verdict: str) -> None:
    """Without a fail, inconclusive and error give exit code 3 and keep their reason."""
    run.scenario("reads", ["MR-001"])
    run.scenario("controls", ["CTL-001"], verdict, reason="no answer within 30 s", area="controls")
    verdicts = judged(run)
    assert row(verdicts, "CTL-001")["reason"] == "no answer within 30 s"
    assert verdicts["exit_code"] == 3


def test_killed_in_mid_run(run: Run) -> None:
    """What was not reached and what was cut off are inconclusive and say so; finished verdicts stay."""
    run.scenario("first", ["MR-001"])
    run.journal.start(run.plan("second", ["MR-002"]))
    run.plan("third", ["MR-003"])
    verdicts = judged(run, None)
    first, second, third = verdicts["scenarios"]
    assert first["verdict"] == "pass"
    assert (second["verdict"], second["reason"]) == (
        "inconclusive",
        "the run ended while it was being executed",
    )
    assert (third["verdict"], third["reason"]) == ("inconclusive", "the run ended before it was executed")
    assert {step["status"] for step in second["steps"]} == {"unknown"}
    assert {step["status"] for step in third["steps"]} == {"not-run"}
    assert (verdicts["complete"], verdicts["finished"], verdicts["exit_code"]) == (False, None, 3)


@pytest.mark.parametrize("how", [None, "interrupted"])
def test_an_incomplete_run_is_never_green(run: Run, how: str | None) -> None:
    """All that ran passed, but the run did not close: exit code 3."""
    run.scenario("first", ["MR-001"])
    verdicts = judged(run, how)
    assert (verdicts["complete"], verdicts["exit_code"]) == (False, 3)


def test_nothing_executed(run: Run) -> None:
    """An empty plan is no success."""
    run.journal.set_meta("catalogue", [requirement("MR-001")])
    verdicts = judged(run)
    assert verdicts["exit_code"] == 3
    assert row(verdicts, "MR-001")["reason"] == "no scenario of this run tests it"


def test_an_empty_journal(run: Run) -> None:
    """A run that was killed before it wrote anything still gives a valid file."""
    assert judged(run, None)["exit_code"] == 3


def test_skipped_scenarios(run: Run) -> None:
    """What the plan leaves out gets its verdict and reason, and the run is complete all the same."""
    run.scenario("reads", ["MR-001"])
    left_out = {"verdict": "not-applicable", "reason": "create(EndDeviceControls) is declared absent"}
    run.plan("controls", ["CTL-001"], area="controls", skipped=left_out)
    verdicts = judged(run)
    assert row(verdicts, "CTL-001")["verdict"] == "not-applicable"
    assert row(verdicts, "CTL-001")["reason"] == left_out["reason"]
    assert (verdicts["complete"], verdicts["exit_code"]) == (True, 0)


@pytest.mark.parametrize(
    ("changes", "select", "reason"),
    [
        ({"not_tested": "needs a second system"}, None, "needs a second system"),
        ({"not_tested": "needs a second system"}, "reading", "needs a second system"),
        ({}, "reading", "not selected"),
    ],
)
def test_why_not_tested(run: Run, changes: dict[str, Any], select: str | None, reason: str) -> None:
    """A requirement without a scenario says why."""
    run.catalogue.append(requirement("CTL-001", "controls", **changes))
    run.scenario("reads", ["MR-001"])
    run.journal.set_meta("selection", {"select": select, "edition": "2013"})
    found = row(judged(run), "CTL-001")
    assert (found["verdict"], found["reason"]) == ("not-tested", reason)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"editions": ["2024"]}, "it is an obligation of edition 2024; this run judges edition 2013"),
        ({"systems": ["MDM", "CIS"]}, "it is an obligation of role MDM, CIS; this run judges role MS"),
        ({"editions": ["2024"], "not_tested": "no scenario yet"}, "it is an obligation of edition 2024; "),
    ],
)
def test_what_this_run_is_not_about(run: Run, changes: dict[str, Any], reason: str) -> None:
    """An obligation of another edition or of another kind of system does not apply, tested or not."""
    run.catalogue.append(requirement("CTL-001", "controls", **changes))
    run.scenario("reads", ["MR-001"])
    verdicts = judged(run)
    found = row(verdicts, "CTL-001")
    assert found["verdict"] == "not-applicable"
    assert found["reason"].startswith(reason)
    assert verdicts["exit_code"] == 0


def test_an_obligation_of_this_role_and_edition_applies(run: Run) -> None:
    """The twin: what names this role and edition among others is only not tested."""
    changes = {"editions": ["2013", "2024"], "systems": ["MS", "MDM"], "not_tested": "no scenario yet"}
    run.catalogue.append(requirement("CTL-001", "controls", **changes))
    run.scenario("reads", ["MR-001"])
    assert row(judged(run), "CTL-001")["verdict"] == "not-tested"


def test_what_no_scenario_tests_changes_no_exit_code(run: Run) -> None:
    """Hundreds of rows without a scenario are counted and told, and a run that judged the rest is green."""
    run.catalogue += [requirement(f"SCH-{number:03d}", "schedule", not_tested="no scenario") for number in range(300)]
    run.scenario("reads", ["MR-001"])
    verdicts = judged(run)
    assert verdicts["counts"]["requirements"]["not-tested"] == 300
    assert (verdicts["exit_code"], verdicts["complete"]) == (0, True)


PROPOSED = {"status": "proposed", "level": "should"}


@pytest.mark.parametrize(
    ("verdict", "level", "code"),
    [("fail", "should", 0), ("fail", "shall", 0), ("inconclusive", "should", 0), ("error", "should", 3)],
)
def test_a_proposal_never_fails_what_is_published(run: Run, verdict: str, level: str, code: int) -> None:
    """Whatever becomes of it the exit code stays what it is, save that the suite itself is at fault."""
    run.catalogue.append(requirement("PRT-001", "ports", **{**PROPOSED, "level": level}))
    run.scenario("reads", ["MR-001"])
    found = [finding("PRT-001")] if (verdict, level) == ("fail", "shall") else []
    run.scenario("links twice", ["PRT-001"], verdict, reason="the first link is lost", area="ports", findings=found)
    verdicts = judged(run)
    assert verdicts["exit_code"] == code
    assert verdicts["counts"]["requirements"] == {**dict.fromkeys(verdicts["counts"]["requirements"], 0), "pass": 1}
    assert sum(verdicts["counts"]["proposed"].values()) == 1
    assert [item["status"] for item in verdicts["scenarios"]] == ["published", "proposed"]
    if level == "shall":
        assert row(verdicts, "PRT-001")["verdict"] == "fail"


def test_a_published_fail_beside_a_proposal_fails(run: Run) -> None:
    """The twin: the same finding about what is published is exit code 1, with a proposal beside it or without."""
    run.catalogue.append(requirement("PRT-001", "ports", **PROPOSED))
    run.scenario("reads", ["MR-001"], "fail", findings=[finding("MR-001")])
    run.scenario("links twice", ["PRT-001"], area="ports")
    assert judged(run)["exit_code"] == 1


def test_a_proposal_that_breaks_in_a_published_scenario_is_a_warning(run: Run) -> None:
    """What is published is judged by what is published: a finding about a proposal fails no other requirement."""
    run.catalogue.append(requirement("PRT-001", "ports", status="proposed"))
    run.scenario("reads", ["MR-001"], "fail", reason="port unknown", findings=[finding("PRT-001")])
    verdicts = judged(run)
    assert (row(verdicts, "MR-001")["verdict"], verdicts["exit_code"]) == ("pass", 0)
    assert row(verdicts, "PRT-001")["warnings"] == 1


def test_a_published_obligation_that_breaks_in_a_proposed_scenario_fails(run: Run) -> None:
    """The reverse: an illegal message stays one, whatever it was sent for."""
    run.catalogue.append(requirement("PRT-001", "ports", **PROPOSED))
    run.scenario("is well-formed", ["ENV-001"])
    run.scenario("links twice", ["PRT-001"], "fail", area="ports", findings=[finding("ENV-001")])
    verdicts = judged(run)
    assert (row(verdicts, "ENV-001")["verdict"], verdicts["exit_code"]) == ("fail", 1)


def test_a_warning_elsewhere_does_not_test_a_requirement(run: Run) -> None:
    """A warning about a requirement that no scenario tests is counted, but makes no verdict."""
    run.catalogue.append(requirement("ENV-001", "envelope"))
    run.scenario("reads", ["MR-001"], findings=[finding("ENV-001", severity="should")])
    found = row(judged(run), "ENV-001")
    assert (found["verdict"], found["warnings"]) == ("not-tested", 1)


def test_a_fail_outside_the_catalogue_is_seen(run: Run) -> None:
    """A scenario whose requirements the catalogue lacks still decides the exit code."""
    run.scenario("reads", ["MR-001"], "fail", reason="broken", findings=[finding("MR-001")])
    run.journal.set_meta("catalogue", [])
    assert judged(run)["exit_code"] == 1


def test_equal_journals_give_equal_files(new_run: Callable[[], Run], tmp_path: Path) -> None:
    """The file is deterministic and is written in one piece, without leavings."""
    texts = []
    for name in ("a", "b"):
        run = new_run()
        run.plan("reads", ["MR-001"])
        write(run.end(), tmp_path / name)
        texts.append((tmp_path / name / "verdicts.json").read_bytes())
        assert [path.name for path in (tmp_path / name).iterdir()] == ["verdicts.json"]
    assert texts[0] == texts[1]
    assert json.loads(texts[0])["format"] == 1
