"""The order of verdicts, and the exit code that they mean."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.standard.verdicts import Verdict, exit_code, worst

P, NA, NT, INC, ERR, FAIL = Verdict


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        ((), NT),
        ((P,), P),
        ((P, NA), P),
        ((NA, P, NT), P),
        ((NA,), NA),
        ((NA, NT), NT),
        ((P, INC), INC),
        ((NA, INC), INC),
        ((INC, ERR), ERR),
        ((ERR, FAIL), FAIL),
        (tuple(Verdict), FAIL),
    ],
)
def test_worst(verdicts: tuple[Verdict, ...], expected: Verdict) -> None:
    """Fail beats error beats inconclusive; a pass beats what says nothing."""
    assert worst(verdicts) is expected
    assert worst(reversed(verdicts)) is expected


@given(one=st.lists(st.sampled_from(Verdict)), other=st.lists(st.sampled_from(Verdict)))
def test_nothing_hides_a_bad_verdict(one: list[Verdict], other: list[Verdict]) -> None:
    """More scenarios never make a fail, an error or an inconclusive better."""
    order = list(Verdict)
    if one and worst(one) in (INC, ERR, FAIL):
        assert order.index(worst([*one, *other])) >= order.index(worst(one))


@pytest.mark.parametrize(
    ("counts", "code"),
    [
        ({}, 3),
        ({"pass": 1}, 0),
        ({"pass": 1, "not-applicable": 5, "not-tested": 5}, 0),
        ({"pass": 1, "fail": 1}, 1),
        ({"fail": 1, "error": 1, "inconclusive": 1}, 1),
        ({"pass": 9, "error": 1}, 3),
        ({"pass": 9, "inconclusive": 1}, 3),
        ({"not-applicable": 9}, 3),
        ({"not-tested": 9}, 3),
        ({"pass": 0, "fail": 0}, 3),
    ],
)
def test_exit_code(counts: dict[str, int], code: int) -> None:
    """0 only when something passed and nothing stands against it (design, exit codes)."""
    assert exit_code(counts) == code


@pytest.mark.parametrize(
    ("counts", "proposed", "code"),
    [
        ({"pass": 1}, {"fail": 9}, 0),
        ({"pass": 1}, {"inconclusive": 9, "not-tested": 9}, 0),
        ({"pass": 1}, {"error": 1}, 3),
        ({"pass": 1, "fail": 1}, {"pass": 9}, 1),
        ({"pass": 1, "inconclusive": 1}, {"pass": 9}, 3),
        ({"not-tested": 9}, {"pass": 1}, 0),
        ({"not-tested": 9}, {"fail": 1}, 0),
        ({"not-tested": 9}, {"inconclusive": 1}, 3),
        ({}, {"not-applicable": 1}, 3),
    ],
)
def test_what_is_proposed_never_fails(counts: dict[str, int], proposed: dict[str, int], code: int) -> None:
    """It counts as judged, and its fail as no fail; only the suite's own fault counts wherever it is."""
    assert exit_code(counts, proposed) == code


def test_words() -> None:
    """The words that reports and machines read never change."""
    assert [str(verdict) for verdict in Verdict] == [
        "pass",
        "not-applicable",
        "not-tested",
        "inconclusive",
        "error",
        "fail",
    ]
