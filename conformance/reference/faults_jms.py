"""Faults that show over JMS only: headers, properties, bodies, and how often a message goes where (JMS-001 …)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from conformance.message.build import new_id
from conformance.message.soap import unwrap
from conformance.reference.deviation import Deviation
from conformance.reference.fault import Fault, fault
from conformance.transport.acknowledge import acknowledge
from conformance.transport.jms.messages import JmsMessage, bytes_of, text_of
from conformance.transport.jms.settings import Destination, destination_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.reference.deviation import Scene
    from conformance.reference.jms_mapping import Mail

    Change = Callable[[JmsMessage], JmsMessage]
    Mails = tuple[Mail, ...]

_EVENTS = Destination("topic", "IEC61968.EVENTS")
_LATER = ("result", "event")
#: What some systems take at most, in bytes.
_SMALL = 256 * 1024


def changed(change: Change, *roles: str) -> Deviation:
    """Change every message, or those with one of ``roles``."""

    def all_changed(mails: Mails, scene: Scene) -> Mails:
        if roles and scene.role not in roles:
            return mails
        return tuple(replace(mail, message=change(mail.message)) for mail in mails)

    return Deviation(mail=all_changed)


def sent_to(place: Callable[[Mail], Destination], *roles: str) -> Deviation:
    """Send messages with one of ``roles`` somewhere else."""

    def moved(mails: Mails, scene: Scene) -> Mails:
        return tuple(replace(mail, to=place(mail)) for mail in mails) if scene.role in roles else mails

    return Deviation(mail=moved)


def body(change: Callable[[bytes], bytes]) -> Deviation:
    """Change every body, after headers and properties were made of it."""
    return changed(lambda message: replace(message, body=change(message.body)))


def with_property(name: str, value: str | int | float | bool) -> Change:
    """Return what adds a property, or changes it."""
    return lambda message: replace(message, properties={**message.properties, name: value})


def without_property(name: str) -> Change:
    """Return what leaves a property out."""
    return lambda message: replace(
        message, properties={key: value for key, value in message.properties.items() if key != name}
    )


def repeated(*roles: str) -> Deviation:
    """Send every message with one of ``roles`` twice."""
    return Deviation(mail=lambda mails, scene: mails * 2 if scene.role in roles else mails)


def _payload_of_another(message: JmsMessage) -> JmsMessage:
    own = (message.correlation_id or "").encode()
    return replace(message, body=message.body.replace(own, new_id().encode())) if own else message


def _number_as_text(message: JmsMessage) -> JmsMessage:
    return replace(message, properties={**message.properties, "Payloads": str(message.properties.get("Payloads", ""))})


def _escaped(given: bytes) -> bytes:
    return f"<string>{escape(given.decode())}</string>".encode()


def _enveloped(given: bytes) -> bytes:
    space = b"http://schemas.xmlsoap.org/soap/envelope/"
    _, _, content = given.rpartition(b"?>")
    return b'<e:Envelope xmlns:e="%s"><e:Body>%s</e:Body></e:Envelope>' % (space, content)


def _acknowledgement(mail: Mail) -> Mail:
    """Return an acknowledgement to go in front of ``mail``."""
    given = acknowledge(mail.asked.body) if mail.asked is not None else None
    return replace(mail, message=replace(mail.message, body=given.body)) if given is not None else mail


def _acknowledged_first(mails: Mails, scene: Scene) -> Mails:
    return (_acknowledgement(mails[0]), *mails) if scene.role == "response" else mails


def _reply_address(mail: Mail) -> Destination:
    message = unwrap(mail.asked.body).message if mail.asked is not None else None
    header = message.header if message is not None else None
    return destination_of(header.reply_address) if header is not None and header.reply_address else mail.to


def _result_with_acknowledgement(mails: Mails, scene: Scene) -> Mails:
    """Answer to JMSReplyTo what should have gone to ReplyAddress: the last place that is remembered."""
    if scene.role == "acknowledgement":
        scene.memory["asker"] = mails[0].to
    elif scene.role == "result" and "asker" in scene.memory:
        return tuple(replace(mail, to=scene.memory["asker"]) for mail in mails)
    return mails


def _cut(request: JmsMessage, _: Scene) -> JmsMessage:
    return replace(request, body=request.body[:_SMALL])


def _latin(request: JmsMessage, _: Scene) -> JmsMessage:
    """Read bytes in the platform's own encoding, whatever they declare."""
    if request.kind != "bytes":
        return request
    return replace(request, body=request.body.decode("latin-1").replace("UTF-16", "UTF-8").encode())


def _ascii(request: JmsMessage, _: Scene) -> JmsMessage:
    if request.kind != "text":
        return request
    return replace(request, body=bytes_of((text_of(request.body) or "").encode("ascii", "replace").decode()))


def _declared(request: JmsMessage, _: Scene) -> JmsMessage:
    """Give a parser the characters as UTF-8, although they declare something else."""
    return replace(request, body=(text_of(request.body) or "").encode()) if request.kind == "text" else request


