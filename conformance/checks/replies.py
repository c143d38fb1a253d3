"""Checks of the answer to one request: its result, its errors, its refusal (REP, EXC-001, EXC-002)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from conformance.checks.answers import brought, came, final, is_of, replies, reply_of, unknown_meters, wanted
from conformance.checks.finding import Finding
from conformance.checks.registry import check
from conformance.checks.results import codes
from conformance.message.controls import read_controls
from conformance.standard.codes import decode_reply_code
from conformance.standard.editions import FAILED, PARTIAL

if TYPE_CHECKING:
    from conformance.checks.scene import Arrived, Scene
    from conformance.message.model import Identified, ReplyError


def about(scene: Scene, expected: str, observed: str, arrived: Arrived | None = None, where: str = "") -> Finding:
    """Return a finding about the exchange of the scenario: its request and what answered it."""
    exchange = scene.last
    answer = arrived or final(exchange) or exchange.answer
    ids = (exchange.asked.id, answer.id) if answer is not None else (exchange.asked.id,)
    return Finding(expected=expected, observed=observed, where=where, messages=ids)


@check(r"the reply is (?P<result>OK|PARTIAL|FAILED)")
def result_is(scene: Scene, result: str) -> Iterator[Finding]:
    """Judge the overall Result of the answer (TR 61968-900, 4.7.2)."""
    reply = reply_of(final(scene.last))
    if reply is None:
        yield about(scene, f"a reply with Result {result}", came(scene.last))
    elif reply.result != result:
        yield about(scene, f"Result {result}", f"Result {reply.result} with {codes(reply)}", where="Reply/Result")


@check("the answer is a ResponseMessage")
def is_response(scene: Scene) -> Iterator[Finding]:
    """Judge EXC-001."""
    answer = scene.last.answer
    kind = answer.message.kind if answer is not None and answer.message is not None else None
    if kind != "ResponseMessage":
        yield about(scene, "a ResponseMessage", f"a message of type {kind}" if kind else came(scene.last), answer)


@check("the reply carries the Noun of the request")
def noun_echoed(scene: Scene) -> Iterator[Finding]:
    """Judge EXC-002. A Get prefix is met in the field (exchange rule 13) and tolerated."""
    answer, request = final(scene.last), scene.last.asked.message
    if answer is None or answer.message is None or answer.message.header is None:
        yield about(scene, "a reply with a header", came(scene.last))
        return
    expected = (request.noun if request else None) or ""
    if (answer.message.noun or "").removeprefix("Get") != expected:
        yield about(scene, f"the Noun {expected}", f'Noun is "{answer.message.noun}"', where="Header/Noun")


def _is_refusal(arrived: Arrived | None) -> bool:
    if arrived is None or arrived.carried is None:
        return False
    if arrived.carried.fault is not None:
        return True
    reply = reply_of(arrived)
    return reply is not None and reply.result == FAILED


@check("the request is refused")
def refused(scene: Scene) -> Iterator[Finding]:
    """Judge that nothing was promised: Result FAILED, a FaultMessage, or a SOAP fault (exchange rule 6)."""
    if not _is_refusal(final(scene.last) or scene.last.answer):
        yield about(scene, "a refusal: Result FAILED, or a fault", came(scene.last))


@check("the unreadable message is refused")
def unreadable_refused(scene: Scene) -> Iterator[Finding]:
    """Judge REP-029: as any refusal, or by the transport, which may see it first (HTTP status 400 to 499)."""
    answer = scene.last.answer
    by_transport = answer is not None and answer.status is not None and 400 <= answer.status < 500
    if not by_transport and not _is_refusal(answer):
        yield about(scene, "a refusal: Result FAILED, a fault, or an HTTP status from 400 to 499", came(scene.last))


@check("the reply is not OK")
def result_is_not_ok(scene: Scene) -> Iterator[Finding]:
    """Judge REP-026: some answer must come, and it must not promise what it does not bring."""
    answer = final(scene.last) or scene.last.answer
    reply = reply_of(answer)
    if reply is not None and reply.result not in (FAILED, PARTIAL):
        observed = f"Result {reply.result} with {codes(reply)}"
        yield about(scene, "Result FAILED or PARTIAL", observed, where="Reply/Result")
    elif reply is None and not _is_refusal(answer):
        yield about(scene, "a reply with Result FAILED or PARTIAL", came(scene.last))


@check(r"an error says (?P<first>\d+\.\d+)(?: or (?P<second>\d+\.\d+))?")
def error_says(scene: Scene, first: str, second: str | None = None) -> Iterator[Finding]:
    """Judge the number of an error, for systems that claim Annex B."""
    reply = reply_of(final(scene.last) or scene.last.answer)
    allowed = [code for code in (first, second) if code]
    if reply is None:
        yield about(scene, f"an Error {_or(allowed)}", came(scene.last))
    elif not set(allowed) & set(reply.codes):
        yield about(scene, f"an Error {_or(allowed)}", codes(reply), where="Reply/Error/code")


def _or(allowed: list[str]) -> str:
    return " or ".join(decode_reply_code(code) for code in allowed)


def _failures(scene: Scene) -> list[ReplyError]:
    return [error for item in replies(scene.last) if item.message and item.message.reply
            for error in item.message.reply.failures]  # fmt: skip


def _asked_meters(scene: Scene) -> list[Identified]:
    message = scene.last.asked.message
    if message is None:
        return []
    controlled = [device for control in read_controls(message) for device in control.devices]
    return [item.meter for item in wanted(message)] + controlled


def _identifiers(meter: Identified) -> set[str]:
    return {name.name for name in meter.names} | ({meter.mrid} if meter.mrid else set())


@check("each unknown meter is named by an error of its own")
def unknown_meters_named(scene: Scene) -> Iterator[Finding]:
    """Judge REP-018, REP-022 and CTL-010: by ID, or by the deprecated object."""
    errors = _failures(scene)
    if not replies(scene.last):
        yield about(scene, "a reply with an Error for each unknown meter", came(scene.last))
        return
    for meter in unknown_meters(scene, _asked_meters(scene)):
        naming = [error for error in errors if error.named() & _identifiers(meter)]
        if not naming:
            observed = f"{len(errors)} Error(s), none of which names it by ID"
            yield about(scene, f"an Error that names the unknown meter {meter}", observed, where="Reply/Error")
        else:
            errors.remove(naming[0])


@check("no meter that was served is named by an error")
def served_not_blamed(scene: Scene) -> Iterator[Finding]:
    """Judge REP-020."""
    served = {str(meter): meter for item in brought(scene.last) if (meter := scene.terms.meter(item.meter)) is not None}
    if not served:
        yield about(scene, "readings of the known meters", f"{came(scene.last)}, without any")
    for meter in served.values():
        for error in _failures(scene):
            if error.named() & _identifiers(meter):
                observed = f"Error {decode_reply_code(error.code)} names it, though its readings came"
                yield about(scene, f"no failure for {meter}", observed, where=f"Reply/Error, line {error.line}")


@check("the error of the unknown meter says (?P<code>2\\.4)")
def unknown_meter_code(scene: Scene, code: str) -> Iterator[Finding]:
    """Judge REP-019: the error that names the meter, or the only one there is."""
    errors = _failures(scene)
    unknown = set().union(*(_identifiers(meter) for meter in unknown_meters(scene, _asked_meters(scene))))
    naming = [error for error in errors if error.named() & unknown] or errors
    if not naming:
        yield about(scene, f"an Error {decode_reply_code(code)}", came(scene.last))
    for error in naming:
        if error.code != code:
            expected, observed = decode_reply_code(code), decode_reply_code(error.code)
            yield about(scene, expected, observed, where=f"Reply/Error/code, line {error.line}")


@check("no reading is of an unknown meter")
def nothing_invented(scene: Scene) -> Iterator[Finding]:
    """Judge REP-023."""
    if not replies(scene.last):
        yield about(scene, "a reply", came(scene.last))
    for item in brought(scene.last):
        if scene.terms.meter(item.meter) is None:
            yield about(scene, "readings of known meters only", f"a reading of {item}", item.source)


@check("the system serves the next request")
def still_serves(scene: Scene) -> Iterator[Finding]:
    """Judge REP-030: the newest exchange is an ordinary read after a refused one."""
    meters = _asked_meters(scene)
    if not any(is_of(item, meter, scene) and item.reading.value for item in brought(scene.last) for meter in meters):
        yield about(scene, "readings, as before the refusal", came(scene.last))
