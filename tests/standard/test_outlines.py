"""The outlines: their notation, and that what follows the classes of the CIM says nothing that these do not have.

``cim_members.tsv`` lists the classes that the outlines use, with attributes and associations, their own and inherited:
those of both sets of classes (of the time of the 2013 and of the 2024 edition), and those of one alone.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools import outline
from tools.outline import Member, Outline

TABLE = Path(__file__).with_name("cim_members.tsv")
#: Types of the notation that stand for a class of another name, or for several.
STANDS_FOR = {
    "AnyReadingType": "ReadingType", "CustomerByKind": "Customer", "EndDeviceType": "EndDeviceEventType",
    "Identified": "IdentifiedObject", "Link": "IdentifiedObject", "PlainReadingType": "ReadingType",
    "RequestedSchedule": "TimeSchedule", "ServiceCategoryByKind": "ServiceCategory",
}  # fmt: skip
#: Classes whose members are not in the tables.
UNKNOWN = {"BankAccountDetail", "LineDetail", "MeterServiceWork", "TimeInterval", "Version"}
#: Members of published profiles that the classes call otherwise, or have only later: (type, member).
PUBLISHED = {
    ("ComModule", "initialCondition"), ("ComModule", "initialLossOfLife"), ("ComModule", "lifecycle"),
    ("Customer", "vip"),
}  # fmt: skip
#: Classes that only the later tables have, or have there alone with their superclass.
LATER = {"AccountNotification", "CashierShift", "VendorShift", "MeterReadSchedule"}


def table() -> dict[str, tuple[set[str], set[str], set[str]]]:
    """Return the members of each class: in both sets of classes, in the earlier alone, in the later alone."""
    with TABLE.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.reader(stream, delimiter="\t"))
    return {row[0]: (set(row[1].split()), set(row[2].split()), set(row[3].split())) for row in rows[1:]}


def flat(members: tuple[Member, ...]) -> Iterator[Member]:
    """Yield elements, also those within choices."""
    for member in members:
        yield from flat(member.members) if member.members else (member,)


CLASSES = table()
OUTLINES = [*outline.profiles(), outline.common()]


@pytest.mark.parametrize("profile", [one for one in OUTLINES if one.noun == "common" or one.basis == "classes"],
                         ids=lambda one: one.noun)  # fmt: skip
def test_what_follows_the_classes_has_only_their_members(profile: Outline) -> None:
    """A misspelt name, or one of another edition, would refuse what is right and allow what is wrong."""
    for one in profile.types.values():
        name = STANDS_FOR.get(one.name, one.name)
        if not one.members or name == profile.noun or name in UNKNOWN:
            continue
        both, earlier, later = CLASSES[name]
        for member in flat(one.members):
            if member.name == "@ref" or (name, member.name) in PUBLISHED:
                continue
            assert member.name in both | earlier | later, f"{one.name}.{member.name}"
            only_later = member.name in later and bool(both | earlier) and name not in LATER
            if profile.clause("2013") or profile.noun == "common":
                assert (member.edition == "2024") == only_later, f"{one.name}.{member.name}"


def test_outermost_elements_hold_classes() -> None:
    """Whatever stands directly in a profile after the classes is one."""
    for profile in OUTLINES:
        if profile.noun != "common" and profile.basis == "classes":
            members = [member.name for member in flat(profile.types[profile.noun].members)]
            assert set(members) <= CLASSES.keys() | UNKNOWN, profile.noun


def test_order_is_that_of_published_profiles() -> None:
    """mRID, then attributes in alphabetical order, then everything else in alphabetical order."""
    for profile in OUTLINES:
        if profile.noun == "common" or profile.basis == "classes":
            for one in profile.types.values():
                names = [member for member in flat(one.members) if member.name not in ("@ref", "mRID")]
                simple = [one for one in names if _is_simple(one, profile)]
                others = [one for one in names if not _is_simple(one, profile)]
                assert names == sorted(simple, key=_key) + sorted(others, key=_key), f"{profile.noun}: {one.name}"


def _key(member: Member) -> str:
    return member.name.lower()


def _is_simple(member: Member, profile: Outline) -> bool:
    kind = profile.types.get(member.type) or COMMON.types.get(member.type)
    return member.type in outline.PRIMITIVES or (kind is not None and not kind.members)


COMMON = outline.common()


def test_every_type_is_used() -> None:
    """A type that nothing names would be maintained for nobody."""
    everywhere = {member.type for profile in OUTLINES for one in profile.types.values() for member in flat(one.members)}
    for profile in OUTLINES:
        unused = profile.types.keys() - everywhere - {profile.noun}
        assert not unused, f"{profile.noun}: {unused}"


def test_a_profile_repeats_no_common_type() -> None:
    """Its own type of a name must differ."""
    for profile in outline.profiles():
        assert [name for name, one in profile.types.items() if COMMON.types.get(name) == one] == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("A\n  b!\n", r"x\.txt:4: 'b!' is no member"),
        ("A\n  choice?\n", r"x\.txt:4: 'choice\?' is no member"),
        ("A\n  b?\n    c?\n", r"x\.txt:4: 'b\?' is no member"),
        ("A\n", r"x\.txt:3: 'A' is neither a type with members nor a list of values"),
        ("A\n  b?\n\nA\n  c?\n", r"x\.txt:6: the type A stands twice"),
        ("A = \n", "is no list of values"),
    ],
)
def test_wrong_notation_is_refused_with_its_line(tmp_path: Path, text: str, words: str) -> None:
    """What cannot be read must not silently be left out of a schema."""
    path = tmp_path / "x.txt"
    path.write_text(f"about: x\n\n{text}", encoding="utf-8")
    with pytest.raises(ValueError, match=words):
        outline.read(path)
