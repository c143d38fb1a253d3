"""Read a message from its element: the envelope itself or a typed wrapper around the same parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.errors import MessageError
from conformance.message.model import Header, Identified, Message, Name, ObjectId, Reply, ReplyError
from conformance.message.xml import DEFAULT_LIMITS, Limits, child, children, local_name, parse_xml, text
from conformance.standard.editions import MESSAGE_KINDS, PAST_TENSE, REQUEST_VERBS

if TYPE_CHECKING:
    from lxml import etree

    Element = etree._Element

_HEADER = {
    "verb": "Verb",
    "noun": "Noun",
    "revision": "Revision",
    "context": "Context",
    "timestamp": "Timestamp",
    "source": "Source",
    "async_reply_flag": "AsyncReplyFlag",
    "reply_address": "ReplyAddress",
    "ack_required": "AckRequired",
    "message_id": "MessageID",
    "correlation_id": "CorrelationID",
    "comment": "Comment",
}
#: What stands in a Payload beside the profile roots.
_NOT_PROFILES = frozenset({"Compressed", "Format", "ID"})


def parse(body: bytes, limits: Limits = DEFAULT_LIMITS) -> Message:
    """Return the message whose XML is ``body``. Raises MessageError when it is not one."""
    return read(parse_xml(body, limits))


def read(root: Element) -> Message:
    """Return the message whose root element is ``root``. Raises MessageError when it is not one."""
    kind, typed = _kind(root)
    payload = child(root, "Payload")
    return Message(
        kind=kind,
        root=root,
        header=_header(child(root, "Header")),
        request=child(root, "Request"),
        reply=_reply(child(root, "Reply")),
        payload=payload,
        payloads=tuple(item for item in (payload if payload is not None else ()) if _is_profile(item)),
        typed=typed,
    )


def _is_profile(element: Element) -> bool:
    return local_name(element) not in _NOT_PROFILES


def _kind(root: Element) -> tuple[str, bool]:
    name = local_name(root)
    if name in MESSAGE_KINDS:
        return name, False
    for suffix in ("RequestMessage", "ResponseMessage", "EventMessage", "FaultMessage"):
        if name.endswith(suffix):
            return suffix, True
    lowered = name.lower()
    if any(lowered.startswith(verb) for verb in PAST_TENSE.values()):
        return "EventMessage", True
    # Some typed services call the later answer Response<X> (exchange rule 10).
    if lowered.startswith("response"):
        return "ResponseMessage", True
    if any(lowered.startswith(verb) for verb in REQUEST_VERBS) and child(root, "Header") is not None:
        return "RequestMessage", True
    raise MessageError(
        f"the element {name} is no message of IEC 61968-100; expected one of {', '.join(MESSAGE_KINDS)} "
        "or a typed wrapper such as CreateEndDeviceControls",
        line=root.sourceline,
        column=1,
    )


def _header(element: Element | None) -> Header | None:
    if element is None:
        return None
    return Header(**{field: text(element, name) for field, name in _HEADER.items()})


def _reply(element: Element | None) -> Reply | None:
    if element is None:
        return None
    return Reply(
        result=text(element, "Result"),
        errors=tuple(_error(item) for item in children(element, "Error")),
        ids=_ids(element, "ID"),
        operation_id=text(element, "operationId"),
    )


def _error(element: Element) -> ReplyError:
    return ReplyError(
        code=text(element, "code") or "",
        level=text(element, "level"),
        reason=text(element, "reason"),
        details=text(element, "details"),
        ids=_ids(element, "ID"),
        objects=tuple(identified(item) for item in children(element, "object")),
        operation_id=text(element, "operationId"),
        line=element.sourceline,
    )


def _ids(element: Element, name: str) -> tuple[ObjectId, ...]:
    return tuple(
        ObjectId(
            value=item.text or "",
            kind=item.get("kind"),
            object_type=item.get("objectType"),
            id_type=item.get("idType"),
            id_authority=item.get("idAuthority"),
        )
        for item in children(element, name)
    )


def identified(element: Element) -> Identified:
    """Return how ``element`` (a Meter, an EndDevice, an Asset …) names its object."""
    named = [*children(element, "Names"), *children(element, "Name")]  # Error/object calls them Name
    return Identified(mrid=text(element, "mRID"), names=tuple(_name(item) for item in named))


def _name(element: Element) -> Name:
    name_type = child(element, "NameType")
    return Name(
        name=text(element, "name") or "",
        name_type=text(name_type, "name"),
        authority=text(child(name_type, "NameTypeAuthority"), "name"),
    )
