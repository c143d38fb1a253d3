"""Acknowledge a message that came by itself: bytes in, bytes out (exchange rules 3, 6 and 10)."""

from __future__ import annotations

from dataclasses import dataclass
from email.message import Message as MailMessage
from typing import TYPE_CHECKING, Literal

from lxml import etree

from conformance.errors import MessageError
from conformance.message.build import Draft, build_unchecked, new_id, timestamp
from conformance.message.model import Header, Message, Reply, ReplyError
from conformance.message.soap import (
    CONTENT_TYPES,
    ENVELOPES,
    Carried,
    SoapVersion,
    fault,
    to_typed,
    unwrap,
    wrap,
)
from conformance.message.xml import DEFAULT_LIMITS, Limits, child, local_name, namespace
from conformance.standard.editions import EDITION_2013, EDITIONS, OK, RESPONSE_VERB, VERBS, Edition

if TYPE_CHECKING:
    from collections.abc import Callable

    Element = etree._Element

#: A schema violation (61968-9:2013 Annex B).
_SCHEMA_VIOLATION = "1.8"
_SNIFFED = 4096
#: How a message is acknowledged: by a ResponseMessage, by an empty answer, or not at all but refused.
Manner = Literal["message", "empty-200", "empty-202", "fault"]
_EMPTY: dict[str, int] = {"empty-200": 200, "empty-202": 202}
_KINDS = ("RequestMessage", "ResponseMessage", "EventMessage", "FaultMessage")


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledgement:
    """What to answer with over HTTP. ``problem`` says why the message was refused."""

    status: int
    content_type: str
    body: bytes
    problem: str = ""


def manner_key(correlation: str) -> str:
    """Return under which key the journal says in which :data:`Manner` an exchange shall be acknowledged."""
    return f"acknowledge {correlation}"


def acknowledge(
    body: bytes,
    content_type: str = "",
    limits: Limits = DEFAULT_LIMITS,
    manner: Callable[[str], Manner] = lambda _correlation: "message",
) -> Acknowledgement:
    """Return the acknowledgement of ``body``, in its SOAP version and style; a fault when it is no message.

    A SOAP fault and a FaultMessage, which name no noun, are taken with an empty answer (202). ``manner`` says for
    a CorrelationID whether the acknowledgement shall be another one than the usual message.
    """
    try:
        carried = unwrap(body, limits, _charset(content_type))
    except MessageError as problem:
        return refuse(str(problem), arrived_version(body, content_type))
    message = carried.message
    if carried.fault is not None or message is None or message.kind == "FaultMessage":
        return Acknowledgement(status=202, content_type="", body=b"")
    chosen = manner(message.correlation_id or "")
    if chosen in _EMPTY:
        return Acknowledgement(status=_EMPTY[chosen], content_type="", body=b"")
    if chosen == "fault":
        return refuse("refused on purpose, to see what its sender does", carried.version, client=False)
    answer = wrap(_response(carried, message), carried.version)
    return Acknowledgement(status=200, content_type=CONTENT_TYPES[carried.version], body=answer)


def refuse(problem: str, version: SoapVersion, *, client: bool = True) -> Acknowledgement:
    """Return a SOAP fault with a FaultMessage in its detail, or plain text where there is no SOAP.

    HTTP statuses: 500 with SOAP 1.1 (6.2), 400 or 500 with SOAP 1.2 (Part 2, table 20).
    """
    status = 400 if client and version != "1.1" else 500
    said = _printable(problem)
    if version == "none":
        text = f"{said}\n".encode()
        return Acknowledgement(status=status, content_type="text/plain; charset=utf-8", body=text, problem=said)
    error = ReplyError(code=_SCHEMA_VIOLATION, level="FATAL", reason=said)
    draft = Draft(kind="FaultMessage", reply=Reply(result="FAILED", errors=(error,)))
    detail = build_unchecked(draft) if client else None
    answer = wrap(fault(version, said, detail, client=client), version)
    return Acknowledgement(status=status, content_type=CONTENT_TYPES[version], body=answer, problem=said)


def arrived_version(body: bytes, content_type: str) -> SoapVersion:
    """Guess the SOAP version of bytes that cannot be parsed."""
    start = body[:_SNIFFED].replace(b"\0", b"")  # as it looks in UTF-16, too
    if content_type.strip().lower().startswith("application/soap+xml") or ENVELOPES["1.2"].encode() in start:
        return "1.2"
    return "1.1" if ENVELOPES["1.1"].encode() in start or b"Envelope" in start else "none"


def _charset(content_type: str) -> str | None:
    mail = MailMessage()
    mail["content-type"] = "".join(character for character in content_type if character.isprintable())
    found = mail.get_param("charset")
    return found if isinstance(found, str) and found else None


def _printable(text: str) -> str:
    """Return ``text`` without the characters that XML cannot carry: parser messages quote what they met."""
    return "".join(character if character.isprintable() else "?" for character in text)


def _response(carried: Carried, message: Message) -> Element:
    noun = (message.noun or "").strip() or _guessed_noun(message)
    response = build_unchecked(
        Draft(
            kind="ResponseMessage",
            header=Header(
                verb=RESPONSE_VERB,
                noun=noun,
                timestamp=timestamp(),
                message_id=new_id(),
                correlation_id=message.correlation_id,
            ),
            reply=Reply(result=OK),
            edition=_edition(message),
        )
    )
    return _typed(response, carried) if message.typed else response


def _typed(response: Element, carried: Carried) -> Element:
    assert carried.body is not None  # noqa: S101 - a typed message is always in one
    name = _wrapped(local_name(carried.body))
    space = namespace(carried.body) or None
    edition = _edition_of(namespace(response))
    try:
        return to_typed(response, verb=RESPONSE_VERB, noun=name, space=space, edition=edition)
    except ValueError:  # what is left of an odd name need not be a name itself, such as 1x of created1x
        return response


def _guessed_noun(message: Message) -> str:
    if message.payloads:
        return local_name(message.payloads[0])
    return _wrapped(local_name(message.root)) if message.typed else ""


def _wrapped(name: str) -> str:
    """Return the noun in the name of a typed wrapper: MeterReadings of CreatedMeterReadings."""
    for kind in _KINDS:
        name = name.removesuffix(kind) or name
    lowered = name.lower()
    # The longest first: created before create.
    for prefix in sorted((*VERBS, "response"), key=len, reverse=True):
        if lowered.startswith(prefix):
            return name[len(prefix) :] or name
    return name


def _edition(message: Message) -> Edition:
    header = child(message.root, "Header")
    first = next(iter(header), None) if header is not None else None
    return _edition_of(namespace(first if first is not None else message.root))


def _edition_of(space: str) -> Edition:
    return next((edition for edition in EDITIONS.values() if edition.envelope == space), EDITION_2013)
