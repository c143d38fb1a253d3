"""Every benign variant of the reference system."""

from __future__ import annotations

from conformance.reference.variant import Variant
from conformance.reference.variants_jms import VARIANTS as OVER_JMS
from conformance.reference.variants_message import MESSAGES
from conformance.reference.variants_payload import PAYLOADS
from conformance.reference.variants_soap import SOAP_VARIANTS
from conformance.reference.variants_soap_over_jms import SOAP_OVER_JMS
from conformance.reference.variants_xml import XML

__all__ = ["Variant", "variants"]


def variants() -> tuple[Variant, ...]:
    """Return all variants: of bytes, of content, then of what shows over JMS only."""
    return (*XML, *MESSAGES, *PAYLOADS, *SOAP_VARIANTS, *OVER_JMS, *SOAP_OVER_JMS)
