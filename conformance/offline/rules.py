"""Which Then lines hold of a message whatever was asked for, and which of a request and its answer.

Each sentence is one of a scenario of its requirement; the live run judges by the same checks. What is only unusual
has no scenario: its checks are in :mod:`conformance.offline.unusual`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from conformance.checks.finding import Finding
from conformance.checks.scene import Arrived
from conformance.message.model import Message
from conformance.offline import unusual


class Rule(NamedTuple):
    """A requirement and the sentence that judges it."""

    requirement: str
    sentence: str


class Note(NamedTuple):
    """A requirement that is at most a should, and the check that judges it."""

    requirement: str
    check: Callable[[Arrived, Message], Iterator[Finding]]


#: Of every message that was read whole: the schemas judge a large one while it is read.
OF_SCHEMAS = (
    Rule("ENV-002", "every message is valid against the envelope schema"),
    Rule("ENV-019", "every payload is valid against the schema of its profile"),
)
#: Of every message. ENV-012 (the Timestamp is now) needs to know when the message came; ENV-001 and ENV-009 are
#: judged apart: the one while reading, the other over all messages at once.
OF_A_MESSAGE = (
    Rule("ENV-003", "every Verb is one of the standard's"),
    Rule("ENV-004", "every Noun is a profile's name"),
    Rule("ENV-005", "every Verb fits the type of its message"),
    Rule("ENV-006", "every response carries the verb reply"),
    Rule("ENV-008", "every message carries a MessageID"),
    Rule("ENV-010", "every message carries a Timestamp"),
    Rule("ENV-011", "every Timestamp says its time zone"),
    Rule("ENV-013", "every OK comes without an error"),
    Rule("ENV-014", "every FAILED says what failed"),
    Rule("ENV-015", "every PARTIAL says what is missing or that more follows"),
    Rule("ENV-016", "every error code is one of Annex B"),
    Rule("ENV-017", "every ref names a code or an element of the message"),
    Rule("ENV-018", "every payload is of the profile that the Noun names"),
)
#: What is unusual in a message.
UNUSUAL = (
    Note("ENV-031", unusual.soap_1_2),
    Note("ENV-032", unusual.identifiers),
    Note("ENV-033", unusual.properties),
    Note("ENV-034", unusual.paging),
    Note("ENV-035", unusual.several_names),
    Note("ENV-036", unusual.on_demand_by_create),
)
#: Of every message that brings readings.
OF_READINGS = (
    Rule("MR-008", "every reading has a value or a quality"),
    Rule("MR-009", "every reading says its time"),
)
#: Of a request and its answer.
OF_A_PAIR = (
    Rule("EXC-001", "the answer is a ResponseMessage"),
    Rule("EXC-002", "the reply carries the Noun of the request"),
    Rule("ENV-007", "every response carries the CorrelationID of its request"),
)
#: Of a get(MeterReadings) and an answer with readings.
OF_A_READ = (
    Rule("MR-005", "no reading is of a meter that was not asked for"),
    Rule("MR-006", "no reading is of a type that was not asked for"),
    Rule("MR-007", "every reading lies within the window of the request"),
)
#: Of a get(MeterReadings) and an answer with interval data.
OF_INTERVALS = (Rule("MR-015", "no interval comes twice"),)
#: Of an answer to a request that is no valid message, and to one that is no XML.
OF_A_BROKEN_REQUEST = (Rule("REP-012", "the request is refused"),)
OF_AN_UNREADABLE_REQUEST = (Rule("REP-029", "the unreadable message is refused"),)
#: Of what else one file or all files together show, in words of this package.
OF_ALL = (
    Rule("ENV-001", "every message is well-formed XML without a document type declaration"),
    Rule("ENV-009", "no MessageID comes twice"),
    Rule("REP-030", "the system serves the next request"),
)
ALL = (
    *OF_SCHEMAS, *OF_A_MESSAGE, *OF_READINGS, *OF_A_PAIR, *OF_A_READ, *OF_INTERVALS, *OF_A_BROKEN_REQUEST,
    *OF_AN_UNREADABLE_REQUEST, *OF_ALL,
)  # fmt: skip
