"""Speak TLS with a broker as its client library would: that tells why it fails, whichever provider is used.

Providers connect with several threads; what they say depends on which of them fails first.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from conformance.transport.jms import jvm

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_PLACE = re.compile(r"(?:ssl|tls|t3s|tcps|amqps)(?:\+\w+)?://(?:[^@/,()\s]*@)?([\w.\-]+|\[[\da-fA-F:.]+\]):(\d+)")
_SWITCHED_ON = re.compile(r"tcp://([\w.\-]+):(\d+)[^,()]*sslEnabled=true")


def tls_places(jndi: Mapping[str, str]) -> Iterator[tuple[str, int]]:
    """Iterate over host and port of every URL in a naming environment that asks for TLS, each once."""
    found = [place for value in jndi.values() for pattern in (_PLACE, _SWITCHED_ON) for place in pattern.findall(value)]
    yield from dict.fromkeys((host.strip("[]"), int(port)) for host, port in found)


def shake_hands(host: str, port: int, seconds: float) -> bool:
    """Return whether TLS is agreed on; False when nothing listens there. Java's exceptions come through.

    The system properties of the virtual machine say whom to trust and who we are. With TLS 1.3 a broker refuses our
    certificate only after the handshake, so the first thing that it says is waited for.
    """
    import jpype

    patience = int(seconds * 1000)
    sock: Any = jvm.java_class("javax.net.ssl.SSLSocketFactory").getDefault().createSocket()
    try:
        sock.connect(jvm.java_class("java.net.InetSocketAddress")(host, port), patience)
        sock.setSoTimeout(patience)
        parameters = sock.getSSLParameters()
        parameters.setEndpointIdentificationAlgorithm("HTTPS")  # RFC 2818: the name in the URL is in the certificate
        sock.setSSLParameters(parameters)
        sock.startHandshake()
        sock.getInputStream().read()
    except jpype.JClass("java.net.ConnectException"):
        return False
    except jpype.JClass("java.net.SocketTimeoutException"):
        return bool(sock.getSession().isValid())
    finally:
        sock.close()
    return True
