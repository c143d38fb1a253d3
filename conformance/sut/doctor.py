"""The pre-flight: everything that would spoil a run, found at once, each with its fix. No verdicts, no files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.sut import probe_answer, probe_callback, probe_data, probe_jms, probe_network, probe_soap, probe_wsdl
from conformance.sut.claims import edition_of
from conformance.sut.jms import jms_settings
from conformance.sut.result import Case, Result
from conformance.sut.wiring import soap_settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.sut.load import Loaded
    from conformance.sut.probe_network import Place

__all__ = ["Result", "examine"]


def examine(loaded: Loaded, *, budget_s: float = 10.0, transport: str | None = None) -> list[Result]:
    """Return every finding about the system that ``loaded`` describes, within ``budget_s`` seconds in all.

    A ``problem`` means that a run must not start. What cannot be looked at because of an earlier problem is
    ``skipped``, with the reason. Nothing is changed on the system: it is asked for readings, never controlled, and
    over JMS not even that. A broker that answers, but slowly, gets three times as long. ``transport`` is what a run
    would use (``soap``, ``jms`` or ``all``); without it everything that is configured is looked at.
    Raises ConfigurationError when SUT.toml does not have that transport.
    """
    case = Case(loaded, budget_s)
    return [result.without(loaded.secrets) for result in _all(case, _over(loaded, transport))]


def _over(loaded: Loaded, transport: str | None) -> set[str]:
    endpoints = loaded.configuration.endpoints
    if transport is None:
        return {name for name, given in (("soap", endpoints.chosen), ("jms", endpoints.jms)) if given is not None}
    wanted = {"soap", "jms"} if transport == "all" else {transport}
    if "soap" in wanted:
        soap_settings(loaded)
    if "jms" in wanted:
        jms_settings(loaded)
    return wanted


def _all(case: Case, over: set[str]) -> Iterator[Result]:
    examination, results = probe_jms.begin(case) if "jms" in over else (None, [])
    try:
        yield from _configuration(case)
        if "soap" in over:
            yield from _soap(case)
        yield from results
        if examination is not None:
            yield from examination.results()
    finally:
        if examination is not None:
            examination.end()


def _soap(case: Case) -> Iterator[Result]:
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
    endpoint = case.loaded.configuration.endpoints.chosen
    url = endpoint.wsdl if endpoint is not None else None
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
    yield from probe_answer.namespaces(tried.message, edition_of(case.loaded.configuration))
    if "sync" in case.loaded.configuration.capabilities.messages.get_meter_readings:
        yield from probe_data.probe(case)
    else:
        yield Result("test data", "skipped", "no synchronous get(MeterReadings) is claimed to look at them with")


def _skipped(names: tuple[str, ...], why: str) -> Iterator[Result]:
    for name in names:
        yield Result(name, "skipped", why)
