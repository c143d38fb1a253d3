"""Fetch the jars of a broker by their Maven coordinates, at pinned versions, and check each against its sum.

Maven does the fetching, so that its own settings hold: a mirror, a proxy, credentials.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import tempfile
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from conformance.errors import ConfigurationError
from conformance.transport.jms.jars import own_directory

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.transport.jms.jars import Kind

#: What is asked for; what these need comes with them. The sums of all are in jars.tsv.
COORDINATES: dict[Kind, tuple[str, ...]] = {
    "classic": (
        "org.apache.activemq:activemq-broker:5.18.6",
        "org.apache.activemq:activemq-kahadb-store:5.18.6",
        "org.apache.activemq:activemq-jaas:5.18.6",
        "org.slf4j:slf4j-nop:1.7.36",
    ),
    "artemis": (
        "org.apache.activemq:artemis-server:2.37.0",
        "org.apache.activemq:artemis-jakarta-client:2.37.0",
        "org.slf4j:slf4j-nop:2.0.16",
    ),
}
_PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies"
_PATIENCE_S = 900.0


def pinned(kind: Kind) -> dict[str, str]:
    """Return the SHA-256 sum of every jar of ``kind`` by its file name."""
    table = (files("conformance.transport.jms") / "jars.tsv").read_text(encoding="utf-8")
    rows = [line.split("\t") for line in table.splitlines() if line and not line.startswith("#")]
    return {name: digest for found, name, digest in rows if found == kind}


def install(kind: Kind, say: Callable[[str], None], directory: Path | None = None) -> Path:
    """Put the jars of ``kind`` into ``directory`` (the user's own by default) and return it.

    Raises ConfigurationError without Maven, when a jar cannot be fetched, or when one is not what is pinned:
    then nothing is installed.
    """
    target = directory or own_directory(kind)
    if not missing(kind, target):
        say(f"{target} already has the {len(pinned(kind))} jars of {kind}, each with the right sum")
        return target
    maven = shutil.which("mvn")
    if maven is None:
        alternative = ", or: apt-get install activemq libactivemq-java" if kind == "classic" else ""
        raise ConfigurationError(f"Maven fetches the jars, and mvn is not found: apt-get install maven{alternative}")
    with tempfile.TemporaryDirectory() as place:
        say(f"fetching {', '.join(COORDINATES[kind])} and what they need, with {maven}")
        jars = Path(place) / "jars"
        _fetch(maven, kind, Path(place), jars)
        wrong = missing(kind, jars)
        if wrong:
            raise ConfigurationError(
                f"what Maven fetched for {kind} is not what this suite was tested with; nothing is installed", wrong
            )
        target.mkdir(parents=True, exist_ok=True)
        for name in pinned(kind):
            shutil.copyfile(jars / name, target / name)
            say(f"  {name}")
    say(f"{len(pinned(kind))} jars, each with the right sum, are in {target}")
    return target


def missing(kind: Kind, directory: Path) -> list[str]:
    """Return what is wrong with the jars in ``directory``, one line for each; empty when all are right."""
    found = []
    for name, digest in pinned(kind).items():
        jar = directory / name
        if not jar.is_file():
            found.append(f"{name}: is missing")
        elif hashlib.sha256(jar.read_bytes()).hexdigest() != digest:
            found.append(f"{name}: has another SHA-256 sum than {digest}")
    return found


def _fetch(maven: str, kind: Kind, place: Path, jars: Path) -> None:
    (place / "pom.xml").write_text(_project(kind), encoding="utf-8")
    command = [maven, "-q", "-B", _PLUGIN, f"-DoutputDirectory={jars}", "-DincludeScope=runtime"]
    try:
        done = subprocess.run(command, cwd=place, capture_output=True, text=True, timeout=_PATIENCE_S, check=False)  # noqa: S603 - names of ours
    except (OSError, subprocess.TimeoutExpired) as problem:
        raise ConfigurationError(f"Maven did not end well: {problem}") from problem
    if done.returncode != 0:
        told = [line for line in done.stdout.splitlines() if "[ERROR]" in line][:3]
        fix = "look at the network, and at the mirror in Maven's settings.xml"
        raise ConfigurationError(f"Maven could not fetch the jars; {fix}", told)


def _project(kind: Kind) -> str:
    dependencies = ""
    for group, artifact, version in (name.split(":") for name in COORDINATES[kind]):
        dependencies += (
            f"<dependency><groupId>{group}</groupId><artifactId>{artifact}</artifactId>"
            f"<version>{version}</version></dependency>"
        )
    return (
        '<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>'
        "<groupId>conformance</groupId><artifactId>jars</artifactId><version>1</version><packaging>pom</packaging>"
        f"<dependencies>{dependencies}</dependencies></project>\n"
    )
