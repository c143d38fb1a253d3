"""``conformance run``: pre-flight, the run with its progress, the summary."""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from rich.console import Console

from conformance.cli.progress import Progress
from conformance.errors import ConfigurationError, InternalError
from conformance.journal import FILE_NAME
from conformance.plugin.run import default_out, examine_or_refuse
from conformance.plugin.selection import selected
from conformance.report.console import summary
from conformance.sut.load import load

if TYPE_CHECKING:
    from conformance.message.soap import SoapVersion, Style
    from conformance.transport.jms.brokers import BrokerKind

_INI = Path(__file__).resolve().parent.parent / "suite" / "pytest.ini"
LOG = "pytest.log"


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


def carry_out(order: Order) -> int:
    """Judge the system and return the exit code. Raises ConfigurationError before anything is written."""
    broker_of(order.transport, order.broker)
    selected(order.select)
    out = order.out or default_out()
    if (out / FILE_NAME).exists():
        raise ConfigurationError(f"{out} already holds a run: give another --out, or delete it")
    with _system(order, out) as sut:
        loaded = load(sut)
        claimed = loaded.configuration.system_under_test.edition
        if order.edition not in (None, claimed):
            raise ConfigurationError(f"--edition {order.edition} was asked for, but {sut} says edition {claimed}")
        if order.transport == "soap":
            examine_or_refuse(loaded)
        verdicts = _judge(order, sut, out)
    show(verdicts, out)
    return int(verdicts["exit_code"])


@contextlib.contextmanager
def _system(order: Order, out: Path) -> Iterator[Path]:
    """Yield the SUT.toml to use: the user's, or that of a reference system that runs meanwhile."""
    if order.sut is not None:
        if order.faults or order.variants:
            raise ConfigurationError("--fault and --variant are for the reference system; leave SUT.toml out")
        yield order.sut
        return
    from conformance.reference import ReferenceServer
    from conformance.reference.jms import JmsReference
    from conformance.sut.write import to_toml

    with contextlib.ExitStack() as running:
        server = running.enter_context(ReferenceServer(faults=order.faults, variants=order.variants))
        configuration = server.configuration(*carried(order))
        broker = broker_of(order.transport, order.broker)
        if broker is not None:
            configuration = running.enter_context(JmsReference(server, broker)).configuration()
        out.mkdir(parents=True, exist_ok=True)
        path = out / "SUT.toml"
        path.write_text(to_toml(configuration), encoding="utf-8")
        yield path


def broker_of(transport: str, name: str) -> BrokerKind | None:
    """Return the broker of the reference system; None for SOAP. Raises ConfigurationError for an unknown word."""
    brokers: dict[str, BrokerKind] = {"classic": "classic", "artemis": "artemis"}
    if transport not in ("soap", "jms"):
        raise ConfigurationError(f"--transport {transport} is not known to this version; it knows: soap, jms")
    if name not in brokers:
        raise ConfigurationError(f"--broker {name} is not known; there are: {', '.join(brokers)}")
    return brokers[name] if transport == "jms" else None


def carried(order: Order) -> tuple[Style, SoapVersion]:
    """Return style and SOAP version of the reference system. Raises ConfigurationError for what cannot be."""
    styles: dict[str, Style] = {"generic": "generic", "typed": "typed", "bare": "bare"}
    versions: dict[str, SoapVersion] = {"1.1": "1.1", "1.2": "1.2", "none": "none"}
    if order.style not in styles or order.soap not in versions or (order.soap == "none" and order.style != "bare"):
        raise ConfigurationError(
            f"--style {order.style} with --soap {order.soap} cannot be: styles are {', '.join(styles)}, "
            f"SOAP versions {', '.join(versions)}, and none goes with bare only"
        )
    return styles[order.style], versions[order.soap]


def _judge(order: Order, sut: Path, out: Path) -> dict[str, Any]:
    out.mkdir(parents=True, exist_ok=True)
    arguments = [
        "-c", str(_INI), "--sut", str(sut), "--out", str(out), "--skip-pre-flight", "--capture=sys",
        "--alluredir", str(out / "allure-results"), "-p", "no:cacheprovider", "--transport", order.transport,
    ]  # fmt: skip
    # The virtual machine of the reference system needs the signal that pytest's faulthandler would take from it.
    arguments += ["-p", "no:faulthandler"] if order.transport == "jms" else []
    arguments += ["--select", order.select] if order.select else []
    arguments += ["-n", str(order.jobs)] if order.jobs > 1 else []
    log = io.StringIO()
    with Progress(out / FILE_NAME, sys.stderr), _quiet(log):
        code = pytest.main(arguments)
    if code == pytest.ExitCode.USAGE_ERROR and not (out / FILE_NAME).exists():
        # The run could not begin: no broker, no login, a port that is taken.
        raise ConfigurationError(log.getvalue().partition("ERROR: ")[2].strip() or log.getvalue())
    out.mkdir(parents=True, exist_ok=True)
    (out / LOG).write_text(log.getvalue(), encoding="utf-8")
    if code in (pytest.ExitCode.USAGE_ERROR, pytest.ExitCode.INTERNAL_ERROR) or not (out / "verdicts.json").exists():
        raise InternalError(f"the run did not end in verdicts; {out / LOG} says:\n{log.getvalue()[-2000:]}")
    verdicts: dict[str, Any] = json.loads((out / "verdicts.json").read_text(encoding="utf-8"))
    return verdicts


@contextlib.contextmanager
def _quiet(log: io.StringIO) -> Iterator[None]:
    """Keep pytest's own talk out of the way, and the caller's settings out of pytest."""
    kept = {name: os.environ.pop(name) for name in ("PYTEST_ADDOPTS", "PYTEST_PLUGINS") if name in os.environ}
    try:
        with contextlib.redirect_stdout(log), contextlib.redirect_stderr(log):
            yield
    finally:
        os.environ.update(kept)


def show(verdicts: dict[str, Any], out: Path) -> None:
    """Print the summary of a run."""
    console = Console(highlight=False)
    for part in summary(verdicts, out):
        console.print(part)
