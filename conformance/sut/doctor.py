"""The pre-flight: everything that would spoil a run, found at once, each with its fix. No verdicts, no files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.sut import probe_answer, probe_callback, probe_data, probe_network, probe_soap, probe_wsdl
from conformance.sut.result import Case, Result

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.sut.load import Loaded
    from conformance.sut.probe_network import Place

__all__ = ["Result", "examine"]


def examine(loaded: Loaded, *, budget_s: float = 10.0) -> list[Result]:
    """Return every finding about the system that ``loaded`` describes, within ``budget_s`` seconds in all.

    A ``problem`` means that a run must not start. What cannot be looked at because of an earlier problem is
    ``skipped``, with the reason. Nothing is changed on the system: it is asked for readings, never controlled.
    """
    case = Case(loaded, budget_s)
    return [result.without(loaded.secrets) for result in _all(case)]


def _all(case: Case) -> Iterator[Result]:
    yield from _configuration(case)
    yield from probe_callback.probe(case)
    results, usable = probe_network.probe(case)
    yield from results
    yield from _wsdl(case, usable)
    if probe_network.place_of(case.url) not in usable:
        yield from _skipped(("SOAP", "authentication", "namespace", "clock", "test data"), "the system is not reached")
        return
    yield from _talk(case)


def _configuration(case: Case) -> Iterator[Result]:
    for gap in case.loaded.gaps:
        said, _, fix = gap.rpartition("; ")
        yield Result("configuration", "warning", said, fix)
    if not case.loaded.gaps:
        yield Result("configuration", "ok", f"{case.loaded.path.name} is complete")


def _wsdl(case: Case, usable: set[Place]) -> Iterator[Result]:
    url = case.loaded.configuration.endpoints.chosen.wsdl
    if url is None:
        yield Result("WSDL", "skipped", f"endpoints.{case.style}.wsdl is not given")
    elif probe_network.place_of(url) not in usable:
        yield Result("WSDL", "skipped", f"the place of {url} is not reached")
    else:
        yield from probe_wsdl.probe(case, url)


def _talk(case: Case) -> Iterator[Result]:
    results, tried = probe_soap.probe(case)
    yield from results
    if tried is None:
        yield from _skipped(("namespace", "clock", "test data"), "there is no answer to look at")
        return
    yield from probe_answer.clock(case, tried)
    if tried.message is None:
        yield from _skipped(("namespace", "test data"), "no message of the standard came back")
        return
    yield from probe_answer.namespaces(tried.message)
    if "sync" in case.loaded.configuration.capabilities.messages.get_meter_readings:
        yield from probe_data.probe(case)
    else:
        yield Result("test data", "skipped", "no synchronous get(MeterReadings) is claimed to look at them with")


def _skipped(names: tuple[str, ...], why: str) -> Iterator[Result]:
    for name in names:
        yield Result(name, "skipped", why)
