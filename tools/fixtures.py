"""Record fixtures from the reference system: ``python -m tools.fixtures ID… | --all [--keep]``.

For each requirement the steps of its scenario run in process against the conforming system (``pass-``), against each
fault that must be caught (``fail-``), and against a system that says nothing (``fail-no-answer``). Requirements of
the whole run take the first short conversation that shows them. Files of other requirements stay untouched, and with
``--keep`` files that exist, too: once recorded they are maintained by hand.
"""

from __future__ import annotations

import itertools
import re
import sys
import tempfile
from dataclasses import replace
from datetime import timedelta
from functools import partial
from importlib import import_module
from inspect import signature
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lxml import etree

from conformance.checks.scene import scene_of
from conformance.exchange import Party, Patience
from conformance.journal import Entry, Journal
from conformance.message.xml import DEFAULT_LIMITS
from conformance.reference import Fault, faults
from conformance.reference.carriage import Carriage, Posted, posted, receive, version_of
from conformance.reference.deviation import Conduct
from conformance.reference.jms import EVENTS
from conformance.reference.service import Service
from conformance.standard.catalogue import catalogue, with_scenarios
from conformance.steps.define import DEFINED
from conformance.steps.vocabulary import Vocabulary
from conformance.sut.model import Configuration
from conformance.transport.base import Answer, Sent
from conformance.transport.memory import MemoryTransport
from conformance.transport.settings import SoapSettings
from tests.fixture_scenes import FIXTURES, STARTED, configuration, entries_of, judged, scenarios, terms
from tools.fixture_text import lines_of, stable, written
from tools.fixtures_jms import LATER, Post, RecordingTransport

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from pytest_bdd.parser import ScenarioTemplate, Step

_AWAY = "something happens at the meter while a durable subscriber is away"
REPLY_TO = "http://suite.example/callback"
#: Short conversations that together show whatever every message must obey.
CONVERSATIONS = (
    ("M1 is asked for R1",),
    ("an unknown meter is asked for R1",),
    ("M1 and an unknown meter are asked for R1",),
    ("M1 is disconnected",),
    ("M1 is asked for interval data",),
    ("something happens at the meter",),
    ("M1 and M2 are asked for R1, to be answered later",),
    ("M1 is asked for R1", "M2 is asked for R1"),
)
STIMULI = {
    "something happens at the meter": Service.power_failure,
    "the system has readings to publish": Service.publish_readings,
}


