"""TLS on both sides and credentials through the whole stack; a password is nowhere but on the wire."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from xml.sax.saxutils import escape

import pytest
import trustme

from conformance.journal import Journal
from conformance.reference import Demands, ReferenceServer, Tls
from conformance.sut.model import Callback, Secret, Security
from tests.end_to_end.commands import Ended, contents, run, verdicts, write

if TYPE_CHECKING:
    from pathlib import Path

#: Every character of it is written differently somewhere: XML, JSON, URLs.
PASSWORD = "s3cr&t<\"'>/ü-Größe"
USER = "tester"
SELECTION = "MR-001,EXC-003,CTL-001,EVT-001,REP-002,ENV-001"


def _forms() -> list[bytes]:
    """Return the password as every format of ours could write it."""
    texts = {
        PASSWORD, escape(PASSWORD), escape(PASSWORD, {'"': "&quot;", "'": "&apos;"}), quote(PASSWORD, safe=""),
        json.dumps(PASSWORD)[1:-1], json.dumps(PASSWORD, ensure_ascii=False)[1:-1],
        base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode(), repr(PASSWORD)[1:-1],
        escape(PASSWORD, {'"': "&#34;", "'": "&#39;"}), escape(PASSWORD, {'"': "&#34;", "'": "&#x27;"}),
        escape(PASSWORD, {'"': "&quot;", "'": "&#x27;"}),
    }  # fmt: skip
    return [text.encode() for text in texts] + [b"s3cr"]


def _nowhere(ended: Ended, out: Path) -> None:
    """Check that no form of the password is in any file of the run, or on the terminal."""
    forms = _forms()
    places = [("stdout", ended.stdout.encode()), ("stderr", ended.stderr.encode())]
    places += [(str(path), content) for path, content in contents(out)] if out.exists() else []
    assert [(place, form) for place, content in places for form in forms if form in content] == []


@pytest.fixture
def secret_file(tmp_path: Path) -> Path:
    """Return a file whose first line is the password."""
    path = tmp_path / "password.txt"
    path.write_text(PASSWORD + "\n", encoding="utf-8")
    return path


WAYS = {
    "basic": ({"http_auth": "basic"}, {"basic": (USER, PASSWORD)}),
    "token": ({"ws_security": "username-token"}, {"username_token": (USER, PASSWORD)}),
    "digest": ({"ws_security": "username-token-digest"}, {"username_token": (USER, PASSWORD)}),
}


@pytest.mark.parametrize("way", WAYS)
def test_credentials(tmp_path: Path, secret_file: Path, way: str) -> None:
    """User from the environment, password from a file: the system lets the suite in, and nothing keeps the password."""
    settings, demands = WAYS[way]
    given: Any = {**settings, "username": Secret(env="SUT_USER"), "password": Secret(file=secret_file)}
    with ReferenceServer(demands=Demands(**demands)) as server:
        write(server.configuration(), tmp_path / "SUT.toml", security=Security(**given))
        ended = run("run", "SUT.toml", "--select", SELECTION, "--out", "OUT", cwd=tmp_path, SUT_USER=USER)
    assert ended.code == 0, ended.stdout + ended.stderr
    assert verdicts(tmp_path / "OUT")["counts"]["scenarios"]["pass"] == 6
    _nowhere(ended, tmp_path / "OUT")


class Shown(ReferenceServer):
    """A system that repeats the credentials that it was shown, in what it says."""

    def start(self) -> Shown:
        """Say them in a refusal."""
        from dataclasses import replace

        from conformance.reference.deviation import Deviation

        pair = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()

        def say(reply: Any, _: Any) -> Any:
            words = f"{USER} said {PASSWORD}, that is {pair}"
            return replace(reply, result="OK", errors=tuple(replace(item, reason=words) for item in reply.errors))

        self._faults = {"shown": Deviation(reply=say)}
        self._apply()
        super().start()
        return self


def test_a_system_that_repeats_the_password(tmp_path: Path) -> None:
    """A password that comes back in a reply is blotted out before it reaches a file or the terminal."""
    given: Any = {"http_auth": "basic", "username": Secret(env="SUT_USER"), "password": Secret(env="SUT_PASSWORD")}
    with Shown(demands=Demands(basic=(USER, PASSWORD))) as server:
        write(server.configuration(), tmp_path / "SUT.toml", security=Security(**given))
        options = ("run", "SUT.toml", "--select", "REP-002,REP-003,MR-002,NAM-003", "--out", "OUT")
        ended = run(*options, cwd=tmp_path, SUT_USER=USER, SUT_PASSWORD=PASSWORD)
    assert ended.code == 1
    assert b"[secret]" in (tmp_path / "OUT" / "journal.db").read_bytes()
    _nowhere(ended, tmp_path / "OUT")


@pytest.mark.parametrize("way", ["basic", "token"])
def test_wrong_password(tmp_path: Path, way: str) -> None:
    """A password that the system refuses: exit 2 from the pre-flight, which does not show it."""
    settings, demands = WAYS[way]
    right = dict.fromkeys(demands, (USER, "another"))
    given: Any = {**settings, "username": Secret(env="SUT_USER"), "password": Secret(env="SUT_PASSWORD")}
    with ReferenceServer(demands=Demands(**right)) as server:
        write(server.configuration(), tmp_path / "SUT.toml", security=Security(**given))
        ended = run("run", "SUT.toml", "--out", "OUT", cwd=tmp_path, SUT_USER=USER, SUT_PASSWORD=PASSWORD)
    assert ended.code == 2
    assert "authentication" in ended.stderr
    assert not (tmp_path / "OUT").exists()
    _nowhere(ended, tmp_path / "OUT")


def test_variable_is_not_set(tmp_path: Path) -> None:
    """A credential that is not there: exit 2, and the name of the variable."""
    given: Any = {"http_auth": "basic", "username": Secret(env="SUT_USER"), "password": Secret(env="SUT_PASSWORD")}
    with ReferenceServer() as server:
        write(server.configuration(), tmp_path / "SUT.toml", security=Security(**given))
    ended = run("run", "SUT.toml", cwd=tmp_path, SUT_USER=USER)
    assert ended.code == 2
    assert "the environment variable SUT_PASSWORD is not set" in ended.stderr


@pytest.mark.parametrize("mutual", [False, True])
def test_tls(tmp_path: Path, mutual: bool) -> None:
    """A private CA, with and without a client certificate; later answers and events come over TLS, too."""
    ca = trustme.CA()
    pem = tmp_path / "ca.pem"
    ca.cert_pem.write_to_path(str(pem))
    for name in ("server", "callback", "client"):
        leaf = ca.issue_cert("127.0.0.1")
        leaf.cert_chain_pems[0].write_to_path(str(tmp_path / f"{name}.pem"))
        leaf.private_key_pem.write_to_path(str(tmp_path / f"{name}.key"))
    tls = Tls(
        certificate=tmp_path / "server.pem", key=tmp_path / "server.key", client_ca=pem if mutual else None
    )  # fmt: skip
    mine: Any = {"client_certificate": tmp_path / "client.pem", "client_key": tmp_path / "client.key"}
    security = Security(ca=pem, **(mine if mutual else {}))
    callback = Callback(certificate=tmp_path / "callback.pem", key=tmp_path / "callback.key")
    with ReferenceServer(tls=tls, verify=str(pem)) as server:
        assert server.url.startswith("https:")
        write(server.configuration(), tmp_path / "SUT.toml", security=security, callback=callback)
        ended = run("run", "SUT.toml", "--select", SELECTION, "--out", "OUT", cwd=tmp_path)
        if mutual:
            write(server.configuration(), tmp_path / "bare.toml", security=Security(ca=pem), callback=callback)
            refused = run("run", "bare.toml", "--out", "REFUSED", cwd=tmp_path)
            assert (refused.code, "no verdict was made" in refused.stderr) == (2, True), refused.stderr
    assert ended.code == 0, ended.stdout + ended.stderr
    assert "Warning" not in ended.stderr
    journal = Journal(tmp_path / "OUT" / "journal.db")
    requests = list(journal.entries(channel="request"))
    callbacks = list(journal.entries(channel="callback"))
    journal.close()
    assert callbacks
    assert all(entry.url.startswith("https:") for entry in requests)
    assert any(b">https://127.0.0.1:" in entry.body for entry in requests)
    keys = [(tmp_path / f"{name}.key").read_bytes().splitlines()[1] for name in ("callback", "client")]
    assert not any(key in content for _, content in contents(tmp_path / "OUT") for key in keys)
