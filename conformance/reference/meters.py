"""The meters of the reference system: who they are, how they are named, whether their switch is closed."""

from __future__ import annotations

import uuid
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from conformance.message.model import Identified, Name
from conformance.reference.consumption import Pauses, value

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

AUTHORITY = "Reference Utility"
SERIAL_NUMBER = "MeterSerialNumber"
BADGE = "MeterBadge"
#: Two meters bear this name, each under a type of its own, so that the bare name is ambiguous.
SHARED_NAME = "7"
METERS = 14
#: The event log keeps this many entries.
LOG_LENGTH = 1000

_NAMESPACE = uuid.UUID("6ba7b811-9dad-11d1-80b4-00c04fd430c8")


@dataclass(slots=True, kw_only=True)
class ReferenceMeter:
    """One meter. ``pauses`` holds when it was disconnected."""

    seed: int
    number: int
    identity: Identified
    pauses: Pauses = field(default_factory=Pauses)

    @property
    def mrid(self) -> str:
        """Return its mRID."""
        return self.identity.mrid or ""

    @property
    def connected(self) -> bool:
        """Return whether its switch is closed."""
        return self.pauses.since is None

    def switch(self, *, connected: bool, moment: datetime) -> None:
        """Close or open the switch."""
        if connected:
            self.pauses.close(moment)
        else:
            self.pauses.open(moment)

    def value(self, reading_type: str, moment: datetime) -> str:
        """Return what it measured (see :func:`conformance.reference.consumption.value`)."""
        return value(self.seed, self.number, reading_type, moment, self.pauses)


@dataclass(frozen=True, slots=True, kw_only=True)
class Naming:
    """How strictly a name is compared. What conforms is strict; faults are not."""

    by_type: bool = True
    by_authority: bool = True
    first_match: bool = False
    knows_mrids: bool = True
    knows_names: bool = True


STRICT = Naming()


class Fleet:
    """All meters of one seed, and the log of what happened to them."""

    def __init__(self, seed: int) -> None:
        """Make the meters; the same seed makes the same ones."""
        self.seed = seed
        self.meters = tuple(_meter(seed, number) for number in range(METERS))
        self.log: deque[tuple[datetime, str, str]] = deque(maxlen=LOG_LENGTH)

    def find(self, identity: Identified, naming: Naming = STRICT) -> ReferenceMeter | None:
        """Return the one meter that ``identity`` names; None when there is none, or more than one.

        Several identifiers must all be of the same meter (TR 61968-900, 5.2).
        """
        names = identity.names
        nameless = not names or not naming.knows_names
        if nameless and (identity.mrid is None or not naming.knows_mrids):
            return None
        found = [
            meter
            for meter in self.meters
            if identity.mrid in (None, meter.mrid) and all(_bears(meter, name, naming) for name in names)
        ]
        return found[0] if len(found) == 1 or (found and naming.first_match) else None

    def by_mrid(self, mrid: str) -> ReferenceMeter | None:
        """Return the meter with that mRID."""
        return self.find(Identified(mrid=mrid))

    def note(self, moment: datetime, mrid: str, what: str) -> None:
        """Add to the event log; the oldest entry goes when it is full."""
        self.log.append((moment, mrid, what))


def _meter(seed: int, number: int) -> ReferenceMeter:
    mrid = str(uuid.uuid5(_NAMESPACE, f"conformance-reference/{seed}/{number}"))
    return ReferenceMeter(seed=seed, number=number, identity=Identified(mrid=mrid, names=tuple(_names(number))))


def _names(number: int) -> Iterator[Name]:
    if number == METERS - 1:
        yield Name(name=SHARED_NAME, name_type=BADGE, authority=AUTHORITY)
    elif number == METERS - 2:
        yield Name(name=SHARED_NAME, name_type=SERIAL_NUMBER, authority=AUTHORITY)
    else:
        yield Name(name=f"M{1001 + number}", name_type=SERIAL_NUMBER, authority=AUTHORITY)
        yield Name(name=f"B-{42 + number}", name_type=BADGE, authority=AUTHORITY)


def _bears(meter: ReferenceMeter, asked: Name, naming: Naming) -> bool:
    return any(
        own.name == asked.name
        and (not naming.by_type or asked.name_type in (None, own.name_type))
        and (not naming.by_authority or asked.authority in (None, own.authority))
        for own in meter.identity.names
    )
