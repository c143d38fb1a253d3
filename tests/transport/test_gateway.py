"""The gateway writes down before it acknowledges, survives bad senders, and never outlives its run."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import socket
import sqlite3
import ssl
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
import trustme

from conformance.errors import ConfigurationError, InternalError
from conformance.journal import Entry, Journal
from conformance.message.build import Draft, build
from conformance.message.model import Header
from conformance.message.soap import unwrap, wrap
from conformance.transport import gateway as gateway_module
from conformance.transport import gateway_app, listening
from conformance.transport.gateway import Gateway
from conformance.transport.settings import GatewaySettings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

BOUND = 10.0
EVENT = wrap(
    build(Draft(kind="EventMessage", header=Header(verb="created", noun="EndDeviceEvents", correlation_id="c-7"))),
    "1.1",
)


def post(address: str, body: bytes = EVENT, path: str | None = None, **headers: str) -> tuple[int, bytes]:
    """Post ``body`` and return status and answer."""
    return ask(address, "POST", body, path, headers)


def ask(
    address: str, method: str, body: bytes | None = None, path: str | None = None, headers: Any = None
) -> tuple[int, bytes]:
    """Make one request."""
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=BOUND)
    with contextlib.closing(connection):
        connection.request(method, path or parts.path, body, {"Content-Type": "text/xml", **(headers or {})})
        answer = connection.getresponse()
        return answer.status, answer.read()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Gateway]]:
    """Start a gateway on a free port with its journal in ``tmp_path``; all are stopped at the end."""
    started: list[Gateway] = []

    def run(*, in_thread: bool = True, **more: Any) -> Gateway:
        settings = GatewaySettings(journal=tmp_path / "journal.db", **more)
        started.append(Gateway(settings, in_thread=in_thread))
        started[-1].start()
        return started[-1]

    yield run
    for item in started:
        item.stop()
        assert not item.alive


@pytest.fixture
def entries(tmp_path: Path) -> Callable[[], list[Entry]]:
    """Return the journal as it is now."""

    def read() -> list[Entry]:
        journal = Journal(tmp_path / "journal.db")
        try:
            return list(journal.entries())
        finally:
            journal.close()

    return read


@pytest.mark.parametrize("in_thread", [True, False])
def test_one_message(start: Any, entries: Any, in_thread: bool) -> None:
    """A message is written down, then acknowledged, then the acknowledgement is written down."""
    gateway = start(in_thread=in_thread, secrets=("hush",))
    status, answer = post(gateway.reply_address, EVENT, Authorization="Basic xyz", Extra="hush")
    assert status == 200
    received, sent = entries()
    assert (received.direction, received.channel, received.transport) == ("received", "callback", "soap")
    assert (received.url, received.body) == (urlsplit(gateway.reply_address).path, EVENT)
    assert received.headers["extra"] == "[secret]"
    assert "authorization" not in received.headers
    assert (sent.direction, sent.channel, sent.answers) == ("sent", "acknowledgement", received.id)
    assert (sent.body, sent.status) == (answer, 200)


def test_reply_addresses_differ(start: Any) -> None:
    """Each run has a path of its own; any path is listened on all the same."""
    one, two = start(), start()
    assert urlsplit(one.reply_address).path != urlsplit(two.reply_address).path
    assert one.token in one.reply_address
    assert post(one.reply_address, path="/somewhere/else")[0] == 200


def test_advertised_address(start: Any) -> None:
    """What is advertised is the reply address as it stands, also in the WSDL."""
    gateway = start(advertise="https://proxy.example/suite", host="0.0.0.0")
    assert gateway.reply_address == "https://proxy.example/suite"
    own = f"http://127.0.0.1:{gateway.port}/"
    assert b"https://proxy.example/suite" in ask(own, "GET", path="/?wsdl")[1]


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_everywhere_is_no_address(start: Any, host: str) -> None:
    """To listen everywhere needs an address that can be advertised."""
    with pytest.raises(ConfigurationError, match=r"\[callback\] advertise"):
        start(host=host)


def test_ipv6_address(tmp_path: Path) -> None:
    """An IPv6 address is written in brackets."""
    gateway = Gateway(GatewaySettings(journal=tmp_path / "journal.db", host="::1"))
    assert gateway.reply_address.startswith("http://[::1]:0/callback/")
    assert gateway.pid is None
    assert not gateway.alive
    gateway.stop()


def test_get(start: Any) -> None:
    """Who asks is told that this is the gateway, what its services are, and nothing else."""
    gateway = start()
    address = gateway.reply_address
    hello = f"conformance gateway {gateway.token}".encode()
    assert ask(address, "GET") == (200, hello)
    assert ask(address, "GET", path="/") == (200, hello)
    assert ask(address, "GET", path="/other")[0] == 404
    assert ask(address, "DELETE")[0] == 405
    path = urlsplit(address).path
    wsdl = ask(address, "GET", path=f"{path}?wsdl")[1]
    assert f'location="{address}"'.encode() in wsdl
    assert b"targetNamespace" in ask(address, "GET", path=f"{path}?xsd=Message.xsd")[1]
    assert ask(address, "GET", path=f"{path}?xsd=../../etc/passwd")[0] == 404


def test_what_is_no_message(start: Any, entries: Any) -> None:
    """Bytes that are no message are kept, refused with a fault, and the reason is kept."""
    gateway = start()
    status, answer = post(gateway.reply_address, EVENT[:-9])
    assert status == 500
    assert unwrap(answer).fault is not None
    received, sent = entries()
    assert received.body == EVENT[:-9]
    assert (sent.status, sent.answers, sent.body) == (500, received.id, answer)
    assert "not well-formed" in sent.note


def test_compressed(start: Any, entries: Any) -> None:
    """A compressed message is refused with the reason: its bytes would not be readable evidence."""
    gateway = start()
    headers = {"Content-Encoding": "gzip"}
    status, answer = ask(gateway.reply_address, "POST", b"\x1f\x8b", headers=headers)
    assert (status, b"gzip" in answer) == (415, True)
    assert "gzip" in entries()[0].note


@pytest.mark.parametrize(
    "fail",
    [
        pytest.param(
            "CREATE TRIGGER no BEFORE INSERT ON message BEGIN SELECT RAISE(FAIL, 'disk full'); END", id="both"
        ),
        pytest.param(
            "CREATE TRIGGER no BEFORE INSERT ON message WHEN NEW.channel = 'acknowledgement'"
            " BEGIN SELECT RAISE(FAIL, 'disk full'); END",
            id="acknowledgement",
        ),
    ],
)
@pytest.mark.parametrize("in_thread", [True, False])
def test_no_journal_no_acknowledgement(start: Any, tmp_path: Path, fail: str, in_thread: bool) -> None:
    """What cannot be written down is not acknowledged; when writing works again, so does the gateway."""
    gateway = start(in_thread=in_thread)
    with contextlib.closing(sqlite3.connect(tmp_path / "journal.db")) as database:
        database.executescript(fail)
        status, answer = post(gateway.reply_address)
        assert (status, b"disk full" in answer) == (503, True)
        database.executescript("DROP TRIGGER no")
    assert post(gateway.reply_address)[0] == 200


@pytest.mark.parametrize("chunked", [True, False])
def test_too_large(start: Any, entries: Any, chunked: bool) -> None:
    """A message beyond the limit is refused before it has been read, and that is written down."""
    gateway = start(max_bytes=1000)
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=BOUND) as sock:
        framing = b"Transfer-Encoding: chunked" if chunked else b"Content-Length: 2000000000"
        sock.sendall(b"POST / HTTP/1.1\r\nHost: x\r\n" + framing + b"\r\n\r\n")
        if chunked:
            sock.sendall(b"800\r\n" + b"x" * 0x800 + b"\r\n")
        answer = read_all(sock)
    assert answer.startswith(b"HTTP/1.1 413")
    received, sent = entries()
    assert len(received.body) == (0x800 if chunked else 0)
    assert "larger than 1000 bytes" in received.note
    assert sent.status == 413


def read_all(sock: socket.socket) -> bytes:
    """Read until the other side closes."""
    data = b""
    with contextlib.suppress(ConnectionResetError):
        while piece := sock.recv(65536):
            data += piece
    return data


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let slow senders be cut after a fifth of a second."""
    monkeypatch.setattr(listening, "SLOW_SENDER_S", 0.2)
    inbox = gateway_app.Inbox
    monkeypatch.setattr(listening, "Inbox", lambda **given: inbox(**given, patience_s=0.2))