JMS: tuple[Fault, ...] = (
    fault("jms_correlation_missing", "JMS-001", "an answer has no JMSCorrelationID",
          changed(lambda message: replace(message, correlation_id=None), "response")),
    fault("jms_correlation_of_its_own", "JMS-001 JMS-002", "JMSCorrelationID of an answer is an id of its own",
          changed(lambda message: replace(message, correlation_id=new_id()), "response")),
    fault("jms_payload_of_another", "JMS-002", "JMSCorrelationID is right, but Header/CorrelationID is of another one",
          changed(_payload_of_another, "response", "result")),
    fault("jms_answer_published", "JMS-003 JMS-004", "answers go to the topic of events, not to JMSReplyTo",
          sent_to(lambda _: _EVENTS, "response")),
    fault("jms_property_missing", "JMS-005", "the property Noun is missing", changed(without_property("Noun"))),
    fault("jms_property_of_another_noun", "JMS-005", "the property Noun names another noun",
          changed(with_property("Noun", "UsagePointConfig"))),
    fault("jms_property_missing_in_events", "JMS-005", "events have no property Verb",
          changed(without_property("Verb"), "event")),
    fault("jms_number_as_text", "JMS-006", "a property that is a number is sent as text", changed(_number_as_text)),
    fault("jms_property_with_hyphen", "JMS-007", "a property is called content-length",
          changed(with_property("content-length", "4711"))),
    fault("jms_property_is_keyword", "JMS-007", "a property is called Like", changed(with_property("Like", "4711"))),
    fault("jms_type_of_content", "JMS-008", "JMSType is text/xml",
          changed(lambda message: replace(message, type="text/xml"))),
    fault("jms_type_of_request", "JMS-008", "events have the JMSType RequestMessage",
          changed(lambda message: replace(message, type="RequestMessage"), "event")),
    fault("jms_body_enveloped", "JMS-009", "the message is wrapped into an envelope", body(_enveloped)),
    fault("jms_body_escaped", "JMS-009", "the message is an escaped text within an element", body(_escaped)),
    fault("jms_body_with_length", "JMS-009", "the length stands before the message",
          body(lambda given: b"%08d" % len(given) + given)),
    fault("jms_body_with_tail", "JMS-009", "a zero byte ends the body",
          changed(lambda message: replace(message, kind="bytes", body=message.body + b"\0"))),
    fault("jms_body_twice", "JMS-009", "two messages share a body", body(lambda given: given + given)),
    fault("jms_text_in_ascii", "JMS-010", "characters beyond ASCII in a TextMessage become question marks",
          Deviation(taken=_ascii)),
    fault("jms_text_decoded_again", "JMS-010", "a TextMessage is decoded again as its declaration says",
          Deviation(taken=_declared)),
    fault("jms_bytes_in_latin_1", "JMS-011", "a BytesMessage is read as ISO 8859-1", Deviation(taken=_latin)),
    fault("jms_large_request_cut", "JMS-012", "a large request is cut off at 256 KiB", Deviation(taken=_cut)),
    fault("jms_later_not_persistent", "JMS-013", "later answers and events are sent non-persistent",
          changed(lambda message: replace(message, delivery_mode="non-persistent"), *_LATER)),
    fault("jms_answers_expire", "JMS-014", "answers expire after two seconds",
          changed(lambda message: replace(message, expiration=2_000), "response")),
    fault("jms_expired_request_served", "JMS-015", "requests are carried out after they have expired",
          Deviation(skips=frozenset({"expiry"}))),
    fault("jms_repetition_served", "JMS-016", "a request that is delivered twice is carried out twice",
          Deviation(skips=frozenset({"repetition"}))),
    fault("jms_acknowledgement_missing", "JMS-017", "AckRequired leads to no acknowledgement",
          Deviation(mail=lambda mails, scene: () if scene.role == "acknowledgement" else mails)),
    fault("jms_acknowledgement_at_reply_address", "JMS-017", "the acknowledgement goes to ReplyAddress",
          sent_to(_reply_address, "acknowledgement")),
    fault("jms_result_at_reply_to", "JMS-017", "the later answer goes to JMSReplyTo",
          Deviation(mail=_result_with_acknowledgement)),
    fault("jms_acknowledged_first", "JMS-018", "an acknowledgement that nobody asked for precedes the answer",
          Deviation(mail=_acknowledged_first)),
    fault("jms_answered_twice", "JMS-018", "every answer is sent twice", repeated("response")),
    fault("jms_event_to_queue", "JMS-019", "events go to a queue",
          sent_to(lambda _: Destination("queue", "IEC61968.EVENTS"), "event")),
    fault("jms_event_sent_twice", "JMS-019", "every event is sent twice to its topic", repeated("event")),
    fault("jms_event_expires", "JMS-020", "events expire after half a second, before a durable subscriber is back",
          changed(lambda message: replace(message, expiration=500), "event")),
)  # fmt: skip
