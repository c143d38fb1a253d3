"""Checks of faults and of acknowledgements, as SOAP carries them (SOAP-009, 011 to 014, 017 and 018)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from lxml import etree

from conformance.checks.answers import came, later_replies
from conformance.checks.each import finding
from conformance.checks.finding import Finding, NothingToJudgeError
from conformance.checks.registry import check
from conformance.checks.replies import about
from conformance.message.soap import ENVELOPES
from conformance.message.xml import child, local_name, namespace, text

if TYPE_CHECKING:
    from conformance.checks.scene import Arrived, Scene

    Element = etree._Element

_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_CODES_1_2 = ("VersionMismatch", "MustUnderstand", "DataEncodingUnknown", "Sender", "Receiver")
#: Who is not let in may be told so by HTTP instead.
_NOT_LET_IN = (401, 403)
#: A sender that had to wait longer than this for its acknowledgement may have given up on it, in seconds.
_SLOW_S = 1.0
#: How much earlier than the acknowledgement a later answer must come to be surely early, in seconds: less may be
#: the order in which the suite's own processes took them in.
_SURELY_S = 0.25


@check(r"the request is refused with the fault (?P<code>MustUnderstand|VersionMismatch)")
def refused_with(scene: Scene, code: str) -> Iterator[Finding]:
    """Judge SOAP-009 and SOAP-011 (SOAP 1.1, 4.1.2, 4.2.3 and 4.4.1; SOAP 1.2 Part 1, 5.4.6).

    In SOAP 1.1 a dot and more may follow: ``MustUnderstand.Surcharge`` is a MustUnderstand.
    """
    answer = scene.last.answer
    fault = answer.carried.fault if answer is not None and answer.carried is not None else None
    if fault is None or fault.code.partition(".")[0] != code:
        yield about(scene, f"a SOAP fault {code}", came(scene.last), answer)


def _faults(scene: Scene) -> list[tuple[Arrived, Element]]:
    found = [
        (arrived, arrived.carried.body)
        for arrived, _asked in scene.arrived
        if arrived.carried is not None and arrived.carried.fault is not None and arrived.carried.body is not None
    ]
    if not found:
        raise NothingToJudgeError("no SOAP fault came")
    return found


@check("every fault comes with a status of failure")
def fault_status(scene: Scene) -> Iterator[Finding]:
    """Judge SOAP-012 (SOAP 1.1, 6.2; SOAP 1.2 Part 2, 7.5.2.2)."""
    for arrived, body in _faults(scene):
        legal = (500,) if namespace(body) == ENVELOPES["1.1"] else (400, 500)
        if arrived.status is not None and arrived.status not in (*legal, *_NOT_LET_IN):
            expected = f"HTTP status {' or '.join(map(str, legal))} with a fault"
            yield finding(arrived, expected, f"HTTP status {arrived.status}")


@check("every fault says its code and its reason")
def fault_built(scene: Scene) -> Iterator[Finding]:
    """Judge SOAP-013 (SOAP 1.1, 4.4; SOAP 1.2 Part 1, 5.4)."""
    for arrived, body in _faults(scene):
        missing = _missing_1_1(body) if namespace(body) == ENVELOPES["1.1"] else _missing_1_2(body)
        for expected, observed in missing:
            yield finding(arrived, expected, observed, f"Fault, line {body.sourceline}")


def _missing_1_1(fault: Element) -> Iterator[tuple[str, str]]:
    for name in ("faultcode", "faultstring"):
        found = child(fault, name)
        if found is None or (name == "faultcode" and not (found.text or "").strip()):
            yield f"a {name}", "there is none"
        elif namespace(found):
            yield f"{name} in no namespace", f"it is in {namespace(found)}"


def _missing_1_2(fault: Element) -> Iterator[tuple[str, str]]:
    code = (text(child(fault, "Code"), "Value") or "").strip().rpartition(":")[2]
    if code not in _CODES_1_2:
        yield f"a Code whose Value is one of {', '.join(_CODES_1_2)}", f'Value is "{code}"'
    reason = child(child(fault, "Reason"), "Text")
    if reason is None or reason.get(_LANG) is None:
        yield "a Reason with a Text that says its language", "there is none" if reason is None else "no xml:lang"


@check("nothing that was acknowledged comes again")
def not_again(scene: Scene) -> Iterator[Finding]:
    """Judge SOAP-014: the same message once more, after the suite acknowledged it with a message, and in time.

    Without MessageID and Timestamp two messages may look the same and be two all the same.
    """
    known: dict[bytes, Arrived] = {}
    judged = False
    for arrived, _asked in scene.arrived:
        receipt, message = arrived.receipt, arrived.message
        header = message.header if message is not None else None
        told_apart = header is not None and (header.message_id or header.timestamp)
        if arrived.channel != "callback" or receipt is None or message is None or not told_apart:
            continue
        judged = judged or receipt.told
        same = etree.tostring(message.root, method="c14n")
        if same in known:
            observed = f"message {known[same].id} ({known[same]}), acknowledged, came again as {arrived.id}"
            yield Finding(
                expected="nothing after the acknowledgement", observed=observed, messages=(known[same].id, arrived.id)
            )
        elif receipt.told and receipt.at - arrived.at <= _SLOW_S:
            known[same] = arrived
    if not judged:
        raise NothingToJudgeError("no message came that the suite acknowledged")


@check("the acknowledgement comes before the later answer")
def in_order(scene: Scene) -> Iterator[Finding]:
    """Judge SOAP-017 (Figure 70)."""
    answer, later = scene.last.answer, later_replies(scene.last)
    if answer is None or not later:
        raise NothingToJudgeError("there is no acknowledgement, or no later answer")
    early = answer.at - later[0].at
    if early > _SURELY_S:
        expected = "the acknowledgement, then the answer"
        yield about(scene, expected, f"the answer came {early:.1f} s before the acknowledgement", later[0])


@check("the news is acknowledged")
def news_acknowledged(scene: Scene) -> Iterator[Finding]:
    """Judge SOAP-018: by a response without payload, or by a fault; an operation without output owes nothing.

    Who takes news of others alone may turn the suite away (401, 403) instead.
    """
    answer = scene.last.answer
    carried = answer.carried if answer is not None else None
    if (answer is not None and answer.status in _NOT_LET_IN) or (carried is not None and carried.fault is not None):
        return
    message = carried.message if carried is not None else None
    if message is not None and message.kind == "ResponseMessage" and not message.payloads:
        return
    one_way = answer is not None and answer.carried is None and answer.problem is None
    succeeded = answer is not None and answer.status is not None and 200 <= answer.status < 300
    if one_way and succeeded and _owes_nothing(scene):
        return
    observed = f"{message}, a {local_name(message.root)}" if message is not None else came(scene.last)
    yield about(scene, "a response without payload that acknowledges it, or a fault", observed, answer)


def _owes_nothing(scene: Scene) -> bool:
    from conformance.checks.service import read_service

    asked = scene.last.asked.message
    name = str(asked.root.tag) if asked is not None else ""
    found = [item for item in read_service(scene.documents).operations if item.takes == name]
    return bool(found) and all(item.gives is None for item in found)
