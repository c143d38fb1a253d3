"""``conformance check``: what is printed, for people and for machines, and the exit codes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from conformance.cli import app
from tests.offline.messages import EVENT, RESPONSE, UUID

if TYPE_CHECKING:
    from pathlib import Path

    from typer.testing import Result

BAD = RESPONSE.replace(">reply<", ">Reply<")
WARNED = RESPONSE.replace(">2026-01-01T00:00:02Z<", ">2026-01-01T00:00:02<")
NOTED = RESPONSE.replace(UUID, "4711")


def check(folder: Path, body: str, *options: str) -> Result:
    """Store a message and have it judged."""
    (folder / "message.xml").write_text(body, encoding="utf-8")
    return CliRunner().invoke(app, ["check", str(folder / "message.xml"), *options])


@pytest.mark.parametrize(
    ("body", "plain", "strict"), [(RESPONSE, 0, 0), (NOTED, 0, 0), (WARNED, 0, 1), (BAD, 1, 1), ("", 1, 1)]
)
def test_exit_codes(body: str, plain: int, strict: int, tmp_path: Path) -> None:
    """Errors fail; warnings do with --strict; notes never do."""
    assert check(tmp_path, body).exit_code == plain
    assert check(tmp_path, body, "--strict").exit_code == strict


def test_json(tmp_path: Path) -> None:
    """The shape that is promised."""
    answer = json.loads(check(tmp_path, BAD, "--json").stdout)
    assert [item["file"] for item in answer] == [str(tmp_path / "message.xml")]
    assert answer[0]["findings"][0] == {
        "requirement": "ENV-003", "severity": "error", "line": 3, "column": 5, "count": 1,
        "path": "/ResponseMessage/Header/Verb", "message": answer[0]["findings"][0]["message"],
    }  # fmt: skip


def test_for_people(tmp_path: Path) -> None:
    """File, place, severity, requirement, words, and a sum; no colours where nobody looks."""
    lines = check(tmp_path, BAD).stdout.splitlines()
    assert lines[0].endswith("message.xml: ResponseMessage Reply(MeterReadings)")
    assert lines[1].split()[:3] == ["3:5", "error", "ENV-003"]
    assert lines[-1] == "1 message: 1 error, 0 warnings, 0 notes"
    assert "\x1b" not in "".join(lines)


def test_standard_input() -> None:
    """A message that is piped in, like one in a file; and not twice."""
    found = CliRunner().invoke(app, ["check", "-"], input=BAD.encode())
    assert found.exit_code == 1
    assert found.stdout.startswith("(standard input): ")
    assert CliRunner().invoke(app, ["check", "-", "-"], input=b"").exit_code != 0


def test_what_stands_in_a_message_is_no_markup(tmp_path: Path) -> None:
    """Neither of the console's nor of the terminal's."""
    out = check(tmp_path, RESPONSE.replace(">reply<", ">[bold]x[/]&#x9b;31m&#x202e;<")).stdout
    assert "[bold]x[/]\\x9b31m\\u202e" in out


def test_many_findings_are_grouped(tmp_path: Path) -> None:
    """A person reads tens, not thousands; the number is told."""
    one = EVENT[EVENT.index("      <EndDeviceEvent>") : EVENT.index("    </EndDeviceEvents>")]
    same = "".join(one.replace("3.26.0.85", "x") for _ in range(200))
    differing = "".join(one.replace("3.26.0.85", f"x{number}") for number in range(200))
    for events, counts in ((same, [200]), (differing, [*[1] * 50, 150])):
        found = json.loads(check(tmp_path, EVENT.replace(one, events), "--json").stdout)[0]["findings"]
        assert [item["count"] for item in found] == counts


def test_usage(tmp_path: Path) -> None:
    """What cannot be used is exit code 2 (tests/end_to_end), told before anything is judged."""
    found = CliRunner().invoke(app, ["check", str(tmp_path / "none.xml")])
    assert "there is no such file" in str(found.exception)
    found = check(tmp_path, RESPONSE, "--sut", str(tmp_path / "SUT.toml"))
    assert "SUT.toml" in str(found.exception)
    assert found.stdout == ""
