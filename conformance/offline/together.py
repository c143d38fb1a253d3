"""Judge any number of files, in one process or in several, and what only all of them together show."""

from __future__ import annotations

from collections import defaultdict
from functools import partial
from typing import TYPE_CHECKING

from conformance.offline.model import SEVERITIES, Judged, Place, Verdict
from conformance.offline.work import Done, judge_source, judge_two, place_of_message_id
from conformance.offline.workers import Workers
from conformance.standard.catalogue import catalogue

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from conformance.offline.model import Facts, Settings
    from conformance.offline.sources import Source

#: The place of a MessageID is looked up so many times, at most: each time its file is read again.
_MAX_PLACES = 100


class _Known:
    """Everything that was judged, by number: where it is from, what is said of it, what must be known of it."""

    def __init__(self) -> None:
        self.sources: list[Source] = []
        self.done: list[Done] = []
        self.more: dict[int, list[Judged]] = defaultdict(list)

    def verdicts(self) -> list[Verdict]:
        return [
            one.verdict._replace(findings=(*one.verdict.findings, *self.more[number])) if self.more[number]
            else one.verdict
            for number, one in enumerate(self.done)
        ]  # fmt: skip

    def facts(self) -> Iterator[tuple[int, Facts]]:
        for number, one in enumerate(self.done):
            if one.facts is not None:
                yield number, one.facts


def judge_all(
    sources: Sequence[Source], settings: Settings, jobs: int = 1, progress: Callable[[int], None] = lambda _done: None
) -> list[Verdict]:
    """Return what is said of every message in ``sources``, in their order; ``progress`` is told how many are done."""
    known = _Known()
    with Workers(jobs if len(sources) > 1 else 1) as workers:
        made = workers.map(partial(judge_source, settings=settings), sources)
        for number, (source, done) in enumerate(zip(sources, made, strict=True), start=1):
            known.sources += [source] * len(done)
            known.done += done
            progress(number)
        pairs = list(_pairs(known))
        both = [tuple(_where(known, number) for number in pair) for pair in pairs]
        for (_asked, answer), found in zip(
            pairs, workers.map(partial(_judge_two, settings=settings), both), strict=True
        ):
            known.more[answer] += found
    _judge_message_ids(known, settings)
    return known.verdicts()


def _where(known: _Known, number: int) -> tuple[Source, Facts]:
    facts = known.done[number].facts
    if facts is None:
        raise AssertionError("only what is a message is paired")
    return known.sources[number], facts


def _judge_two(both: Sequence[tuple[Source, Facts]], settings: Settings) -> tuple[Judged, ...]:
    asked, answer = ((source, facts.number) for source, facts in both)
    return judge_two(asked, answer, settings)


def _pairs(known: _Known) -> Iterator[tuple[int, int]]:
    """Iterate over requests and answers that no file pairs: by the CorrelationID, when it is of one request.

    An acknowledgement of an event carries the CorrelationID of the control that caused the event (exchange rule 5).
    """
    requests: dict[tuple[str, str], dict[bytes, int]] = defaultdict(dict)
    events: set[tuple[str, str, str]] = set()
    for number, facts in known.facts():
        if facts.kind == "RequestMessage" and facts.correlation_id:
            requests[facts.world, facts.correlation_id].setdefault(facts.digest, number)
        elif facts.kind == "EventMessage":
            events.add((facts.world, facts.correlation_id, facts.noun))
    for number, facts in known.facts():
        asked = requests.get((facts.world, facts.correlation_id), {})
        about_event = (facts.world, facts.correlation_id, facts.noun) in events
        if facts.kind == "ResponseMessage" and not facts.is_answer and len(asked) == 1 and not about_event:
            yield next(iter(asked.values())), number


def _judge_message_ids(known: _Known, settings: Settings) -> None:
    """Judge ENV-009 over everything. The same message, saved twice, is one message."""
    seen: dict[tuple[str, str], dict[bytes, int]] = defaultdict(dict)
    places = 0
    for number, facts in known.facts():
        if not facts.message_id:
            continue
        others = seen[facts.world, facts.message_id]
        if others and facts.digest not in others:
            first = known.done[next(iter(others.values()))].verdict.file
            places += 1
            source, place = known.sources[number], Place()
            if places <= _MAX_PLACES:
                place = place_of_message_id(source, facts.number, settings)
            observed = f'MessageID "{facts.message_id}" stands in {first} too, in another message'
            known.more[number].append(
                Judged(
                    requirement="ENV-009", severity=SEVERITIES[catalogue()["ENV-009"].level], place=place,
                    message=f"{observed}; expected: a MessageID of its own in each message",
                )
            )  # fmt: skip
        others.setdefault(facts.digest, number)
