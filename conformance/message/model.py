"""A message as it arrived, read tolerantly: local names count here, the schema judges namespaces and order.

Source: fact table envelope.md (IEC 61968-100 edition 1, Message.xsd).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml import etree

    Element = etree._Element


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """A name of an object: text, type of name, and the authority that gives names of that type (TR 61968-900, 5)."""

    name: str
    name_type: str | None = None
    authority: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Identified:
    """An object as a message names it: by mRID, by Names, or by both."""

    mrid: str | None = None
    names: tuple[Name, ...] = ()

    def __str__(self) -> str:
        """Return the shortest text a person recognises the object by."""
        return self.mrid or (self.names[0].name if self.names else "(unnamed)")


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectId:
    """``ID`` in Request, Reply, Error or Payload, with its attributes."""

    value: str
    kind: str | None = None
    object_type: str | None = None
    id_type: str | None = None
    id_authority: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyError:
    """``Reply/Error``: one specific error, or an explicit success (0.x)."""

    code: str
    level: str | None = None
    reason: str | None = None
    details: str | None = None
    ids: tuple[ObjectId, ...] = ()
    objects: tuple[Identified, ...] = ()
    operation_id: str | None = None
    line: int | None = None

    @property
    def is_success(self) -> bool:
        """Category 0 says success or progress, not a failure (61968-9:2013 Annex B)."""
        return self.code.strip().split(".")[0] == "0"

    def named(self) -> set[str]:
        """Return every identifier that this error names its object by."""
        found = {item.value for item in self.ids}
        for item in self.objects:
            found |= {name.name for name in item.names} | ({item.mrid} if item.mrid else set())
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """``Reply``: the overall Result and the specific errors."""

    result: str | None
    errors: tuple[ReplyError, ...] = ()
    ids: tuple[ObjectId, ...] = ()
    operation_id: str | None = None

    @property
    def failures(self) -> tuple[ReplyError, ...]:
        """Return the errors that are not of category 0."""
        return tuple(error for error in self.errors if not error.is_success)

    @property
    def codes(self) -> tuple[str, ...]:
        """Return the codes as they stand."""
        return tuple(error.code for error in self.errors)


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """``Header``: texts exactly as they arrived; None for what is absent."""

    verb: str | None = None
    noun: str | None = None
    revision: str | None = None
    context: str | None = None
    timestamp: str | None = None
    source: str | None = None
    async_reply_flag: str | None = None
    reply_address: str | None = None
    ack_required: str | None = None
    message_id: str | None = None
    correlation_id: str | None = None
    comment: str | None = None

    @property
    def is_async(self) -> bool:
        """Return whether the sender wants the answer later (AsyncReplyFlag)."""
        return (self.async_reply_flag or "").strip() in ("true", "1")

    @property
    def wants_acknowledgement(self) -> bool:
        """Return whether the sender wants an acknowledgement (AckRequired)."""
        return (self.ack_required or "").strip() in ("true", "1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message. ``kind`` is its type (``ResponseMessage`` …), also when a typed wrapper carried it.

    ``root`` is the element that arrived: the envelope, or the typed wrapper. ``payloads`` are the profile roots.
    """

    kind: str
    root: Element
    header: Header | None
    request: Element | None
    reply: Reply | None
    payload: Element | None
    payloads: tuple[Element, ...]
    typed: bool = False

    @property
    def verb(self) -> str | None:
        """Return the verb as it stands in the header."""
        return self.header.verb if self.header else None

    @property
    def noun(self) -> str | None:
        """Return the noun as it stands in the header."""
        return self.header.noun if self.header else None

    @property
    def correlation_id(self) -> str | None:
        """Return the CorrelationID as it stands in the header."""
        return self.header.correlation_id if self.header else None

    def __str__(self) -> str:
        """Return how people write a message: ``reply(MeterReadings)``."""
        if self.header is None:
            return self.kind
        return f"{self.header.verb or '?'}({self.header.noun or '?'})"
