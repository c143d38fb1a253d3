"""What the naming service gives: the connection factory, and by its class the package of the JMS API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conformance.errors import ConfigurationError
from conformance.transport.jms import jvm

if TYPE_CHECKING:
    from conformance.transport.jms.settings import JmsSettings


class Naming:
    """The naming context with the connection factory. Most providers need no broker for it, some do."""

    def __init__(self, settings: JmsSettings) -> None:
        """Look the factory up. Java's exceptions come through; ConfigurationError when it is no factory of JMS."""
        hashtable = jvm.java_class("java.util.Hashtable")()
        for name, value in settings.jndi.items():
            hashtable.put(name, value)
        self._context = jvm.java_class("javax.naming.InitialContext")(hashtable)
        self.factory = self.lookup(settings.factory)
        self.package = _package(self.factory, settings)

    def lookup(self, name: str) -> Any:
        """Return the Java object called ``name``. Java's exceptions come through."""
        return self._context.lookup(name)


def _package(factory: Any, settings: JmsSettings) -> str:
    """Return the package whose ConnectionFactory the provider's factory is: that decides, whatever jars there are."""
    import jpype

    for package in (f"{settings.api}.jms",) if settings.api != "auto" else ("jakarta.jms", "javax.jms"):
        try:
            if isinstance(factory, jpype.JClass(f"{package}.ConnectionFactory")):
                return package
        except TypeError:  # that API is not on the class path
            continue
    kind = factory.getClass().getName()
    raise ConfigurationError(
        f'endpoints.jms.factory = "{settings.factory}" is a {kind}, which is no ConnectionFactory of'
        f" {'javax.jms or jakarta.jms' if settings.api == 'auto' else settings.api + '.jms'}: name another one"
    )
