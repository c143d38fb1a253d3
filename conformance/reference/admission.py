"""Whether a request may be carried out at all: one check after the other, the first that fails is told.

The order puts what the schema would also find before the schema, so that the code says more than 1.8
(exchange rule 20).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.message.controls import read_controls
from conformance.message.meter_readings import asked
from conformance.message.xml import child, children, local_name, namespace
from conformance.reference.deviation import Problem
from conformance.standard.editions import EDITION_2013, VERBS
from conformance.standard.schemas import SchemaStore

if TYPE_CHECKING:
    from collections.abc import Callable

    from lxml import etree

    from conformance.message.model import Message
    from conformance.reference.deviation import Conduct

    Element = etree._Element

READ = ("get", "MeterReadings")
CONTROL = ("create", "EndDeviceControls")
SUPPORTED = (READ, CONTROL)
REVISIONS = ("", "1", "2.0", "2013")

_STORE = SchemaStore(EDITION_2013.name)


def refusal(message: Message, conduct: Conduct) -> Problem | None:
    """Return why ``message`` is not carried out; None when it is."""
    asks = message.kind == "RequestMessage"
    for name, check in _CHECKS:
        if not conduct.skips(name) and (asks or name in _OF_NEWS):
            reason = check(message)
            if reason is not None:
                return Problem(name=name, reason=reason)
    return None


def request_elements(message: Message) -> list[Element]:
    """Return the GetMeterReadings elements of ``message``."""
    return list(children(message.request, "GetMeterReadings"))


def noun_of(message: Message) -> str:
    """Return the noun that the answer carries, guessed from the content when the header has none."""
    if message.noun:
        return message.noun
    for name in (local_name(message.root), *(local_name(item) for item in message.payloads)):
        for _, noun in SUPPORTED:
            if name.endswith(noun):
                return noun
    return "MeterReadings"


def _verb(message: Message) -> str | None:
    known = not message.verb or message.verb in VERBS
    return None if known else f"{message.verb} is not a verb of the standard"


def _header(message: Message) -> str | None:
    missing = [name for name, value in (("Verb", message.verb), ("Noun", message.noun)) if not value]
    return f"missing in the Header: {', '.join(missing)}" if missing else None


def _noun(message: Message) -> str | None:
    known = message.noun in EDITION_2013.nouns
    return None if known else f"{message.noun} is not a noun of the standard"


def _combination(message: Message) -> str | None:
    return None if (message.verb, message.noun) in SUPPORTED else f"{message} is not supported"


def _request(message: Message) -> str | None:
    if message.verb != "get":
        return None
    elements = request_elements(message)
    named = [item for item in elements if asked(item)[0] or child(item, "UsagePoint") is not None]
    return None if named else "the Request names no meter"


def _payload(message: Message) -> str | None:
    if message.verb != "create":
        return None
    if any(control.devices for control in read_controls(message)):
        return None
    return "the Payload names no device to control"


def _schema(message: Message) -> str | None:
    parts = [*(message.request if message.request is not None else ()), *message.payloads]
    named = [part for part in parts if local_name(part) in ("GetMeterReadings", "EndDeviceControls")]
    strange = [part for part in named if namespace(part) != EDITION_2013.profile(local_name(part))]
    for part in (message.root, *named):
        if part in strange or not _STORE.knows(namespace(part)):
            return f"{local_name(part)} is in the unknown namespace {namespace(part) or '(none)'}"
        if not _STORE.is_valid(part):
            return _STORE.problems(part)[0].message
    return None


def _revision(message: Message) -> str | None:
    said = (message.header.revision if message.header else None) or ""
    return None if said.strip() in REVISIONS else f"revision {said} is not supported"


def _address(message: Message) -> str | None:
    header = message.header
    if header is None or not header.is_async or (header.reply_address or "").strip():
        return None
    return "AsyncReplyFlag is true, but there is no ReplyAddress"


#: What an event or a late answer must obey, which orders nothing.
_OF_NEWS = ("verb", "header", "noun", "schema", "revision")
_CHECKS: tuple[tuple[str, Callable[[Message], str | None]], ...] = (
    ("verb", _verb),
    ("header", _header),
    ("noun", _noun),
    ("combination", _combination),
    ("request", _request),
    ("payload", _payload),
    ("schema", _schema),
    ("revision", _revision),
    ("address", _address),
)
