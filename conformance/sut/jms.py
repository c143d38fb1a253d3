"""What SUT.toml says of JMS: the table ``endpoints.jms``, and the settings that come of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BeforeValidator, Field, ValidationError

from conformance.errors import ConfigurationError, InternalError
from conformance.sut.hidden import JNDI, TLS
from conformance.sut.values import Seconds, Secret, Table, Text, Words, inconsistent

if TYPE_CHECKING:
    from conformance.sut.load import Loaded
    from conformance.transport.jms.settings import Destination, JmsSettings, Machine, SoapBinding

_PLACE = '{ env = "NAME_OF_A_VARIABLE" } or { file = "FILE" }'
_LONG = range(-(2**63), 2**63)


def _text(value: object) -> object:
    if not isinstance(value, str) or not value.strip():
        raise inconsistent("is no text" if not isinstance(value, str) else "is empty", "write text in quotes")
    return value


def _naming(value: object) -> object:
    """Take text, or the place of a secret; nothing of what is neither is repeated."""
    if isinstance(value, str | Secret):
        return value
    try:
        return Secret.model_validate(value)
    except ValidationError:
        fix = f"put text in quotes, or write {_PLACE}"
        raise inconsistent("is neither text nor the place of a secret", fix) from None


def _property(value: object) -> object:
    if not isinstance(value, str | bool | int | float) or (isinstance(value, int) and value not in _LONG):
        fix = "write text in quotes, true or false, a number of at most 64 bits, or a broken number"
        raise inconsistent("is nothing that a JMS property can be", fix)
    return value


Texts = Annotated[dict[str, Annotated[str, BeforeValidator(_text)]], Words("table of texts")]
Naming = Annotated[
    dict[str, Annotated[str | Secret, BeforeValidator(_naming)]],
    Words(f"table of texts; what is secret is {_PLACE}"),
]
Properties = Annotated[
    dict[str, Annotated[str | bool | int | float, BeforeValidator(_property)]],
    Words("table of texts, true or false, and numbers"),
]
Heap = Annotated[int, Field(ge=64, le=1024 * 1024, strict=True), Words("whole number of MiB, at least 64")]


class JmsTls(Table):
    """TLS with the broker: Java key stores (PKCS12 or JKS). Whether TLS is spoken is said by the provider's URL."""

    trust_store: Path | None = Field(default=None, description="Whom to trust; without it whom Java trusts.")
    trust_store_password: Secret | None = Field(default=None, description="Its password.")
    key_store: Path | None = Field(default=None, description="Our certificate and key, for mutual TLS.")
    key_store_password: Secret | None = Field(default=None, description="Its password, also that of the key.")


class JmsEndpoint(Table):
    """The broker, for --transport jms. Destinations are written jms:queue:NAME, jms:topic:NAME or jms:jndi:NAME."""

    class_path: list[Text] = Field(
        min_length=1, description="The provider's client jars: files, directories, or DIR/*.jar."
    )
    jndi: Naming = Field(description="The naming environment: factory class and URL of the provider.")
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
    properties: Properties = Field(
        default={"Verb": "{verb}", "Noun": "{noun}"},
        description="Message properties, typed as they are written: text, true or false, int or long, double."
        " In text {verb}, {noun}, {message_id} and {correlation_id} are filled in.",
    )
    api: Literal["auto", "javax", "jakarta"] = Field(default="auto", description="Package of the provider's JMS API.")
    client_id: Text | None = Field(default=None, description="JMS client id; needed for a durable subscription.")
    subscription: Text | None = Field(default=None, description="Makes subscriptions to topics durable, by this name.")
    selector: Text | None = Field(default=None, description="Message selector for later answers and events.")
    persistent: bool = Field(default=True, description="Requests survive a restart of the broker.")
    reconnect_s: Seconds = Field(default=60.0, description="How long a lost broker is waited for.")
    max_heap_mib: Heap = Field(default=1024, description="Memory of the Java virtual machine.")
    jvm_options: list[Text] = Field(default=[], description="Further options of the Java virtual machine; no secrets.")
    tls: JmsTls | None = Field(default=None, description="TLS with the broker.")


def jms_settings(loaded: Loaded) -> JmsSettings:
    """Return how messages reach the system over JMS. Raises ConfigurationError without ``endpoints.jms``."""
    from conformance.transport.jms.jvm import expand
    from conformance.transport.jms.settings import JmsSettings

    given = loaded.configuration.endpoints.jms
    if given is None:
        raise ConfigurationError(f"{loaded.path} has no table [endpoints.jms], which --transport jms needs: add it")
    return JmsSettings(
        class_path=expand([_absolute(pattern, loaded.path) for pattern in given.class_path]),
        jndi={name: _value(loaded, name, value) for name, value in given.jndi.items()},
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
        connect_s=loaded.configuration.timeouts.connect_s,
        reconnect_s=given.reconnect_s,
        max_bytes=int(loaded.configuration.limits.max_message_mib * 1024 * 1024),
        machine=_machine(loaded, given),
        secrets=loaded.secrets,
    )


def _binding(given: JmsEndpoint, loaded: Loaded) -> SoapBinding:
    from conformance.transport.jms.settings import SoapBinding

    style, way = loaded.configuration.endpoints.style, loaded.configuration.security.ws_security
    if style is None:
        raise InternalError('SUT.toml was loaded without the style that binding = "soap" needs')
    return SoapBinding(
        style=style,
        version=given.soap,
        action=given.request_action,
        target_service=given.target_service,
        username_token=loaded.credentials if way != "none" else None,
        password_type="digest" if way.endswith("digest") else "text",
    )


def _value(loaded: Loaded, name: str, given: str | Secret) -> str:
    return given if isinstance(given, str) else loaded.resolved[*JNDI, name]


def _machine(loaded: Loaded, given: JmsEndpoint) -> Machine:
    from conformance.transport.jms.settings import Machine

    stores = {"trust_store": "javax.net.ssl.trustStore", "key_store": "javax.net.ssl.keyStore"}
    properties: dict[str, str] = {}
    for key, name in stores.items():
        file = getattr(given.tls, key, None)
        if file is not None:
            properties[name] = str(file)
            password = loaded.resolved.get((*TLS, f"{key}_password"))
            properties |= {f"{name}Password": password} if password else {}
    return Machine(max_heap_mib=given.max_heap_mib, options=tuple(given.jvm_options), properties=properties)


def _absolute(pattern: str, file: Path) -> str:
    return str(file.absolute().parent / pattern)


def _destination(text: str) -> Destination:
    from conformance.transport.jms.settings import destination_of

    return destination_of(text)
