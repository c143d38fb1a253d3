"""One reference system: its service, its courier, and the deviations that are switched on."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from conformance.errors import ConfigurationError
from conformance.reference.carriage import PLAIN_XML
from conformance.reference.delivery import Courier
from conformance.reference.description import describe
from conformance.reference.deviation import Conduct, Deviation
from conformance.reference.faults import faults
from conformance.reference.service import Service
from conformance.reference.variants import variants

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conformance.message.soap import SoapVersion, Style
    from conformance.sut.model import Configuration


class System:
    """Everything but the sockets. ``url`` and ``admin_url`` are set by who owns them."""

    def __init__(self, service: Service, courier: Courier) -> None:
        """Conform, until a fault is set."""
        self.service = service
        self.courier = courier
        courier.judge = lambda receipt: service.conduct.shaped("receipt", receipt, service.scene(role="result"))
        #: How it carries what it sends over a broker by itself.
        self.over_jms = PLAIN_XML
        self.url = ""
        self.admin_url = ""
        self._faults: dict[str, Deviation] = {}
        self._variants: dict[str, Deviation] = {}

    def set_fault(self, *names: str) -> None:
        """Switch faults on. Raises ConfigurationError for an unknown name."""
        known = {item.name: item.deviation for item in faults()}
        self._faults |= _chosen("fault", known, names)
        self._apply()

    def set_variant(self, *names: str) -> None:
        """Switch benign variants on. Raises ConfigurationError for an unknown name."""
        known = {item.name: item.deviation for item in variants()}
        self._variants |= _chosen("variant", known, names)
        self._apply()

    def clear_faults(self) -> None:
        """Switch every fault off."""
        self._faults = {}
        self._apply()

    def clear_variants(self) -> None:
        """Switch every variant off."""
        self._variants = {}
        self._apply()

    def reset(self) -> None:
        """Return to the initial state: no faults, no variants, every switch closed, nothing waiting."""
        self._faults, self._variants = {}, {}
        self._apply()
        self.courier.forget()
        self.service.reset()

    def state(self) -> dict[str, Any]:
        """Return what the system is like now, for people and tests."""
        service = self.service
        with service.lock:
            return {
                "seed": service.seed,
                "faults": list(self._faults),
                "variants": list(self._variants),
                "events_address": service.events_address,
                "deliveries": asdict(self.courier.counters),
                "meters": [
                    {"mrid": meter.mrid, "names": [name.name for name in meter.identity.names],
                     "connected": meter.connected} for meter in service.fleet.meters
                ],
                "log": [
                    {"at": at.isoformat(), "meter": mrid, "event": what}
                    for at, mrid, what in service.fleet.log
                ],
            }  # fmt: skip

    def configuration(self, style: Style = "generic", soap: SoapVersion = "1.1") -> Configuration:
        """Return the SUT.toml that is true of this system."""
        return describe(self.service.fleet, self.url, self.admin_url, self.service.clock(), style, soap)

    def _apply(self) -> None:
        with self.service.lock:
            self.service.conduct = Conduct((*self._faults.values(), *self._variants.values()))


def _chosen(kind: str, known: Mapping[str, Deviation], names: tuple[str, ...]) -> dict[str, Deviation]:
    unknown = [name for name in names if name not in known]
    if unknown:
        raise ConfigurationError(
            f"there is no {kind} {', '.join(unknown)}: `conformance faults` lists the faults"
            if kind == "fault"
            else f"there is no variant {', '.join(unknown)}; there are: {', '.join(known)}"
        )
    return {name: known[name] for name in names}
