"""Verbs, nouns and namespaces, per edition of IEC 61968-9 (fact tables envelope.md and soap.md)."""

from __future__ import annotations

from dataclasses import dataclass

#: Request verbs and the past-tense verb of the event that each causes; get has none (exchange rule 1).
PAST_TENSE = {
    "create": "created",
    "change": "changed",
    "cancel": "canceled",
    "close": "closed",
    "delete": "deleted",
    "execute": "executed",
}
REQUEST_VERBS = frozenset(PAST_TENSE) | {"get"}
EVENT_VERBS = frozenset(PAST_TENSE.values())
RESPONSE_VERB = "reply"
VERBS = REQUEST_VERBS | EVENT_VERBS | {RESPONSE_VERB}

MESSAGE_KINDS = ("Message", "RequestMessage", "ResponseMessage", "EventMessage", "FaultMessage")

#: Reply/Result (facts/envelope.md).
OK, PARTIAL, FAILED = "OK", "PARTIAL", "FAILED"

_PROFILES = frozenset(
    [
        "ComModuleConfig", "EndDeviceConfig", "EndDeviceControls", "EndDeviceEvents", "EndDeviceGroups", "MeterConfig",
        "MeterReadings", "UsagePointConfig", "UsagePointGroups", "UsagePointLocationConfig", "MasterDataLinkageConfig",
        "ObjectNamesConfig", "MeterServiceRequests", "CustomerConfig", "CustomerAccountConfig",
        "CustomerAgreementConfig", "ServiceCategoryConfig", "ServiceLocationConfig", "ServiceSupplierConfig",
        "PricingStructureConfig", "AuxiliaryAgreementConfig", "ReceiptRecord", "TransactionRecord",
        "CustomerMeterDataSet", "OperationSet",
    ]
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """What one edition calls things: namespaces (URIs) and nouns."""

    name: str
    envelope: str
    profile_pattern: str
    nouns: frozenset[str]

    def profile(self, noun: str) -> str:
        """Return the target namespace of the profile ``noun``, such as ``MeterReadings``."""
        return self.profile_pattern.format(noun)

    def wrapper(self, noun: str) -> str:
        """Return the namespace of the typed SOAP wrappers of ``noun`` (facts/soap.md, style 2)."""
        return f"http://iec.ch/TC57/2011/{noun}Message"


EDITION_2013 = Edition(
    name="2013",
    envelope="http://iec.ch/TC57/2011/schema/message",
    profile_pattern="http://iec.ch/TC57/2011/{}#",
    nouns=_PROFILES | {"MeterReadSchedule"},
)
EDITIONS = {"2013": EDITION_2013}
