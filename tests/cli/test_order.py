"""How the reference system is used, by what the user asks for, and what verdicts.json says of that."""

from __future__ import annotations

import pytest

from conformance.cli.order import Order, binding_of, carried
from conformance.errors import ConfigurationError
from conformance.plugin.run import carried_over
from conformance.sut.model import Endpoints
from conformance.transport.jms.settings import SoapBinding


@pytest.mark.parametrize(
    ("transport", "binding", "style", "over_jms"),
    [
        ("soap", "xml", ("typed", "1.2"), None),
        ("soap", "soap", ("typed", "1.2"), None),
        ("jms", "xml", ("bare", "none"), None),
        ("all", "xml", ("typed", "1.2"), None),
        ("jms", "soap", ("typed", "1.2"), SoapBinding(style="typed", version="1.2")),
        ("all", "soap", ("typed", "1.2"), SoapBinding(style="typed", version="1.2")),
    ],
)
def test_who_carries_what(transport: str, binding: str, style: tuple[str, str], over_jms: SoapBinding | None) -> None:
    """Plain XML over JMS alone is bare; envelopes over JMS are those of the style."""
    order = Order(transport=transport, binding=binding, style="typed", soap="1.2")
    assert (carried(order), binding_of(order)) == (style, over_jms)


@pytest.mark.parametrize("transport", ["jms", "all"])
def test_an_envelope_has_a_version(transport: str) -> None:
    """SOAP over JMS without SOAP is refused, and so is a binding that nobody knows."""
    with pytest.raises(ConfigurationError, match="--binding soap with --soap none cannot be"):
        binding_of(Order(transport=transport, binding="soap", style="bare", soap="none"))
    with pytest.raises(ConfigurationError, match="--binding yaml is not known; there are: xml, soap"):
        binding_of(Order(transport=transport, binding="yaml"))


JMS = {"class_path": ["*.jar"], "jndi": {}, "requests": {"all": "jms:queue:R"}}
WEB = {"generic": {"url": "http://127.0.0.1:1/"}}
ENVELOPES = {**JMS, "binding": "soap", "soap": "1.2"}


@pytest.mark.parametrize(
    ("endpoints", "transport", "said"),
    [
        ({"style": "generic", **WEB}, "soap", ("generic", "1.1")),
        ({"style": "generic", **WEB, "jms": JMS}, "soap", ("generic", "1.1")),
        ({"style": "generic", **WEB, "jms": JMS}, "jms", ("none", "none")),
        ({"style": "generic", **WEB, "jms": JMS}, "all", ("generic", "1.1")),
        ({"jms": JMS}, "jms", ("none", "none")),
        ({"style": "generic", **WEB, "jms": ENVELOPES}, "soap", ("generic", "1.1")),
        ({"style": "generic", **WEB, "jms": ENVELOPES}, "jms", ("generic", "1.2")),
        ({"style": "generic", **WEB, "jms": ENVELOPES}, "all", ("generic", "1.1, over JMS 1.2")),
        ({"style": "generic", **WEB, "jms": {**ENVELOPES, "soap": "1.1"}}, "all", ("generic", "1.1")),
        ({"style": "typed", "jms": ENVELOPES}, "jms", ("typed", "1.2")),
    ],
)
def test_what_a_run_says_it_sent(endpoints: dict[str, object], transport: str, said: tuple[str, str]) -> None:
    """Style and version in verdicts.json are those of the transport that was used."""
    assert carried_over(Endpoints.model_validate(endpoints), transport) == said
