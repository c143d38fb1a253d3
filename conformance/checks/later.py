"""Checks of what comes later than the answer on the same connection (EXC-003 to EXC-011, CTL-016)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from conformance.checks.answers import brought_by, came, later_replies, reading_key, reply_of
from conformance.checks.registry import check
from conformance.checks.replies import about
from conformance.checks.results import codes
from conformance.standard.editions import OK, PARTIAL

if TYPE_CHECKING:
    from conformance.checks.finding import Finding
    from conformance.checks.scene import Arrived, Scene

_MORE = "0.1"


@check("the request is acknowledged at once without payload")
def acknowledged(scene: Scene) -> Iterator[Finding]:
    """Judge EXC-003, EXC-008 and CTL-016."""
    answer = scene.last.answer
    reply = reply_of(answer)
    expected = "an acknowledgement: a response with a Reply and without payload"
    if answer is None or answer.message is None or reply is None:
        yield about(scene, expected, came(scene.last))
    elif answer.message.payloads:
        yield about(scene, expected, f"{answer} with a payload", answer, "Payload")
    elif reply.result not in (OK, PARTIAL):
        yield about(scene, expected, f"{answer} ({codes(reply)})", answer, "Reply/Result")


@check("the answer comes later with the CorrelationID of the request")
def answered_later(scene: Scene) -> Iterator[Finding]:
    """Judge EXC-004 and CTL-016."""
    request = scene.last.asked.message
    correlation = request.correlation_id if request is not None else None
    if not any(item.message and item.message.correlation_id == correlation for item in later_replies(scene.last)):
        others = [str(item) for item in (*scene.last.later, *scene.unsolicited)]
        observed = f"{len(others)} other message(s) came: {', '.join(others)}" if others else "nothing came"
        yield about(scene, f'an answer at ReplyAddress with CorrelationID "{correlation}"', observed)


def _says_more(item: Arrived) -> bool:
    reply = reply_of(item)
    return reply is not None and _MORE in reply.codes


@check("the later answer comes once")
def answered_once(scene: Scene) -> Iterator[Finding]:
    """Judge EXC-005: an answer, or its last part, must come, and after it nothing that had come already.

    Parts that announce more (0.1) are not yet the answer. Where the system makes no use of that code, a further
    message is a further part as long as it brings a reading that is new.
    """
    seen: set[tuple[str, str, str]] = set()
    ended = False
    for part in later_replies(scene.last):
        readings = {reading_key(item) for item in brought_by(part)}
        if ended and readings <= seen:
            yield about(scene, "one answer at ReplyAddress", f"after it, {part} came and brings nothing new", part)
        seen |= readings
        ended = ended or not _says_more(part)
    if not ended:
        yield about(scene, "one answer at ReplyAddress", "only parts that announce more came" if seen else "none came")


@check("nothing comes later")
def nothing_later(scene: Scene) -> Iterator[Finding]:
    """Judge EXC-007."""
    for item in later_replies(scene.last):
        yield about(scene, "no second answer at ReplyAddress", f"{item} came", item)


@check("every part but the last says that more follows")
def parts_announced(scene: Scene) -> Iterator[Finding]:
    """Judge EXC-009."""
    parts = later_replies(scene.last)
    if not parts:
        yield about(scene, "an answer in one or more parts", "none came")
    for part in parts[:-1]:
        # An event has no Reply to say it with (exchange rule 10).
        if (reply := reply_of(part)) is not None and not _says_more(part):
            yield about(scene, "0.1 in a part that others follow", codes(reply), part)
    if parts and _says_more(parts[-1]):
        yield about(scene, "no 0.1 in the last part", "the last part announces more, and nothing follows", parts[-1])
