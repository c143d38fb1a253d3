"""The pre-flight over JMS: everything that is wrong at once, nothing left behind, and an end in time."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from conformance.sut.doctor import Result, examine
from conformance.sut.load import load
from conformance.transport.jms.broker_process import BrokerProcess
from conformance.transport.jms.brokers import BrokerOptions
from conformance.transport.jms.loopback import _clock
from conformance.transport.jms.messages import JmsMessage
from conformance.transport.jms.settings import Destination
from tests.jms.conftest import BOUND, REQUESTS

LATER = Destination("queue", "CONFORMANCE.LATER")
LOGIN = 'username = { env = "JMS_USER" }\npassword = { env = "JMS_PASSWORD" }\n'
PASSWORD = "s3cr3t-of-this-test"
Sut = Callable[..., Path]


@pytest.fixture(scope="module")
def url(classic: tuple[Path, ...]) -> Iterator[str]:
    """Return the URL of a broker that serves all these tests."""
    with BrokerProcess("classic", BrokerOptions(users={"suite": PASSWORD})) as broker:
        yield broker.url


@pytest.fixture
def login(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], Path]:
    """Let a SUT.toml log in; its path is returned."""
    monkeypatch.setenv("JMS_USER", "suite")
    monkeypatch.setenv("JMS_PASSWORD", PASSWORD)

    def change(path: Path) -> Path:
        text = path.read_text(encoding="utf-8").replace("[security]\n", f"[security]\n{LOGIN}", 1)
        path.write_text(text, encoding="utf-8")
        return path

    return change


def found(results: list[Result], status: str) -> dict[str, str]:
    """Return what and fix of the findings with ``status``, by their names."""
    return {item.name: f"{item.what} → {item.fix}" for item in results if item.status == status}


def examined(sut: Path) -> list[Result]:
    """Return the findings, with patience for a machine that has other things to do."""
    return examine(load(sut), budget_s=2 * BOUND)


def test_a_good_broker(url: str, jms_sut: Sut, login: Any, client: Any) -> None:
    """Nothing but ok; what waits at the broker stays there untouched, and the queue of requests stays empty."""
    from conformance.transport.settings import Credentials

    one = client(url, credentials=Credentials(username="suite", password=PASSWORD))
    one.send(LATER, JmsMessage(body=b"<waits/>"))
    properties = {"Verb": "{verb}", "whole": 7, "truth": True, "broken": 1.5}
    results = examined(login(jms_sut(url, login=True, properties=properties)))
    assert found(results, "problem") == {}
    good = found(results, "ok")
    assert {"Java", "JMS jars", "JMS factory", "JMS jms:queue:REQUESTS", "JMS jms:topic:EVENTS", "JMS clock"} <= set(
        good
    )
    assert "ConnectionFactory is a org.apache.activemq.ActiveMQConnectionFactory of javax.jms" in good["JMS factory"]
    assert "with a username: ActiveMQ 5." in good["JMS login"]
    assert "a TextMessage of" in good["JMS loopback"]
    assert not {"SOAP", "callback", "connection"} & {item.name for item in results}
    session = one.link().session()
    came = session.consumer(LATER).receive(BOUND)
    assert came is not None
    assert (came[0].body, came[0].redelivered) == (b"<waits/>", False)
    came[1]()
    assert session.consumer(REQUESTS).receive(0.1) is None


def test_all_that_is_wrong_at_once(url: str, jms_sut: Sut, login: Any) -> None:
    """A selector that is none, a name that the naming service does not know: each with its key, the rest is ok."""
    sut = login(jms_sut(url, login=True, selector="Noun = (", replies="jms:jndi:nowhere"))
    results = examined(sut)
    wrong = found(results, "problem")
    assert set(wrong) == {"JMS jms:jndi:nowhere", "JMS jms:queue:CONFORMANCE.LATER", "JMS jms:topic:EVENTS"}
    assert "does not know this name" in wrong["JMS jms:jndi:nowhere"]
    assert "or correct endpoints.jms.replies" in wrong["JMS jms:jndi:nowhere"]
    assert "does not understand endpoints.jms.selector" in wrong["JMS jms:topic:EVENTS"]
    assert {"JMS jms:queue:REQUESTS", "JMS loopback"} <= set(found(results, "ok"))


@pytest.mark.nightly  # its small sibling is test_wrong_login_ends_before_the_run
def test_a_login_that_is_refused(url: str, jms_sut: Sut, login: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be looked at without a login is skipped, and no password is told."""
    sut = login(jms_sut(url, login=True))
    monkeypatch.setenv("JMS_PASSWORD", "wr0ng-of-this-test")
    results = examined(sut)
    assert "refuses the login" in found(results, "problem")["JMS login"]
    assert set(found(results, "skipped")) == {"JMS destination", "JMS loopback", "JMS clock"}
    assert "wr0ng" not in repr(results)


