"""Does the system answer a legal get(MeterReadings), and in the way that SUT.toml says?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from conformance.errors import ConformanceError, MessageError, TransportError
from conformance.message.build import Draft, build, new_id, timestamp
from conformance.message.meter_readings import Window, get_meter_readings
from conformance.message.model import Header
from conformance.message.renaming import in_edition
from conformance.message.soap import Carried, SoapVersion, Style, unwrap
from conformance.sut.claims import edition_of
from conformance.sut.probe_network import speaks_tls
from conformance.sut.result import Case, Result, clipped
from conformance.transport.base import Outbound
from conformance.transport.soap import SoapTransport

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from conformance.message.model import Identified, Message
    from conformance.transport.base import Answer
    from conformance.transport.settings import SoapSettings

_FIRST, _OTHERS = 0.5, 0.08
_TURNED_AWAY = (401, 403)
#: Fault codes of WS-Security: SOAP Message Security 1.1, 12.
_SECURITY_FAULTS = ("FailedAuthentication", "InvalidSecurity", "InvalidSecurityToken", "UnsupportedSecurityToken",
                    "FailedCheck", "SecurityTokenUnavailable")  # fmt: skip
_WAYS: tuple[tuple[Style, SoapVersion], ...] = (
    ("generic", "1.1"), ("generic", "1.2"), ("typed", "1.1"), ("typed", "1.2"),
    ("bare", "1.1"), ("bare", "1.2"), ("bare", "none"),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What came of one request: an answer, perhaps a message in it, and what is wrong with it in words."""

    settings: SoapSettings
    answer: Answer | None = None
    carried: Carried | None = None
    trouble: str = ""
    hopeless: bool = False
    timed_out: bool = False

    @property
    def message(self) -> Message | None:
        """Return the message of the standard that answered, unless a fault carried it."""
        return self.carried.message if self.carried is not None and self.carried.fault is None else None

    @property
    def turned_away(self) -> bool:
        """Return whether the system does not accept who we are."""
        status = self.answer.status if self.answer else 0
        fault = self.carried.fault if self.carried else None
        return status in _TURNED_AWAY or (fault is not None and fault.code in _SECURITY_FAULTS)

    def header(self, name: str) -> str | None:
        """Return the HTTP header ``name`` of the answer."""
        headers = self.answer.headers if self.answer else {}
        return next((value for key, value in headers.items() if key.lower() == name.lower()), None)


def request(case: Case, meters: Sequence[Identified], reading_types: Sequence[str]) -> Outbound:
    """Return a get(MeterReadings) for ``meters`` within the window of SUT.toml."""
    window = case.loaded.configuration.test_data.window
    header = Header(
        verb="get", noun="MeterReadings", timestamp=timestamp(), message_id=new_id(), correlation_id=new_id()
    )
    period = Window(start=timestamp(window.start), end=timestamp(window.end))
    asked = get_meter_readings(meters, reading_types, period)
    edition = edition_of(case.loaded.configuration)
    message = in_edition(build(Draft(kind="RequestMessage", header=header, request=(asked,))), edition)
    return Outbound(message=message, verb="get", noun="MeterReadings", edition=edition)


def send(settings: SoapSettings, outbound: Outbound, seconds: float, *, draft: bool = False) -> Tried:
    """Send ``outbound`` and return what came of it; ``draft`` writes the namespaces of the drafts."""
    transport = SoapTransport(settings)
    try:
        sent = transport.prepare(outbound)
        if draft:
            sent = replace(sent, body=sent.body.replace(b"http://iec.ch/", b"http://www.iec.ch/"))
        answer = transport.send(sent, seconds)
    except TransportError as problem:
        hopeless = problem.timed_out or problem.blame != "system"
        trouble = clipped(str(problem))
        return Tried(settings=settings, trouble=trouble, hopeless=hopeless, timed_out=problem.timed_out)
    finally:
        transport.close()
    try:
        carried = unwrap(answer.body)
    except MessageError as problem:
        return Tried(settings=settings, answer=answer, trouble=_no_message(answer, problem))
    trouble = ""
    if carried.fault is not None:
        trouble = f"a SOAP fault {carried.fault.code}: {clipped(carried.fault.reason)} (HTTP {answer.status})"
    return Tried(settings=settings, answer=answer, carried=carried, trouble=trouble)


def _no_message(answer: Answer, problem: MessageError) -> str:
    what = answer.content_type.partition(";")[0] or "no content type"
    moved = next((value for name, value in answer.headers.items() if name.lower() == "location"), None)
    to = f", which leads to {clipped(moved)}" if moved else ""
    # Only these carry messages or faults; what is wrong with the text of a mere error page helps nobody.
    why = f": {clipped(str(problem))}" if answer.status in (200, 202, 500) else ""
    return f"HTTP {answer.status} with {what}{to}{why}"


def probe(case: Case) -> tuple[list[Result], Tried | None]:
    """Return what was found, and the answer that the other probes may look at."""
    first = case.loaded.configuration.test_data
    try:
        outbound = request(case, [first.meters[0].by_mrid], first.reading_types[:1])
        tried = send(case.settings, outbound, case.budget.share(_FIRST))
    except ConformanceError as problem:
        return [Result("SOAP", "problem", clipped(str(problem)), "correct SUT.toml")], None
    results = [_authentication(case, tried)]
    if tried.turned_away:
        results.append(Result("SOAP", "skipped", "the system has to accept the credentials first"))
    elif tried.message is None:
        results.append(_other_ways(case, tried, outbound))
    else:
        return [*results, *_as_configured(case, tried, tried.message)], tried
    return results, tried if tried.answer else None


