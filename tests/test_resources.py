"""Files that are no Python: from the wheel, or from the checkout."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conformance import resources
from conformance.errors import ConfigurationError, InternalError, MessageError, RequirementBroken, TransportError
from conformance.resources import directory

if TYPE_CHECKING:
    from pathlib import Path


def test_the_checkout_has_them() -> None:
    """Schemas and features are where the code looks for them."""
    assert (directory("xsd") / "2013" / "Message.xsd").is_file()
    assert list(directory("features").rglob("*.feature"))


def test_the_installed_package_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wheel carries its own; a checkout around it is only the second place."""
    package = tmp_path / "conformance"
    (tmp_path / "xsd").mkdir()
    package.mkdir()
    monkeypatch.setattr(resources, "_PACKAGE", package)
    assert directory("xsd") == tmp_path / "xsd"
    (package / "_data" / "xsd").mkdir(parents=True)
    assert directory("xsd") == package / "_data" / "xsd"


def test_what_is_missing_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both places are named, and what to do."""
    monkeypatch.setattr(resources, "_PACKAGE", tmp_path / "conformance")
    (tmp_path / "fixtures").write_text("a file is no directory")
    with pytest.raises(InternalError, match="lacks its directory fixtures") as refused:
        directory("fixtures")
    assert str(tmp_path / "conformance" / "_data" / "fixtures") in str(refused.value)
    assert "Install it again" in str(refused.value)


def test_errors_say_everything_at_once() -> None:
    """All problems of a configuration, the place in a message, whose fault a silence is."""
    problem = ConfigurationError("SUT.toml cannot be used", ["a is missing", "b is wrong"])
    assert str(problem) == "SUT.toml cannot be used\n  a is missing\n  b is wrong"
    assert (problem.message, problem.problems) == ("SUT.toml cannot be used", ("a is missing", "b is wrong"))
    placed = MessageError("wrong", line=3, column=4)
    assert (str(placed), placed.line, placed.column) == ("wrong (line 3, column 4)", 3, 4)
    assert str(MessageError("wrong")) == "wrong"
    late = TransportError("late", blame="system", timed_out=True)
    assert (late.blame, late.timed_out, str(late)) == ("system", True, "late")
    assert not TransportError("refused", blame="surroundings").timed_out
    assert issubclass(RequirementBroken, AssertionError)
