"""Steps about the service description of the system, and about what it offers to be sent."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from conformance.checks.service import HTTP, links, read_service, same_host
from conformance.errors import Inconclusive, MessageError, NotApplicable, TransportError
from conformance.journal import Entry
from conformance.message.build import Draft, new_id, timestamp
from conformance.message.controls import Event, end_device_events
from conformance.message.meter_readings import get_meter_readings
from conformance.message.model import Identified, Reply
from conformance.message.xml import parse_xml
from conformance.standard.editions import OK
from conformance.steps.define import given, when
from conformance.steps.requests import get_readings, header, outbound
from conformance.sut.fetch import fetch
from conformance.sut.model import TypedEndpoint
from conformance.transport.base import Carrying
from conformance.transport.security import client_context
from conformance.transport.soap import SoapTransport

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conformance.checks.service import Operation
    from conformance.exchange import Party
    from conformance.steps.vocabulary import Vocabulary
    from conformance.transport.base import Answer

#: A meter was connected: of all news the least alarming (61968-9:2013 Annex E).
_CONNECTED = "3.31.0.42"
#: More files than any description of these services has.
_MOST = 64
_REDIRECTS = 3
#: What the operations for news take.
_TAKES = {"Response": "ResponseMessage", "PublishEvent": "EventMessage"}


@when("the description of the system is read")
def read_description(party: Party, words: Vocabulary) -> None:
    """Read the WSDL and what it imports from the same host; every file goes to the journal."""
    endpoint = words.configuration.endpoints.chosen
    url = endpoint.wsdl if endpoint is not None else None
    if url is None or not isinstance(party.transport, SoapTransport):
        raise NotApplicable("the system publishes no WSDL")
    party.read(_files(url, _getter(party.transport, party.patience.reply_s)))


@given(r"the description of the system offers (?P<operation>\w+)")
def offers(party: Party, words: Vocabulary, operation: str) -> None:
    """Establish what may be sent to the system at all: an operation of its own description."""
    read_description(party, words)
    offered, request = (_operation(party, words, kind) for kind in (_TAKES[operation], "RequestMessage"))
    if offered is None or offered.name != operation:
        raise NotApplicable(f"the system's description does not offer the operation {operation} for its message")
    known = {_url(words), *(request.addresses if request is not None else ())}
    if offered.addresses and not known & set(offered.addresses):
        raise Inconclusive(f"{operation} is at {offered.addresses[0]}, where this run sends nothing")


@when(r"news of a meter that it does not have is sent to (?P<operation>Response|PublishEvent)")
def send_news(party: Party, words: Vocabulary, operation: str) -> None:
    """Send what orders nothing: a late answer to a request that nobody made, or an event of an unknown meter."""
    meter = Identified(mrid=new_id())
    if operation == "Response":
        draft = Draft(kind="ResponseMessage", header=header("reply", "MeterReadings"), reply=Reply(result=OK))
    else:
        payload = end_device_events([Event(device=meter, event_type=_CONNECTED, created=timestamp())])
        draft = Draft(kind="EventMessage", header=header("created", "EndDeviceEvents"), payload=(payload,))
    offered = _operation(party, words, _TAKES[operation])
    party.ask(replace(outbound(draft), carrying=Carrying(action=offered.action if offered is not None else None)))


@when("a client that is made from the description reads M1")
def ask_with_action(party: Party, words: Vocabulary) -> None:
    """Send a read with the SOAPAction of the operation that takes it."""
    read_description(party, words)
    ordinary = outbound(get_readings([get_meter_readings(words.meters("M1"), words.types("R1"), words.window)]))
    kind = "GetMeterReadings" if words.configuration.endpoints.style == "typed" else "RequestMessage"
    operation = _operation(party, words, kind)
    if operation is None:
        raise Inconclusive(f"the description offers no operation for {kind} in the SOAP version of this run")
    party.ask(replace(ordinary, carrying=Carrying(action=operation.action)))


def _operation(party: Party, words: Vocabulary, kind: str) -> Operation | None:
    """Return what takes ``kind`` over HTTP in the SOAP version of this run, at its very address where that is told."""
    endpoint = words.configuration.endpoints.chosen
    found = [
        item
        for item in read_service(party.scene.documents).operations
        if (item.takes or "").rpartition("}")[2] == kind
        and item.transport in HTTP
        and endpoint is not None
        and item.version == endpoint.soap
    ]
    return min(found, key=lambda item: _url(words) not in item.addresses, default=None)


def _url(words: Vocabulary) -> str:
    endpoint = words.configuration.endpoints.chosen
    if isinstance(endpoint, TypedEndpoint):
        return endpoint.get_meter_readings
    return endpoint.url if endpoint is not None else ""


def _getter(transport: SoapTransport, seconds: float) -> Callable[[str], Entry]:
    settings = transport.settings
    context = client_context(settings)

    def get(url: str) -> Entry:
        empty = Entry(direction="received", channel="description", transport="soap", url=url, body=b"")
        try:
            place, answer = _followed(url, lambda place: fetch(place, context, seconds, settings.http_basic))
        except TransportError as problem:
            if problem.blame != "system":
                raise Inconclusive(f"{url} could not be reached: {problem}") from problem
            return replace(empty, note=str(problem))
        headers = {name: value for name, value in answer.headers.items() if name.lower() != "set-cookie"}
        found = replace(empty, status=answer.status, content_type=answer.content_type, headers=headers)
        return replace(found, url=place, body=answer.body)

    return get


def _followed(url: str, get: Callable[[str], Answer]) -> tuple[str, Answer]:
    """Return what ``url`` leads to, and where that is: relative addresses in it start there (RFC 3986, 5.1.3).

    Raises Inconclusive when a redirect leads to another host, from where nothing is fetched.
    """
    answer = get(url)
    for _ in range(_REDIRECTS):
        to = next((value for name, value in answer.headers.items() if name.lower() == "location"), None)
        if not 300 <= answer.status < 400 or to is None:
            break
        if not same_host(urljoin(url, to), url):
            there = urljoin(url, to)
            raise Inconclusive(f"{url} leads to {there}, another host: let wsdl in [endpoints] lead there directly")
        url = urljoin(url, to)
        answer = get(url)
    return url, answer


def _files(first: str, get: Callable[[str], Entry]) -> Iterator[Entry]:
    waiting, seen, read = [first], {first}, set[str]()
    while waiting and len(seen) <= _MOST:
        entry = get(waiting.pop(0))
        if entry.url in read:  # a redirect led to what is there
            continue
        read.add(entry.url)
        yield entry
        for url in _imported(entry):
            if url not in seen and same_host(url, first):
                seen.add(url)
                waiting.append(url)


def _imported(entry: Entry) -> list[str]:
    try:
        root = parse_xml(entry.body)
    except MessageError:
        return []
    return [link.url for link in links(root, entry.url) if link.url]
