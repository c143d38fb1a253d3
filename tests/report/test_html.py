"""report.html: self-contained, complete, and deaf to whatever the system under test wrote."""

from __future__ import annotations

import base64
import hashlib
import re
from typing import TYPE_CHECKING

import lxml.html
import pytest

from conformance.report import write_all
from conformance.report.page import MAX_OPEN
from conformance.report.text import slug
from conformance.standard.catalogue import catalogue
from tests.report.hostile import ACTIVE, BODIES, HOSTILE, READABLE, SCRIPT
from tests.report.runs import Run, finding, requirement

if TYPE_CHECKING:
    from conformance.journal import Journal


def page(journal: Journal) -> tuple[str, lxml.html.HtmlElement]:
    """Return the source of the report and its tree."""
    out = journal.path.parent
    write_all(out)
    source = (out / "report.html").read_text(encoding="utf-8")
    return source, lxml.html.document_fromstring(source)


def hostile_run(run: Run) -> Journal:
    """Return a journal in which every text that is not ours is hostile."""
    stored = HOSTILE.replace("\ud800", "")  # SQLite has no text column for a lone surrogate
    run.catalogue.append(requirement("MR-001", text=HOSTILE, clause=HOSTILE, basis=HOSTILE))
    run.catalogue.append(requirement(HOSTILE, area=HOSTILE, not_tested=HOSTILE))
    data = finding("MR-001", expected=HOSTILE, observed=HOSTILE, where=HOSTILE, messages=[1, 2, 99])
    scenario = run.scenario(stored, ["MR-001"], "fail", reason=stored, findings=[data], rule=HOSTILE)
    for name, body in BODIES.items():
        run.message(
            scenario, body, channel="callback", url=stored, content_type=stored, note=stored + name,
            headers={HOSTILE: HOSTILE},
        )  # fmt: skip
    run.message(None, SCRIPT.encode(), note=stored, channel="callback")
    run.journal.note_wait(scenario, stored, stored)
    for key in ("system_under_test", "selection", "suite"):
        run.journal.set_meta(key, {name: HOSTILE for name in run.journal.meta(key) if name != "dependencies"})
    run.journal.set_meta("capabilities", {HOSTILE: HOSTILE})
    run.journal.set_meta("schemas", HOSTILE)
    return run.end()


def test_hostile_text_is_text(run: Run) -> None:
    """No element, no attribute and no script comes from the system; a person can read what it wrote."""
    source, tree = page(hostile_run(run))
    scripts = list(tree.iter("script"))
    assert len(scripts) == 1
    assert not scripts[0].attrib
    assert "alert" not in (scripts[0].text or "")
    text = tree.text_content()
    assert all(part in text for part in READABLE)
    assert not any(character in source for character in ACTIVE)


def test_no_attribute_acts(run: Run) -> None:
    """There is no event handler, and every link stays on the page or in the directory of the report."""
    _, tree = page(hostile_run(run))
    for element in tree.iter():
        assert not [name for name in element.attrib if name.lower().startswith("on")]
        target = element.get("href")
        assert target is None or re.match(r"#[\w-]+$|messages/|verdicts\.json$|junit\.xml$|data:,$", target)
        assert element.get("src") is None


def test_only_our_script_may_run(run: Run) -> None:
    """The policy forbids every request and names our script by its digest."""
    run.scenario("reads", ["MR-001"])
    source, tree = page(run.end())
    policy = tree.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")[0]
    script = re.findall(r"<script>(.*?)</script>", source, re.DOTALL)[0]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert "default-src 'none'" in policy
    assert f"'sha256-{digest}'" in policy
    assert not re.findall(r"(?:url\(|@import|https?://(?!www\.w3\.org/2000/svg))", source.split("</head>")[0])


def test_first_screen(run: Run) -> None:
    """Verdict in words, counts, what was not judged and why, schemas, identity, style and SOAP version."""
    run.catalogue.append(requirement("CTL-001", "controls", not_tested="needs a second system"))
    run.scenario("reads", ["MR-001"], "fail", findings=[finding("MR-001")])
    run.scenario("reads two", ["MR-002"], findings=[finding("MR-002", severity="should")])
    _, tree = page(run.end())
    text = " ".join(tree.get_element_by_id("summary").text_content().split())
    for part in (
        "Does not conform: 1 of 2 judged requirements failed", "The run is complete.", "1 warning",
        "needs a second system", "CTL-001", "built-in reconstruction", "Example AG Head End 4.2", "generic · SOAP",
        "SOAP version1.1", "What failed",
    ):  # fmt: skip
        assert part in text, part


