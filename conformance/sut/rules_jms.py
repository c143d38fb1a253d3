"""What must hold within ``endpoints.jms``, and between it and the rest of SUT.toml."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from conformance.sut.fault import Fault, at, entries, rows
from conformance.sut.hidden import JNDI, TLS, secret_parts
from conformance.transport.jms.messages import is_identifier
from conformance.transport.jms.settings import PLACEHOLDERS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_JMS = ("endpoints", "jms")
_PLACEHOLDER = re.compile(r"\{\w+\}")
#: (beginning of a Java option, the key of SUT.toml that has its say instead)
_OURS = (
    (r"-Xmx", "max_heap_mib"),
    (r"-cp$|-classpath|--class-path|-Djava\.class\.path", "class_path"),
    (r"-D[^=]*trustStore(?:Password)?=", "tls"),
    (r"-D[^=]*keyStore(?:Password)?=", "tls"),
)


def broken_jms(data: Mapping[str, Any]) -> Iterator[Fault]:
    """Iterate over the rules that ``endpoints.jms`` in ``data``, the plain tables of SUT.toml, breaks."""
    for rule in (_login, _naming, _subscription, _properties, _stores, _options):
        yield from rule(data)


def _login(data: Mapping[str, Any]) -> Iterator[Fault]:
    missing = [name for name in ("username", "password") if at(data, "security", name) is None]
    if missing and at(data, *_JMS, "login") is True:
        reason = f"is true, but security.{' and security.'.join(missing)} missing"
        fix = f'add {missing[0]} = {{ env = "NAME_OF_A_VARIABLE" }} to [security], or write login = false'
        yield Fault((*_JMS, "login"), reason, fix)


def _naming(data: Mapping[str, Any]) -> Iterator[Fault]:
    """Refuse passwords in plain text. They are never repeated."""
    for name, value in entries(data, *JNDI).items():
        if isinstance(value, str) and secret_parts(name, value):
            fix = 'put the whole value into an environment variable or a file: { env = "NAME" } or { file = "FILE" }'
            yield Fault((*JNDI, name), "has a password in plain text, which would end up in reports", fix)


def _subscription(data: Mapping[str, Any]) -> Iterator[Fault]:
    if at(data, *_JMS, "subscription") and not at(data, *_JMS, "client_id"):
        reason = "needs a client id: the broker keeps durable subscriptions by it"
        yield Fault((*_JMS, "subscription"), reason, 'add client_id = "NAME"')


def _properties(data: Mapping[str, Any]) -> Iterator[Fault]:
    for name, value in entries(data, *_JMS, "properties").items():
        where = (*_JMS, "properties", name)
        if not is_identifier(name):
            reason = "is no legal name of a JMS property (JMS 3.5.1)"
            fix = "begin with a letter, _ or $, go on with letters, digits, _ and $, but no word such as NOT"
            yield Fault(where, reason, fix)
        elif name.startswith("JMS") and not name.startswith(("JMSX", "JMS_")):
            reason = "begins with JMS, which is for headers of JMS itself"
            yield Fault(where, reason, "choose another name; only JMSX… and JMS_… of the provider can be set")
        unknown = [item for item in _PLACEHOLDER.findall(value) if item not in PLACEHOLDERS] if _is_text(value) else []
        if unknown:
            yield Fault(where, f"has the unknown placeholder {unknown[0]}", f"write one of {', '.join(PLACEHOLDERS)}")


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _stores(data: Mapping[str, Any]) -> Iterator[Fault]:
    for store in ("trust_store", "key_store"):
        password = f"{store}_password"
        if at(data, *TLS, password) is not None and at(data, *TLS, store) is None:
            yield Fault((*TLS, password), f"is given without {store}", f'add {store} = "FILE"')
    if at(data, *TLS, "key_store") is not None and at(data, *TLS, "key_store_password") is None:
        fix = 'add key_store_password = { env = "NAME_OF_A_VARIABLE" }'
        yield Fault((*TLS, "key_store"), "needs its password: Java opens no private key without one", fix)


def _options(data: Mapping[str, Any]) -> Iterator[Fault]:
    for index, option in enumerate(rows(data, *_JMS, "jvm_options")):
        where = (*_JMS, "jvm_options", index)
        if not _is_text(option):
            continue
        ours = next((key for pattern, key in _OURS if re.match(pattern, option)), None)
        name, _, value = option.partition("=")
        if not option.startswith("-"):
            yield Fault(where, "is no option of Java", "write it with its hyphen, like -Dname=value or -Xss1m")
        elif ours is not None:
            yield Fault(where, f"says what endpoints.jms.{ours} says", f"take it out and use {ours}")
        elif value and secret_parts(name, value):
            fix = "use [endpoints.jms.tls] or endpoints.jms.jndi, which take it from a variable or a file"
            yield Fault(where, "has a password, which would end up in reports", fix)
