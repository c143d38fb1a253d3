"""Reference systems, their faults, their legal variants, and null systems."""

from conformance.reference.faults import Fault, faults
from conformance.reference.null import NullSystem, null_systems
from conformance.reference.security import Demands, Tls
from conformance.reference.server import ReferenceServer, serve
from conformance.reference.variants import Variant, variants

__all__ = [
    "Demands",
    "Fault",
    "NullSystem",
    "ReferenceServer",
    "Tls",
    "Variant",
    "faults",
    "null_systems",
    "serve",
    "variants",
]
