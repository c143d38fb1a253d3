"""Judge whole files, each by itself, so that several processes can share them; only facts and words come back."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from conformance.checks.finding import Finding
from conformance.checks.scene import Arrived
from conformance.message.xml import child
from conformance.offline.judge import judge_alone, judge_pair
from conformance.offline.model import Facts, Found, Judged, Place, Verdict
from conformance.offline.reading import Opened, open_piece, shown
from conformance.offline.sources import Source, piece_at, pieces_of
from conformance.offline.telling import told
from conformance.standard.editions import FAILED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.offline.model import Piece, Settings


class Done(NamedTuple):
    """What is said of one piece, and what must be known of it to judge it together with others."""

    verdict: Verdict
    facts: Facts | None


def judge_source(source: Source, settings: Settings) -> list[Done]:
    """Return what is said of every message in one file; of a request with its answer where the file pairs them."""
    return list(judge_pieces(pieces_of(source, settings.limits.max_bytes), settings))


def judge_pieces(pieces: Iterator[Piece], settings: Settings) -> Iterator[Done]:
    """Iterate over what is said of ``pieces``; the answer to a request comes right after it."""
    asked: Opened | None = None
    silence = _Silence()
    for piece in pieces:
        found: list[Found] = []
        paired = asked if asked is not None and asked.piece.pair == piece.pair else None
        if piece.is_answer and not piece.problem and not piece.body.strip() and piece.stream is None:
            # A recording does not always keep bodies, and an empty acknowledgement is legal: nothing is to be judged.
            found += silence.after(piece)
            silent = Arrived(id=2, at=0.0, channel="reply", status=piece.status, content_type=piece.content_type)
            verdict = Verdict(
                file=piece.name, what="no answer", findings=told(Opened(piece=piece, arrived=silent), found)
            )
            yield Done(verdict, None)
            continue
        item = open_piece(2 if piece.is_answer else 1, piece, settings)
        if not _refused_by_transport(paired, item):
            found += judge_alone(item)
        if piece.is_answer and paired is not None:
            found += judge_pair(paired, item)
        if piece.is_answer:
            silence.heard(item)
        yield Done(Verdict(file=piece.name, what=shown(item), findings=told(item, found)), item.facts())
        asked = item if piece.pair is not None and not piece.is_answer else None


def _refused_by_transport(asked: Opened | None, answer: Opened) -> bool:
    """Return whether an answer is the page of a web server that refused what was unreadable (REP-029)."""
    status = answer.piece.status or 0
    return asked is not None and asked.problem is not None and answer.problem is not None and 400 <= status < 500


class _Silence:
    """A server that answers a fault, and then nothing any more (facts/deviations.md)."""

    def __init__(self) -> None:
        self._refused: dict[str, str] = {}

    def heard(self, answer: Opened) -> None:
        """Note what a server answered last."""
        carried, message = answer.arrived.carried, answer.message
        fault = carried is not None and carried.fault is not None
        failed = message is not None and message.reply is not None and message.reply.result == FAILED
        if fault or failed or (answer.piece.status or 0) >= 500:
            self._refused[answer.piece.url] = answer.piece.name
        else:
            self._refused.pop(answer.piece.url, None)

    def after(self, piece: Piece) -> Iterator[Found]:
        """Iterate over what silence means where a refusal came before. A recording does not say whose fault it is."""
        before = self._refused.get(piece.url)
        if piece.status == 0 and before is not None:
            observed = f"no answer, and the answer before was a refusal ({before})"
            yield Found(
                "REP-030", Finding(expected="an answer, also after a refusal", observed=observed), None, "warning"
            )


def judge_two(asked: tuple[Source, int], answer: tuple[Source, int], settings: Settings) -> tuple[Judged, ...]:
    """Return what is said of an answer, given its request, when they come from different files."""
    opened = []
    for number, (source, wanted) in enumerate((asked, answer), start=1):
        piece = piece_at(source, wanted, settings.limits.max_bytes)
        if piece is None:  # the file changed while it was judged
            return ()
        opened.append(open_piece(number, piece, settings))
    return told(opened[1], list(judge_pair(opened[0], opened[1])))


def place_of_message_id(source: Source, number: int, settings: Settings) -> Place:
    """Return where the MessageID of a message stands, which is read again."""
    piece = piece_at(source, number, settings.limits.max_bytes)
    opened = open_piece(1, piece, settings) if piece is not None else None
    if opened is None or opened.message is None:
        return Place()
    return opened.place(child(child(opened.message.root, "Header"), "MessageID"))
