"""Every benign variant of the reference system."""

from __future__ import annotations

from conformance.reference.variant import Variant
from conformance.reference.variants_message import MESSAGES
from conformance.reference.variants_payload import PAYLOADS
from conformance.reference.variants_soap import SOAP_VARIANTS
from conformance.reference.variants_xml import XML

__all__ = ["Variant", "variants"]


def variants() -> tuple[Variant, ...]:
    """Return all variants: of bytes, then of content."""
    return (*XML, *MESSAGES, *PAYLOADS, *SOAP_VARIANTS)
