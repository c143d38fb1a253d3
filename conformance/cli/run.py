"""``conformance run``: pre-flight, the run with its progress, the summary."""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from conformance.cli.order import Order, binding_of, broker_of, carried, refuse_what_cannot_be
from conformance.cli.progress import Progress
from conformance.errors import ConfigurationError, InternalError
from conformance.isolation import apart
from conformance.journal import FILE_NAME
from conformance.plugin.run import default_out, examine_or_refuse
from conformance.report.console import summary
from conformance.sut.load import load
from conformance.transport.base import TRANSPORTS

_INI = Path(__file__).resolve().parent.parent / "suite" / "pytest.ini"
LOG = "pytest.log"
#: Lines of a pipe or a file are longer than those of a terminal: whoever reads them wants whole file names.
_PIPE_WIDTH = 160


def carry_out(order: Order) -> int:
    """Judge the system and return the exit code. Raises ConfigurationError before anything is written."""
    out = order.out or default_out()
    refuse_what_cannot_be(order, out)
    with _system(order, out) as sut:
        loaded = load(sut)
        # The broker of the reference system was made just now.
        looked_at = order.transport if order.sut is not None else "soap" if order.transport != "jms" else None
        if looked_at is not None:
            examine_or_refuse(loaded, looked_at)
        verdicts = _judge(order, sut, out)
    show(verdicts, out)
    return int(verdicts["exit_code"])


@contextlib.contextmanager
def _system(order: Order, out: Path) -> Iterator[Path]:
    """Yield the SUT.toml to use: the user's, or that of a reference system that runs meanwhile."""
    if order.sut is not None:
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
            jms = running.enter_context(JmsReference(server, broker, soap=binding_of(order)))
            configuration = jms.configuration(*carried(order))
        _make(out)
        path = out / "SUT.toml"
        path.write_text(to_toml(configuration), encoding="utf-8")
        yield path


def _make(out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise ConfigurationError(f"--out {out} cannot be made: {problem.strerror}; name another place") from problem


def _judge(order: Order, sut: Path, out: Path) -> dict[str, Any]:
    _make(out)
    arguments = [
        "-c", str(_INI), "--noconftest", "--sut", str(sut), "--out", str(out), "--skip-pre-flight", "--capture=sys",
        "--alluredir", str(out / "allure-results"), "-p", "no:cacheprovider", "--transport", order.transport,
    ]  # fmt: skip
    # The virtual machine of the reference system needs the signal that pytest's faulthandler would take from it.
    arguments += ["-p", "no:faulthandler"] if "jms" in TRANSPORTS[order.transport] else []
    arguments += ["--select", order.select] if order.select else []
    arguments += ["-n", str(order.jobs)] if order.jobs > 1 else []
    log, collapse = io.StringIO(), _Collapse()
    with Progress(out / FILE_NAME, sys.stderr), apart(log):
        code = pytest.main(arguments, plugins=[collapse])
    if code == pytest.ExitCode.USAGE_ERROR and not (out / FILE_NAME).exists():
        # The run could not begin: no broker, no login, a port that is taken.
        raise ConfigurationError(log.getvalue().partition("ERROR: ")[2].strip() or log.getvalue())
    _make(out)
    (out / LOG).write_text(log.getvalue(), encoding="utf-8")
    # The code alone does not tell: 3 is pytest's word for its own faults, and ours for an inconclusive run.
    if collapse.happened or code == pytest.ExitCode.USAGE_ERROR or not (out / "verdicts.json").exists():
        raise InternalError(f"the run did not end in verdicts; {out / LOG} says:\n{log.getvalue()[-2000:]}")
    verdicts: dict[str, Any] = json.loads((out / "verdicts.json").read_text(encoding="utf-8"))
    return verdicts


class _Collapse:
    """A plugin that notices when pytest itself, or a plugin, breaks down."""

    happened = False

    def pytest_internalerror(self) -> None:
        """Remember it."""
        self.happened = True


def show(verdicts: dict[str, Any], out: Path) -> None:
    """Print the summary of a run."""
    console = Console(highlight=False)
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console = Console(highlight=False, width=_PIPE_WIDTH)
    for part in summary(verdicts, out):
        console.print(part)
