"""Whether two ways of naming a device mean the same one (exchange rule 21)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conformance.message.model import Identified, Name


def same_device(one: Identified, other: Identified) -> bool:
    """Return whether two ways of naming mean the same device: an mRID or a Name in common.

    NameType and NameTypeAuthority may be left out (exchange rule 21), but only where no mRID says otherwise.
    """
    if one.mrid is not None and other.mrid is not None and _same_mrid(one.mrid, other.mrid):
        return True
    if set(one.names) & set(other.names):
        return True
    if one.mrid is not None and other.mrid is not None:
        return False
    return any(_same_name(mine, yours) for mine in one.names for yours in other.names)


_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def _same_mrid(one: str, other: str) -> bool:
    # The digits of a UUID may be written in capitals (RFC 9562, 4); any other mRID is compared as it stands.
    return one == other or (one.lower() == other.lower() and _UUID.fullmatch(one) is not None)


def _same_name(one: Name, other: Name) -> bool:
    pairs = ((one.name_type, other.name_type), (one.authority, other.authority))
    return one.name == other.name and all(mine == yours or None in (mine, yours) for mine, yours in pairs)
