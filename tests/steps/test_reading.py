"""Asking for an answer that comes later, and what the suite does with it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from conformance.checks.scene import Arrived, Asked, ExchangeView, Scene
from conformance.errors import Inconclusive
from conformance.message.build import Draft
from conformance.message.model import Header
from conformance.message.soap import unwrap
from conformance.steps import reading

ANSWER = b'<ResponseMessage xmlns="http://iec.ch/TC57/2011/schema/message"/>'


@pytest.mark.parametrize("came", [True, False])
def test_nothing_is_refused_where_nothing_came(monkeypatch: pytest.MonkeyPatch, came: bool) -> None:
    """A system that never sent the later answer was not refused, and so shows nothing about refusals (SOAP-016)."""
    monkeypatch.setattr(reading, "outbound", lambda draft: draft)
    answer = Arrived(id=2, at=0.0, channel="callback", status=None, content_type="", carried=unwrap(ANSWER))
    view = ExchangeView(asked=Asked(id=1, at=0.0, message=None), later=(answer,) if came else ())
    kept: list[tuple[str, str]] = []
    party = SimpleNamespace(
        journal=SimpleNamespace(set_meta=lambda *pair: kept.append(pair)), ask=lambda _: None, wait=lambda *_: None,
        patience=SimpleNamespace(result_s=0.0), scene=Scene(exchanges=(view,)),
    )  # fmt: skip
    draft = Draft(kind="RequestMessage", header=Header(correlation_id="c-1"))
    if came:
        reading._ask_later(cast("Any", party), draft, "fault")
    else:
        with pytest.raises(Inconclusive, match="none could be refused"):
            reading._ask_later(cast("Any", party), draft, "fault")
    assert [said for _key, said in kept] == ["fault", "message"]
