"""A tiny TCP proxy before a broker, whose connections a test can cut or hold back."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from typing import Self
from urllib.parse import urlsplit


class Proxy:
    """Passes bytes on between clients and the broker at ``url``. A context manager."""

    def __init__(self, url: str) -> None:
        """Listen on a free port of the loopback interface."""
        self._there = (str(urlsplit(url).hostname), urlsplit(url).port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"tcp://127.0.0.1:{self._listener.getsockname()[1]}"
        self._open: list[socket.socket] = []
        self._away = threading.Event()
        self._flows = threading.Event()
        self._flows.set()

    def cut(self) -> None:
        """Drop every connection; new ones are let through."""
        for one in self._open:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        self._open.clear()

    def go_away(self) -> None:
        """Drop every connection, and each new one at once, until :meth:`come_back`."""
        self._away.set()
        self.cut()

    def come_back(self) -> None:
        """Let connections through again."""
        self._away.clear()

    def swallow(self) -> None:
        """Let no byte through any more, and drop no connection: neither side is told anything."""
        self._flows.clear()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                here, _ = self._listener.accept()
                if self._away.is_set():
                    here.close()
                    continue
                there = socket.create_connection(self._there)
                self._open += [here, there]
                for one, other in ((here, there), (there, here)):
                    threading.Thread(target=self._pass_on, args=(one, other), daemon=True).start()

    def __enter__(self) -> Self:
        """Begin to accept."""
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        """End everything."""
        self._listener.close()
        self.cut()
        self._flows.set()

    def _pass_on(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while piece := one.recv(65536):
                self._flows.wait()
                other.sendall(piece)
        for end in (one, other):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
