"""The jms URI (RFC 6167) and the parameters of a content type."""

from __future__ import annotations

import pytest

from conformance.standard.soap_jms import JmsUri, media_type, parameter, parse_uri, uri_of


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("jms:queue:A.B", JmsUri(variant="queue", name="A.B")),
        ("jms:jndi:jms/Queue", JmsUri(variant="jndi", name="jms/Queue")),
        ("JMS:Topic:a%20b", JmsUri(variant="topic", name="a b")),
        ("jms:ems:X?priority=3&x=%3D", JmsUri(variant="ems", name="X", parameters=("priority", "x"))),
        ("jms:queue:A?targetService=S", JmsUri(variant="queue", name="A", parameters=("targetService",))),
        ("jms:queue:A?", JmsUri(variant="queue", name="A")),
    ],
)
def test_uri(text: str, found: JmsUri) -> None:
    """Scheme and variant have no case, the rest is decoded, a provider's own variant is legal."""
    assert parse_uri(text) == found


@pytest.mark.parametrize(
    "text", ["", "jms:queue", "jms:queue:", "jms::A", "queue:A", "queue://A", "http://a/b", "jms:queue:a b", "jms:q:%2"]
)
def test_no_uri(text: str) -> None:
    """The twins of those above."""
    assert parse_uri(text) is None


@pytest.mark.parametrize("name", ["A.B", "a b", "Größe/%41?x#y", "jms://x"])
def test_any_name_can_be_written(name: str) -> None:
    """What is written is read again."""
    assert parse_uri(uri_of("queue", name)) == JmsUri(variant="queue", name=name)


def test_content_type() -> None:
    """Parameters may be quoted and in capitals, and hold what separates others."""
    said = 'Application/SOAP+XML ; Charset="UTF-8";action="urn:a;b=c"'
    assert media_type(said) == "application/soap+xml"
    assert parameter(said, "charset") == "UTF-8"
    assert parameter(said, "action") == "urn:a;b=c"
    assert parameter(said, "b") is None
    assert parameter("text/xml; charset=", "charset") is None
