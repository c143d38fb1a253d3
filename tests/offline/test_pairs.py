"""Requests with their answers: in one recording, or in files that only a CorrelationID connects."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from conformance.offline.sources import Source
from conformance.offline.together import judge_all
from tests.offline.judging import SETTINGS, answered, judged
from tests.offline.messages import CONTROL, EVENT, REQUEST, RESPONSE, TYPE, UUID

if TYPE_CHECKING:
    from pathlib import Path

    from conformance.offline.model import Verdict

FAILED = RESPONSE[: RESPONSE.index("  <Payload>")].replace(
    "<Result>OK</Result>", "<Result>FAILED</Result><Error><code>1.8</code><level>FATAL</level></Error>"
) + ("</ResponseMessage>")  # fmt: skip
BROKEN = REQUEST.replace("<EndDevice>", "<NoSuchElement/><EndDevice>")
CUT = REQUEST[:400]


def found(verdicts: list[Verdict]) -> list[tuple[str, str, str]]:
    """Return what is found where, without what is wrong with the request itself."""
    return [(item.file, one.requirement, one.severity) for item in verdicts for one in item.findings]


@pytest.mark.parametrize(
    ("request_", "response", "requirement"),
    [
        (REQUEST, RESPONSE.replace(">c-1<", ">c-9<"), "ENV-007"),
        (REQUEST, RESPONSE.replace(">m-1<", ">m-2<"), "MR-005"),
        (REQUEST, RESPONSE.replace(TYPE, TYPE.replace("72.0", "73.0")), "MR-006"),
        (REQUEST, EVENT, "EXC-001"),
        (REQUEST.replace("<Noun>MeterReadings</Noun>", ""), RESPONSE, "REP-012"),
        (CUT, RESPONSE, "REP-029"),
    ],
)
def test_an_answer_is_judged_by_its_request(request_: str, response: str, requirement: str) -> None:
    """A server that answers OK to everything, and one that answers something else."""
    verdicts = found(answered(request_, response))
    assert ("response", requirement, "error") in verdicts
    assert all(file == "request" or name in (requirement, "EXC-002") for file, name, _ in verdicts)


def test_a_schema_that_is_not_sure() -> None:
    """What our own schema of a profile refuses that stands on one source only is a warning, and so is what follows."""
    assert found(answered(BROKEN, RESPONSE)) == [("request", "ENV-019", "warning"), ("response", "REP-012", "warning")]


@pytest.mark.parametrize(("request_", "response"), [(REQUEST, RESPONSE), (REQUEST, FAILED), (BROKEN, FAILED)])
def test_a_proper_answer(request_: str, response: str) -> None:
    """Nothing is said of an answer that fits, and of a refusal of what is to be refused."""
    assert [one for one in found(answered(request_, response)) if one[0] == "response"] == []


@pytest.mark.parametrize("body", ["", "<html><body>Bad Request</body></html>"])
def test_an_unreadable_request_may_be_refused_by_the_transport(body: str) -> None:
    """That is legal (REP-029), with whatever page."""
    assert [one[0] for one in found(answered(CUT, body, status=400))] == ["request"]


def _recorded(path: Path, *pairs: tuple[str, str, int]) -> Path:
    entries = [
        {
            "request": {"url": "http://x/", "postData": {"mimeType": "text/xml", "text": asked}},
            "response": {"status": status, "content": {"mimeType": "text/xml", "text": answer}},
        }
        for asked, answer, status in pairs
    ]
    path.write_text(json.dumps({"log": {"entries": entries}}), encoding="utf-8")
    return path


def _judge(*paths: Path) -> list[Verdict]:
    return judge_all([Source(path, path.name) for path in paths], SETTINGS)


def test_a_server_that_stops_after_one_fault(tmp_path: Path) -> None:
    """Silence after a refusal is a warning, since a recording does not say whose fault it is; other silence is not."""
    other = REQUEST.replace("7c9e6679", "8c9e6679").replace("c-1", "c-2")
    stopped = _recorded(tmp_path / "a.har", (REQUEST, FAILED, 200), (other, "", 0))
    served = _recorded(tmp_path / "b.har", (REQUEST, RESPONSE, 200), (other, "", 0))
    assert found(_judge(stopped)) == [("a.har#2 response", "REP-030", "warning")]
    assert found(_judge(served)) == []


def _files(folder: Path, *bodies: str) -> list[Path]:
    paths = [folder / f"{number}.xml" for number in range(len(bodies))]
    for path, body in zip(paths, bodies, strict=True):
        path.write_text(body, encoding="utf-8")
    return paths


def test_files_that_a_correlation_id_connects(tmp_path: Path) -> None:
    """The answer to the request in another file is judged by it, whichever comes first."""
    wrong = RESPONSE.replace(">m-1<", ">m-2<")
    assert found(_judge(*_files(tmp_path, wrong, REQUEST))) == [("0.xml", "MR-005", "error")]
    assert found(_judge(*_files(tmp_path, RESPONSE, REQUEST))) == []


def test_no_request_is_guessed(tmp_path: Path) -> None:
    """Where two requests have the CorrelationID, nobody knows which was answered."""
    second = REQUEST.replace("m-1", "m-3").replace("7c9e6679", "8c9e6679")
    wrong = RESPONSE.replace(">m-1<", ">m-2<")
    assert found(_judge(*_files(tmp_path, wrong, REQUEST, second))) == []


def test_an_acknowledgement_of_an_event_is_no_answer_to_the_control(tmp_path: Path) -> None:
    """All three carry the CorrelationID of the control (exchange rule 5)."""
    event = EVENT.replace("  </Header>", "    <CorrelationID>c-2</CorrelationID>\n  </Header>").replace("7c9", "8c9")
    acknowledged = FAILED.replace("MeterReadings", "EndDeviceEvents").replace("c-1", "c-2").replace("7c9", "9c9")
    assert found(_judge(*_files(tmp_path, CONTROL, event, acknowledged))) == []


def test_one_message_id_in_two_messages(tmp_path: Path) -> None:
    """The second is named with the file of the first; the same message saved twice, or in SOAP, is one message."""
    soap = '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>{}</s:Body></s:Envelope>'
    assert found(_judge(*_files(tmp_path, RESPONSE, RESPONSE.replace("\n", ""), soap.format(RESPONSE)))) == []
    verdicts = _judge(*_files(tmp_path, RESPONSE, EVENT))
    assert found(verdicts) == [("1.xml", "ENV-009", "error")]
    one = verdicts[1].findings[0]
    assert "stands in 0.xml too" in one.message
    assert UUID in one.message
    assert (one.place.line, one.place.column) == (6, 5)


EMPTY = '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body/></s:Envelope>'


def test_an_empty_body_is_an_empty_answer() -> None:
    """It is legal where nothing is owed (WS-I Basic Profile 1.1, R9981); as a request it says nothing at all."""
    sent, came = answered(REQUEST, EMPTY, 202)
    assert (sent.findings, came.findings, came.what) == ((), (), "an empty answer")
    [alone] = judged(EMPTY)
    assert [item.requirement for item in alone.findings] == ["ENV-001"]