def _authentication(case: Case, tried: Tried) -> Result:
    security = case.loaded.configuration.security
    used = [name for name in ("http_auth", "ws_security") if getattr(security, name) != "none"]
    if tried.turned_away:
        wants = tried.header("WWW-Authenticate")
        said = f"the system turns the suite away ({tried.trouble or f'HTTP {tried.answer and tried.answer.status}'})"
        said += f"; it wants {clipped(wants)}" if wants else ""
        fix = f"correct {_places(case)}" if used else 'set security.http_auth = "basic", or security.ws_security'
        return Result("authentication", "problem", said, fix)
    if tried.message is None:
        return Result("authentication", "skipped", "there is no answer that would show whether it works")
    how = f"accepts {' and '.join(used)}" if used else "asks for no credentials"
    return Result("authentication", "ok", f"the system {how}")


def _perhaps_credentials(case: Case, tried: Tried) -> str:
    """Return what else a SOAP fault may mean: not every system says with a code of WS-Security whom it refuses."""
    if tried.carried is None or tried.carried.fault is None:
        return ""
    if case.loaded.configuration.security.ws_security == "none":
        return "; if it wants a UsernameToken, set security.ws_security"
    return f"; if it refuses the UsernameToken, correct {_places(case)}, or security.ws_security"


def _places(case: Case) -> str:
    """Return where the credentials come from, in words of SUT.toml."""
    security = case.loaded.configuration.security
    sources = {f"security.{name}": getattr(security, name) for name in ("username", "password")}
    return " and ".join(
        f"{key} ({f'variable {source.env}' if source.env else f'file {source.file}'})"
        for key, source in sources.items()
        if source is not None
    )


def _as_configured(case: Case, tried: Tried, message: Message) -> Iterator[Result]:
    version = tried.carried.version if tried.carried else case.settings.version
    if version != case.settings.version:
        said = f"asked in {_soap(case.settings.version)}, the system answers in {_soap(version)}"
        yield Result("SOAP", "warning", said, f"see whether endpoints.{case.style}.soap is right")
    elif message.kind != "ResponseMessage":
        said = f"the system answers a get with {message.kind} ({clipped(str(message))}), not with a ResponseMessage"
        yield Result("SOAP", "warning", said, f"see whether {case.url_key} is the service that answers requests")
    else:
        yield Result("SOAP", "ok", f"answers get(MeterReadings) in style {case.style}, {_soap(version)}")


def _other_ways(case: Case, tried: Tried, outbound: Outbound) -> Result:
    """Look for another style, SOAP version or namespace that works, to be able to say what is wrong."""
    fix = f"correct {case.url_key} ({case.url}), or ask the vendor for the style and SOAP version"
    fix += _perhaps_credentials(case, tried)
    said = f"{case.url} gives no message of the standard, but {tried.trouble}"
    if tried.hopeless:
        fix = f"see whether the system works, and whether {case.url_key} is right"
        return Result("SOAP", "problem", tried.trouble, fix)
    if case.url.startswith("http://") and speaks_tls(case.url, case.budget.share(_OTHERS)):
        return Result("SOAP", "problem", said, f"write https:// in {case.url_key}: the system speaks TLS there")
    for settings in _alternatives(case):
        other = Tried(settings=settings) if case.budget.over else send(settings, outbound, case.budget.share(_OTHERS))
        if other.message is not None:
            return _it_answers_to(case, settings)
        if other.hopeless:
            break
    if not case.budget.over and send(case.settings, outbound, case.budget.share(_OTHERS), draft=True).message:
        said = f"{case.url} answers only to the namespace http://www.iec.ch/ of the drafts"
        return Result("SOAP", "problem", said, "let the vendor accept http://iec.ch/TC57/2011/schema/message")
    return Result("SOAP", "problem", said, fix)


def _alternatives(case: Case) -> Iterator[SoapSettings]:
    """Iterate over the other ways, the nearest first: the same style with another version."""
    mine = (case.settings.style, case.settings.version)
    for style, version in sorted(_WAYS, key=lambda way: (way[0] != mine[0], way[1] != mine[1])):
        no_header = version == "none" and case.settings.username_token is not None
        if (style, version) != mine and not no_header:
            yield replace(case.settings, style=style, version=version, urls={"": case.url}, actions={})


def _it_answers_to(case: Case, found: SoapSettings) -> Result:
    mine = case.settings
    if found.style == mine.style:
        said = f"it answers to {_soap(found.version)}, SUT.toml says {_soap(mine.version)}"
        return Result("SOAP", "problem", said, f'write endpoints.{mine.style}.soap = "{found.version}"')
    said = f"it answers to style {found.style} with {_soap(found.version)}, SUT.toml says style {mine.style} with "
    table = f"[endpoints.{found.style}]"
    fix = f'write endpoints.style = "{found.style}", and put the URL and soap = "{found.version}" into {table}'
    return Result("SOAP", "problem", said + _soap(mine.version), fix)


def _soap(version: str) -> str:
    return "plain XML" if version == "none" else f"SOAP {version}"
