"""Record the fixtures of what is about SOAP itself; called by :mod:`tools.fixtures`.

The same as there, but in envelopes of SOAP 1.1, with HTTP headers, with the suite's acknowledgements, and with a
description whose schema is cut down to its names.
"""

from __future__ import annotations

import tempfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from xml.sax.saxutils import quoteattr

from lxml import etree

from conformance.checks.service import read_service
from conformance.journal import Entry
from conformance.message.meter_readings import get_meter_readings
from conformance.reference import Fault, faults
from conformance.reference.carriage import Carriage, Posted
from conformance.reference.delivery import ATTEMPTS, headers_of
from conformance.reference.deviation import Receipt
from conformance.standard.wsdl import wsdl
from conformance.steps.requests import get_readings, outbound
from conformance.transport.acknowledge import acknowledge, manner_key
from conformance.transport.base import Carrying, Sent
from conformance.transport.settings import SoapSettings
from tests.fixture_scenes import STARTED, scenarios
from tools import fixture_text
from tools import fixtures as usual

if TYPE_CHECKING:
    from pytest_bdd.parser import Step

WSDL_AT = "http://reference.example/generic"
_SCHEMA = b"""<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"
  targetNamespace="http://iec.ch/TC57/2011/schema/message" elementFormDefault="qualified">
  <xs:element name="RequestMessage"/><xs:element name="ResponseMessage"/>
  <xs:element name="EventMessage"/><xs:element name="FaultMessage"/>
</xs:schema>"""


class SoapRecording(usual.Recording):
    """One conversation with one system, as SOAP 1.1 carries it."""

    settings = SoapSettings(style="generic", version="1.1", urls={"": "memory:"})

    def carriage(self, sent: Sent | None) -> Carriage:
        """Return how the system answers ``sent``, or writes what it sends by itself."""
        action = sent.headers.get("SOAPAction", "").strip('"') if sent is not None else ""
        return Carriage(style="generic", version="1.1", action=action)

    def deliver(self) -> None:
        """Let what comes later arrive, and acknowledge it; what the system offers again arrives again."""
        for item in self._waiting:
            for _ in range(ATTEMPTS):
                if self._arrive(item).done:
                    break
        self._waiting = []

    def _arrive(self, item: Posted) -> Receipt:
        headers = {name.lower(): value for name, value in headers_of(item, "1.1").items()}
        entry = Entry(
            direction="received", channel="callback", transport="soap", url="/", body=item.wire.body,
            content_type=headers["content-type"], headers=headers,
        )  # fmt: skip
        answers = self.journal.append(entry)
        given = acknowledge(item.wire.body, "", manner=lambda said: self.journal.meta(manner_key(said), "message"))
        self.journal.append(
            Entry(direction="sent", channel="acknowledgement", transport="soap", url="/", status=given.status,
                  content_type=given.content_type, body=given.body, answers=answers)
        )  # fmt: skip
        receipt = Receipt(status=given.status, body=given.body, done=given.status < 500)
        return self.service.conduct.shaped("receipt", receipt, self.service.scene(role="result"))

    def say(self, step: Step | str) -> None:
        """Run a When step."""
        text = step if isinstance(step, str) else step.name
        if text == "the description of the system is read":
            self._describe()
        elif text == "a client that is made from the description reads M1":
            self._describe()
            action = next(
                item.action for item in read_service(self.party.scene.documents).operations
                if (item.takes or "").endswith("RequestMessage")
            )  # fmt: skip
            words = self.words
            draft = get_readings([get_meter_readings(words.meters("M1"), words.types("R1"), words.window)])
            self.party.ask(replace(outbound(draft), carrying=Carrying(action=action)))
        else:
            super().say(step)

    def _describe(self) -> None:
        shape = self.service.conduct.shaped
        for url, body in ((f"{WSDL_AT}?wsdl", wsdl("generic", WSDL_AT)), (f"{WSDL_AT}?xsd=Message.xsd", _SCHEMA)):
            made = shape("description", etree.fromstring(body), self.service.scene())
            found = b"_v2.xsd" not in etree.tostring(made)
            self.party.read([_document(url, etree.tostring(_short(made)), found=True)])
            if not found:
                self.party.read([_document(f"{WSDL_AT}?xsd=Message_v2.xsd", b"there is no such schema", found=False)])
                return


