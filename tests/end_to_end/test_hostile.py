"""Systems that misbehave below the standard: every scenario ends with a verdict and a reason, and never a pass."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from conformance.sut.model import LimitsTable
from tests.end_to_end.commands import judge, run, verdicts, write
from tests.end_to_end.systems import IMPATIENT, but_for_stimuli, claims, page
from tests.transport import behaviours
from tests.transport.conftest import HostileServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Start = Callable[[Callable[[Any], None]], HostileServer]

#: A read, a later answer, a control, an event, a refusal, and a look back over the run.
SELECTION = "MR-001,EXC-003,CTL-001,EVT-001,REP-001,ENV-001"
#: One request, at most, for each of two steps and one to clean up; and what the suite itself needs.
DEADLINE_S = 4 * (IMPATIENT.reply_s + IMPATIENT.result_s + IMPATIENT.event_s + IMPATIENT.quiet_s) + 5.0

HTML = b"<html><body><h1>It works!</h1></body></html>"
HALF = b"<soap:Envelope xmlns:soap='http://schemas.xmlsoap.org/soap/envelope/'><soap:Body><Respon"
LARGE = b"<a>" + b" " * (2 * 1024 * 1024) + b"</a>"

BEHAVIOURS: dict[str, Callable[[Any], None]] = {
    "malformed": page("200 OK", "text/xml", b"<a><b></a>"),
    "half a message": page("200 OK", "text/xml", HALF),
    "not even XML": page("200 OK", "text/xml", bytes(range(256))),
    "another document": page("200 OK", "text/xml", b"<hello/>"),
    "too large": page("200 OK", "text/xml", LARGE),
    "JSON": page("200 OK", "application/json", b'{"ok": true}'),
    "a page": page("200 OK", "text/html", HTML),
    "404": page("404 Not Found", "text/html", HTML),
    "500": page("500 Internal Server Error", "text/html", HTML),
    "302": page("302 Found", "text/html", HTML),
    "empty 200": page("200 OK", "text/xml", b""),
    "empty 202": page("202 Accepted", "text/xml", b""),
    "truncated": behaviours.too_short,
    "drip": behaviours.drip_body,
    "never ending": behaviours.endless_chunks,
    "silent": behaviours.silent_in_headers,
    "reset": behaviours.reset,
    "no HTTP": behaviours.garbage,
}


@pytest.fixture
def start() -> Iterator[Start]:
    """Start a server for a behaviour; all end with the test."""
    started: list[HostileServer] = []

    def start_one(behave: Callable[[Any], None]) -> HostileServer:
        started.append(HostileServer(but_for_stimuli(behave)))
        return started[-1]

    yield start_one
    for server in started:
        server.stop()


#: One of each kind for each change: not XML, too much, an error page, nothing, too slow, no end, silence, no HTTP.
TODAY = {"not even XML", "too large", "404", "empty 200", "drip", "never ending", "silent", "no HTTP"}


@pytest.mark.parametrize(
    "name", [name if name in TODAY else pytest.param(name, marks=pytest.mark.nightly) for name in BEHAVIOURS]
)
def test_never_a_pass(tmp_path: Path, start: Start, name: str) -> None:
    """Each scenario has a verdict with a reason within its deadline; none is a pass, none the suite's own error."""
    server = start(BEHAVIOURS[name])
    sut = write(claims(server), tmp_path / "SUT.toml", limits=LimitsTable(max_message_mib=1))
    found = judge(sut, tmp_path / "OUT", SELECTION)
    assert found["exit_code"] in (1, 3)
    assert found["complete"]
    assert len(found["scenarios"]) == 6
    for scenario in found["scenarios"]:
        assert scenario["verdict"] in ("fail", "inconclusive"), scenario
        assert scenario["reason"], scenario
        assert scenario["duration_s"] < DEADLINE_S, scenario
    assert server.requests


@pytest.mark.parametrize("name", ["silent", "404", pytest.param("malformed", marks=pytest.mark.nightly)])
def test_pre_flight_stops_it(tmp_path: Path, start: Start, name: str) -> None:
    """`run` looks before it judges: exit 2 in time, the reason, and no file at all."""
    server = start(BEHAVIOURS[name])
    write(claims(server), tmp_path / "SUT.toml")
    began = time.monotonic()
    ended = run("run", "SUT.toml", "--out", "OUT", cwd=tmp_path)
    assert ended.code == 2
    assert time.monotonic() - began < 20
    assert "no verdict was made" in ended.stderr
    assert "SOAP: " in ended.stderr
    assert not (tmp_path / "OUT").exists()


def test_plain_pytest_stops_too(tmp_path: Path, start: Start) -> None:
    """`pytest --sut` makes the same pre-flight; --skip-pre-flight leaves it out."""
    server = start(BEHAVIOURS["404"])
    write(claims(server), tmp_path / "SUT.toml")
    stopped = run("--sut", "SUT.toml", "--out", "OUT", cwd=tmp_path, module="pytest")
    assert stopped.code == 4
    assert "no verdict was made" in stopped.stderr
    assert not (tmp_path / "OUT").exists()
    options = ("--sut", "SUT.toml", "--out", "OUT", "--skip-pre-flight", "--select", "MR-001")
    assert run(*options, cwd=tmp_path, module="pytest").code in (1, 3)
    assert [row["verdict"] for row in verdicts(tmp_path / "OUT")["scenarios"]] != ["pass"]
