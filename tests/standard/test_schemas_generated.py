"""Every profile of both editions: its instances are valid, its mutants get what they deserve, validators agree."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from lxml import etree

from conformance.standard import schema_problems
from conformance.standard.editions import EDITIONS
from conformance.standard.schemas import SchemaStore
from tests.standard.instances import XSD, Mutant, chosen_mutants, compiled, drop, every_mutant, maximal, minimal
from tools import outline

STORES = {name: SchemaStore(name) for name in EDITIONS}
PROFILES = [(edition, noun) for edition in EDITIONS for noun in outline.nouns(edition)]
DAILY, NIGHTLY = 60, 2000
#: How many elements the longest choice has, where there is one.
BRANCHES = {"EndDeviceControls": 3, "EndDeviceConfig": 2, "MeterConfig": 3}


def schema(edition: str, noun: str) -> Path:
    """Return the file of a profile."""
    return XSD / edition / f"{noun}.xsd"


def test_there_is_a_schema_for_every_profile() -> None:
    """25 profiles and 14 queries of 2013, 14 and 11 of 2024 (facts/profiles.md)."""
    queries = Counter((edition, noun.startswith("Get")) for edition, noun in PROFILES)
    assert queries == {("2013", False): 25, ("2013", True): 14, ("2024", False): 14, ("2024", True): 11}
    for edition, noun in PROFILES:
        assert STORES[edition].knows(EDITIONS[edition].profile(noun))
        assert noun.startswith("Get") or noun in EDITIONS[edition].nouns


@pytest.mark.parametrize(("edition", "noun"), PROFILES)
def test_smallest_and_fullest_instances_are_valid(edition: str, noun: str) -> None:
    """Nothing but the root, and everything at once in each branch of a choice, for both validators."""
    schema_file, store = compiled(schema(edition, noun)), STORES[edition]
    root = schema_file.elements[noun]
    assert len(minimal(root).particles) == 1
    for instance in (minimal(root), *(maximal(root, branch) for branch in range(BRANCHES.get(noun, 1)))):
        assert store.problems(instance.root) == []
        assert list(schema_file.iter_errors(instance.root)) == []


def judge(edition: str, noun: str, wanted: int) -> Counter[tuple[str, bool]]:
    """Compare both validators with what ``wanted`` mutants deserve; return how many of each kind there were."""
    schema_file, store = compiled(schema(edition, noun)), STORES[edition]
    seen: Counter[tuple[str, bool]] = Counter()
    for mutant in chosen_mutants(schema_file.elements[noun], wanted):
        assert store.is_valid(mutant.root) == mutant.legal, shown(mutant)
        assert schema_file.is_valid(mutant.root) == mutant.legal, shown(mutant)
        seen[mutant.what.partition(" ")[0], mutant.legal] += 1
    return seen


def shown(mutant: Mutant) -> str:
    """Return what is needed to understand a failure."""
    return f"{mutant.what}, legal: {mutant.legal}\n{etree.tostring(mutant.root, encoding='unicode')}"


REFUSED = {(kind, False) for kind in ("double", "reorder", "rename", "foreign", "spoil", "attribute")}


@pytest.mark.parametrize(("edition", "noun"), PROFILES)
def test_mutants_get_what_they_deserve(edition: str, noun: str) -> None:
    """60 small changes: lxml and xmlschema say what the particle says, and each kind is refused at least once."""
    seen = judge(edition, noun, DAILY)
    assert seen.total() == DAILY
    assert seen.keys() >= REFUSED
    assert ("drop", True) in seen


@pytest.mark.nightly
@pytest.mark.parametrize(("edition", "noun"), PROFILES)
def test_many_mutants_get_what_they_deserve(edition: str, noun: str) -> None:
    """2,000 of them."""
    assert judge(edition, noun, NIGHTLY).total() == NIGHTLY


def test_leaving_out_what_is_mandatory_is_refused() -> None:
    """Profiles after the classes have nothing mandatory but a name's name; the published ones have."""
    schema_file = compiled(schema("2013", "MeterServiceRequests"))
    fullest = maximal(schema_file.elements["MeterServiceRequests"])
    found = {one.what: one for one in every_mutant(fullest, drop) if not one.legal}
    needed = ("createdDateTime", "Meter", "timeStamp", "ReadingType", "ReadingQualityType", "name", "value", "kind")
    assert {f"drop {name}" for name in needed} <= found.keys()
    for one in found.values():
        assert not STORES["2013"].is_valid(one.root)
        (problem,) = schema_problems.explain(schema_file, one.root)
        assert " lacks " in problem.message or "expected here: " in problem.message
