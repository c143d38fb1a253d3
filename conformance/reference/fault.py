"""What a fault is, and what the tables of faults share."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from conformance.reference.deviation import Deviation
from conformance.standard.catalogue import catalogue

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.message.model import Reply
    from conformance.reference.deviation import Element, Outcome, Outgoing, Scene


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A named deviation. ``requirements`` are the ids that must catch it; ``what`` says what the system does."""

    name: str
    requirements: tuple[str, ...]
    what: str
    deviation: Deviation

    @property
    def over_jms(self) -> bool:
        """Return whether it is about JMS, and shows there only."""
        return any(row.transport == "jms" for name, row in catalogue().items() if name in self.requirements)

    @property
    def envelope(self) -> Literal["1.1", "1.2"] | None:
        """Return the version of SOAP that JMS must carry to show it; None when plain XML does."""
        needs = {need for name, row in catalogue().items() if name in self.requirements for need in row.needs}
        if "endpoints.jms.soap=1.2" in needs:
            return "1.2"
        return "1.1" if "endpoints.jms.binding=soap" in needs else None


def fault(name: str, requirements: str, what: str, deviation: Deviation) -> Fault:
    """Return a row of a table; ``requirements`` are ids with blanks between."""
    return Fault(name=name, requirements=tuple(requirements.split()), what=what, deviation=deviation)


def header(**changes: Callable[[str, Scene], str | None]) -> Deviation:
    """Change header fields of every message; a field that is absent stays so."""

    def change(outgoing: Outgoing, scene: Scene) -> Outgoing:
        if outgoing.header is None:
            return outgoing
        said = {name: getattr(outgoing.header, name) for name in changes}
        new = {name: changes[name](value, scene) for name, value in said.items() if value is not None}
        return outgoing.with_header(**new)

    return Deviation(outgoing=change)


def tree(change: Callable[[Element], Element], *roles: str) -> Deviation:
    """Change the XML of every message, or of those with one of ``roles``."""

    def changed(element: Element, scene: Scene) -> Element:
        return change(element) if not roles or scene.role in roles else element

    return Deviation(tree=changed)


def reply(change: Callable[[Reply], Reply], *results: str) -> Deviation:
    """Change the Reply of every answer whose Result is one of ``results``, but never of acknowledgements."""

    def changed(said: Reply, scene: Scene) -> Reply:
        fits = scene.role in ("response", "result") and said.result in results
        return change(said) if fits else said

    return Deviation(reply=changed)


def later(change: Callable[[list[Outgoing]], list[Outgoing]], *roles: str, noun: str = "") -> Deviation:
    """Change the later messages with one of ``roles`` (about ``noun``); the others stay as they are."""

    def changed(outcome: Outcome, _: Scene) -> Outcome:
        chosen = [item for item in outcome.later if item.role in roles and noun in ("", item.noun)]
        kept = [item for item in outcome.later if item not in chosen]
        new = change(chosen) if chosen else []
        both = (*kept, *new) if "event" in roles else (*new, *kept)
        return replace(outcome, later=tuple(both))

    return Deviation(outcome=changed)
