"""Steps that read meters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.checks.answers import brought, came, is_of, known, later_replies, wanted
from conformance.checks.scene import Scene
from conformance.errors import Inconclusive, InternalError
from conformance.message.meter_readings import get_meter_readings
from conformance.steps.define import given, when
from conformance.steps.requests import MANNERS, get_readings, header_with, later, outbound
from conformance.transport.acknowledge import manner_key

if TYPE_CHECKING:
    from conformance.exchange import Party
    from conformance.message.build import Draft
    from conformance.steps.vocabulary import Vocabulary
    from conformance.transport.acknowledge import Manner


@given("a read of M1 brings readings")
def premise(party: Party, words: Vocabulary) -> None:
    """Establish that the system serves what is legal: no refusal counts without its accepted twin."""
    party.ask(outbound(read_of(words, "M1", "R1")))
    if not brought(party.scene.last):
        raise Inconclusive(f"the premise is broken: a read of M1 brought no readings ({came(party.scene.last)})")


def read_of(words: Vocabulary, meters: str, types: str, *, windowed: bool = True) -> Draft:
    """Return a read of the meters and types that a scenario names."""
    window = words.window if windowed else None
    return get_readings([get_meter_readings(words.meters(meters), words.types(types), window)])


@when(r"(?P<meters>[^,]+(?:, [^,]+)*?) (?:is|are) asked for (?P<types>[^,]+?)(?:, (?P<manner>.+))?")
def ask(party: Party, words: Vocabulary, meters: str, types: str, manner: str | None = None) -> None:
    """Ask for readings, in the manner that the scenario says."""
    draft = read_of(words, meters, types)
    if manner is None:
        party.ask(outbound(draft))
    elif manner == "in a period without data":
        element = get_meter_readings(words.meters(meters), words.types(types), words.window_without_data)
        party.ask(outbound(get_readings([element])))
    elif manner == "to be answered at once although a ReplyAddress is given":
        party.ask(outbound(header_with(draft, async_reply_flag="false", reply_address=party.reply_address)))
    elif manner == "to be answered later without saying where":
        party.ask(outbound(later(draft, None)))
    elif manner == "to be answered later":
        _ask_later(party, later(draft, party.reply_address))
    elif manner in _RECEIPTS:
        _ask_later(party, later(draft, party.reply_address), _RECEIPTS[manner])
    elif manner == "to be answered later and acknowledged":
        _ask_later(party, header_with(later(draft, party.reply_address), ack_required="true"))
    else:
        raise InternalError(f"no way to ask is meant by: {manner}")


#: What the suite does with the later answer, in words of a feature.
_RECEIPTS: dict[str, Manner] = {
    "to be answered later, which is then acknowledged with an empty 200": "empty-200",
    "to be answered later, which is then acknowledged with an empty 202": "empty-202",
    "to be answered later, which is then refused": "fault",
}


def _ask_later(party: Party, draft: Draft, receipt: Manner | None = None) -> None:
    if receipt is not None and draft.header is not None:
        party.journal.set_meta(manner_key(draft.header.correlation_id or ""), receipt)
    party.ask(outbound(draft))
    party.wait("the later reply(MeterReadings)", everything_asked_for_came, party.patience.result_s)
    if receipt == "fault" and draft.header is not None:  # what is offered again shall find an end
        party.journal.set_meta(manner_key(draft.header.correlation_id or ""), "message")
        if not later_replies(party.scene.last):
            raise Inconclusive("no later answer came, so that none could be refused")


def everything_asked_for_came(scene: Scene) -> bool:
    """Return whether the later answers brought a reading of every meter that was asked for."""
    items = brought(scene.last)
    return bool(later_replies(scene.last)) and all(
        any(is_of(item, want.meter, scene) for item in items) for want in known(scene, wanted(scene.last.asked.message))
    )


@when("these pairs are asked for")
def ask_pairs(party: Party, words: Vocabulary, datatable: list[list[str]]) -> None:
    """Ask for each pair of meter and reading type in an element of its own (Figure 23)."""
    rows = datatable[1:]
    elements = [get_meter_readings(words.meters(meter), words.types(name), words.window) for meter, name in rows]
    party.ask(outbound(get_readings(elements)))


@when(r"(?P<meters>M\d) is read now")
def read_now(party: Party, words: Vocabulary, meters: str) -> None:
    """Ask without a time window (exchange rule 15)."""
    party.ask(outbound(read_of(words, meters, "R1", windowed=False)))


@when(r"a read of (?P<meters>M\d) is sent (?P<manner>.+)")
def send_read(party: Party, words: Vocabulary, meters: str, manner: str) -> None:
    """Send a read that is unusual or illegal in the manner that the scenario says."""
    if manner not in MANNERS:
        raise InternalError(f"no manner of a request is meant by: {manner}")
    party.ask(MANNERS[manner](read_of(words, meters, "R1")))
