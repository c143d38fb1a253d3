"""Judge each message of a kind, and know when there was none to judge."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from conformance.checks.finding import Finding, NothingToJudgeError
from conformance.checks.scene import Arrived, Asked, Scene
from conformance.message.model import Message
from conformance.message.xml import child

if TYPE_CHECKING:
    from lxml import etree

JudgeOne = Callable[[Arrived, Message, Asked | None], Iterable[Finding]]


def each(scene: Scene, about: Callable[[Message], object], judge_one: JudgeOne) -> Iterator[Finding]:
    """Yield what ``judge_one`` finds in every message that came and that the check is ``about``.

    Raises NothingToJudgeError when there is none.
    """
    judged = False
    for arrived, asked in scene.arrived:
        if arrived.message is not None and about(arrived.message):
            judged = True
            yield from judge_one(arrived, arrived.message, asked)
    if not judged:
        raise NothingToJudgeError("no message came that this is about")


def finding(
    arrived: Arrived, expected: str, observed: str, where: str = "", element: etree._Element | None = None
) -> Finding:
    """Return a finding about one message that arrived; without ``element``, about what the path ``where`` leads to."""
    if element is None and arrived.message is not None:
        element = _at(arrived.message.root, where)
    return Finding(
        expected=expected, observed=observed, where=where or str(arrived), messages=(arrived.id,), element=element
    )


def _at(root: etree._Element, path: str) -> etree._Element:
    """Return the element at ``path``, such as ``Header/Verb``; the last on the way when that is absent."""
    found = root
    for name in path.split("/"):
        below = child(found, name)
        if below is None:
            break
        found = below
    return found


def shown(text: str | None) -> str:
    """Return ``text`` in quotation marks, or say that it is absent."""
    return "absent" if text is None else f'"{text}"'
