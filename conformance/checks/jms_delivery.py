"""Checks of where messages go over JMS, and how often (JMS-003, JMS-004, JMS-015 to JMS-020)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from conformance.checks.answers import brought, came, final, later_replies, replies, reply_of
from conformance.checks.each import shown
from conformance.checks.events import event_type
from conformance.checks.finding import Finding, NothingToJudgeError
from conformance.checks.naming import same_device
from conformance.checks.registry import check
from conformance.checks.replies import about
from conformance.checks.scene import Scene
from conformance.message.controls import read_controls, read_events
from conformance.standard.editions import OK

if TYPE_CHECKING:
    from conformance.checks.scene import Arrived

_DESTINATION = "JMSDestination"
#: A URI around the name of a queue, as providers show it: with the name of its manager, perhaps, and with options.
_AROUND = re.compile(r"^queue://[^/]*/|\?.*$")


def _of_nobody(item: Arrived) -> bool:
    return item.message is not None and not (item.message.correlation_id or "").strip()


def _plain(place: str) -> str:
    """Return a queue without what providers put around its name: ``jms:queue:queue://MANAGER/NAME?targetClient=1``."""
    kind, mark, name = place.partition(":queue:")
    return f"{kind}{mark}{_AROUND.sub('', name)}" if mark else place


def _where(scene: Scene) -> str:
    """Say what came elsewhere than it should."""
    view = scene.last
    others = [*view.later, *scene.unsolicited]
    told = [f"{item} came to {item.headers.get(_DESTINATION, 'an unknown place')}" for item in others]
    return "; ".join(told) or came(view)


@check("the answer comes to the temporary queue")
def to_temporary(scene: Scene) -> Iterator[Finding]:
    """Judge JMS-003: what came there, whatever it says, is the answer of the exchange."""
    if scene.last.answer is None:
        yield about(scene, "an answer at the temporary queue of JMSReplyTo", _where(scene))


@check("the answer comes to the named queue")
def to_named(scene: Scene) -> Iterator[Finding]:
    """Judge JMS-004. A queue of the naming service may have any name at the provider.

    An answer without CorrelationID may have JMSMessageID of the request for its JMSCorrelationID (JMS 3.4.5): it is
    there, and who it belongs to is for others to judge.
    """
    named = scene.last.asked.headers.get("JMSReplyTo", "")
    anywhere = not named or named.startswith("jms:jndi:")
    there = [
        item
        for item in [*replies(scene.last), *(one for one in scene.unsolicited if _of_nobody(one))]
        if reply_of(item) is not None and (anywhere or _plain(item.headers.get(_DESTINATION, "")) == _plain(named))
    ]
    if not there:
        yield about(scene, f"an answer at {named or 'the queue of JMSReplyTo'}", _where(scene))


@check("the acknowledgement comes to JMSReplyTo and the answer to ReplyAddress")
def own_ways(scene: Scene) -> Iterator[Finding]:
    """Judge JMS-017."""
    view = scene.last
    header = view.asked.message.header if view.asked.message is not None else None
    address = (header.reply_address if header is not None else None) or ""
    reply = reply_of(view.answer)
    if view.answer is None or view.answer.message is None or reply is None:
        yield about(scene, "an acknowledgement at JMSReplyTo", _where(scene))
    elif view.answer.message.payloads:
        yield about(scene, "an acknowledgement without payload at JMSReplyTo", f"{view.answer} with a payload")
    if not any(item.headers.get(_DESTINATION, address) == address for item in later_replies(view)):
        yield about(scene, f"the later answer at {address}", _where(scene))


@check("the request was understood")
def understood(scene: Scene) -> Iterator[Finding]:
    """Judge JMS-010 to JMS-012: it is carried out, and the characters of its CorrelationID come back."""
    answer, request = final(scene.last), scene.last.asked.message
    reply = reply_of(answer)
    if answer is None or answer.message is None or reply is None or reply.result != OK:
        yield about(scene, "an answer with Result OK", came(scene.last), answer)
    elif request is not None and answer.message.correlation_id != request.correlation_id:
        said = answer.message.correlation_id
        yield about(scene, f'the CorrelationID "{request.correlation_id}"', shown(said), answer, "Header/CorrelationID")


