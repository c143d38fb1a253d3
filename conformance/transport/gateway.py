"""The one process of a run that listens: later answers and events of the system arrive here.

A real system has one callback address, so workers share a gateway and watch the journal. The gateway is
``python -m conformance.transport.gateway``; it gets its settings, secrets among them, over standard input,
and ends when that closes: even a run that is killed leaves no orphan.
"""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from conformance.errors import ConfigurationError, ConformanceError, InternalError
from conformance.journal import Journal
from conformance.transport.listening import Server, listen, new_token, path_of
from conformance.transport.security import blotted
from conformance.transport.settings import GatewaySettings

if TYPE_CHECKING:
    import socket
    from types import TracebackType

    from conformance.transport.jms.desk import Desk, DeskAddress

_START_S = 30.0
_STOP_S = 5.0
_STDIN = 0
_ANY_ADDRESS = ("0.0.0.0", "::", "")  # noqa: S104 - recognised, not bound


class Gateway:
    """Starts and stops the gateway: a process, or a thread of this one (for calibration and tests)."""

    def __init__(self, settings: GatewaySettings, *, in_thread: bool = False) -> None:
        """Nothing runs before :meth:`start`."""
        self.settings = settings
        self.token = new_token()
        self._runner: _Process | _Thread = (_Thread if in_thread else _Process)(settings, self.token)
        self._port = 0

    def start(self) -> None:
        """Start and return once connections are accepted. Raises ConfigurationError when that cannot be."""
        if self.settings.advertise is None and self.settings.host in _ANY_ADDRESS:
            raise ConfigurationError(
                f'[callback] host = "{self.settings.host}" listens everywhere, but is no address to'
                " send to: set [callback] advertise to the URL at which the system reaches this machine"
            )
        self._port = self._runner.start()

    @property
    def port(self) -> int:
        """Return the port that is listened on."""
        return self._port

    @property
    def desk(self) -> DeskAddress | None:
        """Return where workers send over JMS; None without JMS."""
        return self._runner.desk

    @property
    def reply_address(self) -> str:
        """Return what ReplyAddress says over HTTP: as advertised, or a path of this run alone."""
        if self.settings.advertise is not None:
            return self.settings.advertise
        scheme = "https" if self.settings.certificate else "http"
        host = f"[{self.settings.host}]" if ":" in self.settings.host else self.settings.host
        return f"{scheme}://{host}:{self._port}{path_of(self.token)}"

    @property
    def alive(self) -> bool:
        """Return whether it runs."""
        return self._runner.alive

    @property
    def pid(self) -> int | None:
        """Return the id of its process; None when it has none of its own."""
        return self._runner.pid

    def stop(self) -> None:
        """Stop it; what it has acknowledged is in the journal. Harmless when it does not run."""
        self._runner.stop()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


