"""What SUT.toml says of JMS: the table ``endpoints.jms``, and the settings that come of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from conformance.errors import ConfigurationError
from conformance.sut.values import Seconds, Table, Text, Words

if TYPE_CHECKING:
    from pathlib import Path

    from conformance.sut.load import Loaded
    from conformance.transport.jms.settings import Destination, JmsSettings, SoapBinding

Texts = Annotated[dict[str, str], Words("table of texts")]


class JmsEndpoint(Table):
    """The broker, for --transport jms. Destinations are written jms:queue:NAME, jms:topic:NAME or jms:jndi:NAME."""

    class_path: list[Text] = Field(
        min_length=1, description="The provider's client jars: files, directories, or DIR/*.jar."
    )
    jndi: Texts = Field(description="The naming environment: factory class and URL of the provider.")
    factory: Text = Field(default="ConnectionFactory", description="Name of the connection factory in it.")
    login: bool = Field(default=False, description="Log in with security.username and security.password.")
    requests: Texts = Field(
        min_length=1, description="Where requests go: verb(noun) or a noun, or all for the rest, to a destination."
    )
    replies: Text | None = Field(default=None, description="JMSReplyTo; without it a temporary queue is used.")
    later: Text = Field(default="jms:queue:CONFORMANCE.LATER", description="What ReplyAddress says: later answers.")
    events: list[Text] = Field(default=[], description="Where the system publishes by itself.")
    binding: Literal["xml", "soap"] = Field(
        default="xml", description="What a body is: the message itself, or a SOAP envelope (W3C SOAP over JMS)."
    )
    soap: Literal["1.1", "1.2"] = Field(
        default="1.1", description="Binding soap: SOAP version. The style is that of endpoints.style."
    )
    request_action: str | None = Field(default=None, description="Binding soap: SOAPAction, if not that of the style.")
    target_service: Text | None = Field(default=None, description="Binding soap: SOAPJMS_targetService.")
    message_class: Literal["text", "bytes"] | None = Field(
        default=None, description="TextMessage or BytesMessage; if not given, text for xml and bytes for soap."
    )
    properties: Texts = Field(
        default={"Verb": "{verb}", "Noun": "{noun}"},
        description="Message properties; {verb}, {noun}, {message_id} and {correlation_id} are filled in.",
    )
    api: Literal["auto", "javax", "jakarta"] = Field(default="auto", description="Package of the provider's JMS API.")
    client_id: Text | None = Field(default=None, description="JMS client id; needed for a durable subscription.")
    subscription: Text | None = Field(default=None, description="Makes subscriptions to topics durable, by this name.")
    selector: Text | None = Field(default=None, description="Message selector for later answers and events.")
    persistent: bool = Field(default=True, description="Requests survive a restart of the broker.")
    reconnect_s: Seconds = Field(default=60.0, description="How long a lost broker is waited for.")


def jms_settings(loaded: Loaded) -> JmsSettings:
    """Return how messages reach the system over JMS. Raises ConfigurationError without ``endpoints.jms``."""
    from conformance.transport.jms.jvm import expand
    from conformance.transport.jms.settings import JmsSettings

    configuration = loaded.configuration
    given = configuration.endpoints.jms
    if given is None:
        raise ConfigurationError(f"{loaded.path} has no table [endpoints.jms], which --transport jms needs: add it")
    return JmsSettings(
        class_path=expand([_absolute(pattern, loaded.path) for pattern in given.class_path]),
        jndi=given.jndi,
        factory=given.factory,
        requests={"" if name == "all" else name: _destination(place) for name, place in given.requests.items()},
        events=tuple(_destination(place) for place in given.events),
        replies=_destination(given.replies) if given.replies else None,
        later=_destination(given.later),
        credentials=loaded.credentials if given.login else None,
        message_class=given.message_class or ("bytes" if given.binding == "soap" else "text"),
        properties=given.properties,
        soap=_binding(given, loaded) if given.binding == "soap" else None,
        api=given.api,
        client_id=given.client_id,
        subscription=given.subscription,
        selector=given.selector,
        persistent=given.persistent,
        connect_s=configuration.timeouts.connect_s,
        reconnect_s=given.reconnect_s,
        max_bytes=int(configuration.limits.max_message_mib * 1024 * 1024),
    )


def _binding(given: JmsEndpoint, loaded: Loaded) -> SoapBinding:
    from conformance.transport.jms.settings import SoapBinding

    way = loaded.configuration.security.ws_security
    return SoapBinding(
        style=loaded.configuration.endpoints.style,
        version=given.soap,
        action=given.request_action,
        target_service=given.target_service,
        username_token=loaded.credentials if way != "none" else None,
        password_type="digest" if way.endswith("digest") else "text",
    )


def _absolute(pattern: str, file: Path) -> str:
    return str(file.absolute().parent / pattern)


def _destination(text: str) -> Destination:
    from conformance.transport.jms.settings import destination_of

    return destination_of(text)
