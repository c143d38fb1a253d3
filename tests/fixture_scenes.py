"""Fixtures: scenes in files, judged by the very code that judges a live system.

A fixture is ``fixtures/<requirement>/{pass,fail,na}-<what>.xml``::

    <scene about="what differs" started="2026-01-01T00:00:00Z" twin="pass-….xml">
      <sent at="2026-01-01T00:00:01.000Z"><RequestMessage …/></sent>
      <received channel="reply" answers="1" status="200" at="…" content-type="text/xml"><ResponseMessage …/></received>
      <received channel="callback" at="…"><EventMessage …/></received>
    </scene>

What came or went over JMS has its headers and properties in front of the message, ``Name: value`` in each line::

      <received …><jms>
        JMSType: ResponseMessage
      </jms><ResponseMessage …/></received>

A ``sent`` with ``channel="acknowledgement"`` is what the suite said to a callback, a ``received`` with
``channel="description"`` a file of the WSDL from ``url``; ``soap-action`` is the header of that name.

Entries count from 1, and ``answers`` is the number of the entry that is answered. Where the bytes matter, a body
is text (CDATA); ``note`` without ``status`` says why no answer came. ``twin`` names the file that passes and from
which this one differs in one thing; without it the twin has the same stem. ``differences`` allows more hunks.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lxml import etree
from pytest_bdd.parser import FeatureParser, ScenarioTemplate

from conformance.checks.finding import Finding, NothingToJudgeError
from conformance.checks.registry import judge
from conformance.checks.scene import Scene, Terms, scene_of
from conformance.journal import Entry
from conformance.reference.description import describe
from conformance.reference.jms import EVENTS, REQUESTS
from conformance.reference.jms_mapping import CLAIMS
from conformance.reference.meters import Fleet
from conformance.standard.times import as_utc, parse_time
from conformance.sut.claims import terms_of
from conformance.sut.jms import JmsEndpoint

if TYPE_CHECKING:
    from conformance.sut.model import Configuration

ROOT = Path(__file__).parent.parent
FIXTURES = ROOT / "fixtures"
FEATURES = ROOT / "features"
#: When every scene starts.
STARTED = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fixture:
    """One file: ``kind`` is pass, fail or na; ``twin`` is the file that a fail is compared with."""

    path: Path
    requirement: str
    kind: str
    about: str
    twin: Path
    scene: Scene
    entries: tuple[Entry, ...]


@cache
def configuration() -> Configuration:
    """Return the SUT.toml of the reference system that the fixtures are about; no socket is opened."""
    found = describe(Fleet(1), "http://reference.example", "http://reference.example/admin", STARTED)
    jms = JmsEndpoint(class_path=["-"], jndi={}, requests={"all": str(REQUESTS)}, events=[str(EVENTS)])
    capabilities = found.capabilities.model_copy(update={"jms": CLAIMS})
    endpoints = found.endpoints.model_copy(update={"jms": jms})
    return found.model_copy(update={"capabilities": capabilities, "endpoints": endpoints})


@cache
def terms() -> Terms:
    """Return what is agreed with the reference system."""
    return terms_of(configuration())


def fixture_files() -> list[Path]:
    """Return every fixture, in a stable order."""
    return sorted(FIXTURES.glob("*/*.xml"))


def load(path: Path) -> Fixture:
    """Return the fixture in ``path``. Raises OSError or lxml.etree.XMLSyntaxError when it cannot be read."""
    scene = etree.fromstring(path.read_bytes(), etree.XMLParser(strip_cdata=False))
    kind, _, stem = path.name.partition("-")
    entries = entries_of(scene)
    return Fixture(
        path=path,
        requirement=path.parent.name,
        kind=kind,
        about=scene.get("about", ""),
        twin=path.with_name(scene.get("twin") or f"pass-{stem}"),
        scene=scene_of(entries, terms(), _seconds(scene.get("started"))),
        entries=tuple(entries),
    )


def entries_of(scene: etree._Element) -> list[Entry]:
    """Return the journal entries that a ``scene`` element stands for."""
    return [_entry(number, item) for number, item in enumerate(scene.iterchildren("sent", "received"), start=1)]


def _entry(number: int, item: etree._Element) -> Entry:
    answers, status = item.get("answers"), item.get("status")
    sent = item.tag == "sent"
    channel: Any = item.get("channel", "request" if sent else "callback")
    action = item.get("soap-action")
    return Entry(
        direction="sent" if sent else "received",
        channel=channel,
        transport="fixture",
        url=item.get("url", ""),
        headers=_headers(item.find("jms")) if action is None else {"soapaction": action},
        body=_body(item),
        status=int(status) if status else None,
        content_type=item.get("content-type", "text/xml"),
        note=item.get("note", ""),
        answers=int(answers) if answers else None,
        at=_seconds(item.get("at")),
        id=number,
    )


def _headers(jms: etree._Element | None) -> dict[str, str]:
    lines = (jms.text or "").splitlines() if jms is not None else []
    pairs = (line.strip().partition(": ") for line in lines if line.strip())
    return {name: value for name, _, value in pairs}


def _body(item: etree._Element) -> bytes:
    jms = item.find("jms")
    element = next((child for child in item.iterchildren(etree.Element) if child is not jms), None)
    text = item.text if jms is None else jms.tail
    return (text or "").encode() if element is None else etree.tostring(element, with_tail=False)


def _seconds(text: str | None) -> float:
    moment = parse_time(text)
    if moment is None:
        raise ValueError(f"a fixture needs a time here, not {text!r}")
    return as_utc(moment).timestamp()


@cache
def scenarios() -> dict[str, tuple[ScenarioTemplate, ...]]:
    """Return the scenarios of every requirement, by its tag."""
    found: dict[str, tuple[ScenarioTemplate, ...]] = {}
    for path in sorted(FEATURES.glob("*/*.feature")):
        feature = FeatureParser(str(FEATURES), str(path.relative_to(FEATURES))).parse()
        for scenario in feature.scenarios.values():
            for tag in scenario.tags:
                found[tag] = (*found.get(tag, ()), scenario)
    return found


def sentences_of(requirement: str) -> list[str]:
    """Return the Then lines of every scenario of ``requirement``."""
    steps = [step for scenario in scenarios()[requirement] for step in scenario.steps]
    return list(dict.fromkeys(step.name for step in steps if step.type == "then"))


def judged(requirement: str, scene: Scene) -> tuple[list[Finding], list[str]]:
    """Return the findings of all sentences of ``requirement``, and the sentences that had nothing to judge."""
    findings: list[Finding] = []
    silent: list[str] = []
    for sentence in sentences_of(requirement):
        try:
            findings += judge(sentence, scene)
        except NothingToJudgeError:
            silent.append(sentence)
    return findings, silent
