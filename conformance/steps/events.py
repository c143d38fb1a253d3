"""Steps for what the system sends by itself: a stimulus makes it, then the suite listens."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import requests

from conformance.checks.events import event_type, published, readings_of_meter
from conformance.errors import Inconclusive
from conformance.steps.define import when

if TYPE_CHECKING:
    from conformance.checks.scene import Scene
    from conformance.exchange import Party
    from conformance.steps.vocabulary import Vocabulary
    from conformance.sut.model import Stimulus


@when("something happens at the meter")
def make_event(party: Party, words: Vocabulary) -> None:
    """Make the system publish an event, and wait for one of the declared meter and type."""
    stimulate(words.configuration.stimuli.end_device_event, party)
    party.wait("created(EndDeviceEvents)", lambda scene: not list(event_type(scene)), party.patience.event_s)


@when("the system has readings to publish")
def make_readings(party: Party, words: Vocabulary) -> None:
    """Make the system publish readings, and wait for those of the declared meter."""
    stimulate(words.configuration.stimuli.meter_readings, party)

    def came(scene: Scene) -> bool:
        return not list(published(scene, "MeterReadings")) and not list(readings_of_meter(scene))

    party.wait("created(MeterReadings)", came, party.patience.event_s)


@when("the suite goes on listening")
def go_on_listening(party: Party) -> None:
    """Listen for what must not come."""
    party.listen(party.patience.quiet_s)


def stimulate(stimulus: Stimulus | None, party: Party) -> None:
    """Make the system act. Raises Inconclusive when that cannot be done: then its silence says nothing."""
    if stimulus is None:
        raise Inconclusive("the stimulus is missing in SUT.toml")
    if stimulus.kind == "manual":
        _ask_a_person(stimulus)
    elif stimulus.kind == "command":
        _run(stimulus, party)
    else:
        _call(stimulus, party)


def _filled(text: str, stimulus: Stimulus, party: Party) -> str:
    return text.replace("{reply_address}", party.reply_address).replace("{meter}", stimulus.meter)


def _call(stimulus: Stimulus, party: Party) -> None:
    url = _filled(stimulus.url or "", stimulus, party)
    try:
        body = _filled(stimulus.body, stimulus, party).encode()
        answer = requests.post(url, data=body, timeout=party.patience.reply_s, allow_redirects=False)
    except requests.RequestException as problem:
        raise Inconclusive(f"the stimulus {url} could not be given: {problem}") from problem
    if not answer.ok:
        raise Inconclusive(f"the stimulus {url} was answered with HTTP status {answer.status_code}")


def _run(stimulus: Stimulus, party: Party) -> None:
    command = [_filled(part, stimulus, party) for part in stimulus.command or []]
    try:
        # The command is the user's own, from SUT.toml, and no shell reads it.
        subprocess.run(command, check=True, capture_output=True, timeout=party.patience.event_s)  # noqa: S603
    except (OSError, subprocess.SubprocessError) as problem:
        raise Inconclusive(f"the stimulus command could not be run: {problem}") from problem


def _ask_a_person(stimulus: Stimulus) -> None:
    try:
        with open("/dev/tty", "r+", encoding="utf-8") as terminal:
            terminal.write(f"\n{stimulus.prompt}\nPress Enter when it is done. ")
            terminal.flush()
            terminal.readline()
    except OSError as problem:
        raise Inconclusive(f"nobody is at a terminal to do this: {stimulus.prompt}") from problem