@pytest.mark.parametrize(
    ("begun", "status"),
    [
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n<half", b"HTTP/1.1 408"),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Le", b""),
        (b"", b""),
    ],
)
def test_slow_sender(impatient: None, start: Any, entries: Any, begun: bytes, status: bytes) -> None:
    """Who does not go on is cut; a message that had begun is written down with the reason."""
    gateway = start()
    begin = time.monotonic()
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=BOUND) as sock:
        sock.sendall(begun)
        answer = read_all(sock)
    assert time.monotonic() - begin < BOUND
    assert answer.startswith(status)
    assert bool(answer) == bool(status)
    if b"POST" in status:
        assert "not complete within" in entries()[0].note


def test_slow_second_request(impatient: None, start: Any) -> None:
    """A kept connection on which the next request never gets complete is cut as well."""
    gateway = start()
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=BOUND) as sock:
        sock.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert sock.recv(65536).startswith(b"HTTP/1.1 200")
        sock.sendall(b"GET / HT")
        read_all(sock)


def test_sender_that_breaks_off(start: Any, entries: Any) -> None:
    """Half a message is written down with the reason."""
    gateway = start()
    with socket.create_connection(("127.0.0.1", gateway.port)) as sock:
        sock.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n<half")
    deadline = time.monotonic() + BOUND
    while len(entries()) < 2:
        assert time.monotonic() < deadline
    received, _ = entries()
    assert received.body == b"<half"
    assert "broke off after 5 bytes" in received.note


