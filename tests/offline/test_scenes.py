"""``check`` over all fixtures gives exactly the expected findings: those of the requirement, and no other's.

What a fixture is expected to show follows from its name and its folder. Where more or less is found, it stands here
with the reason; nothing is recorded and compared with itself.
"""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from typing import TYPE_CHECKING

import pytest

from conformance.message.xml import Limits
from conformance.offline import rules
from conformance.offline.model import SEVERITIES, Settings
from conformance.offline.sources import Source
from conformance.offline.together import judge_all
from conformance.standard.catalogue import catalogue
from tests.fixture_scenes import FIXTURES, fixture_files, load, sentences_of

if TYPE_CHECKING:
    from pathlib import Path

JUDGED = {rule.requirement for rule in rules.ALL}

#: What the suite itself sends wrong on purpose, by requirement: found in the request.
SENT_WRONG = {
    "CTL-018": {"ENV-019"},  # a control without its type
    "ENV-001": {"ENV-001"},  # a message that is cut off, to be refused
    "JMS-016": {"ENV-009"},  # a message once more, which a broker may deliver twice
    "REP-002": {"ENV-003"},  # a verb that there is not
    "REP-003": {"ENV-003"},
    "REP-006": {"ENV-002"},  # no Noun
    "REP-007": {"ENV-002"},
    "REP-012": {"ENV-019"},  # an element that the schema does not have
    "REP-013": {"ENV-019"},
    "REP-029": {"ENV-001"},  # not well-formed
    "REP-030": {"ENV-001"},
    "SOAP-011": {"ENV-001"},  # a SOAP envelope of the future
}
#: A fixture that shows its requirement in what is absent, or what only a run knows.
NOT_SEEN = {
    "fail-silence": "nothing came, and a file does not show what is missing",
    "MR-007/fail-no-reading-says-its-time": "MR-009 says it of every reading",
    "ENV-002/fail-typed-wrapper-without-verb": "ENV-003 says the same in better words",
    "ENV-004/fail-noun-missing": "ENV-002 says the same, and is graver",
    "REP-012/fail-schema-violation-ignored": "the schema of GetMeterReadings rests on one source: a warning",
    "REP-029/fail-broken-by-it": "the transport broke down; a recording does not say whose fault it was",
    "REP-030/fail-empty-readings": "that readings were due, only the run knows; MR-008 says what is wrong with them",
    "REP-030/fail-stops-after-malformed": "that the second request was to be served, only the run knows",
}
#: What else is wrong in a fixture, and rightly found. Several schema errors and rules between them cannot be apart.
ALSO = {
    "CTL-008/fail-created-date-time-missing": {"ENV-019"},
    "CTL-016/fail-result-missing": {"ENV-002"},
    "CTL-018/fail-control-without-type-ok": {"REP-012"},
    "ENV-001/fail-message-in-a-string": {"ENV-002", "ENV-007"},  # the message in the string is empty
    "EVT-005/fail-created-date-time-missing": {"ENV-019"},
    "EXC-002/fail-noun-of-another-profile": {"ENV-018"},
    "EXC-003/fail-result-missing": {"ENV-002"},
    "EXC-008/fail-result-missing": {"ENV-002"},
    "EXC-016/fail-correlation-id-special-characters-lost": {"ENV-007"},
    "JMS-002/fail-jms-payload-of-another": {"ENV-007"},
    "JMS-009/fail-jms-body-escaped": {"ENV-001"},
    "JMS-009/fail-jms-body-with-length": {"ENV-001"},
    "JMS-009/fail-jms-body-with-tail": {"ENV-001"},
    "JMS-009/fail-jms-body-twice": {"ENV-001"},  # two outermost elements
    "JMS-010/fail-jms-text-in-ascii": {"ENV-007"},  # the CorrelationID lost its letters, too
    "JMS-011/fail-jms-bytes-in-latin-1": {"ENV-007"},
    "MR-001/fail-reading-of-another-meter": {"MR-005"},
    "MR-001/fail-reading-types-swapped": {"MR-006"},
    "MR-007/fail-no-reading-says-its-time": {"MR-009"},
    "MR-010/fail-no-reply": {"ENV-002"},
    "MR-011/fail-empty-values": {"MR-008"},
    "MR-011/pass-empty-in-part": {"MR-008"},
    "MR-014/fail-missing-not-told": {"MR-008"},
    "MR-015/fail-intervals-of-another-type": {"MR-006"},
    "ENV-002/fail-typed-wrapper-without-verb": {"ENV-003"},
    "ENV-004/fail-noun-missing": {"ENV-002"},
    "REP-002/fail-invalid-verb-executed": {"REP-012"},
    "REP-006/fail-missing-noun-answered-ok": {"REP-012"},
    "REP-016/fail-partial-said-as-ok": {"ENV-013"},
    "REP-023/fail-invented-reading-for-unknown-meter": {"MR-007"},
    "REP-026/fail-result-missing": {"ENV-002"},
    "REP-029/fail-broken-by-it": {"ENV-001"},  # a page instead of a message
    "REP-030/fail-empty-readings": {"MR-008"},
    "SOAP-018/fail-news-echoed": {"ENV-005"},
}


