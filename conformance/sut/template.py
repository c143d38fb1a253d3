"""The commented SUT.toml that ``conformance init`` writes: made from the model, so they cannot drift."""

from __future__ import annotations

import inspect
import textwrap
from typing import TYPE_CHECKING, Any

from conformance.errors import ConfigurationError
from conformance.sut.describe import Key, keys_of, paths
from conformance.sut.examples import EXAMPLES, PROPOSED, STIMULI, STIMULUS_EVENT, STIMULUS_METER
from conformance.sut.model import Configuration, Stimulus
from conformance.sut.values import key as toml_key
from conformance.sut.write import to_value

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from conformance.sut.values import Table

_HEAD = """\
# SUT.toml: the system under test, what it claims, and what the suite may use of it.
# Replace the example values, then let the suite look at it without judging: conformance doctor SUT.toml
# Each key is explained above it, with its legal values. A key behind "#" without a blank is optional:
# it shows the default, or an example.
"""
_WIDTH = 108


def template(**overrides: Any) -> str:
    """Return the text of a commented SUT.toml that loads as it is.

    ``overrides`` replace proposed values; a key is named by its path, with ``.`` or ``__`` between tables:
    ``template(endpoints__generic__url="http://head-end:8080/")``. Raises ConfigurationError for an unknown one.
    """
    given = {name.replace("__", "."): value for name, value in overrides.items()}
    known = {".".join(path) for path, _ in paths()}
    unknown = [f"{name}: is unknown; name a key of the template" for name in given if name not in known]
    if unknown:
        raise ConfigurationError("SUT.toml cannot be made", unknown)
    return _HEAD + "\n".join(_Writer({**PROPOSED, **given}).table(Configuration, ())) + "\n"


class _Writer:
    def __init__(self, values: Mapping[str, Any]) -> None:
        self.values = values

    def table(self, table: type[Table], path: tuple[str, ...], mark: str = "") -> Iterator[str]:
        """Iterate over the lines of ``table``; ``mark`` is ``#`` within a table that is commented out."""
        later: list[Key] = []
        for key in keys_of(table).values():
            name = ".".join((*path, key.name))
            if key.table is not None and name not in EXAMPLES:
                later.append(key)
            else:
                yield from self._plain(name, key, mark)
        for key in later:
            yield from self._inner((*path, key.name), key, mark)

    def _plain(self, name: str, key: Key, mark: str) -> Iterator[str]:
        words = f"table with {'; or '.join(_meanings(key.table))}" if key.table else key.words
        yield from _comment(f"{key.description} ({words})")
        if name in self.values:
            yield f"{mark}{toml_key(key.name)} = {to_value(self.values[name])}"
        else:
            value = EXAMPLES[name] if key.default is None else key.default
            yield f"#{toml_key(key.name)} = {to_value(value)}"

    def _inner(self, path: tuple[str, ...], key: Key, mark: str) -> Iterator[str]:
        name, inner = ".".join(path), key.table or Configuration
        yield ""
        yield from _comment(inspect.cleandoc(inner.__doc__ or key.description))
        if inner is Stimulus:
            yield from _comment(key.description)
            yield from _stimulus(name, event=key.name == "end_device_event")
        elif key.many:
            yield from self._entries(name, inner)
        else:
            proposed = any(item.startswith(f"{name}.") for item in self.values)
            mark = mark if key.required or key.default is not None or proposed else "#"
            yield f"{mark}[{name}]"
            yield from self.table(inner, path, mark)

    def _entries(self, name: str, table: type[Table]) -> Iterator[str]:
        for index, entry in enumerate(self.values[name]):
            yield "" if index else f"# {'; '.join(_meanings(table))}"
            yield f"[[{name}]]"
            yield from (f"{toml_key(item)} = {to_value(value)}" for item, value in entry.items())


def _meanings(table: type[Table]) -> Iterator[str]:
    for key in keys_of(table).values():
        within = f" (each: {', '.join(_meanings(key.table))})" if key.table else f" ({key.words})"
        yield f"{key.name}: {key.description.rstrip('.')}{within}"


def _stimulus(name: str, *, event: bool) -> Iterator[str]:
    """Iterate over one commented-out example for each kind; every key of the model is explained once."""
    for key in keys_of(Stimulus).values():
        yield from _comment(f"{key.name}: {key.description} ({key.words})")
    for kind, keys in STIMULI.items():
        yield f"# Example, kind {kind}:"
        yield f"#[{name}]"
        rest = {"event_type": STIMULUS_EVENT} if event else {}
        for item, value in {**keys, "meter": STIMULUS_METER, **rest}.items():
            yield f"#{item} = {to_value(value)}"


def _comment(text: str) -> list[str]:
    return [f"# {line}" for line in textwrap.wrap(" ".join(text.split()), _WIDTH, break_on_hyphens=False)]
