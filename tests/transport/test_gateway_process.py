"""The gateway starts or says why not, keeps secrets off the command line, and never outlives its run."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
import trustme

from conformance.errors import ConfigurationError, InternalError
from conformance.journal import Journal
from conformance.transport import gateway as gateway_module
from conformance.transport import listening
from conformance.transport.gateway import Gateway
from conformance.transport.settings import GatewaySettings
from tests.transport.clients import BOUND, EVENT, ask, post

if TYPE_CHECKING:
    from pathlib import Path


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


def test_ipv6_address(tmp_path: Path) -> None:
    """An IPv6 address is written in brackets."""
    gateway = Gateway(GatewaySettings(journal=tmp_path / "journal.db", host="::1"))
    assert gateway.reply_address.startswith("http://[::1]:0/callback/")
    assert gateway.pid is None
    assert not gateway.alive
    gateway.stop()


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_everywhere_is_no_address(start: Any, host: str) -> None:
    """To listen everywhere needs an address that can be advertised."""
    with pytest.raises(ConfigurationError, match=r"\[callback\] advertise"):
        start(host=host)


def test_advertised_address(start: Any) -> None:
    """What is advertised is the reply address as it stands, also in the WSDL."""
    gateway = start(advertise="https://proxy.example/suite", host="0.0.0.0")
    assert gateway.reply_address == "https://proxy.example/suite"
    own = f"http://127.0.0.1:{gateway.port}/"
    assert b"https://proxy.example/suite" in ask(own, "GET", path="/?wsdl")[1]


def test_reply_addresses_differ(start: Any) -> None:
    """Each run has a path of its own; any path is listened on all the same."""
    one, two = start(), start()
    assert urlsplit(one.reply_address).path != urlsplit(two.reply_address).path
    assert one.token in one.reply_address
    assert post(one.reply_address, path="/somewhere/else")[0] == 200


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
