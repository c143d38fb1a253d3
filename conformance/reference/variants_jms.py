"""Benign variants that show over JMS only: legal headers, bodies and habits."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from conformance.reference.deviation import Deviation, Problem
from conformance.reference.faults_jms import body, changed
from conformance.reference.variant import Variant, variant
from conformance.transport.jms.settings import Destination

if TYPE_CHECKING:
    from conformance.message.model import Message
    from conformance.reference.deviation import Scene
    from conformance.transport.jms.messages import JmsMessage, Property

_OWN: dict[str, Property] = {
    "JMSXGroupID": "readings",
    "_own$Zähler": 4711,
    "Ratio": 0.5,
    "IsTest": True,
    "Small": 7,
    "Huge": 2**40,
}
_OWN_TYPES = {"Ratio": "Float", "Small": "Byte"}


def _more_properties(message: JmsMessage) -> JmsMessage:
    types = {name: message.type_of(name) for name in message.properties}
    return replace(message, properties={**message.properties, **_OWN}, types={**types, **_OWN_TYPES})


def _without_correlation(message: JmsMessage) -> JmsMessage:
    return replace(message, correlation_id=None)


def _in(encoding: str) -> Deviation:
    """Send every message as bytes in ``encoding``."""

    def change(message: JmsMessage) -> JmsMessage:
        text = message.body.decode().partition("?>")[2] if message.body.startswith(b"<?xml") else message.body.decode()
        declared = f'<?xml version="1.0" encoding="{encoding}"?>{text}'
        return replace(message, kind="bytes", body=declared.encode(encoding))

    return changed(change)


def _surrounded(given: bytes) -> bytes:
    """Put what XML allows around the message: comments, blanks and a processing instruction."""
    declared, sign, rest = given.rpartition(b"?>")
    return declared + sign + b"\n<!-- sent by the night shift -->\n<?route fast?>\n" + rest + b"\n<!-- end -->\n\n"


def _told_apart(request: JmsMessage, scene: Scene) -> JmsMessage:
    if request.destination is not None and request.destination.name == "ActiveMQ.DLQ":
        scene.memory.setdefault("expired", set()).add(request.correlation_id)
    return request


def _refused(message: Message, scene: Scene) -> Problem | None:
    if message.correlation_id not in scene.memory.get("expired", ()):
        return None
    return Problem(name="request", reason="the request has expired")


VARIANTS: tuple[Variant, ...] = (
    variant("jms_more_properties", "every message has properties of its own, of many types", changed(_more_properties)),
    variant("jms_later_without_correlation", "later answers and events have no JMSCorrelationID",
            changed(_without_correlation, "result", "event")),
    variant("jms_answers_in_bytes", "everything is sent as BytesMessage in UTF-8", _in("UTF-8")),
    variant("jms_answers_in_utf_16", "everything is sent as BytesMessage in UTF-16", _in("UTF-16")),
    variant("jms_body_surrounded", "comments, blanks and an instruction stand around the message", body(_surrounded)),
    variant("jms_large_answers", "every message is filled up with a comment of 1 MiB",
            body(lambda given: given + b"<!--" + b"." * 2**20 + b"-->")),
    variant("jms_answers_not_persistent", "answers to JMSReplyTo are sent non-persistent, with high priority",
            changed(lambda message: replace(message, delivery_mode="non-persistent", priority=9), "response",
                    "acknowledgement", "fault")),
    variant("jms_long_expiry", "every message expires after an hour",
            changed(lambda message: replace(message, expiration=3_600_000))),
    variant("jms_asks_for_acknowledgement", "later answers and events have a JMSReplyTo for an acknowledgement",
            changed(lambda message: replace(message, reply_to=Destination("queue", "IEC61968.ACKNOWLEDGEMENTS")),
                    "result", "event")),
    variant("jms_expired_request_refused", "a request that has expired is refused in words",
            Deviation(skips=frozenset({"expiry"}), taken=_told_apart, refuses=_refused)),
    variant("jms_repetition_unanswered", "a request that is delivered again is passed over in silence",
            Deviation(skips=frozenset({"second answer"}))),
)  # fmt: skip
