"""Checks of Result against Error in every received reply (ENV-013 to ENV-015; exchange rules 7 to 9)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from conformance.checks.each import each, finding
from conformance.checks.finding import Finding
from conformance.checks.registry import check
from conformance.standard.codes import decode_reply_code
from conformance.standard.editions import FAILED, OK, PARTIAL

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.checks.scene import Arrived, Asked, Scene
    from conformance.message.model import Message, Reply

#: 0.1: more follows; 0.2: nothing follows (exchange rule 9).
_PROGRESS = frozenset({"0.1", "0.2"})


def codes(reply: Reply) -> str:
    """Return the codes of a reply with their meaning, for reports."""
    return ", ".join(decode_reply_code(code) for code in reply.codes) or "no Error"


def _result(scene: Scene, result: str, expected: str, right: Callable[[Reply], bool]) -> Iterator[Finding]:
    def judge_one(arrived: Arrived, message: Message, _asked: Asked | None) -> Iterator[Finding]:
        if message.reply is not None and not right(message.reply):
            yield finding(arrived, expected, f"Result {result} with {codes(message.reply)}", "Reply")

    yield from each(scene, lambda message: message.reply and message.reply.result == result, judge_one)


@check("every OK comes without an error")
def ok_without_errors(scene: Scene) -> Iterator[Finding]:
    """Judge ENV-013."""
    yield from _result(scene, OK, "no Error, or only such of category 0", lambda reply: not reply.failures)


@check("every FAILED says what failed")
def failed_with_errors(scene: Scene) -> Iterator[Finding]:
    """Judge ENV-014."""
    expected = "at least one Error that is not of category 0"
    yield from _result(scene, FAILED, expected, lambda reply: bool(reply.failures))


@check("every PARTIAL says what is missing or that more follows")
def partial_with_errors(scene: Scene) -> Iterator[Finding]:
    """Judge ENV-015."""
    yield from _result(
        scene,
        PARTIAL,
        "an Error that says what is missing, or 0.1 or 0.2",
        lambda reply: bool(reply.failures) or bool(_PROGRESS & set(reply.codes)),
    )