def test_the_matrix_is_the_catalogue(run: Run) -> None:
    """Every requirement has its row, as docs/requirements.md has it, with its verdict and with the reason for a gap."""
    run.catalogue += [row.as_dict() for row in catalogue().values()]
    run.scenario("reads", ["MR-001"])
    _, tree = page(run.end())
    shown = {
        row.findtext("th"): " ".join(row.text_content().split()) for row in tree.xpath("//*[@id='matrix']/tbody/tr")
    }
    assert list(shown) == list(catalogue())
    for name, row in catalogue().items():
        parts = [row.text, row.clause, f"basis: {row.basis}", row.role, ", ".join(row.editions), row.level]
        if "2013" not in row.editions or not (not row.systems or "MS" in row.systems):
            parts += ["not applicable", "it is an obligation of "]
        elif row.not_tested:
            parts += ["not tested", row.not_tested]
        assert all(" ".join(part.split()) in shown[name] for part in parts), name
        assert ("proposed: changes no exit code" in shown[name]) == (row.status == "proposed")
    sections = [item.get("id") for item in tree.xpath("//section[@class='area']")]
    assert sections == ["a-" + slug("reading")]


def test_a_proposal_is_told_apart(run: Run) -> None:
    """In the list, in the matrix and at its scenario its fail is one of a proposal; the headline is of the rest."""
    run.catalogue.append(requirement("PRT-001", "ports", status="proposed"))
    run.scenario("reads", ["MR-001"])
    run.scenario("links twice", ["PRT-001"], "fail", area="ports", findings=[finding("PRT-001")])
    source, tree = page(run.end())
    assert tree.findtext(".//h1") == "Conforms: 1 requirement judged, none failed"
    assert source.count("proposed: changes no exit code") == 3
    assert "1proposed, not published" in "".join(tree.get_element_by_id("summary").text_content().split("\n"))


def test_killed_run_says_so(run: Run) -> None:
    """The report of a killed run says what was not executed."""
    run.scenario("first", ["MR-001"])
    run.plan("second", ["MR-002"])
    _, tree = page(run.end(None))
    text = tree.get_element_by_id("summary").text_content()
    assert "The run is not complete: 1 of 2 scenarios were not executed." in text
    assert "the run ended before it was executed" in text
    assert "did not finish" in text


def test_nothing_executed(run: Run) -> None:
    """An empty run has no verdict."""
    _, tree = page(run.end())
    assert tree.findtext(".//h1") == "No verdict: nothing was executed"


def test_evidence_of_a_failure(run: Run) -> None:
    """Steps, diagram, findings with links to their messages, waits, and the exact bytes in a file."""
    scenario = run.scenario("reads", ["MR-001"], "fail", reason="missing", findings=[finding("MR-001")])
    run.journal.note_wait(scenario, "the answer to c-1", "waiting")
    run.journal.note_wait(scenario, "the answer to c-1", "timed out")
    _, tree = page(run.end())
    shown = tree.get_element_by_id("s-" + slug(scenario))
    text = " ".join(shown.text_content().split())
    assert "open" in shown.attrib
    assert shown.find(".//svg") is not None
    for part in ("Given a meter that answers", "readings of the meters 4711 and 4712", "timed out"):
        assert part in text, part
    assert tree.get_element_by_id("m-2").get("class") == "message marked"
    file = tree.get_element_by_id("m-2").xpath(".//a/@href")[0]
    body = next(entry.body for entry in run.journal.entries() if entry.id == 2)
    assert (run.journal.path.parent / file).read_bytes() == body


def test_every_link_has_a_target(run: Run) -> None:
    """Fragments of links exist, also for requirements with many scenarios."""
    for number in range(5):
        run.scenario(f"reads {number}", ["MR-001"], "fail", findings=[finding("MR-001")])
    _, tree = page(run.end())
    known = set(tree.xpath("//@id"))
    fragments = {target[1:] for target in tree.xpath("//@href") if target.startswith("#")}
    assert fragments <= known
    assert len(tree.xpath("//@id")) == len(known)


def test_huge_messages_are_cut_with_a_note(run: Run) -> None:
    """The page names the file that holds the whole message, whose bytes are exact."""
    scenario = run.scenario("reads", ["MR-001"])
    body = b"<a>" + b"<b>1</b>" * 50_000 + b"</a>"
    message = run.message(scenario, body, channel="callback")
    source, tree = page(run.end())
    shown = tree.get_element_by_id(f"m-{message}")
    assert len(source) < 300_000
    assert "Only the beginning is shown here (64 KiB)" in shown.text_content()
    assert (run.journal.path.parent / shown.xpath(".//p/a/@href")[0]).read_bytes() == body


def test_loose_messages_are_shown(run: Run) -> None:
    """What came and belongs to no scenario is evidence, too."""
    run.scenario("reads", ["MR-001"])
    run.message(None, b"<unexpected/>", channel="callback")
    _, tree = page(run.end())
    assert "Messages that belong to no scenario" in tree.text_content()
    assert "unexpected" in tree.get_element_by_id("m-3").text_content()


@pytest.mark.parametrize("count", [3, MAX_OPEN + 5])
def test_not_too_many_open(run: Run, count: int) -> None:
    """Failures are open from the start, up to a number that a browser and a reader can bear."""
    for number in range(count):
        run.scenario(f"reads {number}", ["MR-001"], "fail", findings=[finding("MR-001")])
    _, tree = page(run.end())
    assert len(tree.xpath("//details[contains(@class, 'scenario')][@open]")) == min(count, MAX_OPEN)
