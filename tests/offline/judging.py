"""Judge messages that are texts in a test."""

from __future__ import annotations

from conformance.message.xml import Limits
from conformance.offline.model import Piece, Settings, Verdict
from conformance.offline.work import judge_pieces

SETTINGS = Settings(limits=Limits())


def judged(*bodies: str | bytes) -> list[Verdict]:
    """Return what is said of messages, each by itself."""
    pieces = [
        Piece(name=f"{number}.xml", body=body.encode() if isinstance(body, str) else body)
        for number, body in enumerate(bodies, start=1)
    ]
    return [done.verdict for done in judge_pieces(iter(pieces), SETTINGS)]


def answered(request: str | bytes, response: str | bytes, status: int = 200) -> list[Verdict]:
    """Return what is said of a request and of the answer to it."""
    both = [body.encode() if isinstance(body, str) else body for body in (request, response)]
    pieces = [
        Piece(name="request", number=1, body=both[0], pair="1"),
        Piece(name="response", number=2, body=both[1], pair="1", is_answer=True, status=status),
    ]
    return [done.verdict for done in judge_pieces(iter(pieces), SETTINGS)]
