"""Verbs, nouns and namespaces of the editions."""

from __future__ import annotations

from conformance import resources
from conformance.standard.editions import (
    EDITION_2013,
    EDITION_2024,
    EDITIONS,
    EVENT_VERBS,
    MESSAGE_KINDS,
    PAST_TENSE,
    REQUEST_VERBS,
    RESPONSE_VERB,
    VERBS,
)
from conformance.standard.schemas import SchemaStore


def test_verbs() -> None:
    """The fourteen verbs: seven requests, six events, one reply; each in one group."""
    assert len(VERBS) == 14
    assert len(REQUEST_VERBS) + len(EVENT_VERBS) + 1 == 14
    assert RESPONSE_VERB not in REQUEST_VERBS | EVENT_VERBS
    assert "get" not in PAST_TENSE
    assert PAST_TENSE["cancel"] == "canceled"


def test_the_schema_knows_the_same_verbs() -> None:
    """Code and Message.xsd cannot drift."""
    schema = (resources.directory("xsd") / "2013" / "Message.xsd").read_text(encoding="utf-8")
    kind = schema[schema.index('name="VerbKind"') :]
    listed = kind[: kind.index("</xs:simpleType>")].split('enumeration value="')[1:]
    assert {item.partition('"')[0] for item in listed} == VERBS
    assert all(f'<xs:element name="{name}"' in schema for name in MESSAGE_KINDS)


def test_namespaces() -> None:
    """Envelope, profiles and wrappers each have their own; those of the suite's schemas are known."""
    assert EDITIONS == {"2013": EDITION_2013, "2024": EDITION_2024}
    assert EDITION_2013.profile("MeterReadings") == "http://iec.ch/TC57/2011/MeterReadings#"
    assert EDITION_2013.wrapper("MeterReadings") == "http://iec.ch/TC57/2011/MeterReadingsMessage"
    store = SchemaStore("2013")
    for noun in ("MeterReadings", "EndDeviceControls", "EndDeviceEvents"):
        assert noun in EDITION_2013.nouns
        assert store.knows(EDITION_2013.profile(noun))
        assert store.knows(EDITION_2013.wrapper(noun))
    assert store.knows(EDITION_2013.envelope)


def test_nouns() -> None:
    """A noun is a word without the prefix of its query."""
    assert len(EDITION_2013.nouns) > 20
    assert all(noun.isalpha() and noun[0].isupper() and not noun.startswith("Get") for noun in EDITION_2013.nouns)
