"""The suite's side of an exchange: what it sends, what it waits for, what it takes for its own."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from conformance import exchange
from conformance.checks import scene as scenes
from conformance.checks.scene import Scene, Terms
from conformance.errors import ConfigurationError, Inconclusive, InternalError, TransportError
from conformance.exchange import TRANSITIONS, Party, Patience, State
from conformance.journal import Entry, Journal
from conformance.message.build import Draft, build, serialise
from conformance.message.controls import Control, Event, end_device_controls, end_device_events
from conformance.message.meter_readings import get_meter_readings
from conformance.message.model import Header, Identified, Reply
from conformance.message.soap import CONTENT_TYPES, Carried, unwrap, wrap
from conformance.standard.editions import EDITION_2013, EDITION_2024
from conformance.transport.base import Answer, Outbound, Sent
from conformance.transport.memory import MemoryTransport

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

METER = Identified(mrid="meter-1")
CONTENT_TYPE = CONTENT_TYPES["1.1"]
#: What never happens is waited for so long, in seconds; what happens is waited for with plenty of patience.
SHORT_S = 0.05
LONG_S = 30.0


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    """Return the journal of the run."""
    journal = Journal(tmp_path / "journal.db")
    yield journal
    journal.close()


def request(correlation: str | None = "c1") -> Outbound:
    """Return a read."""
    header = Header(verb="get", noun="MeterReadings", correlation_id=correlation)
    message = build(Draft(kind="RequestMessage", header=header))
    return Outbound(message=message, verb="get", noun="MeterReadings")


def control(correlation: str = "c1") -> Outbound:
    """Return a control of the meter."""
    header = Header(verb="create", noun="EndDeviceControls", correlation_id=correlation)
    payload = end_device_controls([Control(control_type="3.31.0.23", devices=(METER,))])
    message = build(Draft(kind="RequestMessage", header=header, payload=(payload,)))
    return Outbound(message=message, verb="create", noun="EndDeviceControls")


def reply(correlation: str | None = "c1") -> bytes:
    """Return a reply in SOAP."""
    header = Header(verb="reply", noun="MeterReadings", correlation_id=correlation)
    return wrap(build(Draft(kind="ResponseMessage", header=header, reply=Reply(result="OK"))), "1.1")


def event(correlation: str | None = None, meter: Identified = METER) -> bytes:
    """Return an event of a meter, as plain XML."""
    header = Header(verb="created", noun="EndDeviceEvents", correlation_id=correlation)
    item = Event(event_type="3.31.0.68", created="2026-01-01T00:00:00Z", device=meter)
    return serialise(build(Draft(kind="EventMessage", header=header, payload=(end_device_events([item]),))))


def callback(body: bytes, content_type: str = CONTENT_TYPE) -> Entry:
    """Return what the gateway writes down when something comes by itself."""
    return Entry(
        direction="received", channel="callback", transport="soap", url="u", body=body, content_type=content_type
    )


def answer(_: Sent) -> Answer:
    """Answer as a system does that works."""
    return Answer(status=200, content_type=CONTENT_TYPE, body=reply())


def make_party(journal: Journal, scenario: str = "mine", handler: Callable[[Sent], Answer] = answer) -> Party:
    """Return the suite's side in ``scenario``."""
    return Party(
        transport=MemoryTransport(handler),
        journal=journal,
        scenario=scenario,
        reply_address="http://suite/",
        terms=Terms(meters=(METER,)),
        patience=Patience(reply_s=LONG_S),
    )


def failing(problem: Exception) -> Callable[[Sent], Answer]:
    """Return a handler that raises ``problem``."""

    def handler(_: Sent) -> Answer:
        raise problem

    return handler


class Sender:
    """Another process: writes callbacks from a thread and a connection of its own, when it is told to."""

    def __init__(self, path: Path, *bodies: bytes) -> None:
        """Be ready to write ``bodies``, one for each time that it is let."""
        self.journal = Journal(path)
        self._bodies = bodies
        self._let = threading.Semaphore(0)
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def let(self) -> None:
        """Let the next one go."""
        self._let.release()

    def _run(self) -> None:
        for body in self._bodies:
            assert self._let.acquire(timeout=LONG_S)
            self.journal.append(callback(body))

    def __enter__(self) -> Sender:
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.join(LONG_S)
        self.journal.close()
        assert not self._thread.is_alive()


