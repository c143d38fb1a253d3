"""A ReadingType in one sentence: what is measured, over which time, of which flow, in which unit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.standard.codes.rules import MONEY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.standard.codes.code import Code
    from conformance.standard.codes.tables import Tables

_FIRST = ("macroPeriod", "aggregate", "measuringPeriod", "flowDirection")
#: Units that tell which of the three powers is meant: UnitSymbol -> adjective.
_POWERS = {38: "active", 72: "active", 61: "apparent", 71: "apparent", 63: "reactive", 73: "reactive"}
#: MeasurementKind: what may be active, apparent or reactive: demand, energy, power.
_WITH_POWER = frozenset({8, 12, 37})
_ORDINALS = {1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth"}


def brief_reading(code: Code, tables: Tables) -> str:
    """Return the few words that tell reading types apart at a glance."""
    return ", ".join([_head(code, tables), *_accumulated(code, tables), *_details(code, tables)])


def reading_sentence(code: Code, tables: Tables) -> str:
    """Return the whole meaning as a sentence without its full stop."""
    if not any(code.numbers):
        return "nothing is said: all 18 fields are 0 (not applicable)"
    commodity = f" of {_word(code, 'commodity', tables)}" if code["commodity"] else ""
    return ", ".join([_head(code, tables) + commodity, *_accumulated(code, tables), *_details(code, tables)])


def _head(code: Code, tables: Tables) -> str:
    words = [_word(code, field, tables) for field in _FIRST if code[field]]
    if code["measurementKind"] in _WITH_POWER and code["unit"] in _POWERS:
        words.append(_POWERS[code["unit"]])
    words.append(_word(code, "measurementKind", tables) if code["measurementKind"] else "unnamed quantity")
    return " ".join(words)


def _accumulated(code: Code, tables: Tables) -> Iterator[str]:
    if code["accumulation"]:
        yield _word(code, "accumulation", tables)


def _details(code: Code, tables: Tables) -> Iterator[str]:
    if code["phases"]:
        yield _word(code, "phases", tables)
    numerator, denominator = code["interharmonicNumerator"], code["interharmonicDenominator"]
    if numerator or denominator:
        yield _harmonic(numerator, denominator)
    numerator, denominator = code["argumentNumerator"], code["argumentDenominator"]
    if numerator or denominator:
        yield f"argument {numerator}" if denominator == 1 else f"argument {numerator}/{denominator}"
    for field, title in (("tou", "time-of-use bucket"), ("cpp", "critical peak period"), ("consumptionTier", "tier")):
        if code[field]:
            yield f"{title} {code[field]}"
    yield from _unit(code, tables)


def _harmonic(numerator: int, denominator: int) -> str:
    if denominator != 1:
        return f"interharmonic {numerator}/{denominator}"
    return "fundamental frequency" if numerator == 1 else f"{_ORDINALS.get(numerator, f'{numerator}th')} harmonic"


def _unit(code: Code, tables: Tables) -> Iterator[str]:
    currency = _word(code, "currency", tables) if code["currency"] else ""
    exponent = code["multiplier"]
    if code["unit"] == MONEY:
        yield "in " + _scaled(exponent, currency or "money of no named currency", "")
        return
    if code["unit"]:
        prefix = tables.row(code.kind.name, "multiplier", exponent)
        yield "in " + _scaled(exponent, _word(code, "unit", tables), prefix.words if prefix else "")
    elif exponent:
        yield f"in units of 10^{exponent}"
    if currency:
        yield f"currency {currency}"


def _scaled(exponent: int, unit: str, prefix: str) -> str:
    if not exponent:
        return unit
    # km³ would be a cubic kilometre: a prefix stands only before a plain symbol.
    return f"{prefix}{unit}" if prefix and unit.isalpha() else f"10^{exponent} × {unit}"


def _word(code: Code, field: str, tables: Tables) -> str:
    row = tables.row(code.kind.name, field, code[field])
    if row is not None:
        return row.words
    title = code.kind.fields[code.kind.index(field)].title
    return f"unknown {title} {code[field]}"
