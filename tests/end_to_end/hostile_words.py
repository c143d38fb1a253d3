"""A reference system whose words try to act on the reader: markup, control sequences, rich's own syntax."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from conformance.reference import ReferenceServer
from conformance.reference.deviation import Deviation

if TYPE_CHECKING:
    from conformance.message.model import Reply
    from conformance.reference.deviation import Scene

SCRIPT = "<script>alert(1)</script>"
MARKUP = "[bold red]markup[/bold red] [/nonsense]"
#: XML carries no ESC, so a terminal can only be attacked with what C1 and bidi offer.
CONTROLS = "\x9b31mred \u202egnihton"
WORDS = f"{SCRIPT} {MARKUP} {CONTROLS} ]]> &amp; '\""


def _say(reply: Reply, _: Scene) -> Reply:
    """Say OK to what must be refused, and fill every text with the hostile words."""
    errors = tuple(replace(item, reason=WORDS, details=WORDS, code="2.4") for item in reply.errors)
    return replace(reply, result=WORDS if errors else reply.result, errors=errors)


class HostileWords(ReferenceServer):
    """Conforms, but for what it says in replies to requests that it refuses."""

    def start(self) -> HostileWords:
        """Deviate from the start."""
        self._faults = {"hostile words": Deviation(reply=_say)}
        self._apply()
        super().start()
        return self
