"""What a system can do wrong with an answer: each a function that is let loose on one connection."""

from __future__ import annotations

import gzip
import socket
import struct
from typing import Any

OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n"


def reset(peer: Any) -> None:
    """Reset the connection."""
    peer.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def silent_in_headers(peer: Any) -> None:
    """Begin the headers, then say nothing more."""
    peer.say(OK)
    peer.hold()


def cut_in_headers(peer: Any) -> None:
    """Begin the headers, then close."""
    peer.say(OK + b"X-Half: hea")


def drip_headers(peer: Any) -> None:
    """Send one byte of an endless header at a time."""
    peer.say(OK)
    while not peer.hold(0.02):
        peer.say(b"X")


def drip_body(peer: Any) -> None:
    """Send one byte of a long body at a time."""
    peer.say(OK + b"Content-Length: 100000\r\n\r\n")
    while not peer.hold(0.02):
        peer.say(b" ")


def drip_unannounced(peer: Any) -> None:
    """Send a body without an announced end, one byte at a time."""
    peer.say(OK + b"Connection: close\r\n\r\n")
    while not peer.hold(0.02):
        peer.say(b" ")


def endless_chunks(peer: Any) -> None:
    """Send chunk after chunk, for ever."""
    peer.say(OK + b"Transfer-Encoding: chunked\r\n\r\n")
    while not peer.hold(0.01):
        peer.say(b"5\r\nhello\r\n")


def endless_continue(peer: Any) -> None:
    """Send 100 Continue for ever."""
    while not peer.hold(0.001):
        peer.say(b"HTTP/1.1 100 Continue\r\n\r\n")


def bad_chunk(peer: Any) -> None:
    """Send a chunk whose length is no number."""
    peer.say(OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n")


def too_short(peer: Any) -> None:
    """Announce more than is sent."""
    peer.say(OK + b"Content-Length: 100\r\n\r\n<half>")


def two_lengths(peer: Any) -> None:
    """Announce two lengths."""
    peer.say(OK + b"Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcde")


def garbage(peer: Any) -> None:
    """Answer with something else than HTTP."""
    peer.say(b"SSH-2.0-OpenSSH_9.6\r\n" * 3)


def long_line(peer: Any) -> None:
    """Send a header line without end."""
    peer.say(OK + b"X: " + b"x" * 100_000 + b"\r\n\r\n")


def many_headers(peer: Any) -> None:
    """Send more headers than anybody has."""
    peer.say(OK + b"".join(b"X-%d: x\r\n" % number for number in range(500)) + b"\r\n")


def bad_gzip(peer: Any) -> None:
    """Claim gzip."""
    peer.say(OK + b"Content-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello")


def half_gzip(peer: Any) -> None:
    """Send half of a gzip."""
    half = gzip.compress(b"hello" * 1000)[:-10]
    peer.say(OK + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(half) + half)


def brotli(peer: Any) -> None:
    """Use an encoding that was not offered."""
    peer.say(OK + b"Content-Encoding: br\r\nContent-Length: 1\r\n\r\nx")
