"""Checks of how SOAP carries the messages: envelope, Body, version, style, HTTP headers (SOAP-001 to 008)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from lxml import etree

from conformance.checks.each import finding
from conformance.checks.finding import Finding, NothingToJudgeError
from conformance.checks.registry import check
from conformance.message.soap import ENVELOPES
from conformance.message.xml import child, local_name, namespace

if TYPE_CHECKING:
    from conformance.checks.scene import Arrived, Asked, Scene
    from conformance.message.soap import Carried

    Element = etree._Element

JudgeOne = Callable[["Arrived", "Carried"], Iterable[Finding]]
_VERSIONS = ", or ".join(ENVELOPES.values())


def _each(scene: Scene, judge_one: JudgeOne, *, callbacks: bool = False) -> Iterator[Finding]:
    """Yield what is found in everything that came and could be read. Raises NothingToJudgeError when nothing did."""
    judged = False
    for arrived, _asked in scene.arrived:
        if arrived.carried is not None and (arrived.channel == "callback" or not callbacks):
            judged = True
            yield from judge_one(arrived, arrived.carried)
    if not judged:
        raise NothingToJudgeError("no message came that this is about")


def _answers(scene: Scene, judge_pair: Callable[[Arrived, Carried, Asked], Iterable[Finding]]) -> Iterator[Finding]:
    """Yield what is found in every answer to a request that was carried as SOAP carries messages."""
    judged = False
    for exchange in scene.exchanges:
        answer = exchange.answer
        if answer is not None and answer.carried is not None and exchange.asked.version is not None:
            judged = True
            yield from judge_pair(answer, answer.carried, exchange.asked)
    if not judged:
        raise NothingToJudgeError("no answer came to a request that could be read")


@check("every message stands in an envelope that is built as its version wants it")
def envelope_built(scene: Scene) -> Iterator[Finding]:
    """Judge SOAP-001 (SOAP 1.1, 4; SOAP 1.2 Part 1, 5)."""

    def judge_one(arrived: Arrived, carried: Carried) -> Iterator[Finding]:
        envelope = carried.envelope
        if envelope is None:
            yield finding(arrived, f"an Envelope in {_VERSIONS}", "plain XML without one", "the body as a whole")
            return
        wrong = _wrong_parts(list(envelope.iterchildren(etree.Element)), carried.version)
        if wrong:
            yield finding(arrived, "at most one Header, then one Body", wrong, f"Envelope, line {envelope.sourceline}")

    yield from _each(scene, judge_one)


def _wrong_parts(parts: list[Element], version: str) -> str:
    space = ENVELOPES[version]
    names = [local_name(item) if namespace(item) == space else str(item.tag) for item in parts]
    rest = names[1:] if names[:1] == ["Header"] else names
    if rest[:1] != ["Body"]:
        return f"the Envelope holds {', '.join(names)}"
    # SOAP 1.1 (4) lets others follow the Body when they are in a namespace of their own; 1.2 does not.
    strange = [name for name in rest[1:] if version != "1.1" or not name.startswith("{")]
    return f"after the Body comes {', '.join(strange)}" if strange else ""


@check("every Body holds one element")
def one_element(scene: Scene) -> Iterator[Finding]:
    """Judge SOAP-002 (Figure 68; WS-I Basic Profile 1.1, R9981)."""

    def judge_one(arrived: Arrived, carried: Carried) -> Iterator[Finding]:
        body = child(carried.envelope, "Body")
        names = [local_name(item) for item in body.iterchildren(etree.Element)] if body is not None else []
        if body is not None and len(names) != 1:
            yield finding(arrived, "one element in the Body", f"it holds {', '.join(names)}", _line("Body", body))

    yield from _each(scene, judge_one)


def _line(name: str, element: Element) -> str:
    return f"{name}, line {element.sourceline}"


@check("no message holds a processing instruction")
def no_instruction(scene: Scene) -> Iterator[Finding]:
    """Judge SOAP-003 (SOAP 1.1, 3; SOAP 1.2 Part 1, 5)."""

    def judge_one(arrived: Arrived, carried: Carried) -> Iterator[Finding]:
        if carried.envelope is not None and arrived.instructions:
            found = ", ".join(f"<?{target}?>" for target in arrived.instructions[:3])
            yield finding(arrived, "no processing instruction", found, "Envelope")

    yield from _each(scene, judge_one)


@check("every answer comes in the version of its request")
def same_version(scene: Scene) -> Iterator[Finding]:
    """Judge SOAP-004. What came without any envelope is SOAP-001's business."""

    def judge_pair(answer: Arrived, carried: Carried, asked: Asked) -> Iterator[Finding]:
        if "none" not in (carried.version, asked.version) and carried.version != asked.version:
            yield finding(answer, f"SOAP {asked.version}", f"SOAP {carried.version}", "Envelope")

    yield from _answers(scene, judge_pair)


@check("every answer comes in the style of its request")
def same_style(scene: Scene) -> Iterator[Finding]:
    """Judge SOAP-005. What the detail of a fault holds may be of any style."""

    def judge_pair(answer: Arrived, carried: Carried, asked: Asked) -> Iterator[Finding]:
        message = carried.message
        if carried.fault is None and message is not None and asked.message is not None:
            styles = ["of the noun" if item.typed else "for all nouns" for item in (asked.message, message)]
            if styles[0] != styles[1]:
                observed = f"{local_name(message.root)}, the element {styles[1]}"
                yield finding(answer, f"the element {styles[0]}, as in the request", observed, "Body")

    yield from _answers(scene, judge_pair)


@check("every message has the media type of its version")
def media_type(scene: Scene) -> Iterator[Finding]:
    """Judge SOAP-006. SOAP 1.2 lets other types carry an envelope, so any that says XML will do there."""

    def judge_one(arrived: Arrived, carried: Carried) -> Iterator[Finding]:
        said = arrived.content_type.partition(";")[0].strip().lower()
        if carried.version == "1.1" and said != "text/xml":
            yield finding(arrived, "text/xml, which SOAP 1.1 goes with", said or "none", "Content-Type")
        elif carried.version == "1.2" and not said.endswith(("/xml", "+xml")):
            yield finding(arrived, "application/soap+xml, which SOAP 1.2 goes with", said or "none", "Content-Type")

    yield from _each(scene, judge_one)


@check("every message that is not an answer says its action")
def action_said(scene: Scene) -> Iterator[Finding]:
    """Judge SOAP-007: the header has to be there in SOAP 1.1; its value is free, and quotation marks are optional."""

    def judge_one(arrived: Arrived, carried: Carried) -> Iterator[Finding]:
        names = {name.lower() for name in arrived.headers}
        if carried.version == "1.1" and "soapaction" not in names:
            yield finding(arrived, "a SOAPAction, be it empty", "there is none", "HTTP header SOAPAction")

    yield from _each(scene, judge_one, callbacks=True)


@check("every answer that is no fault comes with a status of success")
def success_status(scene: Scene) -> Iterator[Finding]:
    """Judge SOAP-008 (SOAP 1.1, 6.2; WS-I Basic Profile 1.1, R1124)."""

    def judge_pair(answer: Arrived, carried: Carried, _asked: Asked) -> Iterator[Finding]:
        if carried.fault is None and answer.status is not None and not 200 <= answer.status < 300:
            yield finding(answer, "an HTTP status from 200 to 299", f"HTTP status {answer.status}")

    yield from _answers(scene, judge_pair)
