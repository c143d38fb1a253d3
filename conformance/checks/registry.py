"""Sentences and the checks that they mean. A ``Then`` line of a feature is one of these sentences.

A requirement that can be said in sentences that exist needs no Python.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from importlib import import_module

from conformance.checks.finding import Finding
from conformance.checks.scene import Scene
from conformance.errors import InternalError

Check = Callable[..., Iterable[Finding]]

_CHECKS: dict[str, tuple[re.Pattern[str], Check]] = {}
#: What each sentence was found to mean; forgotten when a check is registered.
_RESOLVED: dict[str, tuple[Check, dict[str, str]]] = {}
_MODULES = (
    "envelope", "header", "results", "replies", "later", "readings", "intervals", "controls", "events",
    "soap_embedding", "soap_exchange", "soap_description", "jms", "jms_delivery", "soap_jms",
)  # fmt: skip


def check(sentence: str) -> Callable[[Check], Check]:
    """Register a pure function as the meaning of ``sentence``, a regular expression that matches it whole.

    The function takes the Scene and the named groups of the sentence as keyword arguments, and yields findings.
    Raises InternalError when the sentence is taken.
    """

    def register(function: Check) -> Check:
        if sentence in _CHECKS:
            raise InternalError(f"two checks are called by the same sentence: {sentence}")
        _CHECKS[sentence] = (re.compile(sentence), function)
        _RESOLVED.clear()
        return function

    return register


def resolve(sentence: str) -> tuple[Check, dict[str, str]]:
    """Return the check that ``sentence`` means and its arguments.

    Raises InternalError when none or more than one is meant: a sentence never silently means the last.
    """
    if sentence in _RESOLVED:
        return _RESOLVED[sentence]
    load()
    found = [(function, hit) for pattern, function in _CHECKS.values() if (hit := pattern.fullmatch(sentence))]
    if len(found) != 1:
        raise InternalError(f"{'no check' if not found else 'more than one check'} is meant by: {sentence}")
    function, hit = found[0]
    _RESOLVED[sentence] = function, {name: value for name, value in hit.groupdict().items() if value is not None}
    return _RESOLVED[sentence]


def judge(sentence: str, scene: Scene) -> list[Finding]:
    """Return the findings of the check that ``sentence`` means over ``scene``.

    Raises InternalError for an unknown sentence, NothingToJudgeError when no message is there to be judged.
    """
    function, arguments = resolve(sentence)
    return list(function(scene, **arguments))


def sentences() -> list[str]:
    """Return every registered sentence pattern."""
    load()
    return list(_CHECKS)


def load() -> None:
    """Import every module of checks."""
    for name in _MODULES:
        import_module(f"conformance.checks.{name}")
