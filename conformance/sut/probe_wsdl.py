"""Is the WSDL there, and can a typical client (zeep) use it?"""

from __future__ import annotations

import queue
import threading
from typing import TYPE_CHECKING, Any

from conformance.errors import MessageError, TransportError
from conformance.message.xml import local_name, parse_xml
from conformance.sut.fetch import fetch
from conformance.sut.probe_network import place_of
from conformance.sut.result import Case, Result, clipped
from conformance.transport.connection import Session
from conformance.transport.security import client_context

if TYPE_CHECKING:
    from collections.abc import Iterator

_SHARE = 0.2
_FIRST_OK, _FIRST_BAD = 200, 300


def probe(case: Case, url: str) -> Iterator[Result]:
    """Iterate over what is wrong, or right, with the WSDL at ``url``."""
    key = f"endpoints.{case.style}.wsdl"
    fix = f"correct {key}, or delete it when the system publishes none"
    try:
        answer = fetch(url, client_context(case.settings), case.budget.share(_SHARE), case.settings.http_basic)
    except TransportError as problem:
        yield Result("WSDL", "problem", clipped(str(problem)), fix)
        return
    if not _FIRST_OK <= answer.status < _FIRST_BAD:
        yield Result("WSDL", "problem", f"{url} answers HTTP {answer.status}", fix)
        return
    reason = _not_wsdl(answer.body)
    if reason:
        yield Result("WSDL", "problem", f"{url} is no WSDL 1.1: {reason}", fix)
        return
    yield from _for_a_client(case, url, answer.body)


def _not_wsdl(body: bytes) -> str:
    try:
        name = local_name(parse_xml(body))
    except MessageError as problem:
        return clipped(str(problem))
    return "" if name == "definitions" else f"its root element is {name}"


def _for_a_client(case: Case, url: str, body: bytes) -> Iterator[Result]:
    seconds = case.budget.share(_SHARE)
    read: queue.SimpleQueue[list[Any] | str] = queue.SimpleQueue()
    threading.Thread(target=lambda: read.put(_ports(case, url, body)), daemon=True, name="zeep").start()
    try:
        ports = read.get(timeout=seconds)
    except queue.Empty:
        ports = f"it was not done within {seconds:.1f} s"
    if isinstance(ports, str):
        fix = "let the vendor repair the WSDL; the run itself does not depend on it"
        yield Result("WSDL", "warning", f"zeep, a typical client, cannot read {url}: {ports}", fix)
        return
    operations = sorted({name for port in ports for name in port.binding.all()})
    if not operations:
        fix = "let the vendor look at its imports: each wants a schemaLocation or location"
        yield Result("WSDL", "warning", f"{url} offers a typical client no operation at all", fix)
        return
    yield Result("WSDL", "ok", f"{url} offers {len(operations)} operations: {', '.join(operations)}")
    yield from _differences(case, ports)


def _ports(case: Case, url: str, body: bytes) -> list[Any] | str:
    """Return what zeep understood, or why it did not."""
    import zeep

    make: Any = zeep.Client  # zeep has no annotations
    transport = _transport(case, url, body)
    try:
        client = make(url, transport=transport)
        return [port for service in client.wsdl.services.values() for port in service.ports.values()]
    except Exception as problem:  # whatever zeep does over a stranger's file is a finding, not our end
        return clipped(f"{type(problem).__name__}: {problem}")
    finally:
        transport.session.close()


def _transport(case: Case, url: str, body: bytes) -> Any:
    """Return a transport for zeep that reads from the host of ``url`` alone: no files, no other machines."""
    from zeep.transports import Transport

    context = client_context(case.settings)

    class SameHost(Transport):
        def load(self, wanted: str) -> bytes:
            if wanted == url:
                return body
            if not wanted.startswith(("http://", "https://")) or place_of(wanted)[0] != place_of(url)[0]:
                raise TransportError(f"it imports {wanted}, which is not on the same host", blame="system")
            answer = fetch(wanted, context, case.budget.share(_SHARE), case.settings.http_basic)
            if answer.status != _FIRST_OK:
                raise TransportError(f"its import {wanted} answers HTTP {answer.status}", blame="system")
            return answer.body

    make: Any = SameHost
    return make(session=Session(context))


def _differences(case: Case, ports: list[Any]) -> Iterator[Result]:
    versions = {"1.2" if "12" in type(port.binding).__name__ else "1.1" for port in ports}
    if case.settings.version not in versions and case.settings.version != "none":
        said = f"the WSDL offers SOAP {' and '.join(sorted(versions))}, SUT.toml says {case.settings.version}"
        yield Result("WSDL", "warning", said, f"see whether endpoints.{case.style}.soap is right")
    addresses = {str(port.binding_options.get("address")) for port in ports}
    if case.url not in addresses:
        said = f"the WSDL sends clients to {', '.join(sorted(addresses))}, SUT.toml to {case.url}"
        yield Result("WSDL", "warning", said, f"see whether {case.url_key} is right")