def name_of(path: Path) -> str:
    """Return how a fixture is called here."""
    return f"{path.parent.name}/{path.stem}"


@cache
def found_in(fixture_path: Path) -> tuple[set[str], set[str], set[str]]:
    """Return what is found in what the suite sent, the errors in what the system sent, and what is less there."""
    by_side: dict[bool, set[str]] = defaultdict(set)
    less = set()
    for verdict in judge_all([Source(fixture_path, "s")], Settings(limits=Limits())):
        ours = verdict.file.endswith(" sent")
        by_side[ours] |= {one.requirement for one in verdict.findings if one.severity == "error"}
        less |= {one.requirement for one in verdict.findings if one.severity != "error"}
    return by_side[True], by_side[False], less


@pytest.mark.parametrize("requirement", sorted({path.parent.name for path in fixture_files()}))
def test_fixtures_show_what_is_expected(requirement: str) -> None:
    """Errors are those of the fixture's requirement and those that stand above, and no other."""
    error = SEVERITIES[catalogue()[requirement].level] == "error"
    for path in sorted((FIXTURES / requirement).glob("*.xml")):
        fixture, name = load(path), name_of(path)
        if not any(entry.body.strip() for entry in fixture.entries if entry.channel != "description"):
            continue
        due = fixture.kind == "fail" and requirement in JUDGED and not {name, path.stem} & NOT_SEEN.keys()
        theirs = ALSO.get(name, set()) | ({requirement} if due and error else set())
        sent, came, less = found_in(path)
        assert came == theirs, name
        assert sent <= SENT_WRONG.get(requirement, set()), name
        assert error or not due or requirement in less, name


def test_what_is_explained_exists() -> None:
    """A reason for a fixture that there is not would hide something one day."""
    names = {name_of(path) for path in fixture_files()} | {path.stem for path in fixture_files()}
    assert NOT_SEEN.keys() | ALSO.keys() <= names


@pytest.mark.parametrize("rule", rules.ALL, ids=lambda rule: rule.requirement)
def test_a_rule_is_a_line_of_its_requirement(rule: rules.Rule) -> None:
    """Files are judged by what judges a live system."""
    assert rule.sentence in sentences_of(rule.requirement)


#: Those that a scene cannot show, with the test that shows that they fire.
ELSEWHERE = {"REP-030": "test_pairs"}


def test_every_rule_fires() -> None:
    """A rule that finds nothing in any fail fixture of its requirement checks nothing."""
    fired = set()
    for path in fixture_files():
        if path.parent.name in JUDGED and path.name.startswith("fail-"):
            _sent, came, less = found_in(path)
            fired |= {path.parent.name} & (came | less)
    assert JUDGED - ELSEWHERE.keys() <= fired
