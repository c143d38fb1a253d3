"""Every benign variant is visible and legal: envelopes and payloads stay valid, results and values stay the same."""

from functools import cache

import pytest

from conformance.message.meter_readings import read_meter_readings
from conformance.message.soap import Carried, SoapVersion, Style, unwrap
from conformance.message.xml import namespace
from conformance.reference import Variant, variants
from conformance.reference.deviation import Wire
from conformance.standard.schemas import SchemaStore
from tests.reference.battery import Bench, carry, drive

STORE = SchemaStore("2013")
#: Only the HTTP layer, or a later message in one piece, shows these.
SILENT: dict[str, tuple[str, ...]] = {
    "bare": (
        "soap_header_empty", "soap_header_block", "soap_body_attribute", "default_namespaces", "ws_addressing",
        "ws_addressing_binding", "optional_block",
    )
}  # fmt: skip
#: SOAP 1.1 alone knows these.
OF_1_1 = ("trailer_after_body", "encoding_style", "action_unquoted", "action_empty", "action_nothing",
          "action_is_a_url", "fault_code_finer")  # fmt: skip


@cache
def conforming(style: Style, version: SoapVersion) -> tuple[object, ...]:
    """Return the transcript of the system without a variant."""
    return tuple(drive(Bench(style=style, version=version)))


def wires(transcript: tuple[object, ...]) -> list[Wire]:
    """Return what went over the wire, decoded."""
    found = [item[-1] if isinstance(item, tuple) else item for item in transcript]
    return [item for item in found if isinstance(item, Wire) and item.body]


def decoded(wire: Wire) -> Carried:
    """Return what ``wire`` carries."""
    import gzip

    body = gzip.decompress(wire.body) if wire.headers.get("Content-Encoding") == "gzip" else wire.body
    return unwrap(body)


def assert_valid(carried: Carried) -> None:
    """Assert that message and payloads are valid."""
    assert carried.message is not None
    for element in (carried.message.root, *carried.message.payloads):
        assert STORE.knows(namespace(element))
        assert STORE.problems(element) == []


def results(transcript: tuple[object, ...]) -> list[tuple[str | None, str | None]]:
    """Return Result and CorrelationID of every answer on the spot."""
    answers = [decoded(item).message for item in transcript if isinstance(item, Wire)]
    return [(item.reply.result if item.reply else None, item.correlation_id) for item in answers if item]


def values(transcript: tuple[object, ...]) -> set[tuple[str, float]]:
    """Return reading types' values of all answers, whatever their order."""
    found = set()
    for wire in wires(transcript):
        message = decoded(wire).message
        for entry in read_meter_readings(message) if message else ():
            found |= {
                (str(reading.time_stamp).strip()[:13], round(float(reading.value or "nan"), 3))
                for reading in entry.readings
            }
    return found


CASES: list[tuple[Style, SoapVersion]] = [("generic", "1.1"), ("typed", "1.2"), ("bare", "none")]


@pytest.mark.parametrize(("style", "version"), CASES)
@pytest.mark.parametrize(
    "variant", [item for item in variants() if not item.over_jms], ids=lambda variant: variant.name
)
def test_a_variant_is_legal(variant: Variant, style: Style, version: SoapVersion) -> None:
    """Something differs, everything stays valid, and what is said stays the same."""
    transcript = tuple(drive(Bench((variant.deviation,), style=style, version=version)))
    usual = conforming(style, version)
    if variant.name.startswith("wsdl_"):
        assert carry(Bench((variant.deviation,), style=style)) != carry(Bench(style=style))
    elif version == "1.1" or variant.name not in (*OF_1_1, *(SILENT["bare"] if version == "none" else ())):
        assert transcript != usual
    for wire in wires(transcript):
        assert_valid(decoded(wire))
    assert results(transcript) == results(usual)
    if not variant.name.startswith("time_"):
        # On-demand values are of the moment; a variant that looks at the clock more often shifts it.
        assert {value for value in values(transcript) if "T12" not in value[0]} == {
            value for value in values(usual) if "T12" not in value[0]
        }


@pytest.mark.parametrize("style", ["generic", "typed", "bare"])
@pytest.mark.parametrize("version", ["1.1", "1.2"])
def test_the_conforming_system_is_valid(style: Style, version: SoapVersion) -> None:
    """Every message of the system without a variant is valid, in every style and version."""
    for wire in wires(conforming(style, version)):
        assert_valid(decoded(wire))


def test_there_are_enough_variants() -> None:
    """Names are unique, and there are at least 28."""
    names = [variant.name for variant in variants()]
    assert len(set(names)) == len(names) >= 28
