"""Legal variations of SOAP over JMS: what the Recommendation leaves to the sender."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from lxml import etree

from conformance.reference.faults_soap_over_jms import mail, says
from conformance.reference.variant import Variant
from conformance.standard.soap_jms import CONTENT_TYPE, IS_FAULT, REQUEST_URI, TARGET_SERVICE, media_type

if TYPE_CHECKING:
    from conformance.reference.deviation import Deviation
    from conformance.transport.jms.messages import JmsMessage

_LATER = ("result", "event")


def _marked(message: JmsMessage) -> JmsMessage:
    return replace(message, properties={IS_FAULT: False, **message.properties})


def _typed(message: JmsMessage, parameters: str) -> JmsMessage:
    kind = media_type(str(message.properties.get(CONTENT_TYPE, "")))
    return replace(message, properties={**message.properties, CONTENT_TYPE: f"{kind}{parameters}"})


def _utf_16(message: JmsMessage) -> JmsMessage:
    body = etree.tostring(etree.fromstring(message.body), encoding="UTF-16", xml_declaration=True)
    return replace(_typed(message, "; charset=UTF-16"), body=body)


def _with_parameters(message: JmsMessage) -> JmsMessage:
    said = f"{message.properties.get(REQUEST_URI, '')}?priority=4&deliveryMode=PERSISTENT"
    return replace(message, properties={**message.properties, REQUEST_URI: said})


def _variant(name: str, what: str, deviation: Deviation) -> Variant:
    return Variant(name=name, what=what, deviation=deviation, envelope="1.1")


SOAP_OVER_JMS: tuple[Variant, ...] = (
    _variant("soapjms_no_fault_is_said", "what is no fault says SOAPJMS_isFault = false", mail(_marked)),
    _variant(
        "soapjms_answers_without_uri", "answers have no request URI", says(REQUEST_URI, None, "response", "fault")
    ),
    _variant(
        "soapjms_uri_of_jndi",
        "later answers and events name their destination by JNDI",
        says(REQUEST_URI, "jms:jndi:later/answers", *_LATER),
    ),
    _variant(
        "soapjms_uri_with_parameters",
        "the request URI of later answers and events has parameters",
        mail(_with_parameters, *_LATER),
    ),
    _variant(
        "soapjms_charset_quoted",
        "the charset stands in quotation marks and capitals",
        mail(lambda message: _typed(message, ';charset="UTF-8"')),
    ),
    _variant("soapjms_no_charset", "content types have no charset", mail(lambda message: _typed(message, ""))),
    _variant("soapjms_utf_16", "messages over SOAP over JMS are written in UTF-16", mail(_utf_16)),
    _variant("soapjms_target_service", "every message names a target service", says(TARGET_SERVICE, "MeterReadings")),
    _variant(
        "soapjms_later_as_text",
        "later answers and events are TextMessages",
        mail(lambda message: replace(message, kind="text"), *_LATER),
    ),
)