def test_slow_sender_holds_nobody_up(start: Any) -> None:
    """While one sender dawdles, others are served."""
    gateway = start()
    with socket.create_connection(("127.0.0.1", gateway.port)) as sock:
        sock.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n<half")
        assert post(gateway.reply_address)[0] == 200


@pytest.mark.parametrize("in_thread", [True, False])
def test_parallel_messages(start: Any, entries: Any, in_thread: bool) -> None:
    """Fifty at once: each is written down exactly once, and each is acknowledged with its own CorrelationID."""
    gateway = start(in_thread=in_thread)
    wrong: list[Any] = []

    def send(number: int) -> None:
        mine = EVENT.replace(b"c-7", b"c-%d" % number)
        status, answer = post(gateway.reply_address, mine)
        if status != 200 or b"<CorrelationID>c-%d<" % number not in answer:
            wrong.append((status, answer))

    threads = [threading.Thread(target=send, args=(number,)) for number in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert wrong == []
    found = entries()
    received = [entry.body for entry in found if entry.direction == "received"]
    assert sorted(received) == sorted(EVENT.replace(b"c-7", b"c-%d" % number) for number in range(50))
    answered = [entry.answers for entry in found if entry.direction == "sent"]
    assert sorted(answered) == [entry.id for entry in found if entry.direction == "received"]


@pytest.mark.parametrize("in_thread", [True, False])
def test_tls(start: Any, tmp_path: Path, in_thread: bool) -> None:
    """With a certificate, the gateway speaks TLS and says so in its address."""
    authority = trustme.CA()
    leaf = authority.issue_cert("127.0.0.1")
    certificate, key = tmp_path / "gateway.pem", tmp_path / "gateway.key"
    leaf.cert_chain_pems[0].write_to_path(str(certificate))
    leaf.private_key_pem.write_to_path(str(key))
    gateway = start(in_thread=in_thread, certificate=certificate, key=key)
    assert gateway.reply_address.startswith("https://127.0.0.1:")
    context = ssl.create_default_context()
    authority.configure_trust(context)
    connection = http.client.HTTPSConnection("127.0.0.1", gateway.port, context=context, timeout=BOUND)
    with contextlib.closing(connection):
        connection.request("POST", "/", EVENT, {"Content-Type": "text/xml"})
        assert connection.getresponse().status == 200


@pytest.mark.parametrize("in_thread", [True, False])
def test_settings_that_cannot_work(start: Any, tmp_path: Path, in_thread: bool) -> None:
    """Whatever keeps the gateway from starting is said in the words of SUT.toml."""
    garbage = tmp_path / "garbage.pem"
    garbage.write_text("no PEM")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        for given, words in (
            ({"port": port}, rf"port = {port} on 127.0.0.1 is taken"),
            ({"host": "192.0.2.1"}, "is not an address of this machine"),
            ({"host": "no such name"}, "is not a name or address"),
            ({"certificate": garbage, "key": garbage}, r"\[callback\] certificate"),
        ):
            with pytest.raises(ConfigurationError, match=words):
                start(in_thread=in_thread, **given)


def test_journal_that_cannot_be_written(tmp_path: Path) -> None:
    """A journal that cannot be opened is told at the start."""
    gateway = Gateway(GatewaySettings(journal=tmp_path))
    with pytest.raises(ConfigurationError, match="cannot write the journal"):
        gateway.start()
    assert not gateway.alive


@pytest.mark.parametrize(
    ("number", "words"), [(13, "may not listen there"), (22, "cannot listen on 127.0.0.1 port 80: .*odd")]
)
def test_other_reasons_not_to_listen(monkeypatch: pytest.MonkeyPatch, number: int, words: str) -> None:
    """Privileged ports, and whatever else the operating system says."""

    def fail(self: Any, address: Any) -> None:
        raise OSError(number, "odd")

    monkeypatch.setattr(socket.socket, "bind", fail)
    with pytest.raises(ConfigurationError, match=words):
        listening.listen("127.0.0.1", 80)


def test_context_manager(tmp_path: Path) -> None:
    """As a context manager it starts, has a process of its own, and stops; stopping twice is harmless."""
    with Gateway(GatewaySettings(journal=tmp_path / "journal.db")) as gateway:
        running = gateway.alive
        assert gateway.pid not in (None, os.getpid())
        assert post(gateway.reply_address)[0] == 200
    assert (running, gateway.alive) == (True, False)
    gateway.stop()


def test_no_secret_on_the_command_line(start: Any) -> None:
    """Secrets reach the process over standard input: neither its arguments nor its environment hold them."""
    gateway = start(in_thread=False, secrets=("s3cr3t-of-this-test",))
    for name in ("cmdline", "environ"):
        with open(f"/proc/{gateway.pid}/{name}", "rb") as file:
            assert b"s3cr3t" not in file.read()


def test_process_that_says_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that dies before it is ready is the suite's own fault."""
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(InternalError, match="exit code 1"):
        Gateway(GatewaySettings(journal=tmp_path / "journal.db")).start()


def test_process_that_does_not_stop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that ignores the end of its input is killed."""
    script = tmp_path / "stubborn"
    script.write_text("#!/bin/sh\necho '{\"port\": 1}'\nexec tail -f /dev/null\n")
    script.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(script))
    monkeypatch.setattr(gateway_module, "_STOP_S", 0.2)
    gateway = Gateway(GatewaySettings(journal=tmp_path / "journal.db"))
    gateway.start()
    assert gateway.alive
    gateway.stop()
    assert not gateway.alive


def test_thread_that_does_not_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A thread that ends before it is ready is the suite's own fault, said at once."""
    monkeypatch.setattr(listening.Server, "run", lambda self, sockets: None)
    with pytest.raises(InternalError, match="did not start"):
        Gateway(GatewaySettings(journal=tmp_path / "journal.db"), in_thread=True).start()


PARENT = """
import os, sys
from pathlib import Path
from conformance.transport.gateway import Gateway
from conformance.transport.settings import GatewaySettings
gateway = Gateway(GatewaySettings(journal=Path(sys.argv[1])))
gateway.start()
print(gateway.pid, gateway.reply_address, flush=True)
os.read(0, 1)
"""


def test_killed_run_leaves_no_orphan(tmp_path: Path) -> None:
    """The gateway of a run that is killed ends by itself, and what it had acknowledged is in the journal."""
    path = tmp_path / "journal.db"
    parent = subprocess.Popen([sys.executable, "-c", PARENT, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    with parent:
        assert parent.stdout is not None
        pid, address = parent.stdout.readline().split()
        assert post(address.decode())[0] == 200
        parent.send_signal(signal.SIGKILL)
        parent.wait(BOUND)
    deadline = time.monotonic() + BOUND
    while exists(int(pid)):
        assert time.monotonic() < deadline, "the gateway outlived its run"
    journal = Journal(path)
    assert [entry.channel for entry in journal.entries()] == ["callback", "acknowledgement"]
    journal.close()


def exists(pid: int) -> bool:
    """Return whether the process still runs; a zombie that nobody has waited for does not."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_process_in_this_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The main program reads its settings from standard input, says its port, and ends when input ends."""
    read_end, write_end = os.pipe()
    settings: dict[str, Any] = {
        "journal": str(tmp_path / "journal.db"),
        "token": "t",
        "certificate": None,
        "key": None,
        "secrets": [],
    }
    os.write(write_end, json.dumps(settings).encode() + b"\n")
    said: dict[str, Any] = {}

    def ready(**answer: Any) -> None:
        said.update(answer)
        os.close(write_end)

    monkeypatch.setattr(gateway_module, "_say", ready)
    monkeypatch.setattr(gateway_module, "_STDIN", read_end)
    try:
        assert gateway_module.main() == 0
    finally:
        os.close(read_end)
    assert said["port"] > 0
