"""Values of SUT.toml that need more than a type, each refused in our own words.

What is refused carries a reason and a fix; :mod:`conformance.sut.problems` puts them beside key and line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from conformance.standard.codes import is_type_code

if TYPE_CHECKING:
    from collections.abc import Sequence

#: The ``type`` of every error that carries our own words.
INCONSISTENT = "inconsistent"
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class Words:
    """What a person calls the legal values."""

    text: str


class Table(BaseModel):
    """One table of SUT.toml: nothing unknown in it, and nobody changes it."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


def dotted(path: Sequence[str | int]) -> str:
    """Return ``path`` as people write it: ``test_data.meters[2].mrid``, counted from 1."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part + 1}]"
        else:
            text += f"{'.' if text else ''}{key(part)}"
    return text


def key(name: str) -> str:
    """Return ``name`` as a TOML key, quoted where TOML wants it."""
    return name if _BARE_KEY.fullmatch(name) else f'"{name}"'


def inconsistent(reason: str, fix: str) -> PydanticCustomError:
    """Return the error to raise."""
    return PydanticCustomError(INCONSISTENT, "{reason}; {fix}", {"reason": reason, "fix": fix})


def _url(text: str) -> str:
    try:
        parts = urlsplit(text)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port that is no number, or brackets that do not close
        raise inconsistent("is not a URL", "write it like http://host:port/path, port 1 to 65535") from None
    if "@" in parts.netloc:
        fix = "take them out and use security.username and security.password"
        raise inconsistent("has credentials in the URL, which would end up in reports", fix)
    if not usable or re.search(r"\s", text):
        raise inconsistent("is not a URL", "write it like http://host:port/path or https://host/path")
    return text


def _pattern(text: str) -> str:
    if text.count("{noun}") != 1 or ":" not in text or re.search(r"[\s<>\"]", text):
        raise inconsistent("is not a URI with {noun} in it once", "write it like http://host/{noun}#")
    return text


def _variable(text: str) -> str:
    # The text is not repeated: it might be the secret itself, put into the wrong place.
    if not _VARIABLE.fullmatch(text):
        fix = "give the name of the variable, never the secret itself"
        raise inconsistent("is not the name of an environment variable (letters, digits, _)", fix)
    return text


def _event_code(text: str) -> str:
    if not is_type_code("EndDeviceEventType", text):
        raise inconsistent(f'"{text}" is not a code of four numbers', "write it like 3.26.0.85")
    return text


def _no_number(value: object) -> object:
    # pydantic would take a number for seconds since 1970.
    if not isinstance(value, datetime | str):
        fix = "write it with its zone and without quotes, like 2026-01-31T00:00:00Z"
        raise inconsistent("is not a date and time", fix)
    return value


Text = Annotated[str, Field(min_length=1)]
Url = Annotated[str, AfterValidator(_url), Words("URL")]
NounPattern = Annotated[str, AfterValidator(_pattern), Words("URI with {noun}")]
Directory = Annotated[Path, Words("directory; a relative path starts at the directory of this file")]
Variable = Annotated[str, AfterValidator(_variable), Words("name of a variable")]
EventCode = Annotated[str, AfterValidator(_event_code), Words("code of four numbers")]
Moment = Annotated[AwareDatetime, BeforeValidator(_no_number), Words("date and time with zone")]
Seconds = Annotated[float, Field(gt=0, le=86_400, strict=True), Words("seconds, more than 0, at most 86400")]
Mebibytes = Annotated[float, Field(gt=0, le=4096, strict=True), Words("MiB, more than 0, at most 4096")]
WholeSeconds = Annotated[int, Field(gt=0, strict=True), Words("whole number of seconds, more than 0")]
Port = Annotated[int, Field(ge=0, le=65535, strict=True), Words("whole number from 0 to 65535")]


class Secret(Table):
    """Where a secret is: in an environment variable or in a file, never in SUT.toml itself."""

    env: Variable | None = Field(default=None, description="Name of an environment variable.")
    file: Path | None = Field(default=None, description="A file whose first line is the secret.")
