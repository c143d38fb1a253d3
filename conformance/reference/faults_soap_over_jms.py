"""Faults in the properties of SOAP over JMS (requirements JMS-101 to JMS-127)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from conformance.errors import MessageError
from conformance.message.build import new_id, serialise
from conformance.message.soap import CONTENT_TYPES, unwrap
from conformance.reference.deviation import Deviation
from conformance.reference.fault import Fault, fault
from conformance.standard import soap_jms
from conformance.standard.soap_jms import BINDING_VERSION, CONTENT_TYPE, IS_FAULT, REQUEST_URI, SOAP_ACTION

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.reference.deviation import Scene
    from conformance.reference.jms_mapping import Mail
    from conformance.transport.jms.messages import JmsMessage, Property

_DIRECT = ("response", "acknowledgement", "fault")
_LATER = ("result", "event")


def mail(change: Callable[[JmsMessage], JmsMessage], *roles: str) -> Deviation:
    """Change every message over JMS, or those with one of ``roles``."""

    def changed(mails: tuple[Mail, ...], scene: Scene) -> tuple[Mail, ...]:
        if roles and scene.role not in roles:
            return mails
        return tuple(replace(item, message=change(item.message)) for item in mails)

    return Deviation(mail=changed)


def says(name: str, value: Property | None, *roles: str) -> Deviation:
    """Let every message (with one of ``roles``) say ``value`` in the property ``name``; None leaves it out."""

    def change(message: JmsMessage) -> JmsMessage:
        kept = {known: said for known, said in message.properties.items() if known != name}
        return replace(message, properties=kept if value is None else {**kept, name: value})

    return mail(change, *roles)


def faults_say(value: Property | None) -> Deviation:
    """Let SOAP faults alone say ``value`` in SOAPJMS_isFault."""

    def change(message: JmsMessage) -> JmsMessage:
        if IS_FAULT not in message.properties:
            return message
        kept = {name: said for name, said in message.properties.items() if name != IS_FAULT}
        return replace(message, properties=kept if value is None else {**kept, IS_FAULT: value})

    return mail(change)


def _taken_out(message: JmsMessage) -> JmsMessage:
    try:
        carried = unwrap(message.body)
    except MessageError:
        return message
    return message if carried.body is None or carried.fault else replace(message, body=serialise(carried.body))


def _typed(change: Callable[[str], str]) -> Callable[[JmsMessage], JmsMessage]:
    def changed(message: JmsMessage) -> JmsMessage:
        said = change(str(message.properties.get(CONTENT_TYPE, "")))
        return replace(message, properties={**message.properties, CONTENT_TYPE: said})

    return changed


def _other_version(said: str) -> str:
    other = "1.2" if soap_jms.media_type(said) == "text/xml" else "1.1"
    return CONTENT_TYPES[other]


def _two_actions(message: JmsMessage) -> JmsMessage:
    named = f'{message.properties.get(CONTENT_TYPE, "")}; action="urn:example:another"'
    said = {CONTENT_TYPE: named, SOAP_ACTION: "urn:example:one"}
    return replace(message, properties={**message.properties, **said})


def _renamed(body: bytes) -> bytes:
    return body.replace(b"sub:" + soap_jms.UNRECOGNIZED_VERSION.encode(), b"soap:Client")


def _not_read(kind: str) -> Deviation:
    def taken(request: JmsMessage, _: Scene) -> JmsMessage:
        return replace(request, body=b"") if request.kind == kind else request

    return Deviation(taken=taken)


def _skips(*subcodes: str) -> Deviation:
    return Deviation(skips=frozenset(subcodes))


SOAP_OVER_JMS: tuple[Fault, ...] = (
    fault("soapjms_plain_xml", "JMS-101", "messages over SOAP over JMS have no envelope", mail(_taken_out)),
    fault(
        "soapjms_binding_version_missing",
        "JMS-102",
        "messages over SOAP over JMS do not say the version of the binding",
        says(BINDING_VERSION, None),
    ),
    fault(
        "soapjms_binding_version_of_its_own",
        "JMS-102",
        "messages over SOAP over JMS say version 1.1 of the binding",
        says(BINDING_VERSION, "1.1"),
    ),
    fault(
        "soapjms_content_type_missing",
        "JMS-103",
        "messages over SOAP over JMS do not say their content type",
        says(CONTENT_TYPE, None),
    ),
    fault(
        "soapjms_content_type_of_other_version",
        "JMS-103",
        "the content type is that of the other version of SOAP",
        mail(_typed(_other_version)),
    ),
    fault(
        "soapjms_other_charset",
        "JMS-104",
        "the content type says a charset that is not the encoding of the XML",
        mail(_typed(lambda said: said.replace("utf-8", "iso-8859-1"))),
    ),
    fault("soapjms_everything_is_a_fault", "JMS-105", "every message is marked as a SOAP fault", says(IS_FAULT, True)),
    fault("soapjms_fault_not_marked", "JMS-106", "SOAP faults over JMS are not marked", faults_say(None)),
    fault(
        "soapjms_fault_marked_by_text",
        "JMS-106",
        "SOAP faults over JMS are marked by a string instead of a boolean",
        faults_say("true"),
    ),
    fault(
        "soapjms_request_uri_missing",
        "JMS-107",
        "later answers and events do not say whom they are for",
        says(REQUEST_URI, None, *_LATER),
    ),
    fault(
        "soapjms_request_uri_malformed",
        "JMS-107",
        "the request URI of later answers and events is no jms URI",
        says(REQUEST_URI, "queue://CONFORMANCE", *_LATER),
    ),
    fault(
        "soapjms_target_service_in_request_uri",
        "JMS-107",
        "the request URI of later answers and events names the target service",
        says(REQUEST_URI, "jms:jndi:queue?targetService=MeterReadings", *_LATER),
    ),
    fault(
        "soapjms_request_uri_of_other_queue",
        "JMS-108",
        "the request URI of later answers and events names another queue",
        says(REQUEST_URI, "jms:queue:ANOTHER", *_LATER),
    ),
    fault("soapjms_two_actions", "JMS-109", "content type and message name different actions", mail(_two_actions)),
    fault(
        "soapjms_correlation_of_its_own",
        "JMS-110",
        "answers have a JMSCorrelationID of their own",
        mail(lambda message: replace(message, correlation_id=new_id()), *_DIRECT),
    ),
    fault(
        "soapjms_answers_not_persistent",
        "JMS-111",
        "persistent requests are answered in a way that no restart of the broker survives",
        mail(lambda message: replace(message, delivery_mode="non-persistent"), *_DIRECT),
    ),
    fault(
        "soapjms_answers_as_text",
        "JMS-112",
        "BytesMessages are answered by TextMessages",
        mail(lambda message: replace(message, kind="text"), *_DIRECT),
    ),
    fault("soapjms_text_not_read", "JMS-113", "a request in a TextMessage is not understood", _not_read("text")),
    fault("soapjms_bytes_not_read", "JMS-113", "a request in a BytesMessage is not understood", _not_read("bytes")),
    fault(
        "soapjms_binding_version_ignored",
        "JMS-121",
        "a request of another version of the binding is carried out",
        _skips(soap_jms.UNRECOGNIZED_VERSION),
    ),
    fault(
        "soapjms_fault_without_subcode",
        "JMS-121",
        "a request of another version of the binding is refused with a general fault",
        mail(lambda message: replace(message, body=_renamed(message.body))),
    ),
    fault(
        "soapjms_missing_request_uri_ignored",
        "JMS-122",
        "a request that does not say whom it is for is carried out",
        _skips(soap_jms.MISSING_REQUEST_URI, soap_jms.MALFORMED_REQUEST_URI),
    ),
    fault(
        "soapjms_malformed_request_uri_ignored",
        "JMS-123",
        "a request whose request URI is none is carried out",
        _skips(soap_jms.MALFORMED_REQUEST_URI),
    ),
    fault(
        "soapjms_target_service_in_request_uri_ignored",
        "JMS-124",
        "a request whose request URI names the target service is carried out",
        _skips(soap_jms.TARGET_SERVICE_IN_URI),
    ),
    fault(
        "soapjms_missing_content_type_ignored",
        "JMS-125",
        "a request without a content type is carried out",
        _skips(soap_jms.MISSING_CONTENT_TYPE, soap_jms.CONTENT_TYPE_MISMATCH),
    ),
    fault(
        "soapjms_charset_ignored",
        "JMS-126",
        "a request whose charset is not its encoding is carried out",
        _skips(soap_jms.CONTENT_TYPE_MISMATCH),
    ),
    fault(
        "soapjms_other_action_ignored",
        "JMS-127",
        "a request whose content type names another action is carried out",
        _skips(soap_jms.MISMATCHED_ACTION),
    ),
)
