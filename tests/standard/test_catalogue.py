"""The catalogue: rows that can be trusted, and needs that somebody understands."""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import replace
from datetime import UTC, datetime
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pytest

from conformance.errors import InternalError
from conformance.reference import ReferenceServer
from conformance.reference.description import describe
from conformance.reference.jms_mapping import CLAIMS
from conformance.reference.meters import Fleet
from conformance.standard import catalogue as module
from conformance.standard.catalogue import BASES, LEVELS, Requirement, catalogue, with_scenarios
from conformance.standard.verdicts import Verdict
from conformance.sut.claims import obstacle, patience_of, shared_name, terms_of
from conformance.sut.model import Configuration, JmsEndpoint

if TYPE_CHECKING:
    from pathlib import Path

ROWS = list(catalogue().values())
GOOD: dict[str, Any] = {
    "id": "MR-001",
    "area": "reading",
    "clause": "6.2",
    "level": "shall",
    "role": "responder",
    "basis": "guidance",
    "text": "It is so.",
    "why": "Because.",
    "editions": ["2013"],
}


def test_a_good_row() -> None:
    """The twin of the bad ones; lists become tuples, and lists again for machines."""
    row = module._row(GOOD)
    assert (row.editions, row.needs, row.not_tested) == (("2013",), (), None)
    assert json.loads(json.dumps(row.as_dict())) == {
        **GOOD,
        "needs": [],
        "systems": [],
        "status": "published",
        "not_tested": None,
        "transport": None,
        "usual_mistake": None,
    }


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"level": "must"}, "level must"),
        ({"basis": "hearsay"}, "basis hearsay"),
        ({"transport": "pigeon"}, "transport pigeon"),
        ({"basis": "recalled"}, "at most a should"),
        ({"id": "MR1"}, "an id is letters"),
        ({"id": "1MR-001"}, "an id is letters"),
        ({"text": ""}, "must not be empty"),
        ({"why": ""}, "must not be empty"),
        ({"clause": ""}, "must not be empty"),
        ({"role": ""}, "role must not be empty"),
        ({"role": "watcher"}, "role watcher"),
        ({"status": "rejected"}, "status rejected"),
        ({"status": "  "}, "status must not be empty"),
        ({"editions": []}, "must not be empty"),
        ({"not_tested": ""}, "not_tested must not be empty"),
        ({"not_tested": None}, "not_tested must not be empty"),
        ({"usual_mistake": " "}, "usual_mistake must not be empty"),
        ({"transport": ""}, "transport must not be empty"),
        ({"text": 5}, "text must not be empty"),
        ({"editions": "2013"}, "editions is a list of different words"),
        ({"editions": ["2013", "2013"]}, "editions is a list of different words"),
        ({"editions": [2013]}, "editions is a list of different words"),
        ({"editions": ["2009"]}, "editions: 2009 is none of 2013, 2024"),
        ({"systems": ["HES"]}, "systems: HES is none of MS, MDM, CIS, OMS"),
        ({"needs": [""]}, "needs is a list of different words"),
        ({"needs": 1}, "not iterable"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_bad_row(change: dict[str, Any], words: str) -> None:
    """Each mistake is told with the id of its row."""
    with pytest.raises(InternalError, match=words) as refused:
        module._row({**GOOD, **change})
    assert str(refused.value).startswith(f"requirement {change.get('id', 'MR-001')}: ")


@pytest.mark.parametrize("missing", sorted(GOOD))
def test_a_row_with_a_hole(missing: str) -> None:
    """Nothing of a row is optional but needs and not_tested."""
    with pytest.raises(InternalError, match=missing):
        module._row({key: value for key, value in GOOD.items() if key != missing})


def test_recalled_is_a_should_at_most() -> None:
    """What nobody could look up binds nobody."""
    assert module._row({**GOOD, "basis": "recalled", "level": "should"}).level == "should"
    assert not [row.id for row in ROWS if row.basis == "recalled" and row.level == "shall"]


def test_an_id_stands_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two rows with one id, in one table or in two, are refused; other files are none of ours."""
    rows = tmp_path / "requirements"
    rows.mkdir()
    table = "".join(f"{key} = {json.dumps(value)}\n" for key, value in GOOD.items() if key not in ("area", "role"))
    text = f'role = "responder"\n[[requirement]]\n{table}'
    (rows / "reading.toml").write_text(text)
    (rows / "notes.txt").write_text(text)
    monkeypatch.setattr(module, "files", lambda _: tmp_path)
    assert list(catalogue.__wrapped__()) == ["MR-001"]
    (rows / "twice.toml").write_text(text)
    with pytest.raises(InternalError, match="MR-001 stands in the catalogue twice"):
        catalogue.__wrapped__()


def table_of(*rows: dict[str, Any], head: str = "") -> str:
    """Return a table of the catalogue as its file has it."""
    keys = ("area",)
    bodies = [
        "".join(f"{key} = {json.dumps(value)}\n" for key, value in row.items() if key not in keys) for row in rows
    ]
    return head + "".join(f"\n[[requirement]]\n{body}" for body in bodies)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (table_of(GOOD, {**GOOD, "id": "MR-002"}), "MR-002 says the same as MR-001: It is so"),
        (table_of(GOOD, {**GOOD, "id": "MR-002", "text": "It  is SO!"}), "MR-002 says the same as MR-001"),
        (table_of(GOOD, head='area = "reading"\n'), "MR-001: the area is the name of the file"),
        (table_of(GOOD) + 'area = "reading"\n', "MR-001: the area is the name of the file"),
        (table_of(GOOD, head='colour = "red"\n'), "MR-001: .*colour"),
        (table_of(GOOD).replace("[[requirement]]", "[[requirements]]"), r"reading\.toml has no \[\[requirement\]\]"),
        ("", r"reading\.toml has no \[\[requirement\]\]"),
    ],
)
def test_a_bad_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, words: str) -> None:
    """Two rows that say the same, a key that no row has, and a table in which nothing is found are refused."""
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements/reading.toml").write_text(text)
    monkeypatch.setattr(module, "files", lambda _: tmp_path)
    with pytest.raises(InternalError, match=words):
        catalogue.__wrapped__()


def test_a_good_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The twin of the bad ones: what stands above the rows holds for each that does not say otherwise."""
    other = {**GOOD, "id": "MR-002", "text": "It is otherwise.", "role": "publisher"}
    shared = {key: value for key, value in GOOD.items() if key != "role"}
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements/reading.toml").write_text(table_of(shared, other, head='role = "initiator"\n'))
    monkeypatch.setattr(module, "files", lambda _: tmp_path)
    found = catalogue.__wrapped__()
    assert {name: (row.area, row.role) for name, row in found.items()} == {
        "MR-001": ("reading", "initiator"),
        "MR-002": ("reading", "publisher"),
    }


def test_every_table_is_read() -> None:
    """The catalogue holds as many rows as the tables do, each in the area of its table, with letters of its own."""
    tables = [item for item in (files("conformance.standard") / "requirements").iterdir() if item.name[-5:] == ".toml"]
    count = sum(len(tomllib.loads(table.read_text(encoding="utf-8"))["requirement"]) for table in tables)
    assert len(ROWS) == count >= 350
    letters: dict[str, set[str]] = {}
    for row in ROWS:
        assert re.fullmatch(r"[A-Z]{2,4}-\d{3}", row.id)
        assert (row.level in LEVELS, row.basis in BASES) == (True, True)
        letters.setdefault(row.area, set()).add(row.id.partition("-")[0])
    assert all(len(found) == 1 for found in letters.values())


def test_rows_are_sentences() -> None:
    """Text, reasons and mistakes are sentences of our own; an id stands for its row."""
    for row in ROWS:
        for sentence in filter(None, (row.text, row.why, row.not_tested, row.usual_mistake)):
            assert len(sentence.split()) >= 3, (row.id, sentence)
            assert sentence == sentence.strip(), (row.id, sentence)
            assert sentence.endswith("."), (row.id, sentence)
            assert "\n" not in sentence, (row.id, sentence)
        assert catalogue()[row.id] is row


def test_what_is_not_tested_says_what_is_missing() -> None:
    """No row is put off with a word: its reason begins by saying which kind it is, and goes on to say what."""
    kinds = ("No scenario", "No check", "Not testable", "Nothing to test")
    for row in ROWS:
        if row.not_tested is not None:
            assert row.not_tested.startswith(kinds), row.id
            assert len(row.not_tested.split()) >= 8, row.id
            assert not re.search(r"\b(todo|tbd|later)\b", row.not_tested, re.IGNORECASE), row.id


def test_what_is_proposed_is_a_group_of_its_own() -> None:
    """No area mixes what is published with what is not, and nothing that is proposed is a SHALL."""
    for row in ROWS:
        assert (row.status == "proposed") == (row.area == "ports"), row.id
        assert row.status == "published" or row.level != "shall", row.id


# -- claims --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def full() -> Configuration:
    """Return the configuration of the reference system, which claims everything, over JMS as well."""
    jms = JmsEndpoint(
        class_path=["-"], jndi={}, requests={"all": "jms:queue:R"}, events=["jms:topic:E"],
        binding="soap", soap="1.2",
    )  # fmt: skip
    with ReferenceServer() as server:
        found = changed(server.configuration(), endpoints={"jms": jms.model_dump(exclude_none=True)})
        return changed(found, capabilities={"jms": CLAIMS.model_dump()})


def changed(configuration: Configuration, **tables: Any) -> Configuration:
    """Return a configuration with other tables; what follows from a claim is not looked at."""
    data = configuration.model_dump(by_alias=True)
    for name, table in tables.items():
        data[name] = {**data[name], **table}
    return Configuration.model_construct(
        **{
            name: field.annotation.model_validate(data[name]) if name in tables else getattr(configuration, name)  # type: ignore[union-attr]
            for name, field in Configuration.model_fields.items()
        }
    )


def emptied(configuration: Configuration) -> Configuration:
    """Return a configuration that declares as little as can be declared."""
    options = {
        "reply_codes": "local",
        "schema_errors": "soap-fault",
        "several_responses": False,
        "async_without_reply_address": "answered",
        "get_without_request": "everything",
        "revision": "ignored",
        "events_carry_correlation_id": False,
        "on_demand_read": False,
        "interval_data": False,
        "names": False,
    }
    messages: dict[str, list[str]] = {
        name: [] for name in configuration.capabilities.messages.model_dump(by_alias=True)
    }
    nothing = {"end_device_event": None, "meter_readings": None}
    jms: dict[str, Any] = {
        "reply_to": [], "message_classes": [], "max_message_mib": None, "correlation": "local", "message_type": "local",
        "properties": {}, "persistent": False, "repeated_requests": "again", "durable_subscribers": False,
    }  # fmt: skip
    endpoints = {"generic": {"url": "http://127.0.0.1:1/generic"}, "jms": None}
    claims = {"messages": messages, "options": options, "jms": jms}
    return changed(configuration, capabilities=claims, stimuli=nothing, endpoints=endpoints)


@pytest.fixture(scope="module")
def bare(full: Configuration) -> Configuration:
    """Return the configuration of a system that claims nothing."""
    return emptied(full)


@pytest.mark.parametrize("row", with_scenarios().values(), ids=lambda row: row.id)
def test_every_need_is_understood(row: Requirement, full: Configuration, bare: Configuration) -> None:
    """Who claims everything is tested in everything; who claims nothing, in what needs nothing."""
    over = row.transport or "soap"
    assert obstacle(row, full, over) is None
    found = obstacle(row, bare, over)
    assert (found is None) == (not row.needs)
    if found is not None:
        verdict, reason = found
        assert verdict in (Verdict.NOT_APPLICABLE, Verdict.INCONCLUSIVE)
        assert reason


def test_each_kind_of_obstacle(full: Configuration) -> None:
    """A claim that is absent is not-applicable, with the claim; what only the user can give is inconclusive."""
    bare = emptied(full)
    cases = {
        "options.names=true": (Verdict.NOT_APPLICABLE, "the system declares options.names = false"),
        "options.revision=checked": (Verdict.NOT_APPLICABLE, "the system declares options.revision = ignored"),
        "get(MeterReadings)=async": (
            Verdict.NOT_APPLICABLE,
            "the system declares get(MeterReadings) without async",
        ),
        "stimuli.end_device_event": (Verdict.INCONCLUSIVE, "[stimuli.end_device_event] is missing in SUT.toml"),
    }
    for need, expected in cases.items():
        row = module._row({**GOOD, "needs": [need]})
        assert obstacle(row, bare) == expected
        assert obstacle(row, full) is None
    both = module._row({**GOOD, "needs": ["stimuli.end_device_event", "options.names=true"]})
    assert obstacle(both, changed(full, stimuli={"end_device_event": None})) == cases["stimuli.end_device_event"]
    assert obstacle(both, bare) == cases["stimuli.end_device_event"]


def test_obstacles_of_the_endpoint(full: Configuration) -> None:
    """How the system is reached, and whether it sends anything by itself, is a claim like any other."""
    generic = full.endpoints.generic
    assert generic is not None
    silent = changed(full, endpoints={"generic": {**generic.model_dump(mode="json"), "wsdl": None}})
    wanted = {
        "wsdl": (silent, "the system publishes no WSDL: there is no endpoints.generic.wsdl"),
        "style=typed": (full, "the system is used in style generic"),
        "soap=1.2": (full, "the system speaks SOAP 1.1"),
        "callbacks": (emptied(full), "the system declares nothing that it sends on a connection of its own"),
    }
    for need, (configuration, reason) in wanted.items():
        assert obstacle(module._row({**GOOD, "needs": [need]}), configuration) == (Verdict.NOT_APPLICABLE, reason)
    for need in ("wsdl", "style=generic", "soap=1.1", "callbacks"):
        assert obstacle(module._row({**GOOD, "needs": [need]}), full) is None


def test_plain_xml_has_no_obligations_of_soap() -> None:
    """Who declares plain XML is not judged by how SOAP carries messages."""
    plain = describe(Fleet(1), "http://127.0.0.1:1", "http://127.0.0.1:2", datetime.now(UTC), "bare", "none")
    row = module._row({**GOOD, "transport": "soap"})
    assert obstacle(row, plain) == (Verdict.NOT_APPLICABLE, "the system declares plain XML, without SOAP")
    assert obstacle(module._row(GOOD), plain) is None


def test_a_need_that_nobody_understands(full: Configuration) -> None:
    """A slip in the catalogue is the suite's own error."""
    with pytest.raises(InternalError, match=r"test_data\.luck, which no part of SUT\.toml answers"):
        obstacle(module._row({**GOOD, "needs": ["test_data.luck"]}), full)


def test_other_editions_do_not_apply(full: Configuration) -> None:
    """An obligation of another edition is none of this system's."""
    found = obstacle(module._row({**GOOD, "editions": ["2024"]}), full)
    assert found == (Verdict.NOT_APPLICABLE, "it is an obligation of edition 2024 only")


def test_other_roles_do_not_apply(full: Configuration) -> None:
    """An obligation of an MDM or a CIS is none of a metering system's; one of several is, when it is among them."""
    found = obstacle(module._row({**GOOD, "systems": ["MDM", "CIS"]}), full)
    assert found == (Verdict.NOT_APPLICABLE, "it is an obligation of role MDM, CIS only")
    assert obstacle(module._row({**GOOD, "systems": ["MDM", "MS"]}), full) is None


@pytest.mark.parametrize(("mine", "other"), [("soap", "jms"), ("jms", "soap")])
def test_other_transports_do_not_apply(full: Configuration, mine: str, other: str) -> None:
    """An obligation about a transport itself is none of a run over the other; the rest are of both."""
    row = module._row({**GOOD, "transport": mine})
    said = f"it is about {mine.upper()}, and this run goes over {other.upper()}"
    assert obstacle(row, changed(full, endpoints={"jms": None}), other) == (Verdict.NOT_APPLICABLE, said)
    assert obstacle(row, full, mine) is None
    assert obstacle(module._row(GOOD), full, mine) is None


def test_what_is_about_jms(full: Configuration) -> None:
    """With a broker in SUT.toml it is not tested over SOAP; what the claims say, and their absence, is told."""
    row = module._row({**GOOD, "transport": "jms", "needs": ["jms.reply_to=named", "jms.topics"]})
    said = "it is about JMS, and this run goes over SOAP; it is judged with --transport jms"
    assert obstacle(row, full, "soap") == (Verdict.NOT_TESTED, said)
    assert obstacle(row, full, "jms") is None
    less = changed(full, capabilities={"jms": {**CLAIMS.model_dump(), "reply_to": ["temporary"]}})
    assert obstacle(row, less, "jms") == (Verdict.NOT_APPLICABLE, "the system declares jms.reply_to = temporary")
    silent = changed(full, capabilities={"jms": None})
    assert obstacle(row, silent, "jms") == (Verdict.INCONCLUSIVE, "[capabilities.jms] is missing in SUT.toml")
    queue = {"jms": {**full.endpoints.model_dump(exclude_none=True)["jms"], "events": ["jms:queue:E"]}}
    assert obstacle(row, changed(full, endpoints=queue), "jms") == (
        Verdict.NOT_APPLICABLE,
        "endpoints.jms.events names no topic",
    )


@pytest.mark.parametrize(
    ("need", "other"), [("endpoints.jms.binding=soap", {"binding": "xml"}), ("endpoints.jms.soap=1.2", {"soap": "1.1"})]
)
def test_what_is_configured_for_jms_is_claimed(full: Configuration, need: str, other: dict[str, str]) -> None:
    """A need of an endpoint is met by what stands there, and by nothing else."""
    row = module._row({**GOOD, "transport": "jms", "needs": [need]})
    assert obstacle(row, full, "jms") is None
    endpoint = full.endpoints.jms.model_copy(update=other)  # type: ignore[union-attr]
    without = full.model_copy(update={"endpoints": full.endpoints.model_copy(update={"jms": endpoint})})
    ((name, value),) = other.items()
    assert obstacle(row, without, "jms") == (Verdict.NOT_APPLICABLE, f"SUT.toml says endpoints.jms.{name} = {value}")
    assert obstacle(row, emptied(full), "jms") == (Verdict.NOT_APPLICABLE, "there is no [endpoints.jms]")


NAME = {"name": "4711", "type": "badge", "authority": "a"}


@pytest.mark.parametrize(
    ("second", "found"),
    [
        ({**NAME, "type": "serial"}, (0, 1, "4711")),
        ({**NAME, "type": None}, (0, 1, "4711")),
        (NAME, None),
        ({**NAME, "name": "4712", "type": "serial"}, None),
    ],
)
def test_names_that_two_meters_share(
    full: Configuration, second: dict[str, str], found: tuple[int, int, str] | None
) -> None:
    """The same digits under two types are what a lookup has to tell apart; without such a pair nobody can see it."""
    meters = [
        {"mrid": "m1", "names": [NAME, {**NAME, "type": "of the same meter"}]},
        {"mrid": "m2", "names": [second]},
        {"mrid": "m3", "names": []},
    ]
    configuration = changed(full, test_data={"meters": meters})
    assert shared_name(configuration) == found
    needing = module._row({**GOOD, "needs": ["test_data.shared_name"]})
    assert (obstacle(needing, configuration) is None) == (found is not None)
    if found is None:
        hindered = obstacle(needing, configuration)
        assert hindered is not None
        assert hindered[0] is Verdict.INCONCLUSIVE


def test_terms(full: Configuration) -> None:
    """What checks need is what SUT.toml says."""
    data = full.test_data
    terms = terms_of(full)
    assert terms.meters == tuple(meter.in_full for meter in data.meters)
    assert terms.reading_types == (*data.reading_types, data.interval_type)
    assert terms.interval_s == data.interval_s
    assert data.controls is not None
    assert terms.control_events == {
        pair.control_type: pair.event_type for pair in (data.controls.disconnect, data.controls.connect)
    }
    assert full.stimuli.end_device_event is not None
    assert terms.stimulus_meter == full.stimuli.end_device_event.meter
    assert terms.stimulus_event == full.stimuli.end_device_event.event_type
    assert terms.max_clock_skew_s == full.limits.max_clock_skew_s


def test_terms_of_a_system_with_less(full: Configuration) -> None:
    """Without controls, interval data and stimuli there is nothing to know of them."""
    nothing = {"end_device_event": None, "meter_readings": None}
    bare = changed(full, test_data={"controls": None, "interval_type": None}, stimuli=nothing)
    terms = terms_of(bare)
    assert (terms.control_events, terms.stimulus_meter, terms.stimulus_event) == ({}, None, None)
    assert terms.reading_types == tuple(full.test_data.reading_types)
    readings = terms_of(changed(full, stimuli={"end_device_event": None}))
    assert full.stimuli.meter_readings is not None
    assert (readings.stimulus_meter, readings.stimulus_event) == (full.stimuli.meter_readings.meter, None)


def test_patience(full: Configuration) -> None:
    """The suite waits as long as SUT.toml says, for each thing its own time."""
    times = {"reply_s": 1.5, "result_s": 2.5, "event_s": 3.5, "quiet_s": 4.5}
    patience = patience_of(changed(full, timeouts=times))
    assert {name: getattr(patience, name) for name in times} == times
    assert datetime.now(UTC) > full.test_data.window.start


@pytest.mark.parametrize("need", ["options.no_such=x", "stimuli.no_such", "get(NoSuchNoun)=sync", "weather=fine"])
def test_a_need_that_nothing_answers_is_our_own_fault(need: str) -> None:
    """A slip in the catalogue is an error of the suite, in words, and never a verdict on the system."""
    row = replace(next(iter(catalogue().values())), needs=(need,))
    with pytest.raises(InternalError, match=r"no part of SUT\.toml answers"):
        obstacle(row, describe(Fleet(1), "http://127.0.0.1:1", "http://127.0.0.1:2", datetime.now(UTC)))
