"""Where the jars of a broker are: the user's directory, the suite's own, or Debian's."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

from conformance.errors import ConfigurationError

Kind = Literal["classic", "artemis"]
DEBIAN = Path("/usr/share/java")
#: What of Debian's packages a client and an embedded broker need.
DEBIAN_JARS = (
    "activemq-client", "activemq-broker", "activemq-jaas", "activemq-openwire-legacy", "activemq-kahadb-store",
    "activemq-protobuf", "geronimo-jms_1.1_spec", "geronimo-j2ee-management-1.1-spec", "hawtbuf", "slf4j-api",
    "slf4j-nop",
)  # fmt: skip
#: A jar that every usable directory has, by the beginning of its name.
_MARKS = {"classic": "activemq-broker", "artemis": "artemis-server"}
MISSING = {
    "classic": "the jars of ActiveMQ Classic are not found: apt-get install activemq libactivemq-java,"
    " or: conformance jms install classic",
    "artemis": "the jars of ActiveMQ Artemis are not found: conformance jms install artemis (it needs Maven:"
    " apt-get install maven)",
}


def own_directory(kind: Kind) -> Path:
    """Return the directory of this user that ``conformance jms install`` fills; CONFORMANCE_JARS replaces it."""
    given = os.environ.get("CONFORMANCE_JARS")
    if given:
        return Path(given) / kind
    data = os.environ.get("XDG_DATA_HOME") or os.environ.get("LOCALAPPDATA") or Path.home() / ".local" / "share"
    return Path(data) / "iec61968-9-conformance" / "jars" / kind


def find_jars(kind: Kind, directory: Path | None = None) -> tuple[Path, ...]:
    """Return the class path for a broker of ``kind`` and its client.

    Raises ConfigurationError, one line that says what to install and how, when there is none.
    """
    for place in (directory,) if directory is not None else (own_directory(kind),):
        found = tuple(sorted(place.glob("*.jar")))
        if any(jar.name.startswith(_MARKS[kind]) for jar in found):
            return found
    if directory is not None:
        raise ConfigurationError(f"{directory} has no {_MARKS[kind]}*.jar; {MISSING[kind]}")
    debian = tuple(DEBIAN / f"{name}.jar" for name in DEBIAN_JARS)
    if kind == "classic" and all(jar.is_file() for jar in debian):
        return debian
    raise ConfigurationError(MISSING[kind])
