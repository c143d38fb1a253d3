"""Requests that scenarios send: legal ones, unusual but legal ones, and ones that must be refused."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from lxml import etree

from conformance.errors import InternalError
from conformance.message.build import Draft, build, build_unchecked, new_id, sub, timestamp
from conformance.message.model import Header
from conformance.message.soap import wrap
from conformance.message.xml import child, local_name, namespace
from conformance.steps.carrying import CARRYINGS
from conformance.transport.base import Outbound

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from conformance.transport.base import Carrying

    Element = etree._Element

SOURCE = "IEC 61968-9 conformance suite"
_EXTENSION = "urn:example:extension"
_PIECE = 1024 * 1024
#: All legal in XML and in an xs:string; none of them is a UUID's.
UNUSUAL_ID = "Größe <&> \"quoted\" 'single' 4711/αβγ#?%20"


def header(verb: str, noun: str) -> Header:
    """Return the header of an ordinary request: everything that the guidance expects, and nothing else."""
    return Header(
        verb=verb,
        noun=noun,
        timestamp=timestamp(),
        source=SOURCE,
        message_id=new_id(),
        correlation_id=new_id(),
    )


def get_readings(elements: Sequence[Element]) -> Draft:
    """Return get(MeterReadings) with its GetMeterReadings elements."""
    return Draft(kind="RequestMessage", header=header("get", "MeterReadings"), request=tuple(elements))


def create_controls(payload: Element, reply_address: str) -> Draft:
    """Return create(EndDeviceControls); its events shall come to ``reply_address``."""
    ordinary = header("create", "EndDeviceControls")
    return Draft(kind="RequestMessage", header=replace(ordinary, reply_address=reply_address), payload=(payload,))


def later(draft: Draft, reply_address: str | None) -> Draft:
    """Return the request as one to be answered later, at ``reply_address``."""
    return header_with(draft, async_reply_flag="true", reply_address=reply_address)


def header_with(draft: Draft, **changes: str | None) -> Draft:
    """Return the request with other header elements."""
    if draft.header is None:
        raise InternalError("a request without a header cannot be changed")
    return replace(draft, header=replace(draft.header, **changes))


def outbound(draft: Draft) -> Outbound:
    """Return a legal request, ready to send."""
    return _outbound(build(draft), draft)


def _outbound(message: Element, draft: Draft, raw: bytes | None = None) -> Outbound:
    verb = (draft.header.verb if draft.header else None) or ""
    noun = (draft.header.noun if draft.header else None) or ""
    return Outbound(message=message, verb=verb, noun=noun, raw=raw)


# -- legal, but not what everybody sends (EXC-012 to EXC-017) ------------------------------------------------------


def _every_optional_element(draft: Draft) -> Outbound:
    full = header_with(draft, context="TESTING", async_reply_flag="false", ack_required="false", comment="a comment")
    message = build(full)
    head = _part(message, "Header")
    replay = _inserted(head, "ReplayDetection", before="Context")
    sub(replay, "Nonce", new_id())
    sub(replay, "Created", timestamp())
    user = _inserted(head, "User", before="MessageID")
    sub(user, "UserID", "conformance")
    sub(user, "Organization", "Test laboratory")
    prop = sub(head, "Property")
    sub(prop, "Name", "purpose")
    sub(prop, "Value", "conformance test")
    return _outbound(message, full)


def _part(message: Element, name: str) -> Element:
    found = child(message, name)
    if found is None:
        raise InternalError(f"the request has no {name}")
    return found


def _inserted(parent: Element, name: str, *, before: str) -> Element:
    element = sub(parent, name)
    _part(parent, before).addprevious(element)
    return element


def _other_prefixes(draft: Draft) -> Outbound:
    message = build(draft)
    return _outbound(_renamed(message, {}), draft)


def _renamed(element: Element, prefixes: dict[str, str]) -> Element:
    """Return a copy in which every namespace has a prefix of its own making, declared where it is first used."""
    space = namespace(element)
    prefix = prefixes.setdefault(space, f"_n.{len(prefixes)}-x")
    copy = etree.Element(element.tag, attrib=dict(element.attrib), nsmap={prefix: space})
    copy.text = element.text
    copy.extend([_renamed(item, prefixes) for item in element])
    return copy


def _extension(draft: Draft) -> Outbound:
    message = build(draft)
    # In the header, which has a wildcard in every style; the Request of a typed get has none.
    element = etree.SubElement(_part(message, "Header"), f"{{{_EXTENSION}}}Hint", nsmap={"ext": _EXTENSION})
    element.text = "of no concern to others"
    return _outbound(message, draft)


def _other_time_form(draft: Draft) -> Outbound:
    moment = (draft.header.timestamp if draft.header else None) or ""
    return outbound(header_with(draft, timestamp=moment.replace("Z", "00000+00:00")))


def _bare_header(draft: Draft) -> Outbound:
    ordinary = draft.header or Header()
    return outbound(replace(draft, header=Header(verb=ordinary.verb, noun=ordinary.noun)))


def encoded(request: Outbound, encoding: str) -> Outbound:
    """Return the request in ``encoding``, as its XML declaration says."""

    def finish(body: bytes) -> bytes:
        return etree.tostring(etree.fromstring(body), encoding=encoding, xml_declaration=True)

    return replace(request, finish=finish)


def padded(request: Outbound, size: int) -> Outbound:
    """Return the request with ``size`` bytes: comments make up what its content lacks."""

    def finish(body: bytes) -> bytes:
        place, missing = body.rindex(b"</"), size - len(body)
        # In pieces: parsers limit how long one comment may be.
        pieces = [_comment(min(missing - at, _PIECE)) for at in range(0, max(missing, 0), _PIECE)]
        return b"".join([body[:place], *pieces, body[place:]])

    return replace(request, finish=finish)


def _comment(size: int) -> bytes:
    return b"<!--" + b"." * (size - 7) + b"-->" if size >= 7 else b" " * size


# -- illegal: only here, and only through the unchecked door ---------------------------------------------------------


def _unchecked(draft: Draft, **changes: str | None) -> Outbound:
    changed = header_with(draft, **changes)
    return _outbound(build_unchecked(changed), changed)


def _without_noun(draft: Draft) -> Outbound:
    message = build_unchecked(header_with(draft, noun=None))
    return _outbound(message, draft)


def _without_request(draft: Draft) -> Outbound:
    return outbound(replace(draft, request=None))


def _breaking_the_schema(draft: Draft) -> Outbound:
    message = build_unchecked(draft)
    query = next(iter(_part(message, "Request")))
    sub(query, "NoSuchElement", "1")
    return _outbound(message, draft)


def _cut_off(draft: Draft) -> Outbound:
    whole = wrap(build(draft), "1.1")
    return _outbound(build(draft), draft, raw=whole[: len(whole) * 2 // 3])


def _without_payload(draft: Draft) -> Outbound:
    return outbound(replace(draft, payload=()))


def _without_control_type(draft: Draft) -> Outbound:
    message = build_unchecked(draft)
    for element in message.iter("{*}EndDeviceControlType"):
        parent = element.getparent()
        if parent is not None and local_name(parent) == "EndDeviceControl":
            parent.remove(element)
    return _outbound(message, draft)


def _carried(carrying: Carrying, draft: Draft) -> Outbound:
    return replace(outbound(draft), carrying=carrying)


#: What a feature says of a request -> how it is made.
MANNERS: dict[str, Callable[[Draft], Outbound]] = {
    "with every optional header element": _every_optional_element,
    "with unusual namespace prefixes": _other_prefixes,
    "with an extension element where the schema allows one": _extension,
    "with a time stamp of another legal form": _other_time_form,
    "with a CorrelationID of unusual characters": lambda draft: outbound(
        header_with(draft, correlation_id=f"{UNUSUAL_ID} {new_id()}")
    ),
    "with nothing in its header but verb and noun": _bare_header,
    "with a verb that the standard does not have": lambda draft: _unchecked(draft, verb="frobnicate"),
    "with a noun that the standard does not have": lambda draft: _unchecked(draft, noun="Bananas"),
    "without a noun": _without_noun,
    "without saying what is wanted": _without_request,
    "with an element that the schema does not have": _breaking_the_schema,
    "of a revision from the far future": lambda draft: _unchecked(draft, revision="99.99"),
    "cut off in the middle": _cut_off,
    "without its payload": _without_payload,
    "without its control type": _without_control_type,
    **{words: partial(_carried, carrying) for words, carrying in CARRYINGS.items()},
}
