"""Build messages that are valid by default; illegal ones only through :func:`build_unchecked`.

Source: fact table envelope.md; the order of elements is that of Message.xsd.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING

from lxml import etree

from conformance.errors import InternalError
from conformance.message.model import Header, Identified, ObjectId, Reply, ReplyError
from conformance.message.xml import namespace
from conformance.standard.editions import EDITION_2013, Edition
from conformance.standard.schemas import SchemaStore

if TYPE_CHECKING:
    from collections.abc import Sequence

    Element = etree._Element

_HEADER_ORDER = (
    ("Verb", "verb"),
    ("Noun", "noun"),
    ("Revision", "revision"),
    ("Context", "context"),
    ("Timestamp", "timestamp"),
    ("Source", "source"),
    ("AsyncReplyFlag", "async_reply_flag"),
    ("ReplyAddress", "reply_address"),
    ("AckRequired", "ack_required"),
    ("MessageID", "message_id"),
    ("CorrelationID", "correlation_id"),
    ("Comment", "comment"),
)
_ID_ATTRIBUTES = (
    ("idType", "id_type"),
    ("idAuthority", "id_authority"),
    ("kind", "kind"),
    ("objectType", "object_type"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What a message shall say, before it is XML. ``start`` and ``end`` are Request/StartTime and EndTime."""

    kind: str
    header: Header | None = None
    request: tuple[Element, ...] | None = None
    start: str | None = None
    end: str | None = None
    reply: Reply | None = None
    payload: tuple[Element, ...] = ()
    payload_ids: tuple[ObjectId, ...] = ()
    edition: Edition = field(default=EDITION_2013)


def new_id() -> str:
    """Return a fresh UUID for a MessageID or CorrelationID."""
    return str(uuid.uuid4())


def timestamp(moment: datetime | None = None) -> str:
    """Return ``moment`` (now when absent; must know its zone) as the standard writes it: UTC, milliseconds, Z."""
    moment = moment or datetime.now(UTC)
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def sub(parent: Element, name: str, text: str | None = None) -> Element:
    """Append a child in the namespace of ``parent`` and return it."""
    item = etree.SubElement(parent, f"{{{namespace(parent)}}}{name}")
    item.text = text
    return item


def root(noun: str, edition: Edition = EDITION_2013) -> Element:
    """Return an empty profile root such as ``MeterReadings`` in its namespace."""
    space = edition.profile(noun)
    return etree.Element(f"{{{space}}}{noun}", nsmap={None: space})


def add_identity(parent: Element, identity: Identified) -> None:
    """Append mRID and Names (with NameType and NameTypeAuthority where known) to ``parent``."""
    if identity.mrid is not None:
        sub(parent, "mRID", identity.mrid)
    add_names(parent, identity)


def add_names(parent: Element, identity: Identified) -> None:
    """Append only the Names: in some profiles other elements stand between mRID and Names."""
    for name in identity.names:
        names = sub(parent, "Names")
        sub(names, "name", name.name)
        if name.name_type is not None:
            name_type = sub(names, "NameType")
            sub(name_type, "name", name.name_type)
            if name.authority is not None:
                sub(sub(name_type, "NameTypeAuthority"), "name", name.authority)


def build(draft: Draft) -> Element:
    """Return the message as an element, valid against Message.xsd and its profiles. Raises InternalError if not."""
    message = build_unchecked(draft)
    store = _store(draft.edition)
    profiles = [*(draft.request or ()), *draft.payload]
    for item in (message, *(part for part in profiles if store.knows(namespace(part)))):
        if not store.is_valid(item):
            raise InternalError(f"the suite built an invalid message: {store.problems(item)[0].message}")
    return message


def build_unchecked(draft: Draft) -> Element:
    """Return the message as an element without a look at the schema: the one door for illegal messages."""
    space = draft.edition.envelope
    message = etree.Element(f"{{{space}}}{draft.kind}", nsmap={None: space})
    if draft.header is not None:
        _header(message, draft.header)
    if draft.request is not None:
        _request(message, draft)
    if draft.reply is not None:
        _reply(message, draft.reply)
    if draft.payload or draft.payload_ids:
        payload = sub(message, "Payload")
        payload.extend(draft.payload)
        _ids(payload, draft.payload_ids)
    return message


def serialise(element: Element) -> bytes:
    """Return ``element`` as a UTF-8 document."""
    return etree.tostring(element, xml_declaration=True, encoding="UTF-8")


@cache
def _store(edition: Edition) -> SchemaStore:
    return SchemaStore(edition)


def _header(message: Element, header: Header) -> None:
    element = sub(message, "Header")
    for name, attribute in _HEADER_ORDER:
        value = getattr(header, attribute)
        if value is not None:
            sub(element, name, value)


def _request(message: Element, draft: Draft) -> None:
    element = sub(message, "Request")
    for name, value in (("StartTime", draft.start), ("EndTime", draft.end)):
        if value is not None:
            sub(element, name, value)
    element.extend(draft.request or ())


def _reply(message: Element, reply: Reply) -> None:
    element = sub(message, "Reply")
    if reply.result is not None:
        sub(element, "Result", reply.result)
    for error in reply.errors:
        _error(element, error)
    _ids(element, reply.ids)
    if reply.operation_id is not None:
        sub(element, "operationId", reply.operation_id)


def _error(parent: Element, error: ReplyError) -> None:
    element = sub(parent, "Error")
    sub(element, "code", error.code)
    for name in ("level", "reason", "details"):
        value = getattr(error, name)
        if value is not None:
            sub(element, name, value)
    _ids(element, error.ids)
    if error.operation_id is not None:
        sub(element, "operationId", error.operation_id)


def _ids(parent: Element, ids: Sequence[ObjectId]) -> None:
    for item in ids:
        element = sub(parent, "ID", item.value)
        for name, attribute in _ID_ATTRIBUTES:
            value = getattr(item, attribute)
            if value is not None:
                element.set(name, value)
