"""Turn a message into the very bytes, URL and headers of a style: generic, typed or bare (facts/soap.md)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from conformance.errors import ConfigurationError
from conformance.message.soap import CONTENT_TYPES, ENVELOPES, to_typed, wrap
from conformance.message.xml import local_name, namespace
from conformance.standard.editions import (
    EDITION_2013,
    EDITIONS,
    EVENT_VERBS,
    REQUEST_VERBS,
    RESPONSE_VERB,
    Edition,
)
from conformance.transport.base import Outbound, Sent
from conformance.transport.security import username_token

if TYPE_CHECKING:
    from lxml import etree

    from conformance.message.soap import SoapVersion
    from conformance.transport.base import Carrying
    from conformance.transport.settings import SoapSettings

    Element = etree._Element

USER_AGENT = "iec61968-9-conformance"
#: The generic operation and SOAPAction for each kind of message (facts/soap.md, style 1).
_GENERIC = {"EventMessage": "PublishEvent", "ResponseMessage": "Response"}
_GENERIC_ACTION = "http://iec.ch/61968/{}"
#: Where an illegal verb or noun is sent in the typed style: every metering system has this service.
_FALLBACK = ("get", "MeterReadings")


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """A typed operation: the ``verb`` and ``noun`` that its wrapper is made of."""

    verb: str
    noun: str

    @property
    def name(self) -> str:
        """Return ``GetMeterReadings``, ``CreatedEndDeviceEvents``, ``ResponseMeterReadings`` …"""
        title = "Response" if self.verb == RESPONSE_VERB else self.verb.capitalize()
        return f"{title}{self.noun}"

    @property
    def service(self) -> str:
        """Return the service that carries the operation, such as ``RequestEndDeviceControls``."""
        if self.verb == "get":
            return self.name
        service = {"execute": "Execute", RESPONSE_VERB: "Reply"}.get(self.verb)
        return f"{service or ('Send' if self.verb in EVENT_VERBS else 'Request')}{self.noun}"

    def action(self, edition: Edition) -> str:
        """Return its SOAPAction."""
        return f"{edition.service(self.name if self.verb == 'get' else self.noun)}/{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """The bytes of a request, and what a binding needs beside them: where it goes, and its SOAPAction."""

    url: str
    action: str
    body: bytes


def prepare(settings: SoapSettings, outbound: Outbound) -> Sent:
    """Return the request for ``outbound``: everything but HTTP credentials.

    Raises ConfigurationError when no URL is known for the operation.
    """
    return _sent(settings, enveloped(settings, outbound))


def enveloped(settings: SoapSettings, outbound: Outbound) -> Envelope:
    """Return the request for ``outbound`` before any binding. Raises ConfigurationError as :func:`prepare` does."""
    if settings.style == "typed":
        edition = outbound.edition or edition_of(outbound.message)
        operation = nearest_operation(settings, outbound, edition)
        body = to_typed(outbound.message, verb=operation.verb, noun=operation.noun, edition=edition)
        url = _url(settings, operation.name, operation.service)
        action = settings.actions.get(operation.name, operation.action(edition))
    else:
        body = outbound.message
        url = _url(settings)
        action = settings.actions.get("", _default_action(settings, outbound.message))
    data = outbound.finished(lambda: _wrapped(settings, outbound.carrying, body))
    chosen = outbound.carrying.action
    return Envelope(url=url, action=action if chosen is None else chosen, body=data)


def _wrapped(settings: SoapSettings, carrying: Carrying, body: Element) -> bytes:
    blocks = (block.element(settings.version) for block in carrying.blocks)
    data = wrap(body, settings.version, (*username_token(settings), *blocks))
    if carrying.envelope is None:
        return data
    return data.replace(ENVELOPES[settings.version].encode(), carrying.envelope.encode())


def content_type_of(version: SoapVersion, action: str) -> str:
    """Return the content type of a request; in SOAP 1.2 it names the action (SOAP 1.2 part 2, 6.5.3)."""
    named = version == "1.2" and action
    return f'{CONTENT_TYPES[version]}; action="{action}"' if named else CONTENT_TYPES[version]


def edition_of(message: Element) -> Edition:
    """Return the edition whose envelope ``message`` is; the edition of 2013 for any other."""
    space = namespace(message)
    return next((edition for edition in EDITIONS.values() if edition.envelope == space), EDITION_2013)


def nearest_operation(settings: SoapSettings, outbound: Outbound, edition: Edition) -> Operation:
    """Return the operation that the message is for, or the nearest one when its verb or noun is illegal.

    A typed service exists only for legal verbs and nouns; a request with an illegal one has to go somewhere.
    """
    kind = local_name(outbound.message)
    legal = {"ResponseMessage": frozenset({RESPONSE_VERB}), "EventMessage": EVENT_VERBS}.get(kind, REQUEST_VERBS)
    noun = outbound.noun if outbound.noun in edition.nouns else outbound.noun.removeprefix("Get")
    verb = outbound.verb if outbound.verb in legal else outbound.verb.lower()
    if noun not in edition.nouns:
        return Operation(verb=_FALLBACK[0], noun=_FALLBACK[1])
    if verb in legal:
        return Operation(verb=verb, noun=noun)
    offered = (Operation(verb=known, noun=noun) for known in ("get", "create", *sorted(legal)))
    near = next((item for item in offered if {item.name, item.service} & settings.urls.keys()), None)
    return near or Operation(verb=_FALLBACK[0], noun=_FALLBACK[1])


def _url(settings: SoapSettings, *names: str) -> str:
    found = next((settings.urls[name] for name in (*names, "") if name in settings.urls), None)
    if found is None:
        wanted = f"the operation {names[0]}" if names else f"the style {settings.style}"
        raise ConfigurationError(f"[endpoints.{settings.style}] has no URL for {wanted}: add it")
    return found


def _default_action(settings: SoapSettings, message: Element) -> str:
    if settings.style == "bare":
        return ""
    return _GENERIC_ACTION.format(_GENERIC.get(local_name(message), "Request"))


def _sent(settings: SoapSettings, request: Envelope) -> Sent:
    accepted = CONTENT_TYPES[settings.version].partition(";")[0]
    headers = {"Accept": accepted, "Accept-Encoding": "gzip", "User-Agent": USER_AGENT}
    if settings.version == "1.1":
        headers["SOAPAction"] = f'"{request.action}"'  # SOAP 1.1, 6.1.1: mandatory, quoted, perhaps empty
    content_type = content_type_of(settings.version, request.action)
    return Sent(url=request.url, body=request.body, content_type=content_type, headers=headers)
