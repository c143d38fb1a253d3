"""A broker in a process, and a virtual machine, of its own: it can be killed, and no class of it is in the way.

``python -m conformance.transport.jms.broker_process`` gets its options as one JSON line over standard input, and
after that orders (``stop``, ``start``); it ends when standard input closes.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conformance.errors import ConfigurationError, ConformanceError
from conformance.transport.jms.brokers import ArtemisBroker, BrokerOptions, BrokerTls, ClassicBroker, jndi_of
from conformance.transport.jms.jars import find_jars

if TYPE_CHECKING:
    from typing import Self

    from conformance.transport.jms.brokers import BrokerKind

_STOP_S = 10.0


class BrokerProcess:
    """Starts and stops a broker of ``kind`` in a process of its own. A context manager."""

    def __init__(self, kind: BrokerKind, options: BrokerOptions | None = None, directory: Path | None = None) -> None:
        """Find the jars. Raises ConfigurationError, which says how to install them."""
        self.kind: BrokerKind = kind
        self.class_path = find_jars(kind, directory)
        self._given = {
            **asdict(options or BrokerOptions()), "kind": kind, "directory": str(directory) if directory else None,
        }  # fmt: skip
        self._process: subprocess.Popen[str] | None = None
        self.url = ""

    @property
    def jndi(self) -> dict[str, str]:
        """Return the naming environment for clients."""
        return jndi_of(self.kind, self.url)

    @property
    def pid(self) -> int | None:
        """Return the id of the process."""
        return self._process.pid if self._process else None

    def start(self) -> Self:
        """Start and return when connections are accepted. Raises ConfigurationError when that cannot be."""
        root = str(Path(__file__).parents[3])
        path = os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH")]))
        self._process = subprocess.Popen(  # noqa: S603 - this very program
            [sys.executable, "-m", __name__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env={**os.environ, "PYTHONPATH": path}, start_new_session=True,
        )  # fmt: skip
        try:
            said = self._told(json.dumps(self._given, default=str))
        except ConfigurationError:
            self.stop()
            raise
        self.url = said["url"]
        # Whoever starts it again wants it at the same place.
        self._given["port"] = int(self.url.rpartition(":")[2])
        return self

    def restart(self) -> None:
        """Stop the broker and start it again, in the same process and at the same place."""
        self.halt()
        self.resume()

    def halt(self) -> None:
        """Stop the broker; the process stays."""
        self._told("stop")

    def resume(self) -> None:
        """Start the broker again."""
        self._told("start")

    def kill(self) -> None:
        """End the process at once, as a power failure would."""
        if self._process is not None:
            self._process.kill()
            self._clean_up(self._process)

    def stop(self) -> None:
        """Stop the broker and end the process; harmless when it has ended."""
        process = self._process
        if process is None:
            return
        if process.stdin is not None:
            with suppress(OSError):
                process.stdin.close()
        try:
            process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
        self._clean_up(process)

    def _clean_up(self, process: subprocess.Popen[str]) -> None:
        process.wait()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                with suppress(OSError):
                    stream.close()
        self._process = None

    def _told(self, order: str) -> dict[str, Any]:
        process = self._process
        if process is None or process.stdin is None or process.stdout is None:
            raise ConfigurationError(f"the {self.kind} broker does not run: start it first")
        try:
            process.stdin.write(order + "\n")
            process.stdin.flush()
            said: dict[str, Any] = json.loads(process.stdout.readline() or "{}")
        except (OSError, ValueError):
            said = {}
        if "url" not in said:
            raise ConfigurationError(said.get("problem", f"the process of the {self.kind} broker has ended"))
        return said

    def __enter__(self) -> Self:
        """Start."""
        return self.start()

    def __exit__(self, *_: object) -> None:
        """Stop."""
        self.stop()


def main() -> int:
    """Run a broker until standard input closes."""
    given = json.loads(sys.stdin.readline())
    kind, directory = given.pop("kind"), given.pop("directory")
    given["data"] = Path(given["data"]) if given["data"] else None
    given |= {name: tuple(given[name]) for name in ("queues", "topics")}
    given["tls"] = _tls(given["tls"])
    try:
        made = (ArtemisBroker if kind == "artemis" else ClassicBroker)(
            BrokerOptions(**given), Path(directory) if directory else None
        )
        made.start()
        _say(url=made.url)
        for order in sys.stdin:
            (made.stop if order.strip() == "stop" else made.start)()
            _say(url=made.url)
        made.stop()
    except ConformanceError as problem:
        _say(problem=str(problem))
        return 2
    return 0


def _tls(given: dict[str, Any] | None) -> BrokerTls | None:
    if given is None:
        return None
    trust = given["trust_store"]
    return BrokerTls(
        key_store=Path(given["key_store"]), password=given["password"], trust_store=Path(trust) if trust else None
    )


def _say(**answer: str) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
