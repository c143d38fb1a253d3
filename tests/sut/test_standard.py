"""The table [standard]: official schemas and namespaces, and what they change in the judging."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from conformance import resources
from conformance.errors import ConfigurationError
from conformance.message.build import Draft, build, root
from conformance.message.model import Header, Reply
from conformance.message.parse import read
from conformance.standard.editions import EDITION_2013, EDITION_2024
from conformance.sut.claims import edition_of, terms_of
from conformance.sut.load import load
from conformance.sut.probe_answer import namespaces

Write = Callable[..., Path]
XSD = resources.directory("xsd") / "2013"
SCHEMAS = ('#schemas = "official-schemas"', 'schemas = "official"')
LATER = ('edition = "2013"', 'edition = "2024"')
PROFILE = ('#profile = "http://host/{noun}#"', 'profile = "urn:official:{noun}#"')


def problems(path: Path) -> list[str]:
    """Return every problem of the file ``path``, without its place."""
    with pytest.raises(ConfigurationError) as caught:
        load(path)
    return [problem.partition(": ")[2] for problem in caught.value.problems]


def test_official_schemas(write: Write, tmp_path: Path) -> None:
    """A relative directory starts at SUT.toml; without the key, the own ones judge."""
    (tmp_path / "official").mkdir()
    for number, name in enumerate(("Message", "MeterReadings", "EndDeviceEvents")):
        shutil.copy(XSD / f"{name}.xsd", tmp_path / "official" / f"{number}.xsd")
    terms = terms_of(load(write(SCHEMAS)).configuration)
    assert terms.schemas == tmp_path / "official"
    assert terms.edition == EDITION_2013
    assert terms_of(load(write()).configuration).schemas is None


@pytest.mark.parametrize(
    ("names", "reasons"),
    [
        (None, ["there is no such directory"]),
        ((), ["there is no schema in it, that is no file *.xsd"]),
        (("MeterReadings",), ["none is the envelope http://iec.ch/TC57/2011/schema/message: add Message.xsd"]),
        (("Message", "MeterReadingsMessage"), ["no file has the namespace http://iec.ch/TC57/2011/MeterReadings#"]),
        (("MeterServiceRequests",), ["no file has the namespace", "none is the envelope"]),
    ],
)
def test_wrong_directory_of_schemas(
    write: Write, tmp_path: Path, names: tuple[str, ...] | None, reasons: list[str]
) -> None:
    """Each problem stands at the key, with what to do."""
    if names is not None:
        (tmp_path / "official").mkdir()
        for name in names:
            shutil.copy(XSD / f"{name}.xsd", tmp_path / "official")
    found = problems(write(SCHEMAS))
    assert len(found) == len(reasons)
    for problem in found:
        assert problem.startswith("standard.schemas: ")
        assert problem.endswith("; name the directory of all official files")
    assert all(any(reason in problem for problem in found) for reason in reasons)


def test_different_schemas_of_one_namespace(write: Write, tmp_path: Path) -> None:
    """Which of them is the official one, only the user knows."""
    (tmp_path / "official").mkdir()
    text = (XSD / "Message.xsd").read_text("utf-8")
    for name in ("a", "b"):
        (tmp_path / "official" / f"{name}.xsd").write_text(f"{text}<!-- {name} -->", "utf-8")
    (problem,) = problems(write(SCHEMAS))
    assert problem.startswith("standard.schemas: Different schemas have the same namespace; leave one of each: http")
    assert "a.xsd" in problem
    assert "b.xsd" in problem


def test_namespaces_that_are_not_public(write: Write) -> None:
    """The edition of 2024 with the URIs that the user knows; what is missing is said before the run."""
    known = load(write(LATER, PROFILE, ('#wrapper = "http://host/{noun}Message"', 'wrapper = "urn:w:{noun}"')))
    edition = edition_of(known.configuration)
    assert edition.profile("MeterReadings") == "urn:official:MeterReadings#"
    assert edition.wrapper("MeterReadings") == "urn:w:MeterReadings"
    assert edition.envelope == EDITION_2024.envelope
    assert terms_of(known.configuration).edition == edition
    assert not [gap for gap in known.gaps if "not public" in gap]
    (gap,) = [gap for gap in load(write(LATER)).gaps if "not public" in gap]
    assert "(profile, wrapper)" in gap
    assert gap.endswith("add them to [standard.namespaces]")
    assert not [gap for gap in load(write()).gaps if "not public" in gap]


def test_public_namespace_is_not_replaced(write: Write) -> None:
    """Else a deviation could be declared away."""
    (problem,) = problems(write(PROFILE))
    assert problem == (
        "standard.namespaces.profile: is public for edition 2013, so a system that has another one deviates; "
        "delete it; the suite knows the right one"
    )


@pytest.mark.parametrize("uri", ["http://host/x#", "{noun}", "http://host/{noun}/{noun}", "http://a b/{noun}", ""])
def test_pattern_without_noun(write: Write, uri: str) -> None:
    """A URI that fits no profile, or all, is refused."""
    (problem,) = problems(write(LATER, (PROFILE[0], f'profile = "{uri}"')))
    assert problem == (
        "standard.namespaces.profile: is not a URI with {noun} in it once; write it like http://host/{noun}#"
    )


def test_pre_flight_looks_at_public_namespaces_only() -> None:
    """An answer of 2024: its envelope is known, its profiles are not, unless the user knows them."""
    payload = root("MeterReadings", EDITION_2024)
    header = Header(verb="reply", noun="MeterReadings")
    draft = Draft(
        kind="ResponseMessage", header=header, reply=Reply(result="OK"), payload=(payload,), edition=EDITION_2024
    )
    message = read(build(draft))
    official = EDITION_2024.renamed({"profile": "urn:official:{noun}"})
    found = {edition: list(namespaces(message, edition)) for edition in (EDITION_2013, EDITION_2024, official)}
    assert [item.status for item in found[EDITION_2024]] == ["ok"]
    (item,) = found[official]
    assert "it should be urn:official:MeterReadings" in item.what
    assert "is not that of edition 2024" in item.what
    assert len(found[EDITION_2013]) == 2
