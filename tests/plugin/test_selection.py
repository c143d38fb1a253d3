"""Which requirements a run is about."""

from __future__ import annotations

import pytest

from conformance.errors import ConfigurationError
from conformance.plugin.selection import selected
from conformance.standard.catalogue import catalogue

EVERY = set(catalogue())


@pytest.mark.parametrize(
    ("expression", "wanted"),
    [
        (None, EVERY),
        ("MR-001", {"MR-001"}),
        ("mr-001 , EXC-002", {"MR-001", "EXC-002"}),
        ("replies", {row.id for row in catalogue().values() if row.area == "replies"}),
        ("MR-00[12]", {"MR-001", "MR-002"}),
        ("MR-00?,!MR-00[2-9]", {"MR-001"}),
        ("!MR-*", {row for row in EVERY if not row.startswith("MR-")}),
        ("MR-001,!MR-001", set()),
    ],
)
def test_what_is_selected(expression: str | None, wanted: set[str]) -> None:
    """Ids, areas and patterns add up; what is left out is left out in the end."""
    assert selected(expression) == wanted


@pytest.mark.parametrize(
    ("expression", "hint"),
    [
        ("MR-0001", "did you mean MR-001"),
        ("replie", "did you mean replies"),
        ("!nothing-like-it-at-all", "nothing-like-it-at-all is no requirement, area or pattern"),
        ("", "cannot be understood"),
        (" , ", "cannot be understood"),
        ("MR-001,XX-*", "XX-* is no requirement"),
    ],
)
def test_what_nobody_meant(expression: str, hint: str) -> None:
    """A term that selects nothing is an error, never a smaller plan; the nearest words are offered."""
    with pytest.raises(ConfigurationError) as refused:
        selected(expression)
    assert hint in str(refused.value)
