"""What SUT.toml knows to be secret never reaches the journal, in whatever form it travels."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest

from conformance.journal import Entry, Journal
from conformance.message.build import Draft, build_unchecked
from conformance.message.model import Header
from conformance.sut.sources import to_blot_out
from conformance.transport.addressing import prepare
from conformance.transport.base import Outbound
from conformance.transport.settings import Credentials, SoapSettings

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("password", ["simple", 'qu"ote', "pässwörd", "a&b<c>", "back\\slash"])
def test_nothing_secret_in_the_journal(tmp_path: Path, password: str) -> None:
    """The password is blotted out of body, headers, note, URL, findings and steps; as text, XML, JSON and base64."""
    who = Credentials(username="ann", password=password)
    settings = SoapSettings(style="generic", version="1.1", urls={"": "http://hes"}, username_token=who, http_basic=who)
    header = Header(verb="get", noun="MeterReadings")
    message = build_unchecked(Draft(kind="RequestMessage", header=header))
    sent = prepare(settings, Outbound(message=message, verb="get", noun="MeterReadings"))
    pair = base64.b64encode(f"ann:{password}".encode()).decode()
    path = tmp_path / "journal.db"
    journal = Journal(path, to_blot_out(who, {}))
    journal.append(
        Entry(
            direction="sent", channel="request", transport="soap", url=f"http://hes/{password}", body=sent.body,
            headers={"a": password, "b": f"Basic {pair}"}, note=f"said {password}",
        )
    )  # fmt: skip
    journal.add_finding("scenario", {"observed": password})
    journal.plan("scenario", 1, {})
    journal.finish("scenario", "fail", password, 0.1, [password])
    [entry] = journal.entries()
    everything = f"{entry.url}{entry.headers}{entry.note}{entry.body.decode()}"
    everything += f"{list(journal.findings())}{journal.scenarios()}"
    journal.close()
    for secret in (password, pair, password.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")):
        assert secret not in everything
        assert secret.encode() not in path.read_bytes()
    assert everything.count("[secret]") >= 8
