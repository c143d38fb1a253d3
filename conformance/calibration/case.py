"""One measurement: the suite against a reference system that deviates in a known way."""

from __future__ import annotations

import contextlib
import io
import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pytest

from conformance.errors import ConfigurationError, InternalError
from conformance.isolation import apart
from conformance.journal import FILE_NAME, Journal
from conformance.reference import ReferenceServer, faults, null_systems, variants
from conformance.reference.jms import JmsReference
from conformance.standard.catalogue import catalogue, with_scenarios
from conformance.standard.verdicts import Verdict
from conformance.sut.claims import obstacle
from conformance.sut.model import Timeouts
from conformance.sut.write import to_toml
from conformance.transport.jms import jvm
from conformance.transport.jms.jars import find_jars
from conformance.transport.jms.settings import SoapBinding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.reference import Fault, Variant
    from conformance.sut.model import Configuration

Kind = Literal["baseline", "fault", "variant", "null"]

_SUITE = Path(__file__).resolve().parent.parent / "suite"
#: Enough for loopback. Silence is listened to longer where a fault may break it, and shorter where waiting is all.
_PATIENCE = {
    "baseline": Timeouts(reply_s=10, result_s=5, event_s=5, quiet_s=0.15),
    "variant": Timeouts(reply_s=10, result_s=5, event_s=5, quiet_s=0.15),
    "fault": Timeouts(reply_s=5, result_s=0.7, event_s=0.7, quiet_s=0.3),
    "null": Timeouts(reply_s=0.1, result_s=0.05, event_s=0.05, quiet_s=0.05),
}
#: Over JMS some faults are messages that expire: after they came at once, and before they are read again.
_PATIENCE_JMS = {**_PATIENCE, "fault": Timeouts(reply_s=3, result_s=0.7, event_s=0.7, quiet_s=0.8)}
_SERVER_FAULT = 500
_VERSIONS: tuple[Literal["1.1", "1.2"], ...] = ("1.1", "1.2")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What to measure. ``requirements`` are those that must catch a fault; empty means all are run.

    Over JMS these are all that are about JMS: what is about messages is measured over SOAP. ``envelope`` is the
    version of SOAP that JMS carries; without it JMS carries plain XML.
    """

    kind: Kind
    name: str
    requirements: tuple[str, ...] = ()
    transport: Literal["soap", "jms"] = "soap"
    envelope: Literal["1.1", "1.2"] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a case: ``missed`` requirements of a fault, ``alarms`` of a variant, counts of a null system.

    ``promised`` and ``refusals`` are the scenarios that passed and claim a success, or a refusal.
    """

    case: Case
    missed: tuple[str, ...] = ()
    alarms: tuple[str, ...] = ()
    passed: int = 0
    failed: int = 0
    exit_code: int = 0
    promised: tuple[str, ...] = ()
    refusals: tuple[str, ...] = ()


def cases(only: str | None = None) -> list[Case]:
    """Return every case, or the one called ``only``. Raises ConfigurationError when there is none of that name."""
    found = [Case(kind="baseline", name="baseline"), Case(kind="baseline", name="baseline_jms", transport="jms")]
    found += [
        Case(kind="baseline", name=f"baseline_jms_soap_{version}", transport="jms", envelope=version)
        for version in _VERSIONS
    ]
    found += [Case(kind="null", name=item.name) for item in null_systems()]
    found += [
        Case(kind="variant", name=item.name, transport=_carrier(item), envelope=item.envelope) for item in variants()
    ]
    found += [
        Case(
            kind="fault",
            name=item.name,
            requirements=item.requirements,
            transport=_carrier(item),
            envelope=item.envelope,
        )
        for item in faults()
    ]
    if only is not None and not (found := [case for case in found if case.name == only]):
        raise ConfigurationError(f"no fault, variant or null system is called {only}; see: conformance faults")
    return found


def _carrier(deviating: Fault | Variant) -> Literal["soap", "jms"]:
    return "jms" if deviating.over_jms else "soap"


def check_jms() -> None:
    """Raise ConfigurationError when cases over JMS cannot be measured here: what cannot be seen is no detection."""
    try:
        jvm.check()
        find_jars("classic")
    except ConfigurationError as absent:
        raise ConfigurationError(f"{absent}; without JMS: conformance calibrate --transport soap") from absent


def measure(case: Case) -> Outcome:
    """Run the suite for ``case``. Raises InternalError when the run ended without verdicts but should not."""
    with tempfile.TemporaryDirectory(prefix="calibrate-") as folder, _system(case) as configuration:
        sut, out = Path(folder) / "SUT.toml", Path(folder) / "out"
        sut.write_text(to_toml(_hastened(configuration, case)), encoding="utf-8")
        code, talk = _run(case, sut, out)
        path = out / "verdicts.json"
        if not path.exists():
            if case.name == "dead" and code == pytest.ExitCode.USAGE_ERROR:
                return Outcome(case=case, exit_code=2)
            raise InternalError(f"{case.kind} {case.name} ended without verdicts:\n{talk[-2000:]}")
        return _outcome(case, json.loads(path.read_text(encoding="utf-8")), out, _judged(case, configuration))


