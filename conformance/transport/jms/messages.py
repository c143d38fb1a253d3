"""A JMS message without Java: bytes, headers and typed properties; and the characters of a TextMessage as bytes."""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from conformance.errors import TransportError
from conformance.standard.soap_jms import CONTENT_TYPE
from conformance.transport.coding import unzipped
from conformance.transport.jms.settings import Destination, MessageClass

_PIECE = 64 * 1024
Property = str | int | float | bool
#: The Java classes that a property may have (JMS 3.5.2).
PROPERTY_TYPES = ("Boolean", "Byte", "Short", "Integer", "Long", "Float", "Double", "String")
#: The names under which the journal has what is no property. The last is the suite's own: it keeps what text loses.
TYPES = "JMSPropertyTypes"
TIME_TO_LIVE = "JMSTimeToLive"
HEADERS = frozenset({
    "JMSMessageID", "JMSCorrelationID", "JMSReplyTo", "JMSDestination", "JMSType", "JMSDeliveryMode", "JMSExpiration",
    "JMSPriority", "JMSTimestamp", "JMSRedelivered", "JMSMessageClass", TIME_TO_LIVE, TYPES,
})  # fmt: skip
_INT, _LONG = range(-(2**31), 2**31), range(-(2**63), 2**63)
#: What Java takes at the start of an identifier besides letters, and within it: currency signs, underscores, digits …
_STARTS = ("Sc", "Pc", "Nl")
_PARTS = (*_STARTS, "Nd", "Mn", "Mc", "Cf")
#: What the name of a property must not be.
_RESERVED = frozenset({"NULL", "TRUE", "FALSE", "NOT", "AND", "OR", "BETWEEN", "LIKE", "IN", "IS", "ESCAPE"})
_DECLARED = re.compile(r"""\A\s*<\?xml[^>]*?\sencoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
#: UTF-16 without a mark, by the form of its first character, "<".
_BARE = ((b"<\0", "utf-16-le"), (b"\0<", "utf-16-be"))


@dataclass(frozen=True, slots=True, kw_only=True)
class JmsMessage:
    """One message. Headers that the provider sets are empty before it is sent; times are ms since the epoch.

    ``kind`` is ``other`` for a message that is neither text nor bytes: then ``problem`` says what it is.
    ``types`` names the Java classes of properties where those are not what Python's types say.
    """

    body: bytes
    kind: Literal["text", "bytes", "other"] = "text"
    correlation_id: str | None = None
    reply_to: Destination | None = None
    type: str | None = None
    properties: Mapping[str, Property] = field(default_factory=dict)
    types: Mapping[str, str] = field(default_factory=dict)
    delivery_mode: Literal["persistent", "non-persistent"] = "persistent"
    expiration: int = 0
    priority: int = 4
    message_id: str | None = None
    timestamp: int = 0
    redelivered: bool = False
    destination: Destination | None = None
    problem: str = ""

    def headers(self) -> dict[str, str]:
        """Return JMS headers and properties as text, for the journal."""
        given = {
            "JMSMessageID": self.message_id,
            "JMSCorrelationID": self.correlation_id,
            "JMSReplyTo": str(self.reply_to) if self.reply_to else None,
            "JMSDestination": str(self.destination) if self.destination else None,
            "JMSType": self.type,
            "JMSDeliveryMode": self.delivery_mode,
            "JMSExpiration": str(self.expiration),
            "JMSPriority": str(self.priority),
            "JMSTimestamp": str(self.timestamp),
            "JMSRedelivered": str(self.redelivered).lower(),
            "JMSMessageClass": {"text": "TextMessage", "bytes": "BytesMessage"}.get(self.kind, "other"),
        }
        shown = {name: value for name, value in given.items() if value is not None}
        if self.properties:
            shown[TYPES] = types_in_words({name: self.type_of(name) for name in self.properties})
        return {**shown, **{name: property_text(value) for name, value in self.properties.items()}}

    def type_of(self, name: str) -> str:
        """Return the Java class of a property, such as ``Integer``."""
        return self.types.get(name) or _java_type(self.properties[name])

    @property
    def content_type(self) -> str:
        """Return the content type for the journal: that of SOAP over JMS; else XML speaks for itself.

        The characters of a TextMessage have no charset, whatever their content type says (W3C SOAP over JMS, 2.4.1).
        """
        said = self.properties.get(CONTENT_TYPE)
        if self.kind == "other" or not isinstance(said, str):
            return "application/xml" if self.kind != "other" else ""
        return said if self.kind == "bytes" else said.partition(";")[0].strip()


def property_text(value: Property) -> str:
    """Return a property as text, as a journal shows it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _java_type(value: Property) -> str:
    if isinstance(value, bool):
        return "Boolean"
    if isinstance(value, int):
        return "Integer" if value in _INT else "Long" if value in _LONG else "String"
    return "Double" if isinstance(value, float) else "String"


def types_in_words(types: Mapping[str, str]) -> str:
    """Return the types of properties as the journal has them: ``Noun=String; Count=Integer``."""
    return "; ".join(f"{name}={kind}" for name, kind in types.items())


def is_identifier(name: str) -> bool:
    """Return whether ``name`` may name a property (JMS 3.5.1 and 3.8.1.1; Java's isJavaIdentifierPart)."""
    if not name or name.upper() in _RESERVED or not (name[0].isalpha() or unicodedata.category(name[0]) in _STARTS):
        return False
    return all(sign.isalpha() or unicodedata.category(sign) in _PARTS for sign in name)


def text_of(body: bytes) -> str | None:
    """Return the characters of ``body`` by its mark or XML declaration; None when they cannot be read.

    What this returns, :func:`bytes_of` turns back into XML of the same content.
    """
    encoding = next((name for mark, name in (*_MARKS, *_BARE) if body.startswith(mark)), None)
    if encoding is None:
        declared = _DECLARED.match(body[:200].decode("latin-1"))
        encoding = declared.group(1) if declared else "utf-8"
    try:
        return body.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        return None


def bytes_of(text: str) -> bytes:
    """Return the characters of a TextMessage as the bytes that its XML declaration promises; UTF-8 without one."""
    declared = _DECLARED.match(text[:200])
    encoding = declared.group(1).lower() if declared else "utf-8"
    if encoding.startswith(("utf-16", "utf16", "ucs-2", "iso-10646-ucs-2")):
        encoding = "utf-16"  # with a mark, which the name demands
    try:
        return text.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return text.encode("utf-8", "surrogatepass")


def kind_for(body: bytes, wanted: MessageClass) -> MessageClass:
    """Return ``wanted``, or bytes where ``body`` has no characters that a TextMessage could carry."""
    return wanted if wanted == "bytes" or text_of(body) is not None else "bytes"


def decoded(body: bytes, coding: str, limit: int) -> tuple[bytes, str]:
    """Return ``body`` without its content coding (SOAPJMS_contentEncoding), and why that is impossible, if it is."""
    if coding.strip().lower() in ("", "identity"):
        return body, ""
    if coding.strip().lower() not in ("gzip", "x-gzip"):
        return body, f"SOAPJMS_contentEncoding is {coding}, which the suite does not know"
    whole = bytearray()
    try:
        for piece in unzipped([body], _PIECE):
            whole += piece
            if len(whole) > limit:
                return b"", f"the message unpacks to more than {limit} bytes, the limit of this run"
    except TransportError as broken:
        return body, str(broken)
    return bytes(whole), ""
