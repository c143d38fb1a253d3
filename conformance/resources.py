"""Where the files are that belong to the suite but are no Python: schemas, features, fixtures."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from conformance.errors import InternalError

_PACKAGE = Path(__file__).resolve().parent


def directory(name: Literal["xsd", "features", "fixtures"]) -> Path:
    """Return the directory ``name``: from the installed package, or else from the checkout around it.

    Raises :class:`InternalError` when neither has it (a wheel carries no fixtures, for one).
    """
    places = (_PACKAGE / "_data" / name, _PACKAGE.parent / name)
    for place in places:
        if place.is_dir():
            return place
    searched = " nor ".join(str(place) for place in places)
    raise InternalError(f"The suite lacks its directory {name}: neither {searched} exists. Install it again")
