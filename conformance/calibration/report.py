"""What a calibration says in the end: detection, false alarms, and what passed where nothing may."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from conformance.standard.catalogue import with_scenarios

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conformance.calibration.case import Outcome


@dataclass(slots=True, kw_only=True)
class Calibration:
    """The sum of all outcomes. ``broken`` are cases that could not be measured, with the reason."""

    outcomes: Sequence[Outcome]
    broken: dict[str, str] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Return the result for machines."""
        of_faults, of_variants = self._of("fault"), [*self._of("baseline"), *self._of("variant")]
        missed = [{"fault": item.case.name, "requirements": list(item.missed)} for item in of_faults if item.missed]
        alarms = [{"variant": item.case.name, "requirements": list(item.alarms)} for item in of_variants if item.alarms]
        return {
            "faults": {
                "total": len(of_faults),
                "detected": len(of_faults) - len(missed),
                "missed": missed,
            },
            "variants": {"total": len(of_variants), "false_alarms": alarms},
            "null_systems": {item.case.name: self._null(item) for item in self._of("null")},
            "requirements": self._requirements(),
            "broken": self.broken,
            "good": self.good,
        }

    @property
    def good(self) -> bool:
        """Return whether detection is complete, no alarm is false, and no null system passes."""
        return (
            not self.broken
            and not any(item.missed for item in self._of("fault"))
            and not any(item.alarms for item in (*self._of("baseline"), *self._of("variant")))
            and not any(wrong_passes(item) for item in self._of("null"))
        )

    def _of(self, kind: str) -> list[Outcome]:
        return [item for item in self.outcomes if item.case.kind == kind]

    def _null(self, item: Outcome) -> dict[str, Any]:
        return {
            "passed": item.passed,
            "failed": item.failed,
            "exit_code": item.exit_code,
            "wrong_passes": list(wrong_passes(item)),
        }

    def _requirements(self) -> dict[str, dict[str, Any]]:
        """Return, for each requirement, its detection rate over its faults and its false alarms."""
        found: dict[str, dict[str, Any]] = {}
        for name in with_scenarios():
            mine = [item for item in self._of("fault") if name in item.case.requirements]
            caught = sum(name not in item.missed for item in mine)
            alarms = sum(name in item.alarms for item in (*self._of("baseline"), *self._of("variant")))
            found[name] = {"faults": len(mine), "detected": caught, "false_alarms": alarms}
        return found


def wrong_passes(item: Outcome) -> tuple[str, ...]:
    """Return what passed on a null system and must not.

    Nobody and silence pass nothing; who always says yes refuses nothing; who always says no does nothing; who
    echoes or answers somebody else cannot pass for a system that conforms.
    """
    if item.case.name in ("dead", "silent"):
        return (*item.promised, *item.refusals) or (("something",) if item.passed else ())
    if item.case.name == "always_ok":
        return item.refusals
    if item.case.name == "always_failed":
        return item.promised
    return () if item.exit_code == 1 else ("the whole run",)
