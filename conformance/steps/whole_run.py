"""Steps that look back over everything that the system sent in this run."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from conformance.checks.scene import Scene, scene_of
from conformance.errors import Inconclusive
from conformance.message.meter_readings import get_meter_readings
from conformance.steps.controls import send_control
from conformance.steps.define import given
from conformance.steps.events import make_event, make_readings
from conformance.steps.reading import everything_asked_for_came
from conformance.steps.requests import get_readings, later, outbound

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from conformance.exchange import Party
    from conformance.journal import Journal
    from conformance.message.build import Draft
    from conformance.steps.vocabulary import Vocabulary

#: How often the plan is looked at while other workers finish, in seconds.
_LOOK_S = 0.05


@given("everything that the system sent in this run", target_fixture="scene")
def whole_run(party: Party, words: Vocabulary, journal: Journal, pytestconfig: pytest.Config) -> Scene:
    """Return the scene of the whole run; a run of nothing else gets a survey of its own first."""
    if hasattr(pytestconfig, "workerinput"):  # in one process these scenarios are the last, and nobody is left
        _wait_for_the_others(journal, party)
    if not any(entry.channel == "request" and party.concerns(entry) for entry in journal.entries()):
        survey(party, words)
    return _everything(journal, journal.last_id(), party)


#: By journal, its newest message, and the transport when the run has several.
_READ: dict[tuple[Path, int, str], Scene] = {}


def _everything(journal: Journal, last: int, party: Party) -> Scene:
    """Return the scene of the whole journal; read once for all the scenarios that look back on it.

    In a run over several transports it is what went over the party's own: each is judged for itself.
    """
    key = journal.path, last, party.transport.name if party.apart else ""
    if key not in _READ:
        for old in [old for old in _READ if old[:2] != key[:2]]:
            del _READ[old]
        started = float(journal.meta("started", party.started))
        _READ[key] = scene_of(filter(party.concerns, journal.entries()), party.terms, started)
    return _READ[key]


def _wait_for_the_others(journal: Journal, party: Party) -> None:
    patience = party.patience
    limit = time.monotonic() + 10 * (patience.reply_s + patience.result_s + patience.event_s + patience.quiet_s)
    while any(row["state"] != "done" and not row["plan"].get("whole_run") for row in journal.scenarios()):
        if time.monotonic() > limit:
            raise Inconclusive("other scenarios of this run did not end")
        time.sleep(_LOOK_S)


def survey(party: Party, words: Vocabulary) -> None:
    """Send one of each kind of request, so that there is something of each kind to judge."""
    messages = words.configuration.capabilities.messages
    for meters in ("M1 and M2", "M1 and an unknown meter", "an unknown meter") if messages.get_meter_readings else ():
        party.ask(outbound(_read(words, meters)))
    if words.configuration.capabilities.options.interval_data and messages.get_meter_readings:
        party.ask(outbound(_read(words, "M1", "interval data")))
    if "async" in messages.get_meter_readings:
        party.ask(outbound(later(_read(words, "M1 and M2"), party.reply_address)))
        party.wait("the later reply(MeterReadings)", everything_asked_for_came, party.patience.result_s)
    if "sync" in messages.create_end_device_controls and words.configuration.test_data.controls:
        send_control(party, words, "M1", "disconnect")
    if messages.created_end_device_events and words.configuration.stimuli.end_device_event:
        make_event(party, words)
    if messages.created_meter_readings and words.configuration.stimuli.meter_readings:
        make_readings(party, words)


def _read(words: Vocabulary, meters: str, types: str = "R1") -> Draft:
    return get_readings([get_meter_readings(words.meters(meters), words.types(types), words.window)])
