"""Brokers for the tests of JMS: real ones, each in a process of its own, or one in this process."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from conformance.errors import ConfigurationError
from conformance.sut.template import template
from conformance.sut.write import to_value
from conformance.transport.jms import jvm
from conformance.transport.jms.broker_process import BrokerProcess
from conformance.transport.jms.brokers import BrokerKind, BrokerOptions, jndi_of
from conformance.transport.jms.client import JmsClient
from conformance.transport.jms.install import install
from conformance.transport.jms.jars import find_jars
from conformance.transport.jms.settings import Destination, JmsSettings

REQUESTS = Destination("queue", "REQUESTS")
BOUND = 20.0


def needed(kind: BrokerKind) -> tuple[Path, ...]:
    """Return the class path of a broker; without it the test is skipped, but never in CI."""
    try:
        try:
            return find_jars(kind)
        except ConfigurationError:
            if not os.environ.get("CI"):
                raise
            install(kind, print)
            return find_jars(kind)
    except ConfigurationError as absent:
        if os.environ.get("CI"):
            pytest.fail(str(absent), pytrace=False)
        pytest.skip(str(absent))


@pytest.fixture(scope="session")
def classic() -> tuple[Path, ...]:
    """Return the class path of ActiveMQ Classic."""
    return needed("classic")


@pytest.fixture(scope="session")
def artemis() -> tuple[Path, ...]:
    """Return the class path of ActiveMQ Artemis."""
    return needed("artemis")


@pytest.fixture(scope="module")
def url(classic: tuple[Path, ...]) -> Iterator[str]:
    """Return the URL of the one ActiveMQ Classic of a module, for tests that do it no harm."""
    with BrokerProcess("classic") as started:
        yield started.url


@pytest.fixture
def broker(classic: tuple[Path, ...]) -> Iterator[Callable[..., BrokerProcess]]:
    """Start ActiveMQ Classic with options by name, in a process of its own; all are stopped at the end."""
    started: list[BrokerProcess] = []

    def start(kind: BrokerKind = "classic", **options: Any) -> BrokerProcess:
        started.append(BrokerProcess(kind, BrokerOptions(**options)))
        return started[-1].start()

    yield start
    for item in started:
        item.stop()


@pytest.fixture
def jms_sut(tmp_path: Path, classic: tuple[Path, ...]) -> Callable[..., Path]:
    """Write SUT.toml of a system that speaks JMS only, at a broker's URL; ``more`` is appended to [endpoints.jms]."""

    def write(url: str, more: str = "", **changes: object) -> Path:
        given = {"class_path": [*map(str, classic)], "jndi": jndi_of("classic", url),
                 "requests": {"all": str(REQUESTS)}, "events": ["jms:topic:EVENTS"], **changes}  # fmt: skip
        lines = [f"{name} = {to_value(value)}" for name, value in given.items() if value is not None]
        text, path = template(), tmp_path / "SUT.toml"
        head, tail = text.index("[endpoints]"), text.index("# How the suite shows who it is")
        made = "\n".join(["[endpoints.jms]", *lines, more, "\n"])
        tail_text = text[tail:].replace("#connect_s = 5.0", f"connect_s = {BOUND}")
        path.write_text(text[:head] + made + tail_text, encoding="utf-8")
        return path

    return write


@pytest.fixture
def settings(classic: tuple[Path, ...]) -> Callable[..., JmsSettings]:
    """Return settings for a broker at a URL, with further settings by name."""

    def make(url: str, **more: Any) -> JmsSettings:
        given: dict[str, Any] = {"requests": {"": REQUESTS}, "connect_s": BOUND, "reconnect_s": BOUND, **more}
        return JmsSettings(class_path=classic, jndi=jndi_of("classic", url), factory="ConnectionFactory", **given)

    return make


@pytest.fixture
def client(settings: Callable[..., JmsSettings]) -> Iterator[Callable[..., JmsClient]]:
    """Connect a client in this process to a URL; all are closed at the end."""
    made: list[JmsClient] = []

    def connect(url: str, stray: Any = None, **more: Any) -> JmsClient:
        # The virtual machine checks for null by SIGSEGV, which pytest's faulthandler must not take for a crash.
        jvm.start(find_jars("classic"))
        item = JmsClient(settings(url, **more), stray=stray)
        item.connect()
        made.append(item)
        return item

    yield connect
    for item in made:
        item.close()