@check("one message answers")
def one_answer(scene: Scene) -> Iterator[Finding]:
    """Judge JMS-018."""
    found = [item for item in replies(scene.last) if reply_of(item) is not None]
    if not found:
        raise NothingToJudgeError("no answer came")
    if len(found) > 1:
        listed = ", ".join(str(item) for item in found)
        yield about(scene, "one message that answers", f"{len(found)} came: {listed}", found[1])


@check("the expired request is not carried out")
def not_expired(scene: Scene) -> Iterator[Finding]:
    """Judge JMS-015. To refuse it, or to acknowledge that it came, is not to carry it out."""
    items = brought(scene.last)
    if items:
        observed = f"readings came for it: {items[0].source}"
        yield about(scene, "no readings for a request that expired before it was delivered", observed, items[0].source)


def tellers(scene: Scene) -> dict[str, Arrived]:
    """Return the messages that tell that the newest control was carried out, by MessageID.

    The same event sent again, with the same MessageID, is the same event.
    """
    control = scene.last.asked.message
    devices = [device for item in read_controls(control) for device in item.devices] if control is not None else []
    types = set(scene.terms.control_events.values())
    found: dict[str, Arrived] = {}
    for item in (item for view in scene.exchanges for item in view.later if item.message is not None):
        told = read_events(item.message) if item.message is not None else ()
        if any(one.event_type in types and same_device(one.device, mine) for one in told for mine in devices):
            header = item.message.header if item.message is not None else None
            found.setdefault((header.message_id if header is not None else None) or f"#{item.id}", item)
    return found


@check("the control is carried out once")
def once(scene: Scene) -> Iterator[Finding]:
    """Judge JMS-016: by the events of its device."""
    found = tellers(scene)
    if not found:
        raise NothingToJudgeError("no event tells that the control was carried out")
    if len(found) > 1:
        listed = ", ".join(f"message {item.id}" for item in found.values())
        observed = f"{len(found)} events tell that it was: {listed}"
        ids = tuple(item.id for item in found.values())
        yield Finding(expected="one event of a control that was delivered twice", observed=observed, messages=ids)


@check("the event comes once to a declared topic")
def on_topic(scene: Scene) -> Iterator[Finding]:
    """Judge JMS-019: the declared event of the declared meter."""
    found = [item for item in scene.unsolicited if not list(event_type(_only(scene, item)))]
    topics = scene.terms.jms.topics
    there = [item for item in found if _is_topic(item, topics)]
    ids = tuple(item.id for item in scene.unsolicited)
    expected = f"one event on {' or '.join(topics)}"
    if len(there) != 1 or len(found) != 1:
        places = ", ".join(item.headers.get(_DESTINATION, "an unknown place") for item in found)
        yield Finding(expected=expected, observed=f"it came to {places}" if found else "it did not come", messages=ids)


def _is_topic(item: Arrived, topics: tuple[str, ...]) -> bool:
    place = item.headers.get(_DESTINATION, "")
    # What a topic of the naming service is called at the provider is not in SUT.toml.
    by_name = place.startswith("jms:topic:") and any(topic.startswith("jms:jndi:") for topic in topics)
    return place in topics or by_name


def _only(scene: Scene, item: Arrived) -> Scene:
    return Scene(unsolicited=(item,), terms=scene.terms, started=scene.started)


@check("the durable subscriber gets the event")
def kept(scene: Scene) -> Iterator[Finding]:
    """Judge JMS-020: what came at once came to the durable subscriber, too, when it was back."""
    if list(event_type(scene)):
        raise NothingToJudgeError("the event was not published at all")
    found = Scene(unsolicited=scene.kept, terms=scene.terms, started=scene.started)
    if list(event_type(found)):
        ids = tuple(item.id for item in (*scene.unsolicited, *scene.kept))
        others = ", ".join(str(item) for item in scene.kept) or "nothing was kept"
        yield Finding(expected="the event that was published meanwhile", observed=others, messages=ids)
