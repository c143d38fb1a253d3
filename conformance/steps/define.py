"""Define Gherkin steps so that the known traps cannot be stepped into (design, hazards 1 to 3).

pytest-bdd runs an ``async def`` step without ever awaiting it, lets the last of two equal texts win in silence, and
its ``parse`` patterns match more than they seem to. Here each is an error when the module is imported.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from typing import Any, TypeVar

import pytest_bdd
from pytest_bdd import parsers

from conformance.errors import InternalError

Step = TypeVar("Step", bound=Callable[..., Any])

#: (kind, pattern) of every step that was defined.
DEFINED: dict[tuple[str, str], str] = {}


def _define(kind: str, pattern: str, target_fixture: str | None = None) -> Callable[[Step], Step]:
    def decorate(function: Step) -> Step:
        where = f"{function.__module__}.{function.__qualname__}"
        if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
            raise InternalError(f"the step {where} is async: it would pass whatever it asserts")
        if DEFINED.setdefault((kind, pattern), where) != where:
            raise InternalError(f"two steps have the same text: {where} and {DEFINED[kind, pattern]}: {pattern}")
        register = getattr(pytest_bdd, kind)
        # stacklevel: the step belongs to the module that uses this decorator, not to this one.
        register(parsers.re(pattern, flags=re.DOTALL), target_fixture=target_fixture, stacklevel=2)(function)
        return function

    return decorate


def given(pattern: str, target_fixture: str | None = None) -> Callable[[Step], Step]:
    """Define a Given step: a premise. ``pattern`` is a regular expression that matches the whole text."""
    return _define("given", pattern, target_fixture)


def when(pattern: str) -> Callable[[Step], Step]:
    """Define a When step: something is sent or waited for."""
    return _define("when", pattern)


def then(pattern: str) -> Callable[[Step], Step]:
    """Define a Then step: a judgement."""
    return _define("then", pattern)


def matching(kind: str, text: str) -> list[str]:
    """Return the patterns of ``kind`` that match the whole of ``text``: exactly one is right."""
    return [pattern for known, pattern in DEFINED if known == kind and re.fullmatch(pattern, text, re.DOTALL)]
