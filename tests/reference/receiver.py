"""A tiny HTTP listener that keeps what is posted to it."""

import queue
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

from conformance.message.model import Message
from conformance.message.soap import unwrap


class Receiver:
    """Listens on a free loopback port; ``posted`` holds (path, headers, body) in order of arrival."""

    def __init__(self, status: int = 200) -> None:
        """Answer everything with ``status``."""
        self.posted: queue.Queue[tuple[str, dict[str, str], bytes]] = queue.Queue()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.posted.put((self.path, dict(self.headers), body))
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)

    def take(self) -> tuple[str, dict[str, str], bytes]:
        """Return path, headers and body of what arrives next."""
        return self.posted.get(timeout=20)  # it takes milliseconds, but not on a machine that is busy

    def next(self) -> Message:
        """Return the next message that arrives."""
        message = unwrap(self.take()[2]).message
        assert message is not None
        return message

    def __enter__(self) -> Self:
        """Start."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