def test_a_password_in_a_url(url: str, jms_sut: Sut, monkeypatch: pytest.MonkeyPatch) -> None:
    """A JNDI value from a variable logs in as well, and its password is told by nobody."""
    factory = "org.apache.activemq.jndi.ActiveMQInitialContextFactory"
    jndi = {"java.naming.factory.initial": factory, "java.naming.provider.url": {"env": "BROKER_URL"}}
    monkeypatch.setenv("BROKER_URL", f"{url}?jms.userName=suite&jms.password={PASSWORD}")
    assert "JMS login" in found(examined(jms_sut(url, jndi=jndi)), "ok")
    monkeypatch.setenv("BROKER_URL", f"tcp://suite:{PASSWORD}@127.0.0.1:1")  # the provider repeats all of it
    results = examined(jms_sut(url, jndi=jndi))
    assert "Could not connect to broker URL: [secret]" in found(results, "problem")["JMS login"]
    assert PASSWORD not in repr(results)


def test_files_that_are_missing(jms_sut: Sut, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every jar and key store that is not there is named, without starting Java."""
    monkeypatch.setenv("P", "changeit")
    tls = '[endpoints.jms.tls]\ntrust_store = "no.p12"\ntrust_store_password = { env = "P" }'
    results = examined(jms_sut("tcp://127.0.0.1:1", tls, class_path=["one.jar", "two.jar"]))
    wrong = [item.what for item in results if item.status == "problem"]
    assert [Path(item.split()[0]).name for item in wrong] == ["one.jar", "two.jar", "no.p12"]
    assert "JMS login" in found(results, "skipped")


def test_java_does_not_start(jms_sut: Sut) -> None:
    """An option that Java does not know is told in the words of Java."""
    results = examined(jms_sut("tcp://127.0.0.1:1", jvm_options=["-XX:NoSuchOption"]))
    assert "Unrecognized VM option 'NoSuchOption'" in found(results, "problem")["Java"]


def test_a_silent_broker(jms_sut: Sut) -> None:
    """A port that never speaks is told within the time, and what could not be looked at is skipped."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        sut = jms_sut(f"failover:(tcp://127.0.0.1:{silent.getsockname()[1]})")
        began = time.monotonic()
        results = examine(load(sut), budget_s=4.0)
    assert time.monotonic() - began < 10.0
    assert "JMS login" in found(results, "problem") or "JMS" in found(results, "problem")


def test_a_run_does_not_begin(jms_sut: Sut, tmp_path: Path) -> None:
    """A run over a broker that is not there ends with exit code 2, the reason and no verdict."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    sut = jms_sut(f"tcp://127.0.0.1:{port}")
    command = [
        sys.executable,
        "-m",
        "conformance",
        "run",
        str(sut),
        "--transport",
        "jms",
        "--out",
        str(tmp_path / "out"),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2, done.stderr
    assert "no verdict was made" in done.stderr
    assert "JMS login: connecting and logging in: the broker is not there" in done.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("stamp", "status", "words"),
    [
        (1_000_000, "ok", "need not be the broker's"),
        (1_400_000, "warning", "is 400 s fast; limits.max_clock_skew_s is 300"),
        (600_000, "warning", "is 400 s slow"),
        (0, "skipped", "gives no JMSTimestamp"),
    ],
)
def test_the_clock(stamp: int, status: str, words: str) -> None:
    """JMSTimestamp is compared with the time between sending and receiving; what it can say is said."""
    said = _clock(JmsMessage(body=b"", timestamp=stamp), (1000.0, 1000.0), 300.0)
    assert (said["status"], words in said["what"]) == (status, True)
