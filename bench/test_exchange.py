"""What it costs to judge: one exchange of the suite beside a bare POST of the same bytes, in turns."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import pytest
import requests
from pytest_benchmark.fixture import BenchmarkFixture

from conformance.checks.registry import judge
from conformance.exchange import Party
from conformance.journal import Journal
from conformance.message.meter_readings import get_meter_readings
from conformance.steps.requests import get_readings, outbound
from conformance.steps.vocabulary import Vocabulary
from conformance.sut.claims import patience_of, terms_of
from conformance.sut.load import Loaded
from conformance.sut.wiring import soap_settings
from conformance.transport.base import Outbound
from conformance.transport.soap import SoapTransport

ROUNDS = 400
#: The everyday case, and one whose answer is two orders of magnitude larger.
CASES = {
    "register": ("R1", "there are readings of every meter and type that was asked for"),
    "intervals": ("interval data", "no interval of the window is missing"),
}


def request_for(loaded: Loaded, types: str) -> Outbound:
    """Return the request that both sides send."""
    words = Vocabulary(configuration=loaded.configuration)
    return outbound(get_readings([get_meter_readings(words.meters("M1"), words.types(types), words.window)]))


@pytest.mark.parametrize("case", CASES)
def test_judged_exchange(
    benchmark: BenchmarkFixture, reference: Loaded, tmp_path: Path, tell: Callable[[str], None], case: str
) -> None:
    """Ask, keep both messages, judge one sentence; before each a bare POST, whose time is taken apart."""
    types, sentence = CASES[case]
    asked = request_for(reference, types)
    transport = SoapTransport(soap_settings(reference))
    journal = Journal(tmp_path / "journal.db")
    sent = transport.prepare(asked)
    headers = {**sent.headers, "Content-Type": sent.content_type}
    terms, patience = terms_of(reference.configuration), patience_of(reference.configuration)
    bare: list[float] = []

    def judged() -> None:
        party = Party(
            transport=transport, journal=journal, scenario="bench", reply_address="http://127.0.0.1:9/",
            terms=terms, patience=patience,
        )  # fmt: skip
        party.ask(asked)
        assert judge(sentence, party.scene) == []

    with requests.Session() as session:

        def post() -> None:
            begun = time.perf_counter()
            answer = session.post(sent.url, data=sent.body, headers=headers, timeout=10)
            bare.append(time.perf_counter() - begun)
            assert answer.status_code == 200

        benchmark.group = f"exchange ({case})"
        benchmark.pedantic(judged, setup=post, rounds=ROUNDS, warmup_rounds=20)
    transport.close()
    journal.close()
    if benchmark.stats is None:  # --benchmark-disable
        return
    ours, theirs = benchmark.stats.stats.median, median(bare)
    benchmark.extra_info.update(bare_median_s=theirs, ratio=ours / theirs)
    tell(
        f"judged exchange, {case}: {1000 * ours:.2f} ms, bare POST {1000 * theirs:.2f} ms, "
        f"ratio {ours / theirs:.2f} (goal: at most 2)"
    )
