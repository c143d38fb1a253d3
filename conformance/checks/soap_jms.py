"""Checks of SOAP over JMS (JMS-101 to JMS-127): what the properties of a message say of its envelope."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from conformance.checks.each import finding, shown
from conformance.checks.finding import Finding, NothingToJudgeError
from conformance.checks.registry import check
from conformance.message.xml import same_encoding
from conformance.standard import soap_jms

if TYPE_CHECKING:
    from conformance.checks.scene import Arrived, Asked, Scene

_CLASS = "JMSMessageClass"
#: What the suite calls the class that it sends.
_CLASSES = {"text": "TextMessage", "bytes": "BytesMessage"}
#: What holds an envelope of each version; an envelope with attachments is judged by who can take it apart.
_MEDIA_TYPES = {"1.1": "text/xml", "1.2": "application/soap+xml"}
_ATTACHED = "multipart/related"
_TRUE = {"true": True, "1": True, "false": False, "0": False}


JudgeOne = Callable[["Arrived", "Asked | None"], Iterable[Finding]]


def _each(scene: Scene, judge_one: JudgeOne) -> Iterator[Finding]:
    """Yield what ``judge_one`` finds in every message that came over JMS."""
    yield from _judged([pair for pair in scene.arrived if _CLASS in pair[0].headers], judge_one)


def _each_of_its_own(scene: Scene, judge_one: JudgeOne) -> Iterator[Finding]:
    """Yield what ``judge_one`` finds in every later answer and event.

    Where JMSReplyTo names the queue that later answers come to, a direct answer cannot be told from a later one.
    """
    came = [
        (arrived, asked) for arrived, asked in scene.arrived
        if _CLASS in arrived.headers and arrived.channel == "callback"
        and not (asked is not None and asked.headers.get("JMSReplyTo") == arrived.headers.get("JMSDestination", ""))
    ]  # fmt: skip
    yield from _judged(came, judge_one)


def _judged(came: list[tuple[Arrived, Asked | None]], judge_one: JudgeOne) -> Iterator[Finding]:
    if not came:
        raise NothingToJudgeError("no such message came over JMS")
    for arrived, asked in came:
        yield from judge_one(arrived, asked)


def _enveloped(arrived: Arrived) -> bool:
    return arrived.carried is not None and arrived.carried.version != "none"


@check("every body is an envelope")
def is_envelope(scene: Scene) -> Iterator[Finding]:
    """Judge JMS-101. What cannot be read at all is ENV-001's business."""

    def judge_one(arrived: Arrived, _asked: Asked | None) -> Iterator[Finding]:
        if arrived.problem is None and not _enveloped(arrived):
            observed = "plain XML" if arrived.carried else "an empty body"
            yield finding(arrived, "a SOAP envelope", observed, "the body as a whole")

    yield from _each(scene, judge_one)


@check(r"every message says binding version 1\.0")
def binding_version(scene: Scene) -> Iterator[Finding]:
    """Judge JMS-102."""

    def judge_one(arrived: Arrived, _asked: Asked | None) -> Iterator[Finding]:
        said = arrived.headers.get(soap_jms.BINDING_VERSION)
        if said != soap_jms.VERSION:
            yield finding(arrived, f'"{soap_jms.VERSION}"', shown(said), soap_jms.BINDING_VERSION)

    yield from _each(scene, judge_one)


@check("every content type is that of the envelope")
def content_type(scene: Scene) -> Iterator[Finding]:
    """Judge JMS-103."""

    def judge_one(arrived: Arrived, _asked: Asked | None) -> Iterator[Finding]:
        said = arrived.headers.get(soap_jms.CONTENT_TYPE)
        carried = arrived.carried
        if said is None:
            yield finding(arrived, "a content type", "there is none", soap_jms.CONTENT_TYPE)
        elif carried is not None and carried.version != "none" and soap_jms.media_type(said) != _ATTACHED:
            expected = _MEDIA_TYPES[carried.version]
            if soap_jms.media_type(said) != expected:
                expected = f"{expected}, since the envelope is one of SOAP {carried.version}"
                yield finding(arrived, expected, shown(said), soap_jms.CONTENT_TYPE)

    yield from _each(scene, judge_one)


@check("every charset is the encoding of the XML")
def charset(scene: Scene) -> Iterator[Finding]:
    """Judge JMS-104. The characters of a TextMessage have no encoding (2.4.1)."""

    def judge_one(arrived: Arrived, _asked: Asked | None) -> Iterator[Finding]:
        said = soap_jms.parameter(arrived.headers.get(soap_jms.CONTENT_TYPE, ""), "charset")
        written = arrived.carried.encoding if arrived.carried else None
        if said is None or written is None or arrived.headers[_CLASS] != "BytesMessage":
            return
        if not same_encoding(said, written):
            yield finding(arrived, f"charset={written}, as the XML says", f"charset={said}", soap_jms.CONTENT_TYPE)

    yield from _each(scene, judge_one)


@check("every mark of a fault is true")
def fault_mark_true(scene: Scene) -> Iterator[Finding]:
    """Judge JMS-105. A message without the property is no fault; that a fault has it is JMS-106's business."""

    def judge_one(arrived: Arrived, _asked: Asked | None) -> Iterator[Finding]:
        said = arrived.headers.get(soap_jms.IS_FAULT)
        if said is None or arrived.carried is None:
            return
        is_fault = arrived.carried.fault is not None
        if _TRUE.get(said.strip().lower()) is not is_fault:
            yield finding(arrived, str(is_fault).lower(), shown(said), soap_jms.IS_FAULT)

    yield from _each(scene, judge_one)


