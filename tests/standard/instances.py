"""Instances and mutants of any schema, made from the schema itself, with the verdict that each must get.

What a mutant deserves follows from its particle alone: an optional element may be left out, one that occurs once may
not be doubled, and so on. So both validators are judged here, and neither is the other's only witness.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import xmlschema
from lxml import etree

from conformance import resources

XSD = resources.directory("xsd")
VALUES = {
    "dateTime": "2024-02-29T23:59:59.5+01:00",
    "date": "2024-02-29",
    "time": "23:59:59.5Z",
    "boolean": "1",
    "QName": "q:name",
    "integer": "-12",
    "float": "-1.5E3",
    "decimal": "-12.50",
    "string": "ä <&>",
}
OTHER = "{urn:other}anything"
#: How deep an instance goes into the maximum of every element, and into a type that contains itself.
TWICE_DEPTH = 2


@cache
def compiled(path: Path) -> Any:
    """Return xmlschema's view of a file, as the suite has it; its annotations know nothing of lxml."""
    return xmlschema.XMLSchema(str(path), allow="local", defuse="always")


def drawn(seed: int) -> random.Random:
    """Return a source of chance that is the same for every run."""
    return random.Random(seed)  # noqa: S311 - samples, no secrets


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which of all that a schema allows goes into an instance; ``branch`` decides at a choice."""

    share: float
    branch: int = 0
    chance: random.Random = field(default_factory=lambda: drawn(1))

    def wants(self, depth: int) -> bool:
        """Return whether an optional element comes in; deep ones are rarer, except in the fullest instance."""
        return self.share >= 1 or self.chance.random() < self.share / (1 + depth / 4)


@dataclass(slots=True)
class Instance:
    """An element, and the particle of each of its elements in document order (None: stands for a wildcard)."""

    root: etree._Element
    particles: list[Any]


def minimal(root: Any) -> Instance:
    """Return the smallest instance of an outermost element."""
    return _made(root, Chosen(0))


def maximal(root: Any, branch: int = 0) -> Instance:
    """Return an instance with every element that is allowed, the upper ones twice where they may repeat."""
    return _made(root, Chosen(1, branch))


def sampled(root: Any, seed: int) -> Instance:
    """Return an instance of moderate size with some of the optional elements, always the same for a seed."""
    chance = drawn(seed)
    found = _made(root, Chosen(0.7, seed, chance))
    while len(found.particles) < 4 and chance.random() < 0.9:
        found = _made(root, Chosen(0.95, seed, chance))
    return found


def _made(root: Any, chosen: Chosen) -> Instance:
    particles: list[Any] = []
    return Instance(_element(root, chosen, (), particles), particles)


def _element(particle: Any, chosen: Chosen, above: tuple[Any, ...], particles: list[Any]) -> etree._Element:
    made = etree.Element(particle.name, nsmap={"q": "urn:q"})
    particles.append(particle)
    kind = particle.type
    for name, attribute in (kind.attributes if kind.is_complex() else {}).items():
        if chosen.wants(len(above)):
            made.set(str(name), value(attribute.type))
    if kind.has_simple_content() or kind.is_simple():
        made.text = value(kind.content if kind.is_complex() else kind)
        return made
    for child in _children(kind.content, chosen, (*above, kind)):
        if isinstance(child, xmlschema.validators.XsdAnyElement):
            etree.SubElement(made, OTHER, {"a": "b"})
            particles.append(None)
        else:
            made.append(_element(child, chosen, (*above, kind), particles))
    return made


def _children(group: Any, chosen: Chosen, above: tuple[Any, ...]) -> Iterator[Any]:
    members = list(group)
    if group.model == "choice" and members:
        members = [members[chosen.branch % len(members)]]
    for one in members:
        if one.min_occurs == 0 and not chosen.wants(len(above)):
            continue
        if hasattr(one, "model"):
            yield from _children(one, chosen, above)
        elif _is_open(one, above):
            many = one.max_occurs is None and len(above) <= TWICE_DEPTH and chosen.share >= 1
            yield from (one, one) if many else (one,)


def _is_open(particle: Any, above: tuple[Any, ...]) -> bool:
    """Return whether the element may come in: not without end, and no part of an envelope within a payload."""
    kind = getattr(particle, "type", None)
    if kind is None or particle.min_occurs:
        return True
    foreign = kind.is_complex() and kind.target_namespace != above[0].target_namespace
    return kind not in above and not (foreign and particle.local_name == "Header")


def value(kind: Any) -> str:
    """Return a legal value of a simple type."""
    if kind.enumeration:
        return str(kind.enumeration[-1])
    while kind.base_type is not None and kind.local_name not in VALUES:
        kind = kind.base_type
    return VALUES[kind.local_name]


# --------------------------------------------------------------------------------------------------- mutants


@dataclass(frozen=True, slots=True)
class Mutant:
    """One thing changed: what, and whether it stays legal."""

    what: str
    root: etree._Element
    legal: bool


def every_mutant(instance: Instance, change: Any) -> Iterator[Mutant]:
    """Yield the mutants of ``instance`` that one kind of change makes, one for each element."""
    for place in range(1, len(instance.particles)):
        made = _mutant(instance, place, change)
        if made is not None:
            yield made


def spread_mutants(instances: list[Instance], wanted: int) -> Iterator[Mutant]:
    """Yield about ``wanted`` mutants, spread evenly over all places and changes."""
    plans = [
        (instance, place, change)
        for instance in instances
        for place in range(1, len(instance.particles))
        for change in CHANGES
    ]
    for plan in plans[:: len(plans) // wanted | 1]:  # odd, so that every change comes
        made = _mutant(*plan)
        if made is not None:
            yield made


def chosen_mutants(root: Any, wanted: int) -> Iterator[Mutant]:
    """Yield ``wanted`` mutants of ever new instances: each kind of change in turn, at places by chance."""
    chance, seed = drawn(wanted), 0
    found = 0
    while found < wanted:
        seed += 1
        instance = sampled(root, seed)
        for _ in range(min(8, len(instance.particles) - 1)):
            place = chance.randrange(1, len(instance.particles))
            made = _mutant(instance, place, CHANGES[found % len(CHANGES)])
            if made is not None and found < wanted:
                found += 1
                yield made


def _mutant(instance: Instance, place: int, change: Any) -> Mutant | None:
    particle = instance.particles[place]
    if particle is None:
        return None
    root = copy.deepcopy(instance.root)
    elements = list(root.iter("*"))
    before = elements[place].getprevious()
    previous = instance.particles[elements.index(before)] if before is not None else None
    legal = change(elements[place], particle, previous)
    return None if legal is None else Mutant(f"{change.__name__} {particle.local_name}", root, legal)


def _repeats(particle: Any) -> bool:
    group = particle.parent
    return particle.max_occurs is None or (group.model == "choice" and group.max_occurs is None)


def _siblings(element: etree._Element) -> int:
    parent = element.getparent()
    assert parent is not None
    return sum(1 for one in parent if one.tag == element.tag)


def drop(victim: etree._Element, particle: Any, _previous: Any) -> bool:
    """Leave it out: legal unless it must be there."""
    needed = particle.min_occurs > 0 and particle.parent.model == "sequence" and _siblings(victim) == 1
    parent = victim.getparent()
    assert parent is not None
    parent.remove(victim)
    return not needed


def double(victim: etree._Element, particle: Any, _previous: Any) -> bool:
    """Say it twice: legal only where it may repeat."""
    victim.addnext(copy.deepcopy(victim))
    return _repeats(particle)


def reorder(victim: etree._Element, particle: Any, previous: Any) -> bool | None:
    """Put it before its predecessor: legal only between equals, or within a choice that repeats."""
    before = victim.getprevious()
    if before is None or previous is None:
        return None
    before.addprevious(victim)
    same_choice = particle.parent is previous.parent and particle.parent.model == "choice"
    return before.tag == victim.tag or (same_choice and _repeats(particle))


def rename(victim: etree._Element, _particle: Any, _previous: Any) -> bool:
    """Misspell its name."""
    victim.tag = f"{etree.QName(victim).text}s_"
    return False


def foreign(victim: etree._Element, _particle: Any, _previous: Any) -> bool:
    """Put it into another namespace, as an old edition would."""
    victim.tag = f"{{http://iec.ch/TC57/2008/Old#}}{etree.QName(victim).localname}"
    return False


def spoil(victim: etree._Element, particle: Any, _previous: Any) -> bool:
    """Give it a value that only a string may have."""
    victim.text = "not a value"
    kind = particle.type
    return bool(kind.is_simple() and not kind.enumeration and kind.root_type.local_name == "string")


def pad(victim: etree._Element, particle: Any, _previous: Any) -> bool | None:
    """Put white space around its value: legal except in an enumeration of strings."""
    if not particle.type.is_simple():
        return None
    victim.text = f"\n {victim.text} "
    return not particle.type.enumeration


def attribute(victim: etree._Element, _particle: Any, _previous: Any) -> bool:
    """Add an attribute that nobody knows."""
    victim.set("unheard-of", "x")
    return False


CHANGES = (drop, double, reorder, rename, foreign, spoil, pad, attribute)
