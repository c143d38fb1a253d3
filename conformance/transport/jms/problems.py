"""Say in plain words what the provider's exceptions mean, and whose fault that is: the seam between Java and us."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from conformance.errors import ConfigurationError, ConformanceError, InternalError, TransportError

if TYPE_CHECKING:
    from collections.abc import Iterator

_LONGEST = 200
#: (name of a Java class, or words in what it says; kind; what it means). The first that fits, from the outermost
#: exception to its cause, line by line: the more telling lines come first.
_MEANINGS: tuple[tuple[str, type[ConformanceError], str], ...] = (
    (r"JMSSecurityException|SecurityException|AuthenticationException|password is invalid|AMQ229031",
     ConfigurationError,
     "the broker refuses the login or the permission: check security.username and security.password"),
    (r"NoInitialContextException|ClassNotFoundException|NoClassDefFoundError", ConfigurationError,
     "a class is not found: check endpoints.jms.jndi and whether class_path has every jar that the provider needs"),
    (r"NameNotFoundException", ConfigurationError,
     "the naming service does not know this name: check endpoints.jms.factory and the destinations"),
    (r"InvalidDestinationException|NonExistentQueueException|AMQ229017|There is no (?:queue|topic) with name",
     ConfigurationError,
     "there is no such destination: create it at the broker, or correct the name in [endpoints.jms]"),
    (r"InvalidClientIDException", TransportError,
     "the client id is in use: end the other client, or choose another endpoints.jms.client_id"),
    (r"InvalidSelectorException", ConfigurationError, "the broker does not understand endpoints.jms.selector"),
    (r"ResourceAllocationException|AddressFullException|AMQ229102", TransportError,
     "the broker takes no more messages for this destination (full): consume what waits there, or raise its limit"),
    (r"OutOfMemoryError", InternalError, "the Java virtual machine of the suite ran out of memory"),
    (r"UnknownHostException|UnresolvedAddressException", TransportError,
     "the host name of the broker has no address: check the URL in endpoints.jms.jndi"),
    (r"[Kk]eystore password was incorrect|[Kk]eystore was tampered|not a valid keystore|[Pp]assword verification failed"
     r"|Invalid keystore format|problem accessing trust store|class: \S*DefaultSSLContext", ConfigurationError,
     "a key store cannot be opened: check the files of [endpoints.jms.tls] and their passwords"),
    (r"unable to find valid certification path|trustAnchors parameter must be non-empty", TransportError,
     "the certificate of the broker is not trusted: put its CA into endpoints.jms.tls.trust_store"),
    (r"CertificateExpired|CertificateNotYetValid|NotAfter:|NotBefore:", TransportError,
     "the certificate of the broker is outside its time: renew it, or set the clocks right"),
    (r"No subject alternative|No name matching", TransportError,
     "the certificate of the broker is for another host: use a name from the certificate in the URL"),
    (r"bad_certificate|certificate_required|handshake_failure|certificate_unknown|unknown_ca|access_denied",
     TransportError, "the broker refuses this client, most likely for want of a client certificate (mutual TLS): set"
     " endpoints.jms.tls.key_store to one that it accepts"),
    (r"Connection or outbound has closed|ssl://\S+ Reason: \S+ (?:Broken pipe|Connection reset)", TransportError,
     "TLS was broken off: the broker wants a client certificate (endpoints.jms.tls.key_store), or speaks no TLS there,"
     " or its own certificate is not trusted or for another host than that in the URL"),
    (r"Unsupported or unrecognized SSL message|plaintext connection|not an SSL/TLS record", TransportError,
     "the broker speaks no TLS there: use its TLS port, or a URL without TLS"),
    (r"SSL|Certificate", TransportError, "TLS with the broker fails: check its certificate and [endpoints.jms.tls]"),
    (r"ConnectException|CommunicationException|NotConnectedException|SocketException|EOFException|AMQ219007"
     r"|channel has already failed"
     r"|ConnectionFailedException|ConnectionClosed|IllegalStateException|DisconnectedException|NoRouteToHost"
     r"|AMQ219016|TransportDisposed|InterruptedIOException|SocketTimeout|ConfigurationException", TransportError,
     "the broker is not there, or the connection to it was lost: check that it runs, and the URL"),
)  # fmt: skip


def in_words(problem: Exception, where: str) -> ConformanceError:
    """Return the error of ours for what Java threw at ``where`` (a destination or "the broker")."""
    if not hasattr(problem, "getClass"):
        return InternalError(f"{where}: {type(problem).__name__}: {problem}")
    told = list(_told(problem))
    for pattern, kind, meaning in _MEANINGS:
        if any(re.search(pattern, line) for line in told):
            said = f"{where}: {meaning} ({_short(told)})"
            return TransportError(said, blame="surroundings") if kind is TransportError else kind(said)
    return TransportError(f"{where}: the JMS provider failed: {_short(told)}", blame="surroundings")


def overdue(where: str, seconds: float, what: str) -> TransportError:
    """Return the error for a provider that did not come back in time."""
    return TransportError(f"{where}: {what} within {seconds:g} s", blame="surroundings", timed_out=True)


def _told(problem: Any) -> Iterator[str]:
    """Iterate over ``class: message`` of the exception and of what it wraps."""
    seen = 0
    while problem is not None and seen < 10:
        seen += 1
        name = str(problem.getClass().getName()) if hasattr(problem, "getClass") else type(problem).__name__
        text = str(problem.getMessage()) if hasattr(problem, "getMessage") else str(problem)
        yield f"{name}: {text}"
        linked = problem.getLinkedException() if hasattr(problem, "getLinkedException") else None
        root = problem.getRootCause() if hasattr(problem, "getRootCause") else None
        cause = problem.getCause() if hasattr(problem, "getCause") else None
        problem = next((item for item in (linked, root, cause) if item is not None and item is not problem), None)


def _short(told: list[str]) -> str:
    """Return the outermost and the innermost line, without package names."""
    lines = [re.sub(r"^[\w.$]*\.", "", line) for line in dict.fromkeys((told[0], told[-1]))] if told else ["?"]
    return "; ".join(line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…" for line in lines)
