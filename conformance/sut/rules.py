"""What must hold between the values of SUT.toml: rules that no single value can break.

They look at the plain data, so that a file that also has wrong values learns of all its problems at once.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from conformance.standard.codes import is_type_code
from conformance.standard.editions import EDITIONS
from conformance.sut.fault import Fault, at, entries, rows
from conformance.sut.hidden import places
from conformance.sut.rules_jms import broken_jms

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

CONTROLS = "create(EndDeviceControls)"
_DATA, _MESSAGES = ("test_data",), ("capabilities", "messages")
_STYLES = ("generic", "typed", "bare")
_NEEDED = {"http": "url", "command": "command", "manual": "prompt"}
_NAMESPACES = ("profile", "wrapper")
_PAIRS = (
    ("security", "client_certificate", "client_key"),
    ("callback", "certificate", "key"),
)


def broken(data: Mapping[str, Any]) -> Iterator[Fault]:
    """Iterate over the rules that ``data``, the plain tables of SUT.toml, breaks; wrong types are skipped."""
    for rule in (_style, _pairs, _secrets, _credentials, broken_jms, _token_carrier, _window, _controls, _intervals,
                 _names, _enough, _meters, _reading_types, _stimuli, _namespaces):  # fmt: skip
        yield from rule(data)


def _style(data: Mapping[str, Any]) -> Iterator[Fault]:
    style, where = at(data, "endpoints", "style"), ("endpoints", "style")
    there = [name for name in _STYLES if at(data, "endpoints", name) is not None]
    in_envelopes = at(data, "endpoints", "jms", "binding") == "soap"
    if style in _STYLES and style not in there and (there or not in_envelopes):
        reason = f'is "{style}", but there is no table [endpoints.{style}]'
        yield Fault(where, reason, "add that table, or name the style of a table that is there")
    elif style is None and there and isinstance(at(data, "endpoints"), dict):
        reason = "is missing (The style that a run over SOAP uses)"
        names = " or ".join(f'"{name}"' for name in there)
        yield Fault(where, reason, f"add style = {names}")
    elif style is None and in_envelopes:
        fix = 'add style = "generic" or "typed" or "bare"'
        yield Fault(where, 'is missing (The style of SOAP over JMS, which endpoints.jms.binding = "soap" is)', fix)
    elif style is None and isinstance(at(data, "endpoints"), dict) and at(data, "endpoints", "jms") is None:
        fix = 'add style = "generic" or "typed" or "bare" and its table, or [endpoints.jms] if it speaks JMS'
        yield Fault(where, "is missing (The style that a run over SOAP uses)", fix)


def _pairs(data: Mapping[str, Any]) -> Iterator[Fault]:
    for table, first, second in _PAIRS:
        for there, other in ((first, second), (second, first)):
            if at(data, table, there) is not None and at(data, table, other) is None:
                reason = f"goes together with {table}.{other}, which is missing"
                yield Fault((table, there), reason, f'add {other} = "FILE"')


def _secrets(data: Mapping[str, Any]) -> Iterator[Fault]:
    for path in places(data):
        secret = at(data, *path)
        given = [place for place in ("env", "file") if at(secret, place) is not None]
        if len(given) != 1:
            reason = "names both env and file" if given else "names neither env nor file"
            yield Fault(path, reason, "give exactly one of them")


def _credentials(data: Mapping[str, Any]) -> Iterator[Fault]:
    missing = [name for name in ("username", "password") if at(data, "security", name) is None]
    for wanted in ("http_auth", "ws_security"):
        value = at(data, "security", wanted)
        if missing and value not in (None, "none"):
            reason = f'is "{value}", but security.{" and security.".join(missing)} missing'
            fix = f'add {missing[0]} = {{ env = "NAME_OF_A_VARIABLE" }}, or write {wanted} = "none"'
            yield Fault(("security", wanted), reason, fix)


def _token_carrier(data: Mapping[str, Any]) -> Iterator[Fault]:
    plain = at(data, "endpoints", "style") == "bare" and at(data, "endpoints", "bare", "soap") == "none"
    if plain and at(data, "security", "ws_security") not in (None, "none"):
        reason = 'needs a SOAP header, but endpoints.bare.soap is "none" (plain XML)'
        yield Fault(("security", "ws_security"), reason, 'write ws_security = "none", or name a SOAP version')


def _window(data: Mapping[str, Any]) -> Iterator[Fault]:
    start, end = (at(data, "test_data", "window", name) for name in ("start", "end"))
    try:
        backward = _moment(start) >= _moment(end)
    except (TypeError, ValueError):  # one is missing, no date, or without its zone: its type says so
        return
    if backward:
        yield Fault((*_DATA, "window", "end"), "is not later than start", "exchange them, or choose another")


def _moment(value: object) -> datetime:
    return value if isinstance(value, datetime) else datetime.fromisoformat(value)  # type: ignore[arg-type]


def _controls(data: Mapping[str, Any]) -> Iterator[Fault]:
    if not rows(data, *_MESSAGES, CONTROLS):
        return
    where = (*_MESSAGES, CONTROLS)
    if isinstance(at(data, "test_data"), dict) and at(data, "test_data", "controls") is None:
        fix = f'add [test_data.controls] with connect and disconnect, or claim "{CONTROLS}" = []'
        yield Fault(where, "is claimed, but test_data.controls is missing", fix)
    typed = at(data, "endpoints", "typed") if at(data, "endpoints", "style") == "typed" else None
    if isinstance(typed, dict) and typed.get("request_end_device_controls") is None:
        reason = "is claimed in style typed, but endpoints.typed.request_end_device_controls is missing"
        yield Fault(where, reason, f'add that URL, or claim "{CONTROLS}" = []')


def _intervals(data: Mapping[str, Any]) -> Iterator[Fault]:
    if at(data, "capabilities", "options", "interval_data") is not True:
        return
    missing = [name for name in ("interval_type", "interval_s") if at(data, "test_data", name) is None]
    for name in missing if isinstance(at(data, "test_data"), dict) else ():
        fix = f"add {name} to [test_data], or write interval_data = false"
        yield Fault(("capabilities", "options", "interval_data"), f"is claimed, but test_data.{name} is missing", fix)


def _names(data: Mapping[str, Any]) -> Iterator[Fault]:
    if at(data, "capabilities", "options", "names") is not True:
        return
    for index, meter in enumerate(rows(data, "test_data", "meters")):
        if isinstance(meter, dict) and not meter.get("names"):
            reason = "has no names, but capabilities.options.names is claimed"
            fix = 'add names = [{ name = "…" }], or write names = false'
            yield Fault((*_DATA, "meters", index), reason, fix)


def too_few(path: tuple[str | int, ...], found: int, least: int) -> Fault:
    """Return the fault of a list that is too short."""
    return Fault(path, f"has {found} of at least {least} entries", "add what is missing")


def _enough(data: Mapping[str, Any]) -> Iterator[Fault]:
    # The model says so as well, but only of lists whose entries are all right.
    for name, least in (("meters", 3), ("reading_types", 2)):
        found = at(data, "test_data", name)
        if isinstance(found, list) and len(found) < least:
            yield too_few((*_DATA, name), len(found), least)


def _meters(data: Mapping[str, Any]) -> Iterator[Fault]:
    mrids = [at(meter, "mrid") for meter in rows(data, "test_data", "meters")]
    for index, mrid in enumerate(mrids):
        if isinstance(mrid, str) and mrid in mrids[:index]:
            first = mrids.index(mrid) + 1
            reason = f'"{mrid}" is also the mRID of meter {first}'
            yield Fault((*_DATA, "meters", index, "mrid"), reason, "name three different meters or more")


def _reading_types(data: Mapping[str, Any]) -> Iterator[Fault]:
    types = rows(data, "test_data", "reading_types")
    for index, name in enumerate(types):
        if isinstance(name, str) and name in types[:index]:
            fix = "name two different register reading types"
            yield Fault((*_DATA, "reading_types"), f'names "{name}" twice', fix)
    unsupported = at(data, "test_data", "unsupported_reading_type")
    where = (*_DATA, "unsupported_reading_type")
    if not isinstance(unsupported, str) or not unsupported:
        return
    for other in ("reading_types", "interval_type"):
        if unsupported == at(data, "test_data", other) or unsupported in rows(data, "test_data", other):
            yield Fault(where, f"is also in test_data.{other}", "name a reading type that no meter has")
    coded = all(isinstance(name, str) and is_type_code("ReadingType", name) for name in types)
    if types and coded and not is_type_code("ReadingType", unsupported):
        fix = "write 18 numbers, like those of test_data.reading_types"
        yield Fault(where, "is not a well-formed reading type", fix)


def _stimuli(data: Mapping[str, Any]) -> Iterator[Fault]:
    known = [at(meter, "mrid") for meter in rows(data, "test_data", "meters")]
    for name in ("end_device_event", "meter_readings"):
        stimulus = at(data, "stimuli", name)
        if not isinstance(stimulus, dict):
            continue
        needed = _NEEDED.get(kind) if isinstance(kind := stimulus.get("kind"), str) else None
        if needed and not stimulus.get(needed):
            reason = f'is "{kind}", but {needed} is missing'
            yield Fault(("stimuli", name, "kind"), reason, f"add {needed}, or choose another kind")
        meter = stimulus.get("meter")
        if known and isinstance(meter, str) and meter not in known:
            reason = f'"{meter}" is none of the meters in test_data.meters'
            yield Fault(("stimuli", name, "meter"), reason, "name the mRID of one of them")


def _namespaces(data: Mapping[str, Any]) -> Iterator[Fault]:
    name = at(data, "system_under_test", "edition")
    edition = EDITIONS.get(name) if isinstance(name, str) else None
    for kind, uri in entries(data, "standard", "namespaces").items():
        if edition is not None and uri is not None and kind in _NAMESPACES and kind not in edition.unverified:
            reason = f"is public for edition {name}, so a system that has another one deviates"
            yield Fault(("standard", "namespaces", kind), reason, "delete it; the suite knows the right one")