# -- transitions ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("before", State)
@pytest.mark.parametrize("after", State)
def test_every_transition(journal: Journal, before: State, after: State) -> None:
    """What the table does not allow is the suite's own fault, and leaves the state as it was."""
    party = make_party(journal)
    party.state = before
    if after in TRANSITIONS[before]:
        party._move(after)
        assert party.state is after
    else:
        with pytest.raises(InternalError, match=f"from {before} to {after}"):
            party._move(after)
        assert party.state is before


def test_a_party_begins_idle(journal: Journal) -> None:
    """Nothing was asked, nothing came, and the scene says so."""
    party = make_party(journal)
    assert party.state is State.IDLE
    assert party.scene == Scene(terms=party.terms, started=party.started)


def test_the_table_is_whole() -> None:
    """Every state is in the table, is reached by something, and leads on to another question or wait."""
    assert set(TRANSITIONS) == set(State)
    assert set().union(*TRANSITIONS.values()) == set(State) - {State.IDLE}
    for state in set(State) - {State.ASKED, State.WAITING}:
        assert TRANSITIONS[state] == {State.ASKED, State.WAITING}


@pytest.mark.parametrize("state", [State.ASKED, State.WAITING])
def test_nothing_is_sent_in_the_middle(journal: Journal, state: State) -> None:
    """Neither a question nor a wait begins while another is under way, and nothing leaves."""
    party = make_party(journal)
    party.state = state
    with pytest.raises(InternalError):
        party.ask(request())
    with pytest.raises(InternalError):
        party.wait("x", lambda _: True, SHORT_S)
    assert journal.last_id() == 0


# -- asking --------------------------------------------------------------------------------------------------------


def test_an_answer(journal: Journal) -> None:
    """Request and answer are in the journal before anybody judges them, and the scene shows them."""
    seen: list[Entry] = []

    def handler(sent: Sent) -> Answer:
        seen.extend(journal.entries())
        assert sent.body == seen[0].body
        return answer(sent)

    party = make_party(journal, handler=handler)
    party.ask(request())
    assert party.state is State.ANSWERED
    assert [entry.channel for entry in seen] == ["request"]
    asked, answered = journal.entries()
    assert (asked.direction, asked.exchange, asked.scenario) == ("sent", "c1", "mine")
    assert (answered.channel, answered.answers, answered.exchange, answered.status) == ("reply", asked.id, "c1", 200)
    view = party.scene.last
    assert (view.asked.id, view.no_answer, view.later) == (asked.id, "", ())
    assert view.answer is not None
    assert str(view.answer) == "reply(MeterReadings) with Result OK"
    assert party.scene.terms.meters == (METER,)
    assert party.scene.started == party.started


def test_several_questions(journal: Journal) -> None:
    """The newest is the one that the scenario is about; the older ones stay."""
    party = make_party(journal)
    party.ask(request("c1"))
    party.ask(request("c2"))
    party.ask(request(None))
    assert [view.asked.message and view.asked.message.correlation_id for view in party.scene.exchanges] == [
        "c1",
        "c2",
        None,
    ]
    assert all(view.answer for view in party.scene.exchanges)


def test_a_system_that_misbehaves_is_judged(journal: Journal) -> None:
    """A connection that the system itself broke is an observation, not an excuse."""
    party = make_party(journal, handler=failing(TransportError("reset", blame="system")))
    party.ask(request())
    assert party.state is State.UNANSWERED
    assert party.scene.last.answer is None
    assert party.scene.last.no_answer == "reset"
    assert [entry.note for entry in journal.entries()] == ["", "reset"]
    party.ask(request("c2"))


def test_surroundings_are_inconclusive(journal: Journal) -> None:
    """A system that was never reached is not judged; what was tried is kept."""
    party = make_party(journal, handler=failing(TransportError("refused", blame="surroundings")))
    with pytest.raises(Inconclusive, match="memory: could not be reached: refused"):
        party.ask(request())
    assert party.state is State.UNANSWERED
    assert [entry.note for entry in journal.entries()] == ["", "refused"]


@pytest.mark.parametrize("problem", [ConfigurationError("no URL"), ZeroDivisionError(), KeyboardInterrupt()])
def test_our_own_fault_leaves_a_party_that_can_clean_up(journal: Journal, problem: Exception) -> None:
    """Whatever is raised, meters can be connected again afterwards."""
    party = make_party(journal, handler=failing(problem))
    with pytest.raises(type(problem)):
        party.ask(request())
    assert party.state is State.UNANSWERED
    party.transport = MemoryTransport(answer)
    party.ask(request("c2"))
    assert party.scene.last.answer is not None


