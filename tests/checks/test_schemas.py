"""Which schemas judge is agreed in the terms: an edition, a user's files, and how far each schema is believed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from lxml import etree

from conformance import resources
from conformance.checks.finding import NothingToJudgeError
from conformance.checks.registry import judge
from conformance.checks.scene import Terms, scene_of
from conformance.journal import Entry
from conformance.standard.editions import EDITION_2013, EDITION_2024, Edition

XSD = resources.directory("xsd") / "2013"
ENVELOPE, PAYLOAD = (
    "every message is valid against the envelope schema",
    "every payload is valid against the schema of its profile",
)
OFFICIAL_2024 = EDITION_2024.renamed({"profile": "urn:official:{noun}", "wrapper": "urn:official:w:{noun}"})


def event(noun: str, content: str = "", edition: Edition = EDITION_2013, *, space: str | None = None) -> bytes:
    """Return an event message with a payload, as plain XML."""
    payload = f'<{noun} xmlns="{space or edition.profile(noun)}">{content}</{noun}>'
    header = f"<Header><Verb>created</Verb><Noun>{noun}</Noun></Header>"
    return f'<EventMessage xmlns="{edition.envelope}">{header}<Payload>{payload}</Payload></EventMessage>'.encode()


def said(sentence: str, body: bytes, terms: Terms) -> list[str]:
    """Return what is observed of a message that came by itself, or that there was nothing to judge."""
    entry = Entry(
        direction="received", channel="callback", transport="soap", url="u", body=body, content_type="text/xml"
    )
    try:
        return [found.observed for found in judge(sentence, scene_of([entry], terms))]
    except NothingToJudgeError:
        return NOTHING


UNHEARD = "<Unheard/>"
NOTHING = ["nothing to judge"]


def test_only_a_schema_that_is_believed_fails_anybody() -> None:
    """The profile that was read twice does; its twin after the classes does not, nor one after a single source."""
    assert len(said(PAYLOAD, event("MeterReadings", UNHEARD), Terms())) == 1
    assert said(PAYLOAD, event("MeterReadings"), Terms()) == []
    for noun in ("UsagePointConfig", "MeterConfig"):
        assert said(PAYLOAD, event(noun, UNHEARD), Terms()) == NOTHING


def test_official_schema_is_believed(tmp_path: Path) -> None:
    """The same file, when a user says that it is official."""
    for name in ("Message.xsd", "UsagePointConfig.xsd"):
        shutil.copy(XSD / name, tmp_path)
    terms = Terms(schemas=tmp_path)
    assert len(said(PAYLOAD, event("UsagePointConfig", UNHEARD), terms)) == 1
    assert said(PAYLOAD, event("UsagePointConfig"), terms) == []
    assert said(PAYLOAD, event("MeterReadings", UNHEARD), terms) == NOTHING


def test_wrong_namespace_of_a_profile() -> None:
    """The profiles of 2013 have public namespaces, so also one after the classes is known by its own."""
    strange = event("UsagePointConfig", space="http://iec.ch/TC57/2010/UsagePointConfig#")
    assert said(PAYLOAD, strange, Terms()) == ["the namespace http://iec.ch/TC57/2010/UsagePointConfig#"]
    assert said(PAYLOAD, event("UsagePointConfig"), Terms()) == NOTHING


def test_namespaces_that_are_not_public_are_not_held_against_anybody() -> None:
    """Until the user says the official ones."""
    strange = event("MeterReadings", edition=EDITION_2024, space="urn:unknown")
    assert said(PAYLOAD, strange, Terms(edition=EDITION_2024)) == NOTHING
    assert said(PAYLOAD, strange, Terms(edition=OFFICIAL_2024)) == ["the namespace urn:unknown"]
    wrapper = etree.tostring(etree.fromstring(
        f'<CreatedMeterReadings xmlns="urn:w"><Header><Verb xmlns="{EDITION_2024.envelope}">created</Verb>'
        f"</Header></CreatedMeterReadings>"
    ))  # fmt: skip
    assert said(ENVELOPE, wrapper, Terms(edition=EDITION_2024)) == []
    assert said(ENVELOPE, wrapper, Terms(edition=OFFICIAL_2024)) == ["the namespace urn:w"]


@pytest.mark.parametrize("edition", [EDITION_2013, EDITION_2024])
def test_envelope_of_the_edition_is_expected(edition: Edition) -> None:
    """The other edition's envelope is wrong; what the made-up schema of 2024 refuses is nobody's fault."""
    other = EDITION_2024 if edition is EDITION_2013 else EDITION_2013
    terms = Terms(edition=edition)
    assert said(ENVELOPE, event("MeterReadings", edition=edition), terms) == []
    assert said(ENVELOPE, event("MeterReadings", edition=other), terms) == [f"the namespace {other.envelope}"]
    broken = event("MeterReadings", edition=edition).replace(b"<Noun>", b"<Unheard/><Noun>")
    assert bool(said(ENVELOPE, broken, terms)) == (edition is EDITION_2013)


def test_nothing_to_judge_stays_nothing() -> None:
    """Whatever schemas judge."""
    with pytest.raises(NothingToJudgeError):
        judge(PAYLOAD, scene_of([], Terms(edition=EDITION_2024)))