class Recording:
    """One conversation with one system, in plain XML. A second passes for each request and each stimulus."""

    settings = SoapSettings(style="bare", version="none", urls={"": "memory:"})

    def __init__(self, folder: Path, fault: Fault | None) -> None:
        """Make the system, with ``fault``, and the suite's side of the conversation."""
        self._second = itertools.count(1)
        self._now = STARTED
        self._waiting: list[Posted] = []
        self.waiting: list[Entry] = []
        self.post: Post | None = None
        self.transport: RecordingTransport | None = None
        ids = itertools.count(1)
        self.service = Service(1, clock=lambda: self._now, ids=lambda: f"00000000-0000-4000-9000-{next(ids):012d}")
        self.service.conduct = Conduct((fault.deviation,) if fault else ())
        self.service.events_address = REPLY_TO
        self.journal = Journal(folder / "journal.db")
        quick = Patience(reply_s=1.0, result_s=0.0, event_s=0.0, quiet_s=0.0)
        self.party = Party(
            transport=MemoryTransport(self._handle, self.settings), journal=self.journal, scenario="fixture",
            reply_address=REPLY_TO, terms=terms(), patience=quick, started=STARTED.timestamp(),
        )  # fmt: skip
        self.words = Vocabulary(configuration=_with_short_window(configuration()))

    @classmethod
    def over_jms(cls, folder: Path, fault: Fault | None) -> Recording:
        """Return a recording of messages over JMS."""
        made = cls(folder, fault)
        made.post = Post(made.service)
        made.party.reply_address, made.service.events_address = str(LATER), str(EVENTS)
        made.party.transport = made.transport = RecordingTransport(made)
        return made

    @property
    def now(self) -> datetime:
        """Return the time of the conversation."""
        return self._now

    def tick(self) -> None:
        """Let a second pass."""
        self._now = STARTED + timedelta(seconds=next(self._second), milliseconds=50)

    def _handle(self, sent: Sent) -> Answer:
        self.deliver()
        self.tick()
        delivery = receive(self.service, sent.body, self.carriage(sent), DEFAULT_LIMITS)
        self._waiting = list(delivery.before)
        self.deliver()
        self._waiting = list(delivery.later)
        wire = delivery.answer
        return Answer(status=wire.status, content_type=wire.content_type, body=wire.body, headers=wire.headers)

    def carriage(self, sent: Sent | None) -> Carriage:
        """Return how the system answers ``sent``, or writes what it sends by itself."""
        return Carriage(style="bare", version=version_of("", sent.body) if sent is not None else "none")

    def deliver(self) -> None:
        """Let what comes later arrive."""
        for item in self._waiting:
            self.journal.append(
                Entry(direction="received", channel="callback", transport="memory", url=item.address or "",
                      body=item.wire.body, content_type=item.wire.content_type)
            )  # fmt: skip
        for entry in self.waiting:
            self.journal.append(entry)
        self._waiting, self.waiting = [], []

    def say(self, step: Step | str) -> None:
        """Run a When step."""
        text = step if isinstance(step, str) else step.name
        if text == _AWAY:
            self.say("something happens at the meter")
            self.party.take_in(self.transport.back("", "", 0.0) if self.transport is not None else ())
        elif text in STIMULI:
            self.tick()
            made = STIMULI[text](self.service, self.words.configuration.test_data.meters[0].mrid)
            messages = [posted(self.service, item, None, self.carriage(None)) for item in made]
            if self.post is not None and self.transport is not None:
                self.post.post(messages)
                self.transport.gather()
            else:
                self._waiting = messages
        else:
            table = None if isinstance(step, str) or step.datatable is None else step.datatable.raw()
            function, arguments = _step(text)
            given = {"party": self.party, "words": self.words, "datatable": table, **arguments}
            function(**{name: given[name] for name in signature(function).parameters if name in given})
        self.deliver()

    def entries(self) -> list[Entry]:
        """Return what happened, at round times."""
        found, second, number = [], 0, 0
        for entry in self.journal.entries():
            if entry.channel == "request" or second == 0:
                second, number = second + 1, 0
            number += entry.channel != "request"
            found.append(replace(entry, at=STARTED.timestamp() + second + number / 10))
        self.journal.close()
        return found


def _with_short_window(full: Configuration) -> Configuration:
    window = full.test_data.window
    short = window.model_copy(update={"end": window.start + timedelta(hours=1)})
    return full.model_copy(update={"test_data": full.test_data.model_copy(update={"window": short})})


def _step(text: str) -> tuple[Any, dict[str, str | None]]:
    for module in ("reading", "controls", "events", "description", "jms"):
        import_module(f"conformance.steps.{module}")
    hits = [
        (where, found.groupdict())
        for (kind, pattern), where in DEFINED.items()
        if kind == "when" and (found := re.fullmatch(pattern, text, re.DOTALL))
    ]
    ((where, arguments),) = hits
    module, _, name = where.rpartition(".")
    return getattr(import_module(module), name), arguments


def record(steps: list[Step | str], fault: Fault | None = None, *, over_jms: bool = False) -> list[str]:
    """Return the lines of a scene: what ``steps`` and the system with ``fault`` say to each other."""
    with tempfile.TemporaryDirectory() as folder:
        recording = (Recording.over_jms if over_jms else Recording)(Path(folder), fault)
        for step in steps:
            recording.say(step)
        return stable([line for entry in recording.entries() for line in lines_of(entry)])


def outcome(requirement: str, lines: list[str]) -> str:
    """Return ``pass``, ``fail`` or ``na``: what the checks of ``requirement`` say of a scene."""
    entries = entries_of(etree.fromstring(written(lines, "").encode()))
    findings, silent = judged(requirement, scene_of(entries, terms(), STARTED.timestamp()))
    return "fail" if findings else "na" if silent else "pass"


