"""Brokers that the suite starts itself: ActiveMQ Classic and Artemis, embedded, on a free loopback port."""

from __future__ import annotations

import socket
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from conformance.errors import ConfigurationError
from conformance.transport.jms import jvm
from conformance.transport.jms.jars import find_jars
from conformance.transport.jms.problems import in_words

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Self

LOOPBACK = "127.0.0.1"
BrokerKind = Literal["classic", "artemis"]
FACTORIES: Mapping[BrokerKind, str] = {
    "classic": "org.apache.activemq.jndi.ActiveMQInitialContextFactory",
    "artemis": "org.apache.activemq.artemis.jndi.ActiveMQInitialContextFactory",
}
_MIB = 1024 * 1024
_LARGEST = 256 * _MIB


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerTls:
    """The key store (PKCS12) of a broker that speaks TLS; with a ``trust_store`` clients must show a certificate."""

    key_store: Path
    password: str = field(repr=False)
    trust_store: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerOptions:
    """How a broker is set up. ``data`` keeps messages over a restart; ``users`` maps names to passwords.

    ``full_at`` makes a destination refuse messages beyond so many bytes; without ``make_missing`` destinations
    beside ``queues`` and ``topics`` are not made when they are first used (Artemis only). ``port`` 0 chooses a free
    one. ``tls`` is for Classic only.
    """

    port: int = 0
    data: Path | None = None
    users: Mapping[str, str] = field(default_factory=dict, repr=False)
    full_at: int | None = None
    queues: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    make_missing: bool = True
    tls: BrokerTls | None = None


def free_port() -> int:
    """Return a port of the loopback interface that was free just now."""
    with socket.create_server((LOOPBACK, 0)) as taken:
        return int(taken.getsockname()[1])


class EmbeddedBroker:
    """A broker inside the virtual machine of this process. A context manager; it can be started again."""

    kind: BrokerKind

    def __init__(self, options: BrokerOptions | None = None, directory: Path | None = None) -> None:
        """Find the jars. Raises ConfigurationError, which says how to install them."""
        self.options = options or BrokerOptions()
        self.class_path = find_jars(self.kind, directory)
        self.port = self.options.port or free_port()
        self._broker: Any = None

    @property
    def url(self) -> str:
        """Return the URL for clients."""
        return f"{'ssl' if self.options.tls else 'tcp'}://{LOOPBACK}:{self.port}"

    @property
    def jndi(self) -> dict[str, str]:
        """Return the naming environment for clients."""
        return jndi_of(self.kind, self.url)

    def start(self) -> Self:
        """Start and return when connections are accepted. Raises ConfigurationError or TransportError."""
        jvm.start(self.class_path)
        try:
            self._broker = self._made()
        except ConfigurationError:
            raise
        except Exception as problem:
            raise in_words(problem, f"the {self.kind} broker on {LOOPBACK}:{self.port}") from problem
        return self

    def stop(self) -> None:
        """Stop and return when it is gone; harmless when it does not run."""
        broker, self._broker = self._broker, None
        if broker is not None:
            self._end(broker)

    def restart(self) -> None:
        """Stop and start on the same port; what it keeps on disk is there again."""
        self.stop()
        self.start()

    def _made(self) -> Any:
        raise NotImplementedError

    def _end(self, broker: Any) -> None:
        raise NotImplementedError

    def __enter__(self) -> Self:
        """Start."""
        return self.start()

    def __exit__(self, *_: object) -> None:
        """Stop."""
        self.stop()


def jndi_of(kind: BrokerKind, url: str) -> dict[str, str]:
    """Return the naming environment for a broker at ``url``; its factory is called ``ConnectionFactory``."""
    given = {"java.naming.factory.initial": FACTORIES[kind]}
    if kind == "classic":
        return {**given, "java.naming.provider.url": url}
    return {**given, "connectionFactory.ConnectionFactory": url}


