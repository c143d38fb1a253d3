"""What is legal, or at most a should, and yet surprises the other side: noted in stored messages, never failed.

These checks are no Then lines: a run that judged them would warn of what a system may do.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

from conformance.checks.each import finding
from conformance.message.soap import CONTENT_TYPES
from conformance.message.xml import child, children, local_name, namespace, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml import etree

    from conformance.checks.finding import Finding
    from conformance.checks.scene import Arrived
    from conformance.message.model import Message

    Element = etree._Element

_UUID = re.compile(r"(urn:uuid:)?\{?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\}?", re.IGNORECASE)
_PAGING = re.compile(r"limit|offset|page|pagesize|pagenumber|pageindex|cursor|fetchsize|maxresults", re.IGNORECASE)
#: What is named by mRID or Names in the profiles that name meters.
_NAMED = ("EndDevices", "EndDevice", "Meter", "UsagePoints", "UsagePoint", "Assets", "MeterAsset")


def soap_1_2(arrived: Arrived, _message: Message) -> Iterator[Finding]:
    """Judge ENV-031."""
    if arrived.carried is not None and arrived.carried.version == "1.2":
        observed = "SOAP 1.2, which is legal and rarely understood"
        yield finding(arrived, f"SOAP 1.1 ({CONTENT_TYPES['1.1']}), which most peers speak", observed, ".")


def identifiers(arrived: Arrived, message: Message) -> Iterator[Finding]:
    """Judge ENV-032."""
    value = ((message.header.message_id if message.header else None) or "").strip()
    if value and not _UUID.fullmatch(value):
        expected = "a UUID, since some peers require one by pattern"
        yield finding(arrived, expected, f'MessageID is "{value}"', "Header/MessageID")


def properties(arrived: Arrived, message: Message) -> Iterator[Finding]:
    """Judge ENV-033."""
    for item in children(child(message.root, "Header"), "Property"):
        observed = f'Property "{(text(item, "Name") or "").strip()}"'
        expected = "options in the elements of the standard, which every receiver knows"
        yield finding(arrived, expected, observed, "Header/Property", item)


def paging(arrived: Arrived, message: Message) -> Iterator[Finding]:
    """Judge ENV-034."""
    expected = "answers as long as they are, or several responses with 0.1 (exchange rule 14)"
    for item in children(message.request, "Option"):
        name = (text(item, "name") or "").strip()
        if _PAGING.fullmatch(re.sub(r"[\s_-]", "", name)):
            yield finding(arrived, expected, f'paging by the Option "{name}"', "Request/Option", item)
    for item in _foreign(child(message.root, "Reply"), message.root):
        if _PAGING.match(local_name(item)):
            observed = f"paging by the extension {local_name(item)} in the Reply"
            yield finding(arrived, expected, observed, "Reply", item)


def _foreign(part: Element | None, root: Element) -> Iterator[Element]:
    """Iterate over what is below ``part`` in the namespace of an extension."""
    own = {namespace(item) for top in (root, *root) for item in (top, *top[:1])}
    for item in part.iterdescendants("*") if part is not None else ():
        if namespace(item) not in own:
            yield item


def several_names(arrived: Arrived, message: Message) -> Iterator[Finding]:
    """Judge ENV-035: Names of one type and authority, or of none, look like names of several devices."""
    for item in message.root.iter(*(f"{{*}}{name}" for name in _NAMED)):
        names: dict[tuple[str, str], list[str]] = defaultdict(list)
        for part in children(item, "Names"):
            kind = child(part, "NameType")
            key = text(kind, "name") or "", text(child(kind, "NameTypeAuthority"), "name") or ""
            names[key].append((text(part, "name") or "").strip())
        for (kind_name, _authority), given in names.items():
            if len(set(given)) > 1:
                many = ", ".join(f'"{one}"' for one in sorted(set(given))[:5])
                of = f'of the NameType "{kind_name}"' if kind_name else "without a NameType"
                expected = f"one name of each NameType in one {local_name(item)}: each {local_name(item)} is one object"
                yield finding(arrived, expected, f"the names {many}, all {of}", local_name(item), item)


def on_demand_by_create(arrived: Arrived, message: Message) -> Iterator[Finding]:
    """Judge ENV-036."""
    if message.kind != "RequestMessage" or (message.verb, message.noun) != ("create", "MeterReadings"):
        return
    payloads = [item for item in message.payloads if local_name(item) == "MeterReadings"]
    held = next((one for item in payloads for one in item.iter("{*}Readings", "{*}IntervalReadings")), None)
    if (held is None and message.payload is None) or (payloads and held is None):
        observed = "create(MeterReadings) without a reading, which looks like an on-demand read of an older product"
        yield finding(arrived, "get(MeterReadings) to read, or values to be stored", observed, "Header/Verb")
