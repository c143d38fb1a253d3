"""Every fault is visible, and named and mapped properly."""

from functools import cache

import pytest

from conformance.message.soap import Style
from conformance.reference import Fault, faults
from conformance.standard.catalogue import catalogue, with_scenarios
from tests.reference.battery import Bench, carry, drive


@cache
def conforming(style: Style) -> tuple[object, ...]:
    """Return the transcript of the system without a fault."""
    return tuple(drive(Bench(style=style)))


@cache
def carried(style: Style) -> tuple[object, ...]:
    """Return the transcript of what is about SOAP itself, without a fault."""
    return tuple(carry(Bench(style=style)))


def test_the_battery_is_repeatable() -> None:
    """The twin of the cases below: without a fault nothing differs."""
    assert tuple(drive(Bench())) == conforming("generic")


@pytest.mark.parametrize("style", ["generic", "typed"])
@pytest.mark.parametrize("fault", [item for item in faults() if not item.over_jms], ids=lambda fault: fault.name)
def test_a_fault_changes_what_is_said(fault: Fault, style: Style) -> None:
    """Some message differs from what the conforming system says, in every style."""
    bench = Bench((fault.deviation,), style=style)
    if any(catalogue()[row].transport == "soap" for row in fault.requirements):
        differs = tuple(carry(bench)) != carried(style)
    else:
        differs = tuple(drive(bench)) != conforming(style)
    assert differs or tuple(drive(Bench((fault.deviation,), style=style))) != conforming(style)


def test_names_are_unique() -> None:
    """A fault is chosen by its name."""
    names = [fault.name for fault in faults()]
    assert len(set(names)) == len(names)


def test_every_tested_requirement_has_a_fault() -> None:
    """No requirement goes without a system that breaks it, and no fault names an unknown one."""
    assert {name for fault in faults() for name in fault.requirements} == set(with_scenarios())


def test_every_fault_says_what_it_does() -> None:
    """People read this in `conformance faults`."""
    assert all(fault.what and fault.requirements for fault in faults())
