"""What a legal SUT.toml leaves untestable, told before the run instead of after it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.standard.editions import EDITIONS
from conformance.sut.hidden import is_user
from conformance.sut.values import dotted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from conformance.sut.model import Configuration

_SHORTEST = 4


def gaps_of(configuration: Configuration, resolved: Mapping[tuple[str, ...], str]) -> tuple[str, ...]:
    """Return what cannot be tested, or not well, each as a sentence with its fix; ``resolved`` are the secrets."""
    return (
        *_stimuli(configuration),
        *_jms(configuration),
        *_secrets(configuration, resolved),
        *_namespaces(configuration),
    )


def _stimuli(configuration: Configuration) -> Iterator[str]:
    messages, stimuli = configuration.capabilities.messages, configuration.stimuli
    if messages.created_end_device_events and stimuli.end_device_event is None:
        yield _unstimulated("created(EndDeviceEvents)", "end_device_event")
    if messages.created_meter_readings and stimuli.meter_readings is None:
        yield _unstimulated("created(MeterReadings)", "meter_readings")


def _jms(configuration: Configuration) -> Iterator[str]:
    if configuration.endpoints.jms is not None and configuration.capabilities.jms is None:
        yield (
            "[endpoints.jms] is there, but [capabilities.jms] is missing: over JMS, requirements that need to know"
            " what the system claims will be inconclusive; add [capabilities.jms]"
        )


def _unstimulated(claim: str, stimulus: str) -> str:
    return (
        f'capabilities.messages."{claim}" claims "publish", but stimuli.{stimulus} is missing: scenarios that'
        f" wait for such a message will be inconclusive; add [stimuli.{stimulus}]"
    )


def _secrets(configuration: Configuration, resolved: Mapping[tuple[str, ...], str]) -> Iterator[str]:
    security = configuration.security
    for path, secret in resolved.items():
        if len(secret) >= _SHORTEST or is_user(path[-1]):
            continue
        yield (
            f"{dotted(path)} has fewer than 4 characters: blotting it out will also blot out innocent text"
            " and can make the evidence unreadable; use a longer one"
        )
    jms = configuration.endpoints.jms
    if not security.uses_credentials and not (jms and jms.login) and (security.username or security.password):
        yield (
            "security.username and security.password are not sent, because http_auth and ws_security are both"
            ' "none"; write http_auth = "basic" or a ws_security, or delete them'
        )


def _namespaces(configuration: Configuration) -> Iterator[str]:
    name = configuration.system_under_test.edition
    given = configuration.standard.namespaces.given
    missing = [kind for kind in ("profile", "wrapper") if kind in EDITIONS[name].unverified and kind not in given]
    if missing:
        yield (
            f"system_under_test.edition is {name}, of which some namespaces are not public ({', '.join(missing)}): the "
            "suite writes messages in namespaces of its own making; take them from the official files and add them to "
            "[standard.namespaces]"
        )
