"""The example for Artemis, against an Artemis that asks for a login and makes nothing on demand."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.sut.doctor import examine
from conformance.sut.load import load
from conformance.sut.wiring import gateway_settings
from conformance.sut.write import to_value
from conformance.transport.gateway import Gateway
from conformance.transport.jms.broker_process import BrokerProcess
from conformance.transport.jms.brokers import BrokerOptions
from tests.jms.conftest import BOUND
from tests.sut.test_examples_jms import EXAMPLES, whole

QUEUES = ("IEC61968.REQUESTS", "CONFORMANCE.REPLIES", "CONFORMANCE.LATER")
TOPIC = "IEC61968.EVENTS"


def test_the_example_of_artemis(artemis: tuple[Path, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With its jars and its URL it passes the pre-flight, and a gateway runs with it, durable subscription included."""
    monkeypatch.setenv("JMS_USER", "suite")
    monkeypatch.setenv("JMS_PASSWORD", "s3cr3t-of-this-test")
    options = BrokerOptions(users={"suite": "s3cr3t-of-this-test"}, queues=QUEUES, topics=(TOPIC,), make_missing=False)
    with BrokerProcess("artemis", options) as broker:
        text = (EXAMPLES / "artemis.toml").read_text(encoding="utf-8")
        text = text.replace('["jars/artemis/*.jar"]', to_value([str(jar) for jar in artemis]))
        path = tmp_path / "SUT.toml"
        path.write_text(whole(text.replace("tcp://broker.example:61616", broker.url)), encoding="utf-8")
        loaded = load(path)
        looked_at = [item for item in examine(loaded, budget_s=BOUND) if item.name.startswith("JMS ")]
        assert {item.status for item in looked_at} == {"ok"}, looked_at
        assert {f"JMS jms:queue:{name}" for name in QUEUES} | {f"JMS jms:topic:{TOPIC}"} <= {i.name for i in looked_at}
        assert any("of jakarta.jms" in item.what for item in looked_at)
        with Gateway(gateway_settings(loaded, tmp_path / "journal.db", "jms")) as gateway:
            assert gateway.alive
            assert gateway.desk is not None
