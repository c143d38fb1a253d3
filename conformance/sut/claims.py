"""Which obligations the system's claims make applicable, and what is agreed for judging them."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from conformance.checks.scene import JmsTerms, Terms
from conformance.errors import InternalError
from conformance.exchange import Patience
from conformance.standard import codes
from conformance.standard.editions import EDITIONS, Edition
from conformance.standard.verdicts import Verdict
from conformance.transport.jms.settings import destination_of

if TYPE_CHECKING:
    from pathlib import Path

    from conformance.standard.catalogue import Requirement
    from conformance.sut.model import Configuration


def obstacle(
    requirement: Requirement, configuration: Configuration, transport: str = "soap"
) -> tuple[Verdict, str] | None:
    """Return why ``requirement`` cannot be tested on this system in a run over ``transport``, or None when it can.

    A claim that is declared absent makes it not-applicable, and so does a transport that it is not about; a
    stimulus or a test datum that is missing makes it inconclusive: the system claims it, but nobody can see it.
    """
    if requirement.transport not in (None, transport):
        return _elsewhere(str(requirement.transport), transport, configuration)
    system = configuration.system_under_test
    if requirement.systems and system.role not in requirement.systems:
        return Verdict.NOT_APPLICABLE, f"it is an obligation of role {', '.join(requirement.systems)} only"
    if system.edition not in requirement.editions:
        editions = ", ".join(requirement.editions)
        return Verdict.NOT_APPLICABLE, f"it is an obligation of edition {editions} only"
    endpoint = configuration.endpoints.chosen
    if requirement.transport == "soap" and (endpoint is None or endpoint.soap == "none"):
        return Verdict.NOT_APPLICABLE, "the system declares plain XML, without SOAP"
    for need in requirement.needs:
        found = _unmet(need, configuration)
        if found is not None:
            return found
    return None


def _elsewhere(about: str, transport: str, configuration: Configuration) -> tuple[Verdict, str]:
    """Return what becomes of an obligation about another transport: untested, if the system has that, too."""
    said = f"it is about {about.upper()}, and this run goes over {transport.upper()}"
    if about == "jms" and configuration.endpoints.jms is not None:
        return Verdict.NOT_TESTED, f"{said}; it is judged with --transport jms"
    return Verdict.NOT_APPLICABLE, said


def _unmet(need: str, configuration: Configuration) -> tuple[Verdict, str] | None:
    try:
        return _answer(need, configuration)
    except (AttributeError, KeyError) as slip:
        raise InternalError(f"the catalogue needs {need}, which no part of SUT.toml answers") from slip


def _answer(need: str, configuration: Configuration) -> tuple[Verdict, str] | None:
    name, _, value = need.partition("=")
    for prefix, answer in (("endpoints.jms.", _configured), ("jms.", _over_jms)):
        if name.startswith(prefix):
            return answer(name.removeprefix(prefix), value, configuration)
    if name.startswith("options."):
        declared = getattr(configuration.capabilities.options, name.removeprefix("options."))
        text = str(declared).lower() if isinstance(declared, bool) else declared
        return None if text == value else (Verdict.NOT_APPLICABLE, f"the system declares {name} = {text}")
    if name.startswith("stimuli."):
        given = getattr(configuration.stimuli, name.removeprefix("stimuli."))
        return None if given else (Verdict.INCONCLUSIVE, f"[{name}] is missing in SUT.toml")
    if name in _OF_THE_ENDPOINT:
        reason = _OF_THE_ENDPOINT[name](value, configuration)
        return None if reason is None else (Verdict.NOT_APPLICABLE, reason)
    if name == "test_data.shared_name":
        reason = "no name in test_data.meters is borne by two meters under different types"
        return None if shared_name(configuration) else (Verdict.INCONCLUSIVE, reason)
    if name.endswith(")"):
        ways = configuration.capabilities.messages.model_dump(by_alias=True)[name]
        met = value in ways or (bool(ways) and not value)
        return None if met else (Verdict.NOT_APPLICABLE, f"the system declares {name} without {value or 'any way'}")
    raise KeyError(name)


def _no_wsdl(_: str, configuration: Configuration) -> str | None:
    endpoints = configuration.endpoints
    said = f"the system publishes no WSDL: there is no endpoints.{endpoints.style}.wsdl"
    return None if endpoints.chosen is not None and endpoints.chosen.wsdl else said


def _other_style(value: str, configuration: Configuration) -> str | None:
    style = configuration.endpoints.style
    return None if style == value else f"the system is used in style {style}"


def _other_version(value: str, configuration: Configuration) -> str | None:
    endpoint = configuration.endpoints.chosen
    version = endpoint.soap if endpoint is not None else "none"
    return None if version == value else f"the system speaks SOAP {version}"


def _no_callbacks(_: str, configuration: Configuration) -> str | None:
    messages = configuration.capabilities.messages.model_dump(by_alias=True)
    sends = any({"async", "publish"} & set(ways) for ways in messages.values())
    return None if sends else "the system declares nothing that it sends on a connection of its own"


#: Needs that are answered by how the system is reached, and by what it sends by itself.
_OF_THE_ENDPOINT = {"wsdl": _no_wsdl, "style": _other_style, "soap": _other_version, "callbacks": _no_callbacks}


def _over_jms(name: str, value: str, configuration: Configuration) -> tuple[Verdict, str] | None:
    """Answer a need such as ``jms.reply_to=named``, ``jms.properties`` (any) or ``jms.topics`` (of endpoints.jms)."""
    endpoint, claims = configuration.endpoints.jms, configuration.capabilities.jms
    if name == "topics":
        found = event_topics(configuration)
        return None if found else (Verdict.NOT_APPLICABLE, "endpoints.jms.events names no topic")
    if claims is None:
        missing = "[capabilities.jms] is missing in SUT.toml" if endpoint is not None else "there is no [endpoints.jms]"
        return Verdict.INCONCLUSIVE if endpoint is not None else Verdict.NOT_APPLICABLE, missing
    declared = getattr(claims, name)
    said = str(declared).lower() if isinstance(declared, bool) else declared
    if (value in said) if isinstance(said, list) else said == value if value else bool(said):
        return None
    shown = ", ".join(said) if isinstance(said, list) else said
    return Verdict.NOT_APPLICABLE, f"the system declares jms.{name} = {shown or 'nothing'}"


def _configured(name: str, value: str, configuration: Configuration) -> tuple[Verdict, str] | None:
    """Answer a need such as ``endpoints.jms.binding=soap``: what is configured for JMS is claimed by that."""
    endpoint = configuration.endpoints.jms
    if endpoint is None:
        return Verdict.NOT_APPLICABLE, "there is no [endpoints.jms]"
    said = getattr(endpoint, name)
    return None if said == value else (Verdict.NOT_APPLICABLE, f"SUT.toml says endpoints.jms.{name} = {said}")


def event_topics(configuration: Configuration) -> tuple[str, ...]:
    """Return the topics of endpoints.jms.events; what only the naming service knows may be one, too."""
    endpoint = configuration.endpoints.jms
    places = [destination_of(text) for text in endpoint.events] if endpoint is not None else []
    return tuple(str(place) for place in places if place.kind in ("topic", "jndi"))


def shared_name(configuration: Configuration) -> tuple[int, int, str] | None:
    """Return (index of one meter, index of another, name that both bear under different types), or None."""
    seen: dict[str, tuple[int, str | None]] = {}
    for index, meter in enumerate(configuration.test_data.meters):
        for name in meter.names:
            first = seen.setdefault(name.name, (index, name.type))
            if first[0] != index and first[1] != name.type:
                return first[0], index, name.name
    return None


def terms_of(configuration: Configuration) -> Terms:
    """Return what checks need to know of the test data and of what is agreed."""
    data, stimuli = configuration.test_data, configuration.stimuli
    pairs = [data.controls.disconnect, data.controls.connect] if data.controls else []
    types = [*data.reading_types, *([data.interval_type] if data.interval_type else [])]
    stimulus = stimuli.end_device_event or stimuli.meter_readings
    return Terms(
        max_clock_skew_s=configuration.limits.max_clock_skew_s,
        meters=tuple(meter.in_full for meter in data.meters),
        reading_types=tuple(types),
        interval_s=data.interval_s,
        control_events={pair.control_type: pair.event_type for pair in pairs},
        stimulus_meter=stimulus.meter if stimulus else None,
        stimulus_event=stimuli.end_device_event.event_type if stimuli.end_device_event else None,
        jms=JmsTerms(
            properties=configuration.capabilities.jms.properties if configuration.capabilities.jms else {},
            topics=event_topics(configuration),
            soap=getattr(configuration.endpoints.jms, "binding", "xml") == "soap",
            reply_s=configuration.timeouts.reply_s,
            result_s=configuration.timeouts.result_s,
        ),
        code_tables=_code_tables(configuration.standard.code_tables),
        edition=edition_of(configuration),
        schemas=configuration.standard.schemas,
    )


def edition_of(configuration: Configuration) -> Edition:
    """Return the edition that the system claims, with the namespaces as the user knows them."""
    return EDITIONS[configuration.system_under_test.edition].renamed(configuration.standard.namespaces.given)


@cache
def _code_tables(directory: Path | None) -> codes.Tables:
    """Return the user's tables, read once for each process, or the suite's own."""
    return codes.own() if directory is None else codes.load(directory)


def patience_of(configuration: Configuration) -> Patience:
    """Return how long the suite waits for this system."""
    times = configuration.timeouts
    return Patience(reply_s=times.reply_s, result_s=times.result_s, event_s=times.event_s, quiet_s=times.quiet_s)