def test_what_is_judged_is_what_was_kept(tmp_path: Path) -> None:
    """A secret that the system repeats is blotted out before the judgement, as it is in the journal."""
    journal = Journal(tmp_path / "journal.db", ("hush",))
    body = reply().replace(b"MeterReadings", b"hush")
    party = make_party(journal, handler=lambda _: Answer(status=200, content_type=CONTENT_TYPE, body=body))
    party.ask(request())
    assert party.scene.last.answer is not None
    assert party.scene.last.answer.message is not None
    assert party.scene.last.answer.message.noun == "[secret]"
    journal.close()


# -- waiting -------------------------------------------------------------------------------------------------------


def later(number: int) -> Callable[[Scene], bool]:
    """Return whether so many later messages came for the newest request."""
    return lambda scene: len(scene.last.later) >= number


def states(journal: Journal) -> list[str]:
    """Return how each wait stood."""
    return [row[4].partition(":")[0] for row in journal.waits()]


def test_what_is_already_there_is_seen_at_once(journal: Journal) -> None:
    """A message that came before the wait began ends it; the same thread may have written it."""
    party = make_party(journal)
    party.ask(request())
    journal.append(callback(reply()))
    assert party.wait("the later reply", later(1), 0)
    assert party.state is State.COMPLETE
    assert states(journal) == ["came"]
    assert journal.waits()[0][2:4] == ("mine", "the later reply")


def test_what_comes_meanwhile_is_seen(journal: Journal) -> None:
    """Messages that another process writes during the wait end it, each in its turn."""
    party = make_party(journal)
    party.ask(request())
    with Sender(journal.path, reply(), reply()) as sender:
        looked: list[int] = []

        def done(scene: Scene) -> bool:
            looked.append(len(scene.last.later))
            if looked[-1] < 2:
                sender.let()
            return looked[-1] == 2

        assert party.wait("two replies", done, LONG_S)
    assert looked == [0, 1, 2]


def test_overdue(journal: Journal) -> None:
    """What does not come is told, with the time that it had."""
    party = make_party(journal)
    party.ask(request())
    begun = time.monotonic()
    assert not party.wait("the later reply", later(1), SHORT_S)
    assert SHORT_S <= time.monotonic() - begun < LONG_S
    assert party.state is State.OVERDUE
    assert journal.waits()[-1][4] == "did not come: 0.1 of 0.05 s"


