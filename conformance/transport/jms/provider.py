"""One connection to a provider by the JMS API, javax.jms or jakarta.jms: Java objects stay behind this module."""

from __future__ import annotations

import itertools
import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from conformance.errors import ConfigurationError
from conformance.standard.soap_jms import CONTENT_ENCODING
from conformance.transport.jms import jvm
from conformance.transport.jms.messages import JmsMessage, bytes_of, decoded, kind_for, text_of
from conformance.transport.jms.naming import Naming
from conformance.transport.jms.settings import Destination

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.transport.jms.messages import Property
    from conformance.transport.jms.settings import JmsSettings

_SESSION_TRANSACTED, _CLIENT_ACKNOWLEDGE = 0, 2
_NON_PERSISTENT, _PERSISTENT = 1, 2
#: How many temporary queues of others are remembered, so that they can be answered to.
_REMEMBERED = 10_000
_NUMBERS = itertools.count(1)


class Link:
    """A connection that is up. ``broken`` is set once the provider says that it is not any more."""

    def __init__(self, settings: JmsSettings) -> None:
        """Connect, log in and start. Java's exceptions come through as they are."""
        self.settings = settings
        self.number = next(_NUMBERS)
        self.broken = threading.Event()
        self._seen: OrderedDict[Destination, Any] = OrderedDict()
        self._lock = threading.Lock()
        self._naming = Naming(settings)
        factory, self._package = self._naming.factory, self._naming.package
        who = settings.credentials
        self._connection = factory.createConnection(who.username, who.password) if who else factory.createConnection()
        try:
            if settings.client_id:
                self._connection.setClientID(settings.client_id)
            self._connection.setExceptionListener(self._listener())
            self._connection.start()
        except Exception:
            self.close()
            raise

    def _listener(self) -> Any:
        import jpype

        def on_exception(_: Any) -> None:
            self.broken.set()

        return jpype.JProxy(f"{self._package}.ExceptionListener", dict={"onException": on_exception})

    def close(self) -> None:
        """Close the connection and all that belongs to it; harmless when it is gone."""
        import jpype

        self.broken.set()
        try:
            self._connection.setExceptionListener(None)
            self._connection.close()
        except jpype.JException:
            pass  # it was lost before: there is nothing left to close

    def about(self) -> str:
        """Return name and version of the provider, and the version of JMS that it speaks."""
        data = self._connection.getMetaData()
        return f"{data.getJMSProviderName()} {data.getProviderVersion()}, JMS {data.getJMSVersion()}"

    def session(self, *, transacted: bool = False) -> Session:
        """Return a new session: one thread at a time may use it. What is sent in a ``transacted`` one waits."""
        mode = _SESSION_TRANSACTED if transacted else _CLIENT_ACKNOWLEDGE
        return Session(self, self._connection.createSession(transacted, mode))

    def java(self, name: str) -> Any:
        """Return a class of the API in use, such as ``TextMessage``."""
        return jvm.java_class(f"{self._package}.{name}")

    def find(self, session: Any, destination: Destination) -> Any:
        """Return the Java object of ``destination``."""
        if destination.kind == "jndi":
            return self._naming.lookup(destination.name)
        with self._lock:
            known = self._seen.get(destination)
        if known is not None:
            return known
        if destination.kind == "topic":
            return session.createTopic(destination.name)
        return session.createQueue(destination.name)

    def named(self, java: Any) -> Destination | None:
        """Return the destination of a Java object, and remember a temporary one: it has no other way back."""
        if java is None:
            return None
        if isinstance(java, self.java("TemporaryQueue")):
            found = Destination("temporary", str(java.getQueueName()))
            with self._lock:
                self._seen[found] = java
                if len(self._seen) > _REMEMBERED:
                    self._seen.popitem(last=False)
            return found
        if isinstance(java, self.java("Queue")):
            return Destination("queue", str(java.getQueueName()))
        return Destination("topic", str(java.getTopicName()))

    def read(self, java: Any) -> JmsMessage:
        """Return a message that came. A body that is too large or of another class is told in ``problem``."""
        kind, body, problem = self._body(java)
        mode = java.getJMSDeliveryMode()
        properties, types = _properties(java)
        if kind == "bytes" and not problem:
            body, problem = decoded(body, str(properties.get(CONTENT_ENCODING, "")), self.settings.max_bytes)
        return JmsMessage(
            body=body,
            kind=kind,
            problem=problem,
            correlation_id=_text(java.getJMSCorrelationID()),
            reply_to=self.named(java.getJMSReplyTo()),
            type=_text(java.getJMSType()),
            properties=properties,
            types=types,
            delivery_mode="non-persistent" if mode == _NON_PERSISTENT else "persistent",
            expiration=int(java.getJMSExpiration()),
            priority=int(java.getJMSPriority()),
            message_id=_text(java.getJMSMessageID()),
            timestamp=int(java.getJMSTimestamp()),
            redelivered=bool(java.getJMSRedelivered()),
            destination=self.named(java.getJMSDestination()),
        )

    def _body(self, java: Any) -> tuple[Any, bytes, str]:
        limit = self.settings.max_bytes
        too_large = f"the message is larger than {limit} bytes, the limit of this run ([limits] max_message_mib)"
        if isinstance(java, self.java("TextMessage")):
            text = java.getText()
            body = bytes_of(str(text)) if text is not None else b""
            return ("text", body, "") if len(body) <= limit else ("text", b"", too_large)
        if isinstance(java, self.java("BytesMessage")):
            length = int(java.getBodyLength())
            return ("bytes", _octets(java, length), "") if length <= limit else ("bytes", b"", too_large)
        name = str(java.getClass().getSimpleName())
        return "other", b"", f"a {name}, which carries no XML: neither a TextMessage nor a BytesMessage"


