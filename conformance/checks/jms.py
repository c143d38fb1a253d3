"""Checks of what a message over JMS says beside its body, and of the body as JMS has it (JMS-001 to JMS-014).

Messages that came over another transport have no such headers and are not judged.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from conformance.checks.each import finding, shown
from conformance.checks.finding import Finding, NothingToJudgeError
from conformance.checks.registry import check
from conformance.transport.jms.messages import TYPES, is_identifier

if TYPE_CHECKING:
    from conformance.checks.scene import Arrived, Asked, Scene
    from conformance.message.model import Message

_CORRELATION = "JMSCorrelationID"
_CLASSES = {
    "boolean": ("Boolean",), "byte": ("Byte",), "short": ("Short",), "int": ("Integer",), "long": ("Long",),
    "float": ("Float",), "double": ("Double",), "string": ("String",),
}  # fmt: skip


def over_jms(scene: Scene) -> list[tuple[Arrived, Asked | None]]:
    """Return what came over JMS, each with the request that it belongs to. Raises NothingToJudgeError."""
    found = [(item, asked) for item, asked in scene.arrived if "JMSMessageClass" in item.headers]
    if not found:
        raise NothingToJudgeError("no message came over JMS")
    return found


def messages(scene: Scene) -> list[tuple[Arrived, Message, Asked | None]]:
    """Return those that can be read. Raises NothingToJudgeError."""
    found = [(item, item.message, asked) for item, asked in over_jms(scene) if item.message is not None]
    if not found:
        raise NothingToJudgeError("no message that came over JMS can be read")
    return found


@check("the JMSCorrelationID of the answer is the CorrelationID of the request")
def correlated(scene: Scene) -> Iterator[Finding]:
    """Judge JMS-001."""
    view = scene.last
    if view.answer is None or "JMSMessageClass" not in view.answer.headers or view.asked.message is None:
        raise NothingToJudgeError("no answer came over JMS")
    said, expected = view.answer.headers.get(_CORRELATION), view.asked.message.correlation_id
    if said != expected:
        yield finding(view.answer, f'"{expected}", the CorrelationID of the request', shown(said), _CORRELATION)


@check("JMSCorrelationID and CorrelationID never disagree")
def agree(scene: Scene) -> Iterator[Finding]:
    """Judge JMS-002, and say which of the two is wrong. What is absent disagrees with nothing."""
    judged = False
    for arrived, message, asked in messages(scene):
        header, payload = arrived.headers.get(_CORRELATION), message.correlation_id
        judged = judged or bool(header and payload)
        if header and payload and header != payload:
            right = asked.message.correlation_id if asked is not None and asked.message is not None else None
            observed = (
                f'JMSCorrelationID is "{header}", Header/CorrelationID is "{payload}": {_blame(header, payload, right)}'
            )
            yield finding(arrived, "the same correlation in header and payload", observed)
    if not judged:
        raise NothingToJudgeError("no message has both")


def _blame(header: str, payload: str, right: str | None) -> str:
    if right is None:
        return "no request says which is wrong"
    if header == right:
        return f'Header/CorrelationID is wrong, the request says "{right}"'
    if payload == right:
        return f'JMSCorrelationID is wrong, the request says "{right}"'
    return f'both are wrong, the request says "{right}"'


@check("every JMSType names the kind of its message")
def typed(scene: Scene) -> Iterator[Finding]:
    """Judge JMS-008."""
    for arrived, message, _asked in messages(scene):
        said = arrived.headers.get("JMSType")
        if said != message.kind:
            yield finding(arrived, f'"{message.kind}"', shown(said), "JMSType")


@check("every message has the properties that are declared")
def present(scene: Scene) -> Iterator[Finding]:
    """Judge JMS-005. Where a message has no such value, as a FaultMessage has no verb, any text will do."""
    for arrived, message, _asked in messages(scene):
        for name, value in scene.terms.jms.properties.items():
            said, expected = arrived.headers.get(name), _value(value, message)
            if said is None:
                yield finding(arrived, f"a property {name}", "absent", name)
            elif expected is not None and said != expected:
                yield finding(arrived, f'"{expected}", as the message says', shown(said), name)


def _value(value: str, message: Message) -> str | None:
    header = message.header
    if header is None:
        return None
    return {
        "{verb}": header.verb, "{noun}": header.noun, "{message_id}": header.message_id,
        "{correlation_id}": header.correlation_id,
    }.get(value)  # fmt: skip


@check("every declared property is of its type")
def of_type(scene: Scene) -> Iterator[Finding]:
    """Judge JMS-006, for the properties that are there."""
    judged = False
    for arrived, _asked in over_jms(scene):
        types = _types(arrived)
        for name, value in scene.terms.jms.properties.items():
            if name in types:
                judged = True
                wanted = _CLASSES.get(value, ("String",))
                if types[name] not in wanted:
                    yield finding(arrived, f"a property of type {wanted[0]}", f"it is a {types[name]}", name)
    if not judged:
        raise NothingToJudgeError("no message has a declared property")


def _types(arrived: Arrived) -> dict[str, str]:
    """Return the Java class of each property. A name may hold anything, even the signs that separate them."""
    given = arrived.headers.get(TYPES, "")
    pairs = (part.rpartition("=") for part in given.split("; ") if part)
    return {name: kind for name, _, kind in pairs}


@check("every property has a legal name")
def named(scene: Scene) -> Iterator[Finding]:
    """Judge JMS-007."""
    judged = False
    for arrived, _asked in over_jms(scene):
        for name in _types(arrived):
            judged = True
            if not is_identifier(name):
                yield finding(arrived, "a Java identifier, and no word of selectors", f'a property "{name}"')
    if not judged:
        raise NothingToJudgeError("no message has a property")


@check("every body is one message and nothing else")
def bare(scene: Scene) -> Iterator[Finding]:
    """Judge JMS-009. Comments, blanks, a byte order mark and an XML declaration are XML's own; so is any encoding."""
    expected = "one message as XML, and nothing else"
    for arrived, _asked in over_jms(scene):
        carried = arrived.carried
        if arrived.problem is not None:
            yield finding(arrived, expected, arrived.problem, "body")
        elif carried is None:
            yield finding(arrived, expected, "an empty body", "body")
        elif carried.version != "none" and not scene.terms.jms.soap:
            yield finding(arrived, expected, f"a SOAP {carried.version} envelope around it", "body")


