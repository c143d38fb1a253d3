"""Read SUT.toml, and name all that is wrong with it at once, each with line, key, reason and fix."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from conformance.errors import ConfigurationError
from conformance.sut.fault import Fault
from conformance.sut.gaps import gaps_of
from conformance.sut.model import Configuration
from conformance.sut.problems import fault_of, line_of
from conformance.sut.rules import broken
from conformance.sut.sources import (
    certificate_faults,
    code_table_faults,
    resolve_paths,
    resolved,
    schema_faults,
    to_blot_out,
)
from conformance.sut.toml_lines import locate
from conformance.transport.settings import Credentials

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

MAX_BYTES = 1024 * 1024
_PLACE = re.compile(r"\s*\(at (?:line (\d+), column (\d+)|end of document)\)$")
#: What usually causes tomllib's complaint, by its beginning.
_HINTS = (
    (r"Expected '=' after a key", 'put a key with other characters than letters, digits, _ and - in quotes, '
     'like "get(MeterReadings)" = …'),
    (r"Invalid value", 'put text in quotes, write true and false in small letters'),
    (r"Unescaped '\\'|Invalid hex|Illegal backslash", "write file names with / or in 'single quotes'"),
    (r"Cannot overwrite|Cannot declare|Duplicate", "a key or table stands twice: delete one of them"),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """SUT.toml, read and found good.

    ``resolved`` are the secrets themselves, by the path of their place; ``secrets`` are the texts to blot out of
    everything that is written or shown; ``gaps`` say in whole sentences what cannot be tested with this file, and why.
    """

    configuration: Configuration
    path: Path
    credentials: Credentials | None = field(default=None, repr=False)
    resolved: Mapping[tuple[str, ...], str] = field(default_factory=dict, repr=False)
    secrets: tuple[str, ...] = field(default=(), repr=False)
    gaps: tuple[str, ...] = ()


def load(path: Path) -> Loaded:
    """Return the configuration in the file ``path``.

    Raises ConfigurationError that names every problem as ``SUT.toml:LINE: table.key: reason; fix``.
    """
    text = _read(path)
    data = _parse(path, text)
    resolve_paths(data, path.absolute().parent)
    found, faults = resolved(data)
    faults += [*broken(data), *certificate_faults(data), *code_table_faults(data), *schema_faults(data)]
    configuration = None
    try:
        configuration = Configuration.model_validate(data)
    except ValidationError as refused:
        # An error without a place comes from the rules, which have already had their say.
        faults += [fault_of(error) for error in refused.errors(include_url=False) if error["loc"]]
    if faults or configuration is None:
        raise _refusal(path, text, faults)
    username, password = (found.get(("security", name)) for name in ("username", "password"))
    credentials = Credentials(username=username, password=password) if username and password else None
    return Loaded(
        configuration=configuration, path=path, credentials=credentials, resolved=found,
        secrets=to_blot_out(credentials, found), gaps=gaps_of(configuration, found),
    )  # fmt: skip


def _read(path: Path) -> str:
    try:
        if path.is_dir():
            raise ConfigurationError(f"{path} is a directory; name the file, such as {path / 'SUT.toml'}")
        with path.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise ConfigurationError(f"{path} does not exist; make one with: conformance init") from None
    except OSError as problem:
        raise ConfigurationError(f"{path} cannot be read: {problem.strerror}; check its permissions") from None
    if len(content) > MAX_BYTES:
        raise ConfigurationError(f"{path} is larger than 1 MiB, so it is hardly a SUT.toml; name another file")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = content.count(b"\n", 0, problem.start) + 1
        place = f"{path.name}:{line}: byte {problem.start + 1} is not UTF-8; save the file as UTF-8"
        raise ConfigurationError(f"{path} cannot be used", [place]) from None


def _parse(path: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        found = _PLACE.search(str(problem))
        line = found.group(1) if found else None
        column = f" (column {found.group(2)})" if found and line else ""
        reason = _PLACE.sub("", str(problem))
        hint = next((hint for pattern, hint in _HINTS if re.match(pattern, reason)), "repair this line")
        where = line or max(1, len(text.splitlines()))
        shown = f"{path.name}:{where}: not legal TOML{column}: {reason}; {hint} (the rest is not yet checked)"
    except RecursionError:
        shown = f"{path.name}:1: brackets are nested too deeply; flatten them"
    raise ConfigurationError(f"{path} cannot be used", [shown])


def _refusal(path: Path, text: str, faults: Sequence[Fault]) -> ConfigurationError:
    lines = locate(text)
    shown = [line for _, line in sorted({line_of(fault, lines, path.name) for fault in faults})]
    many = "1 problem" if len(shown) == 1 else f"{len(shown)} problems"
    return ConfigurationError(f"{path} cannot be used: {many}", shown)
