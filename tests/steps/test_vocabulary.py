"""The words of the features and what they stand for."""

from __future__ import annotations

import uuid

import pytest

from conformance.errors import Inconclusive, InternalError
from conformance.message.model import Identified
from conformance.reference import ReferenceServer
from conformance.standard.codes import is_type_code
from conformance.standard.times import parse_time
from conformance.steps.vocabulary import UNKNOWN_CONTROL_TYPE, UNKNOWN_READING_TYPE, Vocabulary
from conformance.sut.claims import shared_name
from conformance.sut.model import Configuration, Meter


@pytest.fixture(scope="module")
def configuration() -> Configuration:
    """Return the configuration of the reference system."""
    with ReferenceServer() as server:
        return server.configuration()


@pytest.fixture
def words(configuration: Configuration) -> Vocabulary:
    """Return the vocabulary of one scenario."""
    return Vocabulary(configuration=configuration)


def with_data(configuration: Configuration, **changes: object) -> Vocabulary:
    """Return a vocabulary over other test data."""
    data = configuration.test_data.model_copy(update=changes)
    return Vocabulary(configuration=configuration.model_copy(update={"test_data": data}))


def test_meters(words: Vocabulary, configuration: Configuration) -> None:
    """M1, M2 … are the meters of the test data, by mRID unless something else is said."""
    first, second, *_ = configuration.test_data.meters
    assert words.meters("M1") == [Identified(mrid=first.mrid)]
    assert words.meters("M2 and M1") == [Identified(mrid=second.mrid), Identified(mrid=first.mrid)]
    assert words.meters("M1, M2 and M3")[2].mrid == configuration.test_data.meters[2].mrid
    assert words.meters("M1 by mRID and names") == [first.in_full]
    assert words.meters("M1 by name") == [first.by_name]
    assert words.meters("M1 by name and M2 by name") == [first.by_name, second.by_name]


def test_names_that_are_nearly_right(words: Vocabulary, configuration: Configuration) -> None:
    """One thing differs, and only that."""
    [right] = configuration.test_data.meters[0].by_name.names
    [[other_type], [other_authority]] = (
        words.meters(f"M1 by a name of another {what}")[0].names for what in ("type", "authority")
    )
    assert (other_type.name, other_type.authority) == (right.name, right.authority)
    assert other_type.name_type != right.name_type
    assert (other_authority.name, other_authority.name_type) == (right.name, right.name_type)
    assert other_authority.authority != right.authority


def test_a_shared_name(words: Vocabulary, configuration: Configuration) -> None:
    """The second of the two meters is named, so that a lookup of the first is wrong."""
    found = shared_name(configuration)
    assert found is not None
    _, second, shared = found
    [meter] = words.meters("M1 by the name that another meter bears too")
    assert meter.mrid is None
    assert [name.name for name in meter.names] == [shared]
    assert meter.names[0].name_type in {item.type for item in configuration.test_data.meters[second].names}


def test_unknown_meters(words: Vocabulary) -> None:
    """Unknown meters are fresh UUIDs, each the same within its scenario, and different from each other."""
    one, again, other = words.meters("an unknown meter, an unknown meter and another unknown meter")
    assert one == again != other
    assert str(uuid.UUID(one.mrid)) == one.mrid
    assert Vocabulary(configuration=words.configuration).meters("an unknown meter") != [one]


def test_reading_types(words: Vocabulary, configuration: Configuration) -> None:
    """Registers, intervals, one that no meter has, and one that nobody knows."""
    data = configuration.test_data
    assert words.types("R1 and R2") == data.reading_types[:2]
    assert words.types("interval data") == [data.interval_type]
    assert words.types("an unsupported reading type") == [data.unsupported_reading_type]
    assert words.types("an unknown reading type") == [UNKNOWN_READING_TYPE]
    assert not is_type_code("ReadingType", UNKNOWN_READING_TYPE)
    assert is_type_code("EndDeviceControlType", UNKNOWN_CONTROL_TYPE)


def test_controls_and_windows(words: Vocabulary, configuration: Configuration) -> None:
    """Controls are those of the test data; windows are moments with a zone, in order."""
    controls = configuration.test_data.controls
    assert controls is not None
    assert (words.control("connect"), words.control("disconnect")) == (controls.connect, controls.disconnect)
    for window in (words.window, words.window_without_data):
        start, end = parse_time(window.start), parse_time(window.end)
        assert start is not None
        assert end is not None
        assert start.tzinfo is not None
        assert start < end
    assert parse_time(words.window.start) == configuration.test_data.window.start


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("meters", "meter 1"),
        ("meters", "M1 by heart"),
        ("meters", "M12"),
        ("types", "R3"),
        ("types", "kWh"),
    ],
)
def test_words_that_mean_nothing(words: Vocabulary, kind: str, text: str) -> None:
    """A slip in a feature is the suite's own error."""
    with pytest.raises(InternalError, match=text.removeprefix("M1 by ")):
        getattr(words, kind)(text)


def test_what_the_test_data_lack(configuration: Configuration) -> None:
    """Without the data nobody can see it: inconclusive, with what is missing."""
    nameless = [Meter(mrid=f"m{number}") for number in range(3)]
    with pytest.raises(Inconclusive, match=r"m0 of test_data\.meters has no names"):
        with_data(configuration, meters=nameless).meters("M1 by name")
    with pytest.raises(Inconclusive, match="share a name"):
        with_data(configuration, meters=nameless).meters("M1 by the name that another meter bears too")
    with pytest.raises(Inconclusive, match="controls is missing"):
        with_data(configuration, controls=None).control("connect")
