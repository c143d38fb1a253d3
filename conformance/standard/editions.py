"""Verbs, nouns and namespaces, per edition of IEC 61968-9 (fact tables envelope.md and soap.md)."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

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

#: The profiles that are no query, of Annex G of the 2024 edition and of Annexes H and I of the one before.
_SHARED = frozenset(
    [
        "ComModuleConfig", "EndDeviceConfig", "EndDeviceControls", "EndDeviceEvents", "EndDeviceGroups", "MeterConfig",
        "MeterReadings", "UsagePointConfig", "UsagePointGroups", "UsagePointLocationConfig", "MasterDataLinkageConfig",
        "ObjectNamesConfig", "OperationSet",
    ]
)  # fmt: skip
_LEFT_TO_OTHER_PARTS = frozenset(
    [
        "MeterServiceRequests", "CustomerConfig", "CustomerAccountConfig", "CustomerAgreementConfig",
        "ServiceCategoryConfig", "ServiceLocationConfig", "ServiceSupplierConfig", "PricingStructureConfig",
        "AuxiliaryAgreementConfig", "ReceiptRecord", "TransactionRecord", "CustomerMeterDataSet",
    ]
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """What one edition calls things: namespaces (URIs, with ``{noun}`` or ``{service}`` in the patterns) and nouns.

    ``unverified`` names the kinds of namespace whose URI is not public (namespaces.toml).
    """

    name: str
    envelope: str
    profile_pattern: str
    wrapper_pattern: str
    service_pattern: str
    generic: str
    nouns: frozenset[str]
    unverified: frozenset[str] = frozenset()

    def profile(self, noun: str) -> str:
        """Return the target namespace of the profile ``noun``, such as ``MeterReadings``."""
        return self.profile_pattern.replace("{noun}", noun)

    def wrapper(self, noun: str) -> str:
        """Return the namespace of the typed SOAP wrappers of ``noun`` (facts/soap.md, style 2)."""
        return self.wrapper_pattern.replace("{noun}", noun)

    def service(self, service: str) -> str:
        """Return the target namespace of the service description ``service`` (facts/soap.md, style 2)."""
        return self.service_pattern.replace("{service}", service)

    @property
    def patterns(self) -> tuple[str, str, str]:
        """The namespaces that a message can have: of the envelope, of profiles, of typed wrappers."""
        return self.envelope, self.profile_pattern, self.wrapper_pattern

    def is_wrapper(self, namespace: str) -> bool:
        """Say whether ``namespace`` has the form of one of typed SOAP wrappers."""
        before, _, after = self.wrapper_pattern.partition("{noun}")
        return len(namespace) > len(before + after) and namespace.startswith(before) and namespace.endswith(after)

    def renamed(self, uris: Mapping[str, str]) -> Edition:
        """Return this edition with other namespaces, as a user knows them, by kind: envelope, profile, wrapper."""
        return replace(
            self,
            envelope=uris.get("envelope", self.envelope),
            profile_pattern=uris.get("profile", self.profile_pattern),
            wrapper_pattern=uris.get("wrapper", self.wrapper_pattern),
            unverified=self.unverified.difference(uris),
        )


def _edition(name: str, nouns: frozenset[str]) -> Edition:
    table = tomllib.loads((Path(__file__).parent / "namespaces.toml").read_text(encoding="utf-8"))[name]
    return Edition(
        name=name,
        envelope=table["envelope"]["uri"],
        profile_pattern=table["profile"]["uri"],
        wrapper_pattern=table["wrapper"]["uri"],
        service_pattern=table["service"]["uri"],
        generic=table["generic"]["uri"],
        nouns=nouns,
        unverified=frozenset(kind for kind, row in table.items() if not row["verified"]),
    )


EDITION_2013 = _edition("2013", _SHARED | _LEFT_TO_OTHER_PARTS | {"MeterReadSchedule"})
EDITION_2024 = _edition("2024", _SHARED | {"MeterReadSchedules", "MeterReadingSet", "MeterServiceRequests"})
#: The editions whose messages are recognised, built and judged.
EDITIONS = {edition.name: edition for edition in (EDITION_2013, EDITION_2024)}
#: The editions that a whole run can be about: those of which there are scenarios and a reference system.
TESTED = ("2013",)
