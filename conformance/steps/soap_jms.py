"""Steps that send requests over SOAP over JMS whose properties are unusual or illegal."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from conformance.errors import InternalError
from conformance.standard import soap_jms
from conformance.steps.define import when
from conformance.steps.reading import read_of
from conformance.steps.requests import outbound

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conformance.exchange import Party
    from conformance.steps.vocabulary import Vocabulary

_CLASS = "JMSMessageClass"
#: What a feature says of a request -> what its headers and properties say then; None: nothing.
MANNERS: dict[str, Mapping[str, str | None]] = {
    "as a text": {_CLASS: "text"},
    "as bytes": {_CLASS: "bytes"},
    "with a binding version that does not exist": {soap_jms.BINDING_VERSION: "99.0"},
    "without a request URI": {soap_jms.REQUEST_URI: None},
    "with a request URI that is none": {soap_jms.REQUEST_URI: "jms:queue"},
    "with a target service in its request URI": {soap_jms.REQUEST_URI: "{uri}?targetService=MeterReadings"},
    "without a content type": {soap_jms.CONTENT_TYPE: None},
    "with a charset that is not its encoding": {soap_jms.CONTENT_TYPE: "{type}; charset=utf-16", _CLASS: "bytes"},
    "with a content type that names another action": {
        soap_jms.CONTENT_TYPE: '{type}; charset=utf-8; action="urn:example:another"',
        soap_jms.SOAP_ACTION: "{action}",
    },
}


#: Said where the style has no action, since two that differ are wanted.
_ACTION = "http://iec.ch/61968/Request"


def headers_of(manner: str, ordinary: Mapping[str, str]) -> dict[str, str | None]:
    """Return what the headers of a request say in this manner; all else is as in an ``ordinary`` one."""
    words = {
        "{type}": soap_jms.media_type(ordinary.get(soap_jms.CONTENT_TYPE, "")),
        "{uri}": ordinary.get(soap_jms.REQUEST_URI, ""),
        "{action}": ordinary.get(soap_jms.SOAP_ACTION) or _ACTION,
    }
    found = dict(MANNERS[manner])
    for word, meaning in words.items():
        found = {name: value and value.replace(word, meaning) for name, value in found.items()}
    return found


@when(r"a read of (?P<meters>M\d) goes over JMS (?P<manner>.+)")
def send_read(party: Party, words: Vocabulary, meters: str, manner: str) -> None:
    """Send a read whose headers and properties are as the scenario says."""
    if manner not in MANNERS:
        raise InternalError(f"no manner of a message is meant by: {manner}")
    request = outbound(read_of(words, meters, "R1"))
    party.ask(replace(request, headers=headers_of(manner, party.transport.prepare(request).headers)))
