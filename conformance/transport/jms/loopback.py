"""One message from the suite to itself: does the broker bring it back as it was, and what does its clock show?"""

from __future__ import annotations

import time
import uuid
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol, TypeVar

from conformance.errors import ConformanceError
from conformance.transport.jms.messages import JmsMessage

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.transport.jms.provider import Consumer, Link, Session
    from conformance.transport.jms.settings import Destination

T = TypeVar("T")
#: Signs of two, three and four bytes in UTF-8, and what XML escapes.
BODY = '<?xml version="1.0" encoding="UTF-8"?><loopback>Zähler ½ kWh · 電力量 · 🔌 &amp; &lt;</loopback>'.encode()
_SHARE = 0.35
_TAKES_S = 2.0
#: If it is not fetched, the broker throws it away after so many seconds.
_LIVES_S = 60


class Within(Protocol):
    """Does a task under a deadline; raises ConformanceError."""

    def __call__(self, step: str, task: Callable[[], T], share: float) -> T:
        """Return what ``task`` returns within its share of the time."""
        ...


def look_back(link: Link, within: Within, say: Callable[..., None], skew_s: float) -> None:
    """Send one message round and tell what came of it: content, class, properties, JMSTimestamp."""
    try:
        place, session, consumer = within("opening a queue of our own", lambda: _own(link), _SHARE)
    except ConformanceError as problem:
        needed = link.settings.replies is None
        fix = "let the suite's user make temporary queues, or name a queue in endpoints.jms.replies"
        say(name="JMS loopback", status="problem" if needed else "warning", what=str(problem), fix=fix)
        say(name="JMS clock", status="skipped", what="no message came back")
        return
    began = time.time()
    message = _message(link)
    try:
        came = within("sending a message round", lambda: _round(session, consumer, place, message), _SHARE)
    except ConformanceError as problem:
        say(name="JMS loopback", status="problem", what=f"{place}: {problem}", fix="see whether the broker is full")
        came = None
    else:
        say(name="JMS loopback", **_judged(message, came, place))
    say(name="JMS clock", **_clock(came, (began, time.time()), skew_s))


def _own(link: Link) -> tuple[Destination, Session, Consumer]:
    """Return a temporary queue with its consumer: nobody else is disturbed, and it ends with the connection."""
    session = link.session()
    place = session.temporary_queue()
    return place, session, session.consumer(place)


def _message(link: Link) -> JmsMessage:
    settings = link.settings
    return JmsMessage(
        body=BODY, kind=settings.message_class, correlation_id=f"conformance-{uuid.uuid4()}", type="Loopback",
        properties=settings.properties, expiration=_LIVES_S * 1000,
        delivery_mode="persistent" if settings.persistent else "non-persistent",
    )  # fmt: skip


def _round(session: Session, consumer: Consumer, place: Destination, message: JmsMessage) -> JmsMessage | None:
    session.send(place, message)
    found = consumer.receive(_TAKES_S)
    if found is None:
        return None
    came, acknowledge = found
    acknowledge()
    return came


def _judged(sent: JmsMessage, came: JmsMessage | None, place: Destination) -> dict[str, str]:
    if came is None:
        said = f"the message that the suite sent to {place} did not come back"
        return {"status": "problem", "what": said, "fix": "see whether the broker works, and is not full"}
    wanted = replace(sent, properties={})
    for name in ("body", "kind", "correlation_id", "type"):
        if getattr(came, name) != getattr(wanted, name):
            said = f"a message comes back with another {name.replace('_', ' ')}: {_clip(getattr(came, name))}"
            return {"status": "problem", "what": said, "fix": "look for what changes messages at the broker"}
    changed = [name for name, value in sent.properties.items() if not _same(came.properties.get(name), value)]
    if changed:
        said = f"a message comes back without its property {changed[0]}, or with another value"
        return {"status": "warning", "what": said, "fix": f"see whether the provider allows {changed[0]}"}
    said = f"a {sent.headers()['JMSMessageClass']} of {len(sent.body)} bytes comes back as it was"
    return {"status": "ok", "what": said}


def _same(came: object, sent: object) -> bool:
    return type(came) is type(sent) and came == sent


def _clip(value: object) -> str:
    return repr(value)[:100]


def _clock(came: JmsMessage | None, between: tuple[float, float], skew_s: float) -> dict[str, str]:
    """Compare JMSTimestamp with our clock. Most client libraries set it themselves: then it says nothing."""
    if came is None or came.timestamp == 0:
        said = "no message came back" if came is None else "the provider gives no JMSTimestamp"
        return {"status": "skipped", "what": said}
    stamped = came.timestamp / 1000
    skew = min(0.0, stamped - between[0]) or max(0.0, stamped - between[1])
    if abs(skew) > skew_s:
        said = f"by JMSTimestamp the clock of the broker is {abs(skew):.0f} s {'fast' if skew > 0 else 'slow'}"
        fix = "set the clock of the broker (NTP), or of this machine"
        return {"status": "warning", "what": f"{said}; limits.max_clock_skew_s is {skew_s:g}", "fix": fix}
    said = f"JMSTimestamp is within {abs(skew):.0f} s of ours; client libraries mostly set it themselves, from this"
    return {"status": "ok", "what": f"{said} machine's clock, so it need not be the broker's"}
