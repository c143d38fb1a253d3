"""What the first answer shows beside its content: its namespaces, and the clock of the system."""

from __future__ import annotations

import time
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from conformance.message.xml import child, namespace
from conformance.standard.editions import EDITION_2013, Edition
from conformance.standard.times import as_utc, parse_time
from conformance.sut.result import Case, Result, clipped

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from conformance.message.model import Message
    from conformance.sut.probe_soap import Tried

_DRAFT = "http://www.iec.ch/"


def namespaces(message: Message, edition: Edition = EDITION_2013) -> Iterator[Result]:
    """Iterate over the namespaces of the answer that are not those of the edition, as far as these are public."""
    header = child(message.root, "Header")
    # In a typed wrapper only the children of Header, Request, Reply and Payload are in the envelope's namespace.
    parts = header if header is not None and len(header) else [message.root]
    spaces = {namespace(parts[0]): edition.envelope}
    if "profile" not in edition.unverified:
        spaces |= {namespace(item): edition.profile("MeterReadings") for item in message.payloads[:1]}
    wrong = [(space, wanted) for space, wanted in spaces.items() if space != wanted]
    for space, wanted in wrong:
        kind = "is that of drafts" if space.startswith(_DRAFT) else f"is not that of edition {edition.name}"
        said = f"the namespace {clipped(space) or '(none)'} of the answer {kind}; it should be {wanted}"
        fix = "ask the vendor for a version that uses it: else every scenario that looks at the schema fails"
        yield Result("namespace", "warning", said, fix)
    if not wrong:
        yield Result("namespace", "ok", f"the answer is in {' and '.join(spaces)}")


def clock(case: Case, tried: Tried) -> Iterator[Result]:
    """Iterate over the clocks that the answer shows: HTTP Date, and Header/Timestamp."""
    arrived = time.time()
    header = tried.message.header if tried.message else None
    shown = {
        "HTTP header Date": _http_date(tried.header("Date")),
        "Header/Timestamp": parse_time(header.timestamp if header else None),
    }
    limit = case.loaded.configuration.limits.max_clock_skew_s
    found = {name: as_utc(moment).timestamp() - arrived for name, moment in shown.items() if moment is not None}
    for name, skew in found.items():
        if abs(skew) > limit:
            way = "fast" if skew > 0 else "slow"
            said = f"by its {name} the system's clock is {abs(skew):.0f} s {way}; limits.max_clock_skew_s is {limit:g}"
            yield Result("clock", "warning", said, "set the clock of the system (NTP), or of this machine")
    if not found:
        yield Result("clock", "skipped", "the answer shows no time")
    elif all(abs(skew) <= limit for skew in found.values()):
        yield Result("clock", "ok", f"within {max(abs(skew) for skew in found.values()):.0f} s of ours")


def _http_date(text: str | None) -> datetime | None:
    try:
        return parsedate_to_datetime(text) if text else None
    except ValueError:
        return None
