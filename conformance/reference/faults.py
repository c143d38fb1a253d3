"""Every fault of the reference system, with the requirements that must catch it."""

from __future__ import annotations

from conformance.reference.fault import Fault
from conformance.reference.faults_controls import CONTROLS
from conformance.reference.faults_envelope import ENVELOPE
from conformance.reference.faults_events import EVENT_FAULTS
from conformance.reference.faults_exchange import EXCHANGE
from conformance.reference.faults_jms import JMS
from conformance.reference.faults_naming import NAMING
from conformance.reference.faults_readings import READINGS
from conformance.reference.faults_replies import REPLIES
from conformance.reference.faults_soap import SOAP_FAULTS
from conformance.reference.faults_soap_over_jms import SOAP_OVER_JMS

__all__ = ["Fault", "faults"]


def faults() -> tuple[Fault, ...]:
    """Return all faults, by area."""
    return (
        *ENVELOPE, *EXCHANGE, *REPLIES, *NAMING, *READINGS, *CONTROLS, *EVENT_FAULTS,
        *SOAP_FAULTS, *JMS, *SOAP_OVER_JMS,
    )  # fmt: skip