class _Thread:
    """The gateway in a thread of this process."""

    pid = None
    desk: DeskAddress | None = None

    def __init__(self, settings: GatewaySettings, token: str) -> None:
        self._settings = settings
        self._jms: Desk | None = None
        self._token = token
        self._server: Server | None = None
        self._thread: threading.Thread | None = None

    @property
    def alive(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def start(self) -> int:
        sock = listen(self._settings.host, self._settings.port)
        port: int = sock.getsockname()[1]
        try:
            self._server = Server(self._settings, self._token)
            self._jms, self.desk = _open_desk(self._settings, self._token)
        except BaseException:
            sock.close()
            raise
        ready = threading.Event()
        self._thread = threading.Thread(target=_serve, args=(self._server, sock, ready), daemon=True, name="gateway")
        self._thread.start()
        ready.wait(_START_S)
        if not self._server.started:
            raise InternalError("the gateway did not start; what it said stands above")
        return port

    def stop(self) -> None:
        if self._server is not None and self._thread is not None:
            self._server.should_exit = True
            self._thread.join(_STOP_S)
        if self._jms is not None:
            self._jms.close()


def _open_desk(settings: GatewaySettings, token: str) -> tuple[Desk | None, DeskAddress | None]:
    """Connect to the broker, when there is one. Raises ConfigurationError in the words of SUT.toml."""
    if settings.jms is None:
        return None, None
    from conformance.transport.jms.desk import Desk

    desk = Desk(settings.jms, Journal(settings.journal, settings.secrets), token)
    try:
        return desk, desk.open()
    except ConformanceError as problem:
        desk.close()
        raise ConfigurationError(blotted(str(problem), settings.secrets)) from None


def _serve(server: Server, sock: socket.socket, ready: threading.Event) -> None:
    try:
        server.serve_on(sock, ready.set)
    finally:
        ready.set()


class _Process:
    """The gateway as a process of its own."""

    desk: DeskAddress | None = None

    def __init__(self, settings: GatewaySettings, token: str) -> None:
        self._settings = settings
        self._token = token
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def start(self) -> int:
        package_root = str(Path(__file__).parents[2])
        path = os.pathsep.join(filter(None, [package_root, os.environ.get("PYTHONPATH")]))
        self._process = subprocess.Popen(  # noqa: S603 - this very program
            [sys.executable, "-m", __name__], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": path},
            start_new_session=True,  # Ctrl-C is for the run, which then stops its gateway in good order
        )  # fmt: skip
        answer = self._first_answer(self._process)
        if "port" in answer:
            self.desk = _desk_address(answer.get("desk"), self._token)
            return int(answer["port"])
        self.stop()
        if "problem" in answer:
            raise ConfigurationError(answer["problem"])
        raise InternalError(
            f"the gateway process was not ready within {_START_S:g} s (exit code {self._process.returncode});"
            " what it said stands above"
        )

    def _first_answer(self, process: subprocess.Popen[bytes]) -> dict[str, Any]:
        assert process.stdin is not None  # noqa: S101 - as asked for
        assert process.stdout is not None  # noqa: S101 - as asked for
        lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        threading.Thread(target=_read_line, args=(process.stdout, lines), daemon=True).start()
        settings = {**asdict(self._settings), "token": self._token}
        try:
            process.stdin.write(json.dumps(settings, default=str).encode() + b"\n")
            process.stdin.flush()
            answer: dict[str, Any] = json.loads(lines.get(timeout=_START_S) or b"{}")
        except (OSError, queue.Empty):
            return {}
        return answer

    def stop(self) -> None:
        process = self._process
        if process is None or process.stdin is None or process.stdin.closed:
            return
        with suppress(OSError):  # it has ended by itself
            process.stdin.close()
        try:
            process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()


def _desk_address(address: str | None, token: str) -> DeskAddress | None:
    if address is None:
        return None
    from conformance.transport.jms.desk import DeskAddress

    return DeskAddress(address=address, key=token)


def _read_line(stream: Any, lines: queue.SimpleQueue[bytes]) -> None:
    lines.put(stream.readline())


def _settings_of(given: dict[str, Any]) -> GatewaySettings:
    for name in ("journal", "certificate", "key"):
        given[name] = Path(given[name]) if given[name] is not None else None
    if given.get("jms") is not None:
        from conformance.transport.jms.settings import JmsSettings

        given["jms"] = JmsSettings.from_json(given["jms"])
    return GatewaySettings(**{**given, "secrets": tuple(given["secrets"])})


def main() -> int:
    """Run the gateway: settings as one JSON line on standard input, the port as one on standard output."""
    given = json.loads(_first_line())
    token = given.pop("token")
    settings = _settings_of(given)
    try:
        sock = listen(settings.host, settings.port)
        server = Server(settings, token)
        desk, address = _open_desk(settings, token)
    except ConfigurationError as problem:
        _say(problem=str(problem))
        return 2
    force = threading.Timer(_STOP_S, os._exit, args=(1,))
    force.daemon = True
    threading.Thread(target=_end_with_parent, args=(server, force), daemon=True).start()
    reached = address.address if address else None
    server.serve_on(sock, lambda: _say(port=sock.getsockname()[1], desk=reached))
    if desk is not None:
        desk.close()
    force.cancel()
    return 0


def _first_line() -> bytes:
    line = b""
    while not line.endswith(b"\n") and (piece := os.read(_STDIN, 65536)):
        line += piece
    return line


def _say(**answer: Any) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def _end_with_parent(server: Server, force: threading.Timer) -> None:
    """Wait until standard input closes, which also a killed parent causes; then stop, by force if need be."""
    while os.read(_STDIN, 65536):
        pass
    server.should_exit = True
    force.start()


if __name__ == "__main__":
    sys.exit(main())
