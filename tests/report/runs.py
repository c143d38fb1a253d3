"""Synthetic journals: what a plugin would have written, for runs that end in every possible way."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from conformance.journal import Channel, Direction, Entry, Journal

STARTED = 1_760_000_000.0
MESSAGE = "http://iec.ch/TC57/2011/schema/message"
STEPS = ("Given a meter that answers", "When the suite reads it", "Then its readings come back")


def envelope(kind: str, verb: str, noun: str, payload: str = "") -> bytes:
    """Return a message in a SOAP 1.1 envelope."""
    return (
        '<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>'
        f'<m:{kind} xmlns:m="{MESSAGE}"><m:Header><m:Verb>{verb}</m:Verb><m:Noun>{noun}</m:Noun>'
        "<m:Timestamp>2026-10-14T20:00:00.000Z</m:Timestamp><m:CorrelationID>c-1</m:CorrelationID></m:Header>"
        f"{payload}</m:{kind}></soap:Body></soap:Envelope>"
    ).encode()


def requirement(identity: str, area: str = "reading", **changes: Any) -> dict[str, Any]:
    """Return a row of the catalogue."""
    row = {
        "id": identity,
        "area": area,
        "clause": "TR 61968-900:2015, 6.3.2",
        "text": f"Obligation {identity} of the metering system is kept.",
        "level": "shall",
        "role": "responder",
        "basis": "guidance",
        "editions": ["2013"],
        "not_tested": None,
    }
    return row | changes


def finding(identity: str, **changes: Any) -> dict[str, Any]:
    """Return what a check found."""
    data = {
        "requirement": identity,
        "severity": "shall",
        "expected": "readings of the meters 4711 and 4712",
        "observed": "readings of meter 4711 only",
        "where": "/ResponseMessage/Payload/MeterReadings, line 12",
        "messages": [],
    }
    return data | changes


@dataclass
class Run:
    """A journal in the making. Scenarios get one exchange of two messages unless they are told otherwise."""

    journal: Journal
    catalogue: list[dict[str, Any]] = field(default_factory=list)
    _number: int = 0

    def plan(self, name: str, requirements: list[str], **changes: Any) -> str:
        """Plan a scenario and return its id."""
        area = changes.pop("area", "reading")
        identity = f"{area}/one_meter.feature::{name}"
        known = {row["id"] for row in self.catalogue}
        self.catalogue += [requirement(item, area) for item in requirements if item not in known]
        self.journal.set_meta("catalogue", self.catalogue)
        data = {
            "feature": f"features/{area}/one_meter.feature",
            "area": area,
            "rule": "What was asked for comes",
            "name": name,
            "requirements": requirements,
            "tags": [],
            "line": 7,
            "steps": list(STEPS),
            "skipped": None,
        }
        self._number += 1
        self.journal.plan(identity, self._number, data | changes)
        return identity

    def message(
        self, scenario: str | None, body: bytes, direction: Direction = "received", channel: Channel = "reply",
        **changes: Any,
    ) -> int:  # fmt: skip
        """Journal a message."""
        at = STARTED + self.journal.last_id() * 0.021
        entry = {
            "direction": direction,
            "channel": channel,
            "transport": "soap",
            "url": "http://127.0.0.1:8080/ms",
            "body": body,
            "status": 200 if channel in ("reply", "acknowledgement") else None,
            "content_type": "text/xml; charset=utf-8",
            "scenario": scenario,
            "exchange": f"x-{scenario}" if scenario else None,
            "at": at,
        }
        return self.journal.append(Entry(**(entry | changes)))

    def exchange(self, scenario: str) -> tuple[int, int]:
        """Journal a request and its reply; return their ids."""
        request = self.message(
            scenario, envelope("RequestMessage", "get", "MeterReadings"), direction="sent", channel="request"
        )
        return request, self.message(scenario, envelope("ResponseMessage", "reply", "MeterReadings"))

    def finish(self, scenario: str, verdict: str = "pass", reason: str = "") -> None:
        """Start and finish a scenario that was planned."""
        self.journal.start(scenario)
        failed = "failed" if verdict == "fail" else "passed"
        status = ["passed", "passed", failed]
        steps = [{"text": text, "status": state, "duration": 0.01} for text, state in zip(STEPS, status, strict=True)]
        self.journal.finish(scenario, verdict, reason, 0.25, steps)

    def scenario(self, name: str, requirements: list[str], verdict: str = "pass", **changes: Any) -> str:
        """Plan and execute a scenario with an exchange and ``findings``; return its id."""
        reason, findings = changes.pop("reason", ""), changes.pop("findings", [])
        identity = self.plan(name, requirements, **changes)
        _, reply = self.exchange(identity)
        for data in findings:
            self.journal.add_finding(identity, {"messages": [reply]} | {k: v for k, v in data.items() if v != []})
        self.finish(identity, verdict, reason)
        return identity

    def end(self, how: str | None = "complete") -> Journal:
        """Close the run (None: it was killed) and return its journal."""
        if how:
            self.journal.set_meta("ended", how)
            self.journal.set_meta("finished", STARTED + 60)
        return self.journal


def identify(journal: Journal) -> None:
    """Write what the plugin writes before the first scenario."""
    system = {"vendor": "Example AG", "product": "Head End", "version": "4.2", "role": "MS", "edition": "2013"}
    selection = {"select": None, "transport": "soap", "edition": "2013", "style": "generic", "soap": "1.1"}
    journal.set_meta("suite", {"version": "0.1.0", "python": "3.11.7", "dependencies": {"lxml": "5.2"}})
    journal.set_meta("system_under_test", system)
    journal.set_meta("selection", selection)
    journal.set_meta("capabilities", {"messages": {"get(MeterReadings)": ["sync"]}})
    journal.set_meta("configuration", {"endpoints": {"style": "generic"}})
    journal.set_meta("schemas", "built-in reconstruction, edition 2013")
    journal.set_meta("started", STARTED)