@contextlib.contextmanager
def _system(case: Case) -> Iterator[Configuration]:
    if case.kind == "null":
        with next(item for item in null_systems() if item.name == case.name).make() as system:
            yield system.configuration()
        return
    deviating = {"fault": "faults", "variant": "variants"}.get(case.kind)
    with ReferenceServer(**({deviating: (case.name,)} if deviating else {})) as server:  # type: ignore[arg-type]
        if case.transport == "soap":
            yield server.configuration()
        else:
            soap = SoapBinding(style="generic", version=case.envelope) if case.envelope else None
            with JmsReference(server, soap=soap) as reference:
                yield reference.configuration()


def _judged(case: Case, configuration: Configuration) -> tuple[str, ...]:
    """Return what a run of the whole suite has to judge: over JMS only what is about JMS."""
    if case.transport == "soap":
        return tuple(row.id for row in catalogue().values() if row.transport != "jms")
    rows = with_scenarios().values()
    return tuple(row.id for row in rows if row.transport == "jms" and obstacle(row, configuration, "jms") is None)


def _hastened(configuration: Configuration, case: Case) -> Configuration:
    patience = _PATIENCE if case.transport == "soap" else _PATIENCE_JMS
    return configuration.model_copy(update={"timeouts": patience[case.kind]})


def _run(case: Case, sut: Path, out: Path) -> tuple[int, str]:
    arguments = [
        "-c", str(_SUITE / "pytest.ini"), "--noconftest", "--sut", str(sut), "--out", str(out), "--gateway-in-thread",
        "--verdicts-only", "--transport", case.transport, "-p", "no:cacheprovider", "--capture=sys", "--tb=no",
        # These collect garbage at the end of every run, which here takes as long as a run.
        "-p", "no:unraisableexception", "-p", "no:threadexception",
        # A virtual machine checks for null by SIGSEGV, which this would take for a crash.
        "-p", "no:faulthandler",
    ]  # fmt: skip
    wanted = case.requirements or (_about_jms() if case.transport == "jms" else ())
    arguments += ["--select", ",".join(wanted)] if wanted else []
    arguments += [] if case.name == "dead" else ["--skip-pre-flight"]
    talk = io.StringIO()
    with apart(talk):
        return int(pytest.main(arguments)), talk.getvalue()


def _about_jms() -> tuple[str, ...]:
    return tuple(row.id for row in with_scenarios().values() if row.transport == "jms")


def _outcome(case: Case, verdicts: dict[str, Any], out: Path, judged: tuple[str, ...]) -> Outcome:
    rows = {row["id"]: row for row in verdicts["requirements"]}
    count = verdicts["counts"]["requirements"]
    passed = [row for row in verdicts["scenarios"] if row["verdict"] == Verdict.PASS]
    return Outcome(
        case=case,
        missed=tuple(name for name in case.requirements if not _caught(rows[name], out)),
        alarms=tuple(name for name in judged if _alarmed(rows[name])),
        passed=count[Verdict.PASS],
        failed=count[Verdict.FAIL],
        exit_code=verdicts["exit_code"],
        promised=tuple(row["id"] for row in passed if _is_promise(row)),
        refusals=tuple(row["id"] for row in passed if _is_refusal(row)),
    )


def _alarmed(row: dict[str, Any]) -> bool:
    """Return whether a requirement did not plainly pass. What no scenario tests can only be warned about."""
    return bool(row["warnings"] or (row["verdict"] != Verdict.PASS and row["id"] in with_scenarios()))


def _caught(row: dict[str, Any], out: Path) -> bool:
    """Return whether the requirement itself found the fault. A crash, a time-out or an error does not count."""
    if _collapsed(out):
        return False
    if catalogue()[row["id"]].level == "shall":
        return bool(row["verdict"] == Verdict.FAIL)
    return bool(row["verdict"] == Verdict.PASS and row["warnings"])


def _collapsed(out: Path) -> bool:
    """Return whether the system did not answer at all, or broke down instead of deviating."""
    journal = Journal(out / FILE_NAME)
    try:
        answers = list(journal.entries(channel="reply"))
        if any(entry.transport == "jms" and not entry.body for entry in answers):
            # There is no status. Who says nothing where it should may still be at work: something else came of it.
            return next(journal.entries(channel="callback"), None) is None
        return any(
            entry.transport != "jms"
            and (entry.status is None or (entry.status >= _SERVER_FAULT and b"Envelope" not in entry.body))
            for entry in answers
        )
    finally:
        journal.close()


_REFUSED = (" is refused", " an error says ", " the reply is FAILED", " the reply is PARTIAL", " the reply is not OK",
            " is named by an error", " the error of the unknown")  # fmt: skip


def _is_refusal(scenario: dict[str, Any]) -> bool:
    """Return whether the scenario passes only when the system says no."""
    return any(words in step["text"] for step in scenario["steps"] for words in _REFUSED)


def _is_promise(scenario: dict[str, Any]) -> bool:
    """Return whether the scenario passes only when the system does what it was asked for."""
    looks_back = any("everything that the system sent" in step["text"] for step in scenario["steps"])
    return not looks_back and not _is_refusal(scenario)
