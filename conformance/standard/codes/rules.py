"""Rules between the fields of a ReadingType, as far as they are public.

An ``error`` stands on what the public class model says of a field: for interharmonic numerator and denominator each
0 means "not applicable", a fraction has no denominator 0, and money has a unit of its own (80), whose currency the
last field names. What is only unusual, or where legal uses are known to differ, is a ``warning``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.standard.codes.code import Code, Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

#: UnitSymbol: money.
MONEY = 80
#: MeasurementKind: what is an amount of money, or has a price in it: currency, fund, tariffRate, bills and fees.
MONETARY_KINDS = frozenset({3, 16, 45, 150, 151, 152, 153})
#: MeasurementKind: CEMIn and CEMSMIn, whose n the argument gives.
KINDS_WITH_ARGUMENT = frozenset({22, 23})
_FRACTION = "both numbers, or 0 in both"


def between_fields(code: Code) -> Iterator[Problem]:
    """Iterate over what is wrong between the fields of a ReadingType."""
    yield from _interharmonic(code)
    yield from _argument(code)
    yield from _currency(code)
    if not any(code.numbers):
        message = "says nothing: every field is 0 (not applicable)"
        yield Problem(severity="warning", message=message, expected="a measurement kind and a unit at least")


def _interharmonic(code: Code) -> Iterator[Problem]:
    numerator, denominator = code["interharmonicNumerator"], code["interharmonicDenominator"]
    if numerator and not denominator:
        message = f"stands without a denominator (numerator {numerator})"
        fix = f"write denominator 1 for harmonic {numerator}, or numerator 0"
        yield _problem(code, "interharmonicDenominator", message, _FRACTION, fix)
    if denominator and not numerator:
        message = f"stands without a numerator (denominator {denominator})"
        yield _problem(code, "interharmonicNumerator", message, _FRACTION, "write the numerator, or denominator 0")


def _argument(code: Code) -> Iterator[Problem]:
    numerator, denominator = code["argumentNumerator"], code["argumentDenominator"]
    if numerator and not denominator:
        message = f"stands without a denominator (numerator {numerator})"
        fix = f"write denominator 1 for the number {numerator}, or numerator 0"
        yield _problem(code, "argumentDenominator", message, _FRACTION, fix)
    if denominator and not numerator:
        # 0/1 is the number zero, which an argument might be.
        message = f"is 0 beside the denominator {denominator}"
        yield _problem(code, "argumentNumerator", message, _FRACTION, "write 0 in both if none is meant", "warning")
    if code["measurementKind"] in KINDS_WITH_ARGUMENT and not (numerator or denominator):
        message = "is missing, though the measurement kind is one with an n"
        yield _problem(code, "argumentNumerator", message, "the n of the measurement kind", severity="warning")


def _currency(code: Code) -> Iterator[Problem]:
    currency, unit = code["currency"], code["unit"]
    if currency and unit != MONEY:
        # A price for each kWh may be told by the unit of energy: what has money in its kind is left in peace.
        severity: Severity = "warning" if code["measurementKind"] in MONETARY_KINDS else "error"
        message = f"is given, but the unit {unit} is not money"
        fix = f"write unit {MONEY}, or currency 0"
        yield _problem(code, "currency", message, f"0, or unit {MONEY} (money)", fix, severity)
    if unit == MONEY and not currency:
        message = f"is not given, so nobody knows which money unit {MONEY} is"
        yield _problem(code, "currency", message, "a currency of ISO 4217", severity="warning")


def _problem(
    code: Code, field: str, message: str, expected: str, fix: str = "", severity: Severity = "error"
) -> Problem:
    return Problem(
        severity=severity,
        message=message,
        expected=expected,
        field=field,
        value=str(code[field]),
        fix=fix,
        position=code.position(field),
    )
