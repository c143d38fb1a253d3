"""Can the suite be reached where SUT.toml says that later answers and events shall come?"""

from __future__ import annotations

import ipaddress
import ssl
import tempfile
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from urllib3.exceptions import InsecureRequestWarning

from conformance.errors import ConformanceError, TransportError
from conformance.sut.fetch import fetch
from conformance.sut.probe_network import place_of
from conformance.sut.result import Case, Result, clipped
from conformance.sut.wiring import gateway_settings
from conformance.transport.gateway import Gateway

if TYPE_CHECKING:
    from collections.abc import Iterator

_SHARE = 0.15
_GREETING = b"conformance gateway"


def probe(case: Case) -> Iterator[Result]:
    """Iterate over what is wrong, or right, with [callback]."""
    with tempfile.TemporaryDirectory(prefix="conformance-doctor-") as directory:
        gateway = Gateway(gateway_settings(case.loaded, Path(directory) / "journal.db"), in_thread=True)
        try:
            with gateway:
                yield _reachable(case, gateway)
                yield from _seen_by_the_system(case, gateway.reply_address)
        except ConformanceError as problem:
            yield Result("callback", "problem", clipped(str(problem)), "correct the table [callback]")


def _reachable(case: Case, gateway: Gateway) -> Result:
    address = gateway.reply_address
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # whom the system trusts is not ours to say; nothing secret is sent
    advertised = case.loaded.configuration.callback.advertise is not None
    fix = "make callback.advertise lead to this machine, and allow it through proxy and firewall"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", InsecureRequestWarning)  # it is meant so, see above
            answer = fetch(address, context, case.budget.share(_SHARE))
    except TransportError as problem:
        return Result("callback", "problem", f"the reply address is not reachable: {clipped(str(problem))}", fix)
    if not answer.body.startswith(_GREETING):
        said = f"at the reply address {address} answers something else than this suite (HTTP {answer.status})"
        return Result("callback", "problem", said, fix)
    if gateway.token.encode() not in answer.body:
        return Result("callback", "problem", f"at {address} answers the gateway of another run", fix)
    how = "through callback.advertise" if advertised else "from this machine"
    return Result("callback", "ok", f"the reply address {address} is reachable {how}")


def _seen_by_the_system(case: Case, address: str) -> Iterator[Result]:
    there, here = place_of(case.url)[0], place_of(address)[0]
    if is_loopback(here) and not is_loopback(there):
        said = f"the reply address is {address}, but the system at {there} is another machine and cannot reach it"
        fix = "set callback.host to an address of this machine that the system can reach, or set callback.advertise"
        yield Result("callback", "warning", said, fix)


def is_loopback(host: str) -> bool:
    """Return whether ``host`` can only mean this machine."""
    if host.lower() == "localhost" or host.lower().endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