class ClassicBroker(EmbeddedBroker):
    """ActiveMQ Classic (``javax.jms``)."""

    kind: BrokerKind = "classic"

    def _made(self) -> Any:
        broker = jvm.java_class("org.apache.activemq.broker.BrokerService")()
        broker.setBrokerName(f"conformance-{self.port}")
        broker.setUseJmx(False)
        broker.setUseShutdownHook(False)
        broker.setSchedulerSupport(False)
        broker.setPersistent(self.options.data is not None)
        if self.options.data is not None:
            broker.setDataDirectory(str(self.options.data.absolute()))
        self._limit(broker)
        self._protect(broker)
        more = self._speak_tls(broker, self.options.tls) if self.options.tls else ""
        broker.addConnector(f"{self.url}?wireFormat.maxFrameSize={_LARGEST}{more}")
        broker.start()
        broker.waitUntilStarted()
        return broker

    def _limit(self, broker: Any) -> None:
        usage = broker.getSystemUsage()
        usage.getMemoryUsage().setLimit(_LARGEST)
        usage.getStoreUsage().setLimit(_LARGEST * 16)
        usage.getTempUsage().setLimit(_LARGEST * 4)
        usage.setSendFailIfNoSpace(True)
        entry = jvm.java_class("org.apache.activemq.broker.region.policy.PolicyEntry")()
        entry.setQueue(">")
        if self.options.full_at is not None:
            entry.setMemoryLimit(self.options.full_at)
            pending = "org.apache.activemq.broker.region.policy.VMPendingQueueMessageStoragePolicy"
            entry.setPendingQueuePolicy(jvm.java_class(pending)())
        policies = jvm.java_class("org.apache.activemq.broker.region.policy.PolicyMap")()
        policies.setPolicyEntries(_java_list([entry]))
        broker.setDestinationPolicy(policies)

    def _protect(self, broker: Any) -> None:
        import jpype

        if not self.options.users:
            return
        user = jvm.java_class("org.apache.activemq.security.AuthenticationUser")
        plugin = jvm.java_class("org.apache.activemq.security.SimpleAuthenticationPlugin")()
        plugin.setUsers(_java_list([user(name, password, "users") for name, password in self.options.users.items()]))
        broker.setPlugins(jpype.JArray(jvm.java_class("org.apache.activemq.broker.BrokerPlugin"))([plugin]))

    @staticmethod
    def _speak_tls(broker: Any, tls: BrokerTls) -> str:
        """Give the broker its certificate, and return what that adds to its URL."""
        password = jvm.java_class("java.lang.String")(tls.password).toCharArray()
        keys = jvm.java_class("javax.net.ssl.KeyManagerFactory").getInstance("PKIX")
        keys.init(_store(tls.key_store, password), password)
        trusted = None
        if tls.trust_store is not None:
            trust = jvm.java_class("javax.net.ssl.TrustManagerFactory").getInstance("PKIX")
            trust.init(_store(tls.trust_store, password))
            trusted = trust.getTrustManagers()
        context = jvm.java_class("org.apache.activemq.broker.SslContext")
        broker.setSslContext(context(keys.getKeyManagers(), trusted, None))
        return "&transport.needClientAuth=true" if trusted else ""

    def _end(self, broker: Any) -> None:
        broker.stop()
        broker.waitUntilStopped()


class ArtemisBroker(EmbeddedBroker):
    """ActiveMQ Artemis (``jakarta.jms``); never in one virtual machine with Classic, whose classes it shares."""

    kind: BrokerKind = "artemis"

    def _made(self) -> Any:
        configuration = jvm.java_class("org.apache.activemq.artemis.core.config.impl.ConfigurationImpl")()
        configuration.setPersistenceEnabled(self.options.data is not None)
        if self.options.data is not None:
            data = self.options.data.absolute()
            for name in ("Journal", "Bindings", "Paging", "LargeMessages"):
                getattr(configuration, f"set{name}Directory")(str(data / name.lower()))
            configuration.setJournalType(jvm.java_class("org.apache.activemq.artemis.core.server.JournalType").NIO)
        configuration.setSecurityEnabled(bool(self.options.users))
        configuration.addAcceptorConfiguration("tcp", self.url)
        configuration.addAddressSetting("#", self._settings())
        server = jvm.java_class("org.apache.activemq.artemis.core.server.embedded.EmbeddedActiveMQ")()
        if self.options.users:
            self._protect(configuration, server)
        server.setConfiguration(configuration)
        server.start()
        self._create(server.getActiveMQServer())
        return server

    def _settings(self) -> Any:
        settings = jvm.java_class("org.apache.activemq.artemis.core.settings.impl.AddressSettings")()
        settings.setAutoCreateQueues(self.options.make_missing).setAutoCreateAddresses(self.options.make_missing)
        settings.setAutoDeleteQueues(False).setAutoDeleteAddresses(False)
        if self.options.full_at is not None:
            policy = jvm.java_class("org.apache.activemq.artemis.core.settings.impl.AddressFullMessagePolicy")
            settings.setMaxSizeBytes(self.options.full_at).setAddressFullMessagePolicy(policy.FAIL)
        return settings

    def _create(self, server: Any) -> None:
        queue = jvm.java_class("org.apache.activemq.artemis.api.core.QueueConfiguration")
        anycast = jvm.java_class("org.apache.activemq.artemis.api.core.RoutingType").ANYCAST
        address = jvm.java_class("org.apache.activemq.artemis.core.server.impl.AddressInfo")
        multicast = jvm.java_class("org.apache.activemq.artemis.api.core.RoutingType").MULTICAST
        for name in self.options.topics:
            server.addAddressInfo(address(name).addRoutingType(multicast))
        for name in self.options.queues:
            server.createQueue(queue(name).setRoutingType(anycast).setAutoCreateAddress(True), True)

    def _protect(self, configuration: Any, server: Any) -> None:
        login = jvm.java_class("org.apache.activemq.artemis.spi.core.security.jaas.InVMLoginModule")
        accounts = jvm.java_class("org.apache.activemq.artemis.core.config.impl.SecurityConfiguration")()
        for name, password in self.options.users.items():
            accounts.addUser(name, password)
            accounts.addRole(name, "users")
        manager = jvm.java_class("org.apache.activemq.artemis.spi.core.security.ActiveMQJAASSecurityManager")
        server.setSecurityManager(manager(login.class_.getName(), accounts))
        role = jvm.java_class("org.apache.activemq.artemis.core.security.Role")
        roles = jvm.java_class("java.util.HashSet")()
        roles.add(role("users", *([True] * 10)))
        configuration.putSecurityRoles("#", roles)

    def _end(self, broker: Any) -> None:
        broker.stop()


def _store(file: Path, password: Any) -> Any:
    made = jvm.java_class("java.security.KeyStore").getInstance("PKCS12")
    with jvm.java_class("java.io.FileInputStream")(str(file)) as stream:
        made.load(stream, password)
    return made


def _java_list(items: list[Any]) -> Any:
    made = jvm.java_class("java.util.ArrayList")()
    for item in items:
        made.add(item)
    return made
