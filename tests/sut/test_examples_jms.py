"""The examples of docs/examples/jms are legal configurations, each of the provider that it is for."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from conformance.sut.jms import jms_settings
from conformance.sut.load import load
from conformance.sut.template import template

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples" / "jms"
FACTORIES = {
    "artemis": "org.apache.activemq.artemis.jndi.ActiveMQInitialContextFactory",
    "ibm_mq": "com.sun.jndi.fscontext.RefFSContextFactory",
    "weblogic": "weblogic.jndi.WLInitialContextFactory",
    "tibco_ems": "com.tibco.tibjms.naming.TibjmsInitialContextFactory",
}
VARIABLES = ("JMS_USER", "JMS_PASSWORD", "JMS_TRUST_STORE_PASSWORD", "JMS_KEY_STORE_PASSWORD")
Write = Callable[..., Path]


def whole(example: str) -> str:
    """Return a SUT.toml with the tables of ``example`` in place of [endpoints] and [security]."""
    text = template()
    head, tail = text.index("[endpoints]"), text.index("[callback]")
    return text[:head] + example + "\n" + text[tail:]


def test_every_provider_has_an_example() -> None:
    """Otherwise the test below would look at less than it promises."""
    assert {path.stem for path in EXAMPLES.glob("*.toml")} == set(FACTORIES)


@pytest.mark.parametrize("name", FACTORIES)
def test_an_example(write: Write, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """It loads, also with its table of TLS; its password is a secret; every key of it is explained."""
    for variable in VARIABLES:
        monkeypatch.setenv(variable, f"value-of-{variable}")
    text = (EXAMPLES / f"{name}.toml").read_text(encoding="utf-8")
    plain = jms_settings(load(write(text=whole(text))))
    assert plain.jndi["java.naming.factory.initial"] == FACTORIES[name]
    assert plain.credentials is not None
    secured = load(write(text=whole(re.sub(r"^#(?=[\[a-z])", "", text, flags=re.MULTILINE))))
    assert "value-of-JMS_PASSWORD" in secured.secrets
    assert bool(jms_settings(secured).machine.properties) == ("\n#[endpoints.jms.tls]" in text)
    assert set(tomllib.loads(text)) == {"endpoints", "security"}