@check("everything that comes by itself is persistent")
def persistent(scene: Scene) -> Iterator[Finding]:
    """Judge JMS-013: answers on the spot may be lost, for whoever asked asks again."""
    found = [item for item, asked in over_jms(scene) if item.channel == "callback" and not _direct(item, asked)]
    if not found:
        raise NothingToJudgeError("nothing came by itself")
    for item in found:
        mode = item.headers.get("JMSDeliveryMode")
        if mode != "persistent":
            yield finding(item, "persistent", shown(mode), "JMSDeliveryMode")


def _direct(item: Arrived, asked: Asked | None) -> bool:
    """Return whether it came to the very queue that JMSReplyTo of its request names."""
    named = asked.headers.get("JMSReplyTo") if asked is not None else None
    return named is not None and named == item.headers.get("JMSDestination")


@check("nothing expires while it is waited for")
def long_lived(scene: Scene) -> Iterator[Finding]:
    """Judge JMS-014: by the sender's own clock, against the time-outs of SUT.toml."""
    for item, asked in over_jms(scene):
        ends, made = (_number(item.headers.get(name)) for name in ("JMSExpiration", "JMSTimestamp"))
        terms, later = scene.terms.jms, item.channel == "callback" and not _direct(item, asked)
        wait_s = terms.result_s if later else terms.reply_s
        # 0 is never; without a time of sending (JMS 3.4.4 lets it be left out) nobody knows.
        if ends and made and ends - made < wait_s * 1000:
            observed = f"it expires {(ends - made) / 1000:g} s after it was sent"
            yield finding(item, f"no expiry, or one after {wait_s:g} s", observed, "JMSExpiration")


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() else 0