def _short(root: etree._Element) -> etree._Element:
    """Leave out the binding to SOAP 1.2, which says the same once more, and every operation but the first."""
    for item in [*root.iter("{*}binding", "{*}port", "{*}operation")]:
        parent, name = item.getparent(), item.get("name", "")
        if parent is not None and name.endswith(("soap12", "Response", "PublishEvent")):
            parent.remove(item)
    return root


def _document(url: str, body: bytes, *, found: bool) -> Entry:
    return Entry(
        direction="received", channel="description", transport="soap", url=url, status=200 if found else 404,
        content_type="text/xml" if found else "text/plain", body=body,
    )  # fmt: skip


def record(steps: list[Step | str], fault: Fault | None = None) -> list[str]:
    """Return the lines of a scene: what ``steps`` and the system with ``fault`` say to each other."""
    with tempfile.TemporaryDirectory() as folder:
        recording = SoapRecording(Path(folder), fault)
        for step in steps:
            recording.say(step)
        return fixture_text.stable([line for entry in recording.entries() for line in _lines(entry)])


def _lines(entry: Entry) -> list[str]:
    moment = STARTED + timedelta(seconds=round(entry.at - STARTED.timestamp(), 1))
    at = moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    said: dict[str, str | int | None] = {"at": at, "status": entry.status, "answers": entry.answers}
    if entry.channel != "request":
        said["channel"] = entry.channel
        said["content-type"] = entry.content_type if entry.content_type not in ("", "text/xml") else None
    if entry.channel == "callback":
        said["soap-action"] = entry.headers.get("soapaction")
    if entry.channel == "description":
        said["url"] = entry.url
    attributes = "".join(f" {name}={quoteattr(str(value))}" for name, value in said.items() if value is not None)
    if not entry.body:
        return [f"  <{entry.direction}{attributes}/>"]
    text = entry.body.decode()
    if entry.channel in ("request", "acknowledgement"):
        text = fixture_text.MADE.sub(rf"\g<1>{at[:-1]}", text)
    return [f"  <{entry.direction}{attributes}>", *_body(text), f"  </{entry.direction}>"]


def _body(text: str) -> list[str]:
    if "<?vendor" not in text:
        return fixture_text.body_lines(text)
    # A reader of messages drops processing instructions, which is what this fixture is about.
    element = etree.fromstring(text.encode())
    etree.indent(element, "  ", level=2)
    return ("    " + etree.tostring(element, encoding="unicode")).splitlines()


def fixtures_of(requirement: str) -> dict[str, str]:
    """Return {file name: text} of everything that can be recorded for ``requirement``."""
    mine = [fault for fault in faults() if requirement in fault.requirements]
    scenario = scenarios()[requirement][0]
    looks_back = "whole-run" in scenario.feature.tags
    conversations: list[list[Step | str]]
    if looks_back:
        conversations = [list(item) for item in usual.CONVERSATIONS]
    else:
        contexts = [context for examples in scenario.examples for context in examples.as_contexts()] or [{}]
        conversations = [
            [step for step in one.render(context).steps if step.type == "when"]
            for one in scenarios()[requirement]
            for context in (contexts if one is scenario else [{}])
        ]
    found: dict[str, str] = {}
    for fault in mine:
        for number, conversation in enumerate(conversations, start=1):
            plain, lines = record(conversation), record(conversation, fault)
            if usual.outcome(requirement, plain) == "pass" and usual.outcome(requirement, lines) == "fail":
                twin = f"pass-conversation-{number}.xml" if looks_back or number > 1 else "pass-conforming.xml"
                found[twin] = fixture_text.written(plain, f"{scenario.name}: as it should be")
                name = f"fail-{fault.name.replace('_', '-')}.xml"
                found[name] = fixture_text.written(lines, fault.what, twin=twin)
                break
    return found