class Session:
    """One session of a link, with the producer that it sends with."""

    def __init__(self, link: Link, java: Any) -> None:
        """Open the producer."""
        self.link = link
        self._java = java
        self._producer = java.createProducer(None)

    def send(self, destination: Destination, message: JmsMessage) -> str:
        """Send and return the JMSMessageID."""
        java = self._made(message)
        mode = _PERSISTENT if message.delivery_mode == "persistent" else _NON_PERSISTENT
        self._producer.send(self.link.find(self._java, destination), java, mode, message.priority, message.expiration)
        return _text(java.getJMSMessageID()) or ""

    def _made(self, message: JmsMessage) -> Any:
        kind = kind_for(message.body, "bytes" if message.kind == "bytes" else "text")
        if kind == "text":
            java = self._java.createTextMessage(text_of(message.body))
        else:
            java = self._java.createBytesMessage()
            java.writeBytes(_array(message.body))
        if message.correlation_id is not None:
            java.setJMSCorrelationID(message.correlation_id)
        if message.reply_to is not None:
            java.setJMSReplyTo(self.link.find(self._java, message.reply_to))
        if message.type is not None:
            java.setJMSType(message.type)
        for name, value in message.properties.items():
            # Such as setIntProperty: each type has a method of its own (JMS 3.5.2).
            java_type = {"Integer": "Int"}.get(message.type_of(name), message.type_of(name))
            getattr(java, f"set{java_type}Property")(name, str(value) if java_type == "String" else value)
        return java

    def temporary_queue(self) -> Destination:
        """Return a new temporary queue of this connection."""
        found = self.link.named(self._java.createTemporaryQueue())
        if found is None:
            raise ConfigurationError("the provider makes no temporary queues: name a queue in endpoints.jms.replies")
        return found

    def consumer(self, destination: Destination, selector: str | None = None, durable: str | None = None) -> Consumer:
        """Return a consumer; ``durable`` is the name of a durable subscription to a topic."""
        java = self.link.find(self._java, destination)
        if durable is not None and isinstance(java, self.link.java("Topic")):
            return Consumer(self, self._java.createDurableSubscriber(java, durable, selector, False))
        # Without a selector the call with two arguments would be ambiguous: providers overload it.
        return Consumer(
            self, self._java.createConsumer(java, selector) if selector else self._java.createConsumer(java)
        )

    def try_producer(self, destination: Destination) -> None:
        """Make a producer for ``destination`` and let go of it: nothing is sent. Java's exceptions come through."""
        self._java.createProducer(self.link.find(self._java, destination)).close()

    def commit(self) -> None:
        """Let what was sent in this transacted session go."""
        self._java.commit()

    def unsubscribe(self, durable: str) -> None:
        """Give a durable subscription up."""
        self._java.unsubscribe(durable)

    def close(self) -> None:
        """Close it with its consumers."""
        self._java.close()


class Consumer:
    """Takes messages, each of which stays the broker's until ``acknowledge`` was called."""

    def __init__(self, session: Session, java: Any) -> None:
        """Take a Java consumer."""
        self._session = session
        self._java = java

    def receive(self, seconds: float) -> tuple[JmsMessage, Callable[[], None]] | None:
        """Return the next message and what acknowledges it; None when none came within ``seconds``."""
        java = self._java.receive(max(1, int(seconds * 1000)))
        if java is None:
            return None
        return self._session.link.read(java), java.acknowledge


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _octets(java: Any, length: int) -> bytes:
    import jpype

    java.reset()  # readable, from the start
    array = jpype.JArray(jpype.JByte)(length)
    java.readBytes(array)
    return memoryview(array).tobytes() if length else b""


def _array(body: bytes) -> Any:
    import jpype

    return jpype.JArray(jpype.JByte)(body)


def _properties(java: Any) -> tuple[dict[str, Property], dict[str, str]]:
    """Return the properties, and the Java class of each."""
    names = java.getPropertyNames()
    found: dict[str, Property] = {}
    types: dict[str, str] = {}
    while names.hasMoreElements():
        name = str(names.nextElement())
        boxed = java.getObjectProperty(name)
        # A string comes as one of Python's where JPype converts it.
        types[name] = str(boxed.getClass().getSimpleName()) if hasattr(boxed, "getClass") else "String"
        found[name] = _value(boxed, types[name])
    return found, types


def _value(boxed: Any, kind: str) -> Property:
    if kind == "Boolean":
        return bool(boxed.booleanValue())
    if kind in ("Byte", "Short", "Integer", "Long"):
        return int(boxed.longValue())
    if kind in ("Float", "Double"):
        return float(boxed.doubleValue())
    return "" if boxed is None else str(boxed)
