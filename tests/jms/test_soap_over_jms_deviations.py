"""Faults and variants of SOAP over JMS: each changes what the front of the reference system sends."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache

import pytest

from conformance.message.soap import SoapVersion, unwrap
from conformance.reference import Fault, Variant
from conformance.reference.faults_soap_over_jms import SOAP_OVER_JMS as FAULTS
from conformance.reference.variants_soap_over_jms import SOAP_OVER_JMS as VARIANTS
from conformance.steps.soap_jms import MANNERS, headers_of
from tests.jms.memory import Memory, prepared, settings_of

ADDRESS = "jms:queue:LATER"
NOW = datetime(2026, 3, 10, 12, 34, 56, tzinfo=UTC)


def said(version: SoapVersion, *deviations: Fault | Variant) -> list[object]:
    """Return what answers every manner of request, and an event, but for times and counted ids."""
    memory = Memory(settings_of(version=version))
    memory.server.service.clock = lambda: NOW
    memory.server.service.ids = lambda: "id"
    if deviations:
        memory.deviate(*(item.deviation for item in deviations))
    found: list[object] = []
    ordinary = prepared(memory.settings, memory.read()).headers
    for manner in MANNERS:
        headers = headers_of(manner, ordinary)
        found.append(memory.ask(prepared(memory.settings, memory.read(**headers))))
    return [*found, *memory.event(ADDRESS)]


@cache
def conforming(version: SoapVersion) -> list[object]:
    """Return what the system says without a deviation."""
    return said(version)


@pytest.mark.parametrize("deviating", [*FAULTS, *VARIANTS], ids=lambda item: item.name)
def test_it_changes_what_is_said(deviating: Fault | Variant) -> None:
    """Some message differs, and only what JMS carries in an envelope can show it."""
    assert deviating.over_jms
    assert deviating.envelope in ("1.1", "1.2")
    version: SoapVersion = deviating.envelope
    assert said(version, deviating) != conforming(version)
    assert said(version) == conforming(version)


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda item: item.name)
def test_a_variant_says_the_same(variant: Variant) -> None:
    """Every body can still be read, and carries what it carried."""
    for mine, usual in zip(said("1.1", variant), conforming("1.1"), strict=True):
        bodies = [unwrap(item.body) for item in (mine, usual)]  # type: ignore[attr-defined]
        assert bodies[0].fault == bodies[1].fault
        assert str(bodies[0].message) == str(bodies[1].message)
