"""What the user of ``conformance run`` asks for, and everything that is wrong with it, told at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from conformance.errors import ConfigurationError
from conformance.plugin.selection import selected
from conformance.standard.editions import TESTED
from conformance.sut.load import load
from conformance.transport.base import TRANSPORTS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conformance.message.soap import SoapVersion, Style
    from conformance.transport.jms.brokers import BrokerKind
    from conformance.transport.jms.settings import SoapBinding


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What the user asks for."""

    sut: Path | None = None
    select: str | None = None
    transport: str = "soap"
    edition: str | None = None
    jobs: int = 1
    out: Path | None = None
    style: str = "generic"
    soap: str = "1.1"
    faults: tuple[str, ...] = ()
    variants: tuple[str, ...] = ()
    broker: str = "classic"
    binding: str = "xml"


def refuse_what_cannot_be(order: Order, out: Path) -> None:
    """Raise ConfigurationError that names all that is wrong with ``order``, whose results go to ``out``."""
    checks: tuple[Callable[[], object], ...] = (
        lambda: broker_of(order.transport, order.broker),
        lambda: binding_of(order),
        lambda: selected(order.select),
        lambda: carried(order),
        lambda: _check_deviations(order.faults, ()),
        lambda: _check_deviations((), order.variants),
        lambda: _check_whose(order),
        lambda: _check_out(out),
        lambda: _check_edition(order),
    )
    refused = [problem for check in checks if (problem := _problem(check)) is not None]
    if len(refused) == 1:
        raise refused[0]
    if refused:
        raise ConfigurationError(f"{len(refused)} things are wrong, and nothing was run", [*map(_indented, refused)])


def _problem(check: Callable[[], object]) -> ConfigurationError | None:
    try:
        check()
    except ConfigurationError as problem:
        return problem
    return None


def _indented(problem: ConfigurationError) -> str:
    return "\n    ".join([problem.message, *problem.problems])


def broker_of(transport: str, name: str) -> BrokerKind | None:
    """Return the broker of the reference system; None for SOAP. Raises ConfigurationError for an unknown word."""
    brokers: dict[str, BrokerKind] = {"classic": "classic", "artemis": "artemis"}
    if transport not in TRANSPORTS:
        raise ConfigurationError(f"--transport {transport} is not known to this version; it knows: {_words()}")
    if name not in brokers:
        raise ConfigurationError(f"--broker {name} is not known; there are: {', '.join(brokers)}")
    return brokers[name] if "jms" in TRANSPORTS[transport] else None


def _words() -> str:
    return ", ".join(TRANSPORTS)


def carried(order: Order) -> tuple[Style, SoapVersion]:
    """Return style and SOAP version of the reference system; plain XML over JMS alone is bare.

    Raises ConfigurationError for what cannot be.
    """
    styles: dict[str, Style] = {"generic": "generic", "typed": "typed", "bare": "bare"}
    versions: dict[str, SoapVersion] = {"1.1": "1.1", "1.2": "1.2", "none": "none"}
    if order.style not in styles or order.soap not in versions or (order.soap == "none" and order.style != "bare"):
        raise ConfigurationError(
            f"--style {order.style} with --soap {order.soap} cannot be: styles are {', '.join(styles)}, "
            f"SOAP versions {', '.join(versions)}, and none goes with bare only"
        )
    plain = order.transport == "jms" and order.binding == "xml"
    return ("bare", "none") if plain else (styles[order.style], versions[order.soap])


def binding_of(order: Order) -> SoapBinding | None:
    """Return what JMS messages of the reference system are carried by; None for plain XML.

    Raises ConfigurationError for an unknown word, and for an envelope without a SOAP version.
    """
    if order.binding not in ("xml", "soap"):
        raise ConfigurationError(f"--binding {order.binding} is not known; there are: xml, soap")
    if order.binding == "xml" or order.transport == "soap":
        return None
    from conformance.transport.jms.settings import SoapBinding

    style, version = carried(order)
    if version == "none":
        raise ConfigurationError("--binding soap with --soap none cannot be: name a SOAP version, 1.1 or 1.2")
    return SoapBinding(style=style, version=version)


def _check_deviations(faults: tuple[str, ...], variants: tuple[str, ...]) -> None:
    if faults or variants:
        from conformance.reference import ReferenceServer

        ReferenceServer(faults=faults, variants=variants)


def _check_whose(order: Order) -> None:
    default = Order()
    given = {
        "--fault": order.faults != default.faults,
        "--variant": order.variants != default.variants,
        "--style": order.style != default.style,
        "--soap": order.soap != default.soap,
        "--broker": order.broker != default.broker,
        "--binding": order.binding != default.binding,
    }
    wrong = [name for name, said in given.items() if said]
    if order.sut is not None and wrong:
        raise ConfigurationError(f"{', '.join(wrong)}: for the bundled reference system only; leave out SUT.toml or it")


def _check_out(out: Path) -> None:
    if not out.exists():
        return
    if not out.is_dir():
        raise ConfigurationError(f"--out {out} is a file: name a directory that is new or empty")
    if (out / "journal.db").exists():
        raise ConfigurationError(f"{out} already holds a run: give another --out, or delete it")
    if any(out.iterdir()):
        raise ConfigurationError(f"--out {out} is not empty: name a directory that is new or empty")


def _check_edition(order: Order) -> None:
    """Look at SUT.toml, too: what is wrong there is told together with the rest."""
    if order.sut is not None:
        claimed = load(order.sut).configuration.system_under_test.edition
        if order.edition not in (None, claimed):
            raise ConfigurationError(f"--edition {order.edition} was asked for, but {order.sut} says edition {claimed}")
    elif order.edition not in (None, *TESTED):
        raise ConfigurationError(f"--edition {order.edition} is not known to this version; it knows: {_editions()}")


def _editions() -> str:
    return ", ".join(TESTED)
