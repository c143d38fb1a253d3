"""``conformance serve``: the reference system, for a vendor's own development."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import typer

from conformance.errors import ConfigurationError
from conformance.reference import ReferenceServer, serve
from conformance.reference.server import Carrier

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the user asks for."""

    role: str
    host: str
    port: int
    seed: int
    faults: tuple[str, ...]
    variants: tuple[str, ...]
    style: str
    soap: str
    write: Path
    transport: str = "soap"
    broker: str = "classic"
    binding: str = "xml"


def carry_out(wish: Wish) -> None:
    """Serve until Ctrl-C. Raises ConfigurationError for a role, a name or an address that cannot be."""
    from conformance.cli.order import Order, binding_of, broker_of, carried

    if wish.role != "MS":
        raise ConfigurationError(f"--role {wish.role} is not known to this version; it knows: MS")
    broker = broker_of(wish.transport, wish.broker)
    order = Order(style=wish.style, soap=wish.soap, transport=wish.transport, binding=wish.binding)
    style, soap = carried(order)
    carrier = Carrier(broker=broker, soap=binding_of(order)) if broker is not None else None
    server = ReferenceServer(faults=wish.faults, variants=wish.variants, seed=wish.seed, host=wish.host, port=wish.port)
    serve(server, typer.echo, wish.write, style, soap, carrier)
