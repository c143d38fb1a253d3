"""Namespaces: one table, and words for whatever the field writes instead."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from conformance import resources
from conformance.standard import editions
from conformance.standard.editions import EDITION_2013, EDITION_2024, EDITIONS
from conformance.standard.namespaces import recognise

ROOT = resources.directory("xsd").parent


@pytest.mark.parametrize(
    ("uri", "words"),
    [
        ("http://iec.ch/TC57/2011/schema/message", "the envelope of the 2013 edition"),
        ("http://iec.ch/TC57/2021/schema/message", "the envelope of the 2024 edition"),
        ("http://www.iec.ch/TC57/2011/schema/message", "the envelope, with the host www.iec.ch instead of iec.ch"),
        ("http://iec.ch/TC57/2008/schema/message", "the envelope, with the year 2008 instead of 2011"),
        ("http://iec.ch/TC57/2022/schema/message", "the envelope, with the year 2022 instead of 2021"),
        ("http://iec.ch/TC57/2011/MeterReadings#", "the profile MeterReadings of the 2013 edition"),
        ("http://iec.ch/TC57/2024/MeterReadSchedules#", "the profile MeterReadSchedules of the 2024 edition"),
        ("http://iec.ch/TC57/2011/MeterReadingsMessage", "the typed wrapper MeterReadings of the 2013 edition"),
        ("http://www.iec.ch/TC57/2011/MeterReadScheduleMessage",
         "the typed wrapper MeterReadSchedule, with the host www.iec.ch instead of iec.ch"),
        ("http://iec.ch/TC57/2017/EndDeviceEventsMessage",
         "the typed wrapper EndDeviceEvents, with the year 2017 instead of 2011"),
        ("http://iec.ch/TC57/2010/MeterReadings",
         "the profile MeterReadings, with the year 2010 instead of 2011, with nothing at the end instead of #"),
        ("http://iec.ch/TC57/CIM-c4e#", "the profile CIM-c4e, with the year (none) instead of 2011"),
        ("http://iec.ch/TC57/2011/RequestMeterReadings", "the service RequestMeterReadings"),
        ("https://vendor.example/a/TC57/2011/GetMeterReadings#",
         "the profile GetMeterReadings, with https before the host instead of http, "
         "with the host vendor.example instead of iec.ch"),
        ("http://iec.ch/tc57/2011/Schema/message",
         "the envelope, with tc57/Schema/message instead of TC57/schema/message"),
        ("", "no namespace"),
        ("urn:x", "a namespace that is not of IEC TC 57"),
        ("http://schemas.xmlsoap.org/soap/envelope/", "a namespace that is not of IEC TC 57"),
    ],
)  # fmt: skip
def test_namespace_is_named_whatever_its_host_or_year(uri: str, words: str) -> None:
    """Namespaces of facts/envelope.md, facts/soap.md and facts/deviations.md."""
    assert str(recognise(uri)) == words


def test_exact_and_expected() -> None:
    """An exact namespace says its edition; any other one says what would be right."""
    assert recognise(EDITION_2013.envelope).edition == "2013"
    assert recognise(EDITION_2024.wrapper("MeterReadings")).edition == "2024"
    strange = recognise("http://www.iec.ch/TC57/2010/MeterReadings#")
    assert strange.edition is None
    assert strange.expected == "http://iec.ch/TC57/2011/MeterReadings#"
    assert (strange.kind, strange.noun) == ("profile", "MeterReadings")


def test_renamed_edition_is_exact() -> None:
    """What a user knows better is right, and what it replaces is not."""
    own = EDITION_2024.renamed({"profile": "urn:official:{noun}", "envelope": "urn:official"})
    assert recognise("urn:official:MeterReadings", [own]).edition == "2024"
    assert recognise("urn:official", [own]).kind == "envelope"
    assert recognise(EDITION_2024.profile("MeterReadings"), [own]).edition is None
    assert own.unverified == {"wrapper", "service", "generic"}
    assert own.wrapper("X") == EDITION_2024.wrapper("X")


def test_table_is_the_only_place() -> None:
    """What is not public is marked so, and stands in no other file of the package."""
    table = tomllib.loads(Path(editions.__file__).with_name("namespaces.toml").read_text(encoding="utf-8"))
    assert table.keys() == EDITIONS.keys()
    assert EDITION_2013.unverified == frozenset()
    assert EDITION_2024.unverified == {"profile", "wrapper", "service", "generic"}
    for row in table["2024"].values():
        if not row["verified"]:
            written = row["uri"].partition("{")[0]
            found = [path for path in (ROOT / "conformance").rglob("*.py") if f'"{written}' in path.read_text("utf-8")]
            assert found == []
