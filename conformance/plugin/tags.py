"""What a tag of a feature means. Anything else than a requirement or ``@whole-run`` is an error.

``@skip`` or ``@xfail`` would silence a scenario without a trace (design, hazard 5).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance.errors import InternalError
from conformance.standard.catalogue import catalogue

if TYPE_CHECKING:
    from collections.abc import Callable

WHOLE_RUN = "whole-run"


def apply(tag: str, function: Callable[..., Any]) -> bool:
    """Mark the test ``function`` with what ``tag`` means. Raises InternalError for an unknown tag."""
    if tag == WHOLE_RUN:
        pytest.mark.whole_run(function)
    elif tag in catalogue():
        pytest.mark.requirement(tag)(function)
    else:
        raise InternalError(f"@{tag} is no requirement of the catalogue, and no other tag is allowed in a feature")
    return True
