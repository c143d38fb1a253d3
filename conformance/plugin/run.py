"""One run: its configuration, its journal, the gateway that listens, and the transport to the system."""

from __future__ import annotations

import importlib.metadata
import platform
import socket
import time
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import conformance
from conformance.errors import ConfigurationError, Inconclusive
from conformance.exchange import Party
from conformance.journal import FILE_NAME, Journal
from conformance.standard.catalogue import catalogue
from conformance.standard.schemas import SchemaStore
from conformance.sut.claims import edition_of, patience_of, terms_of
from conformance.sut.doctor import examine
from conformance.sut.jms import jms_settings
from conformance.sut.load import Loaded, load
from conformance.sut.wiring import gateway_settings, soap_settings
from conformance.transport.base import TRANSPORTS
from conformance.transport.gateway import Gateway
from conformance.transport.jms.transport import JmsTransport
from conformance.transport.soap import SoapTransport

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from conformance.sut.model import Endpoints
    from conformance.transport.base import Transport
    from conformance.transport.jms.desk import DeskAddress

_DEPENDENCIES = ("lxml", "xmlschema", "requests", "zeep", "pytest", "pytest-bdd", "allure-pytest")


@dataclass(slots=True, kw_only=True)
class Run:
    """What every scenario of a run shares.

    ``reply_addresses`` has an address for each transport of the run. ``gateway`` is None in a worker: it belongs to
    the first process, and a worker knows only its ``port``. Messages over JMS go through its ``desk``.
    """

    loaded: Loaded
    out: Path
    journal: Journal
    reply_addresses: Mapping[str, str]
    gateway: Gateway | None = None
    port: int = 0
    desk: DeskAddress | None = None
    transports: dict[str, Transport] = field(init=False)

    def __post_init__(self) -> None:
        """Connect to nothing yet."""
        self.transports = {name: self._transport(name) for name in self.reply_addresses}

    def _transport(self, name: str) -> Transport:
        if name == "soap":
            return SoapTransport(soap_settings(self.loaded))
        assert self.desk is not None  # noqa: S101 - the gateway has one when the run goes over JMS
        return JmsTransport(jms_settings(self.loaded), self.desk, self.out)

    @property
    def carriers(self) -> tuple[str, ...]:
        """Return the names of the transports that the run goes over."""
        return tuple(self.transports)

    def party(self, scenario: str, carrier: str) -> Party:
        """Return the suite's side for one scenario, whose messages go over ``carrier``."""
        configuration, transport = self.loaded.configuration, self.transports[carrier]
        return Party(
            transport=transport,
            journal=self.journal,
            scenario=scenario,
            reply_address=self.reply_addresses[carrier],
            terms=terms_of(configuration),
            patience=patience_of(configuration),
            alive=partial(self._alive, transport, _breaks(transport)),
            apart=len(self.transports) > 1,
        )

    def _alive(self, transport: Transport, breaks: int) -> bool:
        if isinstance(transport, JmsTransport) and (problem := transport.problem()):
            raise Inconclusive(f"nothing can arrive over JMS: {problem}")
        if _breaks(transport) != breaks:
            raise Inconclusive("the connection to the broker was lost meanwhile; what was sent then may be lost, too")
        if self.gateway is not None:
            return self.gateway.alive
        try:
            address = (self.loaded.configuration.callback.host, self.port)
            socket.create_connection(address, self.loaded.configuration.timeouts.connect_s).close()
        except OSError:
            return False
        return True

    def close(self) -> None:
        """Let go of everything."""
        for transport in self.transports.values():
            transport.close()
        if self.gateway is not None:
            self.gateway.stop()
        self.journal.close()


def _breaks(transport: Transport) -> int:
    """Return what changes when messages on their way to us may have been lost."""
    return transport.breaks() if isinstance(transport, JmsTransport) else 0


def default_out() -> Path:
    """Return a directory for a run that names none: by its time, so that no run overwrites another."""
    stamp = datetime.now(UTC).strftime("%Y-%m-%dT%H-%M-%SZ")
    folder, number = Path("conformance-out") / stamp, 1
    while folder.exists():
        number += 1
        folder = Path("conformance-out") / f"{stamp}-{number}"
    return folder


