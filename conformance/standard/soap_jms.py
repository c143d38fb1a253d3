"""SOAP over JMS (W3C Recommendation of 16 February 2012) and the ``jms`` URI (RFC 6167): names and syntax."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote, unquote

REQUEST_URI = "SOAPJMS_requestURI"
BINDING_VERSION = "SOAPJMS_bindingVersion"
CONTENT_TYPE = "SOAPJMS_contentType"
CONTENT_ENCODING = "SOAPJMS_contentEncoding"
SOAP_ACTION = "SOAPJMS_soapAction"
TARGET_SERVICE = "SOAPJMS_targetService"
IS_FAULT = "SOAPJMS_isFault"
#: The only value of SOAPJMS_bindingVersion (2.2.3).
VERSION = "1.0"
#: The namespace of the fault subcodes (2.8).
NAMESPACE = "http://www.w3.org/2010/soapjms/"
#: The fault subcodes (2.8) that a request can earn by its properties alone.
MISSING_REQUEST_URI = "missingRequestURI"
MALFORMED_REQUEST_URI = "malformedRequestURI"
TARGET_SERVICE_IN_URI = "targetServiceNotAllowedInRequestURI"
UNRECOGNIZED_VERSION = "unrecognizedBindingVersion"
MISSING_CONTENT_TYPE = "missingContentType"
CONTENT_TYPE_MISMATCH = "contentTypeMismatch"
MISMATCHED_ACTION = "mismatchedSoapAction"
SUBCODES = (
    UNRECOGNIZED_VERSION, MISSING_REQUEST_URI, MALFORMED_REQUEST_URI, TARGET_SERVICE_IN_URI, MISSING_CONTENT_TYPE,
    CONTENT_TYPE_MISMATCH, MISMATCHED_ACTION,
)  # fmt: skip

#: RFC 6167, 4: scheme, variant (three are known, others may be a provider's), destination, parameters.
_URI = re.compile(
    r"jms:(?P<variant>[A-Za-z][A-Za-z0-9+.-]*):(?P<name>(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})+)"
    r"(?:\?(?P<query>(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*))?",
    re.IGNORECASE,
)
#: What may stand in the name of a destination as it is (RFC 3986, path-rootless).
_PLAIN = "!$&'()*+,;=:@/"


@dataclass(frozen=True, slots=True, kw_only=True)
class JmsUri:
    """A ``jms`` URI: ``variant`` is in small letters, ``name`` and ``parameters`` are decoded."""

    variant: str
    name: str
    parameters: tuple[str, ...] = ()


def parse_uri(text: str) -> JmsUri | None:
    """Return what ``text`` says; None when it is no ``jms`` URI (RFC 6167, 4)."""
    found = _URI.fullmatch(text)
    if found is None:
        return None
    parameters = [part.partition("=")[0] for part in (found["query"] or "").split("&") if part]
    return JmsUri(
        variant=found["variant"].lower(),
        name=unquote(found["name"]),
        parameters=tuple(unquote(name) for name in parameters),
    )


def uri_of(variant: str, name: str) -> str:
    """Return the ``jms`` URI of a destination."""
    return f"jms:{variant}:{quote(name, safe=_PLAIN)}"


def media_type(content_type: str) -> str:
    """Return the media type of a content type, in small letters and without parameters."""
    return content_type.partition(";")[0].strip().lower()


def parameter(content_type: str, name: str) -> str | None:
    """Return a parameter of a content type, such as ``charset``; None when it has none."""
    for found in re.finditer(r';\s*([^=;\s]+)\s*=\s*("[^"]*"|[^;\s]*)', content_type):
        if found[1].lower() == name:
            return found[2].strip("\"' ") or None
    return None
