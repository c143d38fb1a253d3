"""Namespaces that are almost right: recognised, named in one finding, and put right before the rest is judged.

A message of another year or host would otherwise be wrong in every element, and its other deviations would be lost
among a hundred that are one (facts/deviations.md).
"""

from __future__ import annotations

import copy
import re
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from lxml import etree

from conformance.message.xml import child, local_name, namespace
from conformance.resources import directory
from conformance.standard.editions import EDITION_2013, EDITIONS, Edition

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.message.model import Message

    Element = etree._Element

_FAMILY = re.compile(r"(?P<scheme>https?)://(?P<host>[\w.-]+)/TC57/(?P<year>\d{4})/(?P<rest>.+)", re.IGNORECASE)
_PARTS = ("Header", "Request", "Reply", "Payload")
#: What stands in a Payload and belongs to the envelope.
_OF_ENVELOPE = frozenset({"OperationSet", "Compressed", "Format", "ID"})


class Oddity(NamedTuple):
    """A namespace that is not the standard's: at which element of the original, and in words."""

    element: Element
    expected: str
    observed: str
    in_payload: bool


def put_right(message: Message, edition: Edition = EDITION_2013) -> tuple[Element, list[Oddity]]:
    """Return the root of ``message``, or a copy in the standard's namespaces, and what was odd.

    The copy has the same elements in the same order. A namespace that is nobody's spelling of the standard's, in a
    place where another is allowed, stays what it is.
    """
    groups = _groups(message.root, message.typed, edition)
    strays = [(group, expected, _strays(group, expected), inside) for group, expected, inside in groups]
    oddities = [
        Oddity(odd[0], f"the namespace {expected}", told(namespace(odd[0]), expected), inside)
        for _group, expected, odd, inside in strays
        if odd
    ]
    if not oddities:
        return message.root, []
    fixed = copy.deepcopy(message.root)
    copies = dict(zip(message.root.iter("*"), fixed.iter("*"), strict=True))
    for _group, expected, odd, _inside in strays:
        for item in odd:
            copies[item].tag = f"{{{expected}}}{local_name(item)}"
    return fixed, oddities


def _groups(root: Element, typed: bool, edition: Edition) -> Iterator[tuple[list[Element], str, bool]]:
    """Iterate over elements that share a namespace, with the one that they should have."""
    profiles = list(_profiles(root))
    parts = [part for part in root if local_name(part) in _PARTS]
    below = [item for part in parts for item in _own(part, profiles)]
    if typed:
        yield [root, *parts], _wrapper(root, edition), False
        yield below, edition.envelope, False
    else:
        yield [root, *parts, *below], edition.envelope, False
    for profile in profiles:
        yield list(profile.iter("*")), edition.profile(local_name(profile)), True


def _profiles(root: Element) -> Iterator[Element]:
    payload, request = child(root, "Payload"), child(root, "Request")
    yield from (item for item in (payload if payload is not None else ()) if local_name(item) not in _OF_ENVELOPE)
    yield from (item for item in (request if request is not None else ()) if local_name(item).startswith("Get"))


def _own(part: Element, profiles: list[Element]) -> Iterator[Element]:
    """Iterate over what is below ``part`` and the envelope's: no profile, and no extension, whose names are its own."""
    for item in part:
        if item not in profiles:
            yield from (one for one in item.iter("*") if local_name(one) in _names())


@cache
def _names() -> frozenset[str]:
    """Return the names of all elements of the envelope, from our own schema of it."""
    schema = etree.parse(directory("xsd") / EDITION_2013.name / "Message.xsd")
    return frozenset(str(name) for name in schema.xpath("//@name[parent::*[local-name()='element']]"))


def _wrapper(root: Element, edition: Edition) -> str:
    """Return the namespace of a typed wrapper; its last part is taken as it stands."""
    return edition.wrapper(wrapped_noun(namespace(root)))


def wrapped_noun(space: str) -> str:
    """Return the noun in the namespace of a typed wrapper, however the rest of it is spelled."""
    tail = space.rstrip("#/").rpartition("/")[2].removesuffix("Message")
    return tail or "MeterReadings"


def _strays(group: list[Element], expected: str) -> list[Element]:
    """Return what has another spelling of the namespace ``expected``."""
    inside = f"{{{expected}}}"
    odd = (item for item in group if not str(item.tag).startswith(inside))
    return [item for item in odd if is_spelling(namespace(item))]


def is_spelling(space: str) -> bool:
    """Return whether ``space`` is none at all, or one of TC57 of any year and host."""
    return not space or _FAMILY.fullmatch(space) is not None


def told(observed: str, expected: str) -> str:
    """Say in words how the namespace ``observed`` differs from ``expected``."""
    if not observed:
        return "no namespace at all"
    ours, theirs = _FAMILY.fullmatch(expected), _FAMILY.fullmatch(observed)
    if ours is None or theirs is None:
        return f"the namespace {observed}"
    odd = [
        f"{key} {theirs[key]} instead of {ours[key]}"
        for key in ("scheme", "host", "year")
        if theirs[key].lower() != ours[key].lower()
    ]
    known = next((edition.name for edition in EDITIONS.values() if edition.envelope == observed), "")
    odd += [f"which is that of edition {known}"] if known else []
    return f"the namespace {observed}" + (f" ({', '.join(odd)})" if odd else "")