def begin(sut: Path, out: Path, selection: dict[str, Any], *, pre_flight: bool, in_thread: bool) -> Run:
    """Start a run: configuration, pre-flight, journal, gateway.

    Raises ConfigurationError, before anything is written, when the configuration is wrong, the system cannot be
    tested, or ``out`` already holds a run.
    """
    loaded = load(sut)
    if (out / FILE_NAME).exists():
        raise ConfigurationError(f"{out} already holds a run: give another --out, or delete it")
    transport = selection.get("transport", "soap")
    if pre_flight:
        examine_or_refuse(loaded, transport)
    settings = gateway_settings(loaded, out / FILE_NAME, transport)
    journal = Journal(out / FILE_NAME, loaded.secrets)
    gateway = Gateway(settings, in_thread=in_thread)
    try:
        gateway.start()
    except Exception:
        journal.close()
        for left_over in out.glob(FILE_NAME + "*"):
            left_over.unlink()
        with suppress(OSError):
            out.rmdir()
        raise
    _describe(journal, loaded, selection)
    known = {"soap": gateway.reply_address, "jms": str(settings.jms.later) if settings.jms else ""}
    addresses = {name: known[name] for name in TRANSPORTS[transport]}
    return Run(loaded=loaded, out=out, journal=journal, reply_addresses=addresses, gateway=gateway, desk=gateway.desk)


def join(
    sut: Path, out: Path, reply_addresses: Mapping[str, str], *, port: int, desk: DeskAddress | None = None
) -> Run:
    """Return the run that the first process began, for a worker; its gateway listens on ``port``."""
    loaded = load(sut)
    journal = Journal(out / FILE_NAME, loaded.secrets)
    return Run(loaded=loaded, out=out, journal=journal, reply_addresses=reply_addresses, port=port, desk=desk)


def examine_or_refuse(loaded: Loaded, transport: str) -> None:
    """Raise ConfigurationError when the pre-flight finds that the system cannot be tested over ``transport``."""
    problems = [result for result in examine(loaded, transport=transport) if result.status == "problem"]
    if problems:
        lines = [f"{item.name}: {item.what}" + (f"; {item.fix}" if item.fix else "") for item in problems]
        head = "the system cannot be tested as it is; no verdict was made"
        raise ConfigurationError(f"{head}. `conformance doctor {loaded.path}` tells more", lines)


def _describe(journal: Journal, loaded: Loaded, selection: dict[str, Any]) -> None:
    configuration = loaded.configuration
    dumped = configuration.model_dump(mode="json", by_alias=True, exclude_none=True)
    style, soap = carried_over(configuration.endpoints, selection.get("transport", "soap"))
    journal.set_meta("suite", _suite())
    journal.set_meta("system_under_test", dumped["system_under_test"])
    journal.set_meta("capabilities", dumped["capabilities"])
    journal.set_meta("configuration", dumped)
    journal.set_meta("schemas", SchemaStore(edition_of(configuration), configuration.standard.schemas).source)
    journal.set_meta("catalogue", [row.as_dict() for row in catalogue().values()])
    journal.set_meta(
        "selection",
        {
            "transport": "soap",
            "edition": configuration.system_under_test.edition,
            "style": style,
            "soap": soap,
            **selection,
        },
    )
    journal.set_meta("started", time.time())


def carried_over(endpoints: Endpoints, transport: str) -> tuple[str, str]:
    """Return style and SOAP version of what a run sends; ``none`` is plain XML over JMS. HTTP's come first."""
    jms, web = endpoints.jms, endpoints.chosen
    over_jms = jms.soap if jms is not None and jms.binding == "soap" else "none"
    if transport == "jms":
        return (endpoints.style or "none") if over_jms != "none" else "none", over_jms
    version = web.soap if web is not None else "none"
    differ = transport == "all" and over_jms not in ("none", version)
    return endpoints.style or "none", f"{version}, over JMS {over_jms}" if differ else version


def _suite() -> dict[str, Any]:
    found: dict[str, str] = {}
    for name in _DEPENDENCIES:
        with suppress(importlib.metadata.PackageNotFoundError):
            found[name] = importlib.metadata.version(name)
    return {"version": conformance.__version__, "python": platform.python_version(), "dependencies": found}


def finish(run: Run, *, interrupted: bool, write: Callable[[Path], dict[str, Any]]) -> dict[str, Any]:
    """End the run and write what is derived from its journal; return the verdicts."""
    run.journal.set_meta("finished", time.time())
    run.journal.set_meta("ended", "interrupted" if interrupted else "complete")
    run.close()
    with suppress(OSError):
        (run.out / "turn.lock").unlink(missing_ok=True)
    return write(run.out)
