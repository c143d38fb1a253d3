"""The plan of a run holds what shall run: not what the user left out by pytest's own means."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.plugin.test_hazards import Judge


def test_what_k_leaves_out_is_not_planned(judge: Judge) -> None:
    """One scenario is named: one runs, the run is complete, and nothing else waits to be reached."""
    judged = judge("-k", "one_meter_one_reading_type")
    assert judged.code == 0, judged.text
    assert judged.verdicts is not None
    assert [row["requirements"] for row in judged.verdicts["scenarios"]] == [["MR-001"]]
