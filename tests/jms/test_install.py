"""Jars are fetched by pinned coordinates, checked by their sums, and installed all or not at all."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import pytest

from conformance.errors import ConfigurationError
from conformance.transport.jms import install as module
from conformance.transport.jms.install import COORDINATES, install, missing, pinned

MAVEN = """#!/bin/sh
for argument in "$@"; do case $argument in -DoutputDirectory=*) place=${argument#*=};; esac; done
mkdir -p "$place"
printf '%s' "$JAR_CONTENT" > "$place/a.jar"
"""


@pytest.fixture
def maven(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put a program in the place of Maven that makes one jar; a.jar with the content "right" is pinned."""
    program = tmp_path / "bin" / "mvn"
    program.parent.mkdir()
    program.write_text(MAVEN)
    program.chmod(0o755)
    monkeypatch.setattr(shutil, "which", lambda name: str(program))
    monkeypatch.setattr(module, "pinned", lambda kind: {"a.jar": hashlib.sha256(b"right").hexdigest()})
    return tmp_path / "jars"


def test_every_coordinate_is_pinned() -> None:
    """Each artifact that is asked for has a sum, in the version that is asked for."""
    for kind, names in COORDINATES.items():
        for _, artifact, version in (name.split(":") for name in names):
            assert f"{artifact}-{version}.jar" in pinned(kind)
        assert all(len(digest) == 64 for digest in pinned(kind).values())


def test_install(maven: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What has the right sum is installed, and told; a second time nothing is fetched."""
    monkeypatch.setenv("JAR_CONTENT", "right")
    said: list[str] = []
    assert install("classic", said.append, maven) == maven
    assert (maven / "a.jar").read_text() == "right"
    assert "activemq-broker" in said[0]
    said.clear()
    install("classic", said.append, maven)
    assert "already" in said[0]


def test_wrong_sum(maven: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What has another sum is not installed at all."""
    monkeypatch.setenv("JAR_CONTENT", "wrong")
    with pytest.raises(ConfigurationError, match=r"a\.jar: has another SHA-256"):
        install("classic", print, maven)
    assert not maven.exists()


def test_maven_that_fails(maven: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What Maven complains of is told."""
    (tmp_path / "bin" / "mvn").write_text("#!/bin/sh\necho '[ERROR] no route to the mirror'\nexit 1\n")
    with pytest.raises(ConfigurationError, match=r"(?s)could not fetch.*no route to the mirror"):
        install("classic", print, maven)


def test_no_maven(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without Maven the line says what to install; a jar that is missing is named."""
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(ConfigurationError, match="apt-get install maven"):
        install("artemis", print, tmp_path)
    assert "artemis-server-2.37.0.jar: is missing" in missing("artemis", tmp_path)