@check("the fault is marked as one")
def fault_marked(scene: Scene) -> Iterator[Finding]:
    """Judge JMS-106."""
    answer = scene.last.answer
    if answer is None or answer.carried is None or answer.carried.fault is None:
        raise NothingToJudgeError("no SOAP fault came")
    said, kind = answer.headers.get(soap_jms.IS_FAULT), _type_of(answer, soap_jms.IS_FAULT)
    if said is None:
        yield finding(answer, "true, as a boolean", "the property is absent", soap_jms.IS_FAULT)
    elif kind != "Boolean":
        yield finding(
            answer, "true, as a boolean", f"{shown(said)}, as a property of the type {kind}", soap_jms.IS_FAULT
        )


def _type_of(arrived: Arrived, name: str) -> str:
    pairs = (item.partition("=") for item in arrived.headers.get("JMSPropertyTypes", "").split("; "))
    return next((kind for known, _, kind in pairs if known == name), "String")


@check("no content type names another action than the message")
def actions_agree(scene: Scene) -> Iterator[Finding]:
    """Judge JMS-109. Both are optional."""

    def judge_one(arrived: Arrived, _asked: Asked | None) -> Iterator[Finding]:
        named = soap_jms.parameter(arrived.headers.get(soap_jms.CONTENT_TYPE, ""), "action")
        said = arrived.headers.get(soap_jms.SOAP_ACTION)
        if named is not None and said is not None and named != said.strip('"'):
            observed = f"{shown(said)}, and the content type says {shown(named)}"
            yield finding(arrived, "one action", observed, soap_jms.SOAP_ACTION)

    yield from _each(scene, judge_one)


@check("every later answer and event says whom it is for")
def request_uri(scene: Scene) -> Iterator[Finding]:
    """Judge JMS-107."""

    def judge_one(arrived: Arrived, _asked: Asked | None) -> Iterator[Finding]:
        said = arrived.headers.get(soap_jms.REQUEST_URI)
        uri = soap_jms.parse_uri(said) if said is not None else None
        if uri is None:
            yield finding(arrived, "a jms URI such as jms:queue:NAME", shown(said), soap_jms.REQUEST_URI)
        elif "targetService" in uri.parameters:
            yield finding(arrived, "a jms URI without targetService", shown(said), soap_jms.REQUEST_URI)

    yield from _each_of_its_own(scene, judge_one)


@check("every later answer and event came to where it says")
def request_uri_true(scene: Scene) -> Iterator[Finding]:
    """Judge JMS-108, for queues and topics: what stands behind a name of JNDI only its owner knows."""

    def judge_one(arrived: Arrived, _asked: Asked | None) -> Iterator[Finding]:
        uri = soap_jms.parse_uri(arrived.headers.get(soap_jms.REQUEST_URI, ""))
        came = arrived.headers.get("JMSDestination", "")
        if uri is None or uri.variant not in ("queue", "topic") or not came:
            return
        if came != f"jms:{uri.variant}:{uri.name}":
            observed = shown(arrived.headers[soap_jms.REQUEST_URI])
            yield finding(arrived, f"{came}, where it came", observed, soap_jms.REQUEST_URI)

    yield from _each_of_its_own(scene, judge_one)


@check("every answer carries the correlation header of its request")
def correlated(scene: Scene) -> Iterator[Finding]:
    """Judge JMS-110, for requests that had such a header; others are answered by their message id."""
    yield from _like_its_request(scene, "JMSCorrelationID")


@check("every answer is delivered like its request")
def delivered_alike(scene: Scene) -> Iterator[Finding]:
    """Judge JMS-111."""
    yield from _like_its_request(scene, "JMSDeliveryMode", "JMSPriority")


@check("every answer is of the message class of its request")
def same_class(scene: Scene) -> Iterator[Finding]:
    """Judge JMS-112."""
    yield from _like_its_request(scene, _CLASS)


def _like_its_request(scene: Scene, *names: str) -> Iterator[Finding]:
    """Judge headers that an answer shares with its request, where the request has them."""
    judged = False
    for arrived, asked in scene.arrived:
        if asked is None or arrived.channel != "reply" or _CLASS not in arrived.headers:
            continue
        for name in names:
            wanted, said = asked.headers.get(name), arrived.headers.get(name)
            wanted = _CLASSES.get(wanted or "", wanted)
            judged = judged or wanted is not None
            if wanted is not None and said != wanted:
                yield finding(arrived, f"{shown(wanted)}, like its request", shown(said), name)
    if not judged:
        raise NothingToJudgeError("no answer over JMS came to a request with such headers")


@check(r"it is refused with the fault (?P<subcode>\w+)")
def refused(scene: Scene, subcode: str) -> Iterator[Finding]:
    """Judge JMS-121 to JMS-127: in SOAP 1.1 the fault code itself, in SOAP 1.2 a subcode (2.8)."""
    view, expected = scene.last, f"a SOAP fault {subcode}"
    answer = view.answer
    if answer is None:
        yield Finding(expected=expected, observed=view.no_answer or "no answer", messages=(view.asked.id,))
        return
    fault = answer.carried.fault if answer.carried else None
    if fault is None or subcode not in (fault.code, *fault.subcodes):
        said = "" if fault is None or not fault.subcodes else f" (subcodes {', '.join(fault.subcodes)})"
        yield finding(answer, expected, f"{answer}{said}", "the fault")