def test_waiting_is_told(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever watches sees that, how long and for what the suite waits."""
    monkeypatch.setattr(exchange, "_TELL_S", 0.0)
    party = make_party(journal)
    party.ask(request())
    assert not party.wait("the later reply", later(1), SHORT_S)
    assert states(journal)[0] == "waiting"
    assert states(journal)[-1] == "did not come"


def test_without_a_listener_silence_says_nothing(journal: Journal) -> None:
    """When the suite's own gateway is gone the verdict is inconclusive; not when everything came before."""
    party = make_party(journal)
    party.ask(request())
    party.alive = lambda: False
    with pytest.raises(Inconclusive, match="own listener has ended"):
        party.wait("the later reply", later(1), SHORT_S)
    assert party.state is State.OVERDUE
    journal.append(callback(reply()))
    assert party.wait("the later reply", later(1), SHORT_S)


def test_listening(journal: Journal) -> None:
    """Listening goes on for its whole time, and takes what comes."""
    party = make_party(journal)
    journal.append(callback(event()))
    party.listen(SHORT_S)
    assert len(party.scene.unsolicited) == 1
    assert party.state is State.OVERDUE


def test_a_judgement_that_breaks_ends_the_wait(journal: Journal) -> None:
    """When the question itself fails, the party is at rest, so that meters can be connected again."""
    party = make_party(journal)
    party.ask(request())
    with pytest.raises(ZeroDivisionError):
        party.wait("x", lambda _: bool(1 // 0), LONG_S)
    assert party.state is State.OVERDUE
    party.ask(request("c2"))


# -- what belongs together -----------------------------------------------------------------------------------------


def test_stale_messages_are_not_taken(journal: Journal) -> None:
    """What came before the scenario began belongs to somebody else."""
    stale = journal.append(callback(event()))
    party = make_party(journal)
    assert not party.wait("events", lambda scene: bool(scene.unsolicited), SHORT_S)
    assert next(journal.entries(after=stale - 1)).scenario is None


def test_messages_of_other_scenarios_are_not_taken(journal: Journal) -> None:
    """A message whose CorrelationID another scenario sent is that scenario's, whatever meter it is about."""
    mine, theirs = make_party(journal, "mine"), make_party(journal, "theirs")
    mine.ask(control("c-mine"))
    theirs.ask(control("c-theirs"))
    for body in (event("c-theirs"), reply("c-theirs")):
        journal.append(callback(body))
    assert theirs.wait("events", later(2), LONG_S)
    assert not mine.wait("events", lambda scene: bool(scene.arrived[1:]), SHORT_S)
    assert [entry.scenario for entry in journal.entries(channel="callback")] == ["theirs", "theirs"]


def test_messages_of_other_scenarios_are_left_to_them(journal: Journal) -> None:
    """Whoever looks first: what belongs elsewhere is not even marked."""
    mine, theirs = make_party(journal, "mine"), make_party(journal, "theirs")
    mine.ask(control("c-mine"))
    theirs.ask(control("c-theirs"))
    journal.append(callback(event("c-theirs")))
    mine.listen(0)
    assert next(journal.entries(channel="callback")).scenario is None


def test_claims_say_scenario_and_exchange(journal: Journal) -> None:
    """What was taken is in the journal under the scenario and the exchange that it belongs to."""
    party = make_party(journal)
    party.ask(control("c1"))
    for body in (event("c1"), event(), event("nobody's", Identified(mrid="other"))):
        journal.append(callback(body))
    party.listen(SHORT_S)
    assert [(entry.scenario, entry.exchange) for entry in journal.entries(channel="callback")] == [
        ("mine", "c1"),
        ("mine", "c1"),
        ("mine", ""),
    ]
    assert len(party.scene.last.later) == 2
    assert len(party.scene.unsolicited) == 1


def test_who_only_listens_has_the_better_claim(journal: Journal) -> None:
    """An event that nobody asked for goes to the scenario that waits for such, not to one with requests of its own."""
    listener, reader, late = (make_party(journal, name) for name in ("listener", "reader", "late"))
    reader.ask(request("c-reader"))
    late.ask(request("c-late"))
    journal.append(callback(event()))
    reader.listen(0)
    assert next(journal.entries(channel="callback")).scenario == "reader"
    listener.listen(0)
    late.listen(0)
    assert next(journal.entries(channel="callback")).scenario == "listener"
    assert all(len(party.scene.unsolicited) == 1 for party in (listener, reader, late))


@pytest.mark.parametrize(
    ("body", "asked", "words"),
    [
        (reply("another"), True, "CorrelationID differs"),
        (reply(None), True, "CorrelationID differs"),
        (b"<html/>", True, "no message: the element html is no message"),
        (b"", True, "an empty answer"),
        (event("another"), False, r"created(EndDeviceEvents)"),
    ],
)
def test_a_near_miss_is_told(journal: Journal, body: bytes, asked: bool, words: str) -> None:
    """What came and did not match stands beside what was waited for."""
    party = make_party(journal)
    if asked:
        party.ask(request())
    journal.append(callback(body))
    assert not party.wait("the later reply", lambda _: False, SHORT_S)
    assert f"; 1 message(s) came that did not match: {words}" in journal.waits()[-1][4]


def test_a_match_that_is_not_enough_is_told(journal: Journal) -> None:
    """A message with the right CorrelationID that came before the request is still none of its answers."""
    party = make_party(journal)
    journal.append(callback(reply("c1")))
    party.ask(request("c1"))
    assert not party.wait("the later reply", later(1), SHORT_S)
    assert "1 message(s) came that did not match: reply(MeterReadings) with Result OK" in journal.waits()[-1][4]


def test_later_answers_belong_to_their_own_request(journal: Journal) -> None:
    """An answer goes to the request whose CorrelationID it carries, also when it comes after the next request."""
    party = make_party(journal)
    party.ask(request("c1"))
    party.ask(request("c2"))
    for correlation in ("c1", "c2", "c1"):
        journal.append(callback(reply(correlation)))
    assert party.wait("replies", later(1), LONG_S)
    first, second = party.scene.exchanges
    assert [len(first.later), len(second.later)] == [2, 1]
    assert [item.id for item in first.later] == sorted(item.id for item in first.later)


@pytest.mark.parametrize("count", [10, 100])
def test_no_message_is_parsed_twice(journal: Journal, monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    """Waiting for many events parses each of them once, and the request once more for each look at the most."""
    parsed: list[bytes] = []

    def counted(body: bytes, charset: str | None = None) -> Carried:
        parsed.append(body)
        return unwrap(body, charset=charset)

    monkeypatch.setattr(scenes, "unwrap", counted)
    party = make_party(journal)
    party.ask(control())
    bodies = [event("c1").replace(b"68", str(number).encode()) for number in range(100, 100 + count)]
    with Sender(journal.path, *bodies) as sender:

        def done(scene: Scene) -> bool:
            sender.let()
            return len(scene.last.later) == count

        assert party.wait("events", done, LONG_S)
    for _ in range(10):
        assert len(party.scene.last.later) == count
    assert [body for body in parsed if body in bodies] == bodies
    assert len(parsed) <= 2 * count + 5


def test_a_scene_is_what_the_stored_journal_shows(journal: Journal) -> None:
    """The picture that grows message by message is the one that reading the journal again makes."""
    party = make_party(journal)
    party.ask(control("c1"))
    journal.append(callback(event("c1")))
    party.wait("events", later(1), LONG_S)
    party.ask(request("c2"))
    for body in (event(), reply("c2"), reply("else"), b"", b"<x"):
        journal.append(callback(body))
    party.wait("more", lambda scene: len(scene.unsolicited) == 3, LONG_S)
    again = scenes.scene_of(journal.entries(scenario="mine"), party.terms, party.started)
    assert shape(party.scene) == shape(again)
    assert [len(view.later) for view in again.exchanges] == [2, 1]


def shape(scene: Scene) -> list[object]:
    """Return what can be compared of a scene: parsed trees are not."""
    views = [
        (view.asked.id, view.answer and view.answer.id, view.no_answer, [(item.id, str(item)) for item in view.later])
        for view in scene.exchanges
    ]
    return [*views, [(item.id, str(item)) for item in scene.unsolicited], scene.terms, scene.started]


def test_raw_bytes_are_sent_as_they_are(journal: Journal) -> None:
    """A request that is broken on purpose is kept and shown as it was sent: unreadable."""
    party = make_party(journal)
    party.ask(replace(request(), raw=b"<cut off"))
    assert next(journal.entries()).body == b"<cut off"
    assert party.scene.last.asked.message is None
    assert party.scene.last.answer is not None


def test_a_description_is_kept_and_seen(journal: Journal) -> None:
    """Each file is in the journal under its scenario, in the picture in order, and beside what is asked later."""
    party = make_party(journal)
    files = [
        Entry(direction="received", channel="description", transport="soap", url=url, status=200, body=b"<a/>")
        for url in ("u1", "u2")
    ]
    party.read(iter(files))
    party.ask(request())
    assert [(item.url, item.status, item.body) for item in party.scene.documents] == [
        ("u1", 200, b"<a/>"), ("u2", 200, b"<a/>")
    ]  # fmt: skip
    assert [entry.scenario for entry in journal.entries(channel="description")] == ["mine", "mine"]
    assert (len(party.scene.exchanges), party.scene.unsolicited) == (1, ())


def reading_request() -> Outbound:
    """Return get(MeterReadings) with parameters."""
    header = Header(verb="get", noun="MeterReadings", correlation_id="c1")
    query = get_meter_readings([METER], ["0.0.0.1.1.1.12.0.0.0.0.0.0.0.0.3.72.0"])
    message = build(Draft(kind="RequestMessage", header=header, request=(query,)))
    return Outbound(message=message, verb="get", noun="MeterReadings")


def test_request_is_sent_in_the_namespaces_of_its_edition(journal: Journal) -> None:
    """As the user knows them (SUT.toml, standard.namespaces); what was sent is what is judged."""
    sent: list[Sent] = []

    def keep(one: Sent) -> Answer:
        sent.append(one)
        return answer(one)

    edition = EDITION_2024.renamed({"profile": "urn:official:{noun}"})
    party = make_party(journal, handler=keep)
    party.terms = replace(party.terms, edition=edition)
    party.ask(reading_request())
    party.terms = Terms()
    party.ask(reading_request())
    bodies = [one.body.decode() for one in sent]
    assert f'"{EDITION_2024.envelope}"' in bodies[0]
    assert '"urn:official:GetMeterReadings"' in bodies[0]
    assert EDITION_2013.envelope not in bodies[0]
    assert f'"{EDITION_2013.envelope}"' in bodies[1]