def _silenced(lines: list[str]) -> list[str]:
    """Return the scene with nothing after its last request."""
    last = max((index for index, line in enumerate(lines) if line.startswith("  </sent>")), default=-1)
    number = sum(line.startswith(("  <sent", "  <received")) for line in lines[: last + 1])
    at = f"2026-01-01T00:00:{number + 2:02d}.000Z"
    note = f'  <received channel="reply" answers="{number}" at="{at}" note="no answer within 2 s"/>'
    return [*lines[: last + 1], note] if last >= 0 else []


def _scenario_steps(scenario: ScenarioTemplate) -> list[Step | str]:
    return [step for step in scenario.steps if step.type == "when"]


def fixtures_of(requirement: str) -> dict[str, str]:
    """Return {file name: text} of everything that can be recorded for ``requirement``."""
    mine = [fault for fault in faults() if requirement in fault.requirements]
    scenario = scenarios()[requirement][0]
    over_jms = catalogue()[requirement].transport == "jms"
    if any(step.name == "everything that the system sent in this run" for step in scenario.steps):
        return _of_whole_run(requirement, mine, partial(record, over_jms=over_jms))
    steps = _scenario_steps(scenario)
    plain = record(steps, over_jms=over_jms)
    found = {"pass-conforming.xml": written(plain, f"{scenario.name}: as the standard says")}
    for fault in mine:
        lines = record(steps, fault, over_jms=over_jms)
        if outcome(requirement, lines) == "fail":
            found[f"fail-{_dashed(fault.name)}.xml"] = written(lines, fault.what, twin="pass-conforming.xml")
    silent = _silenced(plain)
    if outcome(requirement, silent) == "na":
        found["na-silence.xml"] = written(silent, "nothing comes, so there is nothing to judge")
    else:
        found["fail-silence.xml"] = written(silent, "nothing comes", twin="pass-conforming.xml")
    return found


def _of_whole_run(requirement: str, mine: list[Fault], record: Callable[..., list[str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for fault in mine:
        for number, conversation in enumerate(CONVERSATIONS, start=1):
            plain, lines = record(list(conversation)), record(list(conversation), fault)
            if outcome(requirement, plain) == "pass" and outcome(requirement, lines) == "fail":
                twin = f"pass-conversation-{number}.xml"
                found[twin] = written(plain, "; ".join(conversation))
                found[f"fail-{_dashed(fault.name)}.xml"] = written(lines, fault.what, twin=twin)
                break
    for conversation in CONVERSATIONS:
        plain = record(list(conversation))
        if outcome(requirement, plain) == "na":
            found["na-another-conversation.xml"] = written(plain, "; ".join(conversation))
            break
    silent = _silenced(record(list(CONVERSATIONS[0])))
    found["na-silence.xml"] = written(silent, "nothing comes, so there is nothing to judge")
    return found


def _dashed(name: str) -> str:
    return name.replace("_", "-")


def main(arguments: list[str]) -> int:
    """Record the fixtures of the requirements that are named, and say what could not be recorded."""
    keep = "--keep" in arguments
    named = [item for item in arguments if not item.startswith("--")]
    for requirement in list(with_scenarios()) if "--all" in arguments else named:
        folder = FIXTURES / requirement
        folder.mkdir(parents=True, exist_ok=True)
        about_soap = catalogue()[requirement].transport == "soap"
        recorder = import_module("tools.soap_fixtures").fixtures_of if about_soap else fixtures_of
        for name, text in recorder(requirement).items():
            lines = text.splitlines()[1:-1]
            if (said := outcome(requirement, lines)) != name.partition("-")[0]:
                sys.stdout.write(f"{requirement}/{name} is judged: {said}\n")
            elif not (keep and (folder / name).exists()):
                (folder / name).write_text(text, encoding="utf-8")
        missing = {"pass", "fail"} - {path.name.partition("-")[0] for path in folder.iterdir()}
        if missing:
            sys.stdout.write(f"{requirement} has no {' and no '.join(sorted(missing))} fixture\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
