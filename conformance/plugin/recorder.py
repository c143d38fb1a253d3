"""Write down what becomes of each scenario: its steps as they go, its verdict when it ends."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from conformance.errors import Inconclusive, NotApplicable, RequirementBroken
from conformance.standard.verdicts import Verdict

if TYPE_CHECKING:
    from conformance.journal import Journal

_VERDICTS: dict[type[BaseException], Verdict] = {
    RequirementBroken: Verdict.FAIL,
    Inconclusive: Verdict.INCONCLUSIVE,
    NotApplicable: Verdict.NOT_APPLICABLE,
}
#: How pytest, and with it Allure, shall see a verdict.
_OUTCOMES = {Verdict.INCONCLUSIVE: "skipped", Verdict.NOT_APPLICABLE: "skipped"}


class Recorder:
    """Follows one scenario at a time, which is how a pytest process runs them."""

    def __init__(self, journal: Journal) -> None:
        """Write to ``journal``."""
        self._journal = journal
        self._steps: list[dict[str, Any]] = []
        self._begun = 0.0
        self._step_begun = 0.0
        self._verdict = Verdict.PASS
        self._reason = ""

    def begin(self, scenario_id: str) -> None:
        """Begin a scenario."""
        self._steps, self._verdict, self._reason = [], Verdict.PASS, ""
        self._begun = time.monotonic()
        self._journal.start(scenario_id)

    def end(self, scenario_id: str, planned: list[str]) -> None:
        """End it; ``planned`` are the texts of all its steps."""
        left = [{"text": text, "status": "not-run", "duration": 0.0} for text in planned[len(self._steps) :]]
        duration = time.monotonic() - self._begun
        self._journal.finish(scenario_id, self._verdict, self._reason, duration, [*self._steps, *left])

    def begin_step(self) -> None:
        """Begin a step."""
        self._step_begun = time.monotonic()

    def end_step(self, text: str, problem: BaseException | None) -> None:
        """End a step: passed, failed (the system's fault) or broken (anything else)."""
        status = "passed" if problem is None else "failed" if isinstance(problem, RequirementBroken) else "broken"
        self._steps.append({"text": text, "status": status, "duration": time.monotonic() - self._step_begun})

    def judge(self, problem: BaseException | None, report: pytest.TestReport) -> None:
        """Turn what a phase raised into the verdict, and tell pytest."""
        if problem is None or self._verdict is not Verdict.PASS:
            return
        self._verdict = verdict_of(problem)
        self._reason = str(problem) or type(problem).__name__
        if self._verdict is Verdict.ERROR:
            self._reason = f"{type(problem).__name__}: {self._reason}"
        if self._verdict is Verdict.ERROR and report.outcome == "skipped":
            # pytest.skip and pytest.xfail are no verdicts: nobody passes over an obligation in silence.
            report.outcome, report.longrepr = "failed", self._reason
        if self._verdict is Verdict.FAIL:
            report.longrepr = self._reason  # the finding in words; where in our code it was made is of no interest
        if self._verdict in _OUTCOMES:
            report.outcome = "skipped"
            report.longrepr = (str(report.location[0]), report.location[1] or 0, f"{self._verdict}: {self._reason}")


def verdict_of(problem: BaseException) -> Verdict:
    """Return the verdict that ``problem`` means. A plain AssertionError is a fault of the suite, like any other."""
    return next((verdict for kind, verdict in _VERDICTS.items() if isinstance(problem, kind)), Verdict.ERROR)
