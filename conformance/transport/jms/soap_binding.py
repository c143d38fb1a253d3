"""SOAP over JMS: the envelope that HTTP would carry, and the properties that stand for its headers (W3C, 2.2.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.message.xml import declared_encoding, same_encoding
from conformance.standard import soap_jms
from conformance.transport.addressing import Envelope, content_type_of, enveloped
from conformance.transport.settings import SoapSettings

if TYPE_CHECKING:
    from conformance.message.soap import SoapVersion
    from conformance.transport.base import Outbound
    from conformance.transport.jms.settings import Destination, SoapBinding


def envelope_for(binding: SoapBinding, destination: Destination, outbound: Outbound) -> Envelope:
    """Return the request as SOAP over HTTP has it, but for ``destination``."""
    settings = SoapSettings(
        style=binding.style,
        version=binding.version,
        urls={"": str(destination)},
        actions={"": binding.action} if binding.action is not None else {},
        username_token=binding.username_token,
        password_type=binding.password_type,
    )
    return enveloped(settings, outbound)


def properties_of(
    version: SoapVersion, action: str | None, destination: Destination, target_service: str | None = None
) -> dict[str, str]:
    """Return the properties of a message that nobody asked for: a request, a later answer, an event.

    Those of an answer are the same but for the action; SOAPJMS_isFault, a boolean, is for whoever knows.
    """
    given = {
        soap_jms.BINDING_VERSION: soap_jms.VERSION,
        soap_jms.CONTENT_TYPE: content_type_of(version, action or ""),
        soap_jms.REQUEST_URI: soap_jms.uri_of(destination.kind, destination.name),
        # SOAP 1.1 knows an empty action, SOAP 1.2 only none.
        soap_jms.SOAP_ACTION: action if version == "1.1" else action or None,
        soap_jms.TARGET_SERVICE: target_service,
    }
    return {name: value for name, value in given.items() if value is not None}


def with_charset(content_type: str, body: bytes) -> str:
    """Return ``content_type`` with the charset that the XML declaration of ``body`` names, if that is another one."""
    declared = declared_encoding(body)
    if declared is None or same_encoding(declared, "utf-8"):
        return content_type
    return content_type.replace("charset=utf-8", f"charset={declared.lower()}")
