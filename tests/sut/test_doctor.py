"""The pre-flight finds what is wrong with a system that answers, and says what to do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from conformance.errors import InternalError
from conformance.sut import probe_data, probe_soap
from conformance.sut.doctor import Result, examine
from conformance.sut.load import Loaded

Start = Callable[..., Any]
Configured = Callable[..., Loaded]
TYPED = (
    ('style = "generic"', 'style = "typed"'),
    ("#[endpoints.typed]", "[endpoints.typed]"),
    ('"create(EndDeviceControls)" = ["sync", "async"]', '"create(EndDeviceControls)" = []'),
)
BASIC = (
    ('#http_auth = "none"', 'http_auth = "basic"'),
    ('#username = { env = "SUT_USERNAME" }', 'username = { env = "SUT_USERNAME" }'),
    ('#password = { env = "SUT_PASSWORD" }', 'password = { env = "SUT_PASSWORD" }'),
)
STIMULI = """
[stimuli.end_device_event]
kind = "manual"
prompt = "do it"
meter = "METER-1"
[stimuli.meter_readings]
kind = "manual"
prompt = "do it"
meter = "METER-1"
"""


def of(results: list[Result], name: str) -> Result:
    """Return the worst finding called ``name``."""
    order = ("problem", "warning", "skipped", "ok")
    return min((item for item in results if item.name == name), key=lambda item: order.index(item.status))


def statuses(results: list[Result]) -> dict[str, str]:
    """Return the worst status for each name."""
    return {item.name: of(results, item.name).status for item in results}


def test_a_good_system_has_no_problem(start: Start, configured: Configured) -> None:
    """The twin of all the cases below: nothing but ok, and the WSDL that is not configured."""
    system = start()
    results = examine(configured(system.url, append=STIMULI))
    assert {name for name, status in statuses(results).items() if status != "ok"} == {"WSDL"}
    assert of(results, "WSDL").status == "skipped"
    assert all(b"EndDeviceControls" not in body for _, body in system.requests)


def test_an_answer_in_another_version(start: Start, configured: Configured) -> None:
    """A system that takes one SOAP version and answers in another still answers: a warning."""
    found = of(examine(configured(start(answers_in="1.2").url)), "SOAP")
    assert found.status == "warning"
    assert found.what == "asked in SOAP 1.1, the system answers in SOAP 1.2"


def test_gaps_are_warnings(start: Start, configured: Configured) -> None:
    """What the file leaves untestable is said once more, with its fix apart."""
    found = [item for item in examine(configured(start().url)) if item.name == "configuration"]
    assert [item.status for item in found] == ["warning", "warning"]
    assert found[0].fix == "add [stimuli.end_device_event]"


@pytest.mark.parametrize(
    ("style", "version", "said", "fix"),
    [
        ("generic", "1.2", "it answers to SOAP 1.2, SUT.toml says SOAP 1.1", 'write endpoints.generic.soap = "1.2"'),
        ("typed", "1.1", "it answers to style typed with SOAP 1.1", 'write endpoints.style = "typed"'),
        ("bare", "none", "it answers to style bare with plain XML", "into [endpoints.bare]"),
    ],
)
def test_another_style_or_version(
    start: Start, configured: Configured, style: str, version: str, said: str, fix: str
) -> None:
    """What the system does answer to is found out and said."""
    results = examine(configured(start(style=style, version=version).url))
    assert of(results, "SOAP").status == "problem"
    assert said in of(results, "SOAP").what
    assert fix in of(results, "SOAP").fix
    assert of(results, "test data").status == "skipped"


def test_the_typed_style(start: Start, configured: Configured) -> None:
    """The typed style is looked at in its own table."""
    system = start(style="typed", version="1.2")
    url = (
        '#get_meter_readings = "http://127.0.0.1:8080/services/GetMeterReadings"',
        f'get_meter_readings = "{system.url}"',
    )
    soap = ('get_meter_readings = "', 'soap = "1.2"\nget_meter_readings = "')
    results = examine(configured("http://127.0.0.1:1/", *TYPED, url, soap))
    assert of(results, "SOAP").what == "answers get(MeterReadings) in style typed, SOAP 1.2"
    assert of(results, "test data").status == "ok"


def test_draft_namespaces(start: Start, configured: Configured) -> None:
    """An answer in a draft's namespace is a warning; a system that knows no other is a problem."""
    found = [item for item in examine(configured(start(draft=True).url)) if item.name == "namespace"]
    assert [item.status for item in found] == ["warning", "warning"]
    assert "http://www.iec.ch/TC57/2011/schema/message of the answer is that of drafts" in found[0].what
    only = of(examine(configured(start(draft=True, draft_only=True).url)), "SOAP")
    assert only.status == "problem"
    assert "answers only to the namespace http://www.iec.ch/" in only.what


@pytest.mark.parametrize(
    ("behaviour", "said"),
    [
        ({"status": 404}, "HTTP 404 with text/html"),
        ({"status": 200, "page": b"<html><br></html>"}, "HTTP 200 with text/html: not well-formed XML"),
        ({"status": 200, "page": b"<html/>"}, "the element html is no message"),
        ({"status": 302, "headers": {"Location": "/login"}}, "HTTP 302 with text/html, which leads to /login"),
        ({"status": 500, "content_type": "", "page": b""}, "HTTP 500 with no content type: the message is empty"),
        ({"style": "none"}, "a SOAP fault Client: cannot understand (HTTP 500)"),
    ],
)
def test_no_message_of_the_standard(start: Start, configured: Configured, behaviour: dict[str, Any], said: str) -> None:
    """A web server that is none of ours: what came is said, with the key to correct."""
    results = examine(configured(start(**behaviour).url))
    found = of(results, "SOAP")
    assert found.status == "problem"
    assert said in found.what
    assert "endpoints.generic.url" in found.fix
    assert statuses(results)["namespace"] == "skipped"
    assert statuses(results)["authentication"] == "skipped"


@pytest.mark.parametrize("status", [401, 403])
def test_credentials_are_wanted(start: Start, configured: Configured, status: int) -> None:
    """A system that turns us away is not asked in seven other ways."""
    system = start(status=status, headers={"WWW-Authenticate": 'Basic realm="x"'})
    results = examine(configured(system.url))
    found = of(results, "authentication")
    assert found.status == "problem"
    assert f"HTTP {status}" in found.what
    assert 'it wants Basic realm="x"' in found.what
    assert "security.http_auth" in found.fix
    assert statuses(results)["SOAP"] == "skipped"
    assert len(system.requests) == 1


def test_wrong_credentials(start: Start, configured: Configured, monkeypatch: pytest.MonkeyPatch) -> None:
    """The variables are named; what is in them never is, even when the system repeats it."""
    monkeypatch.setenv("SUT_USERNAME", "anna")
    monkeypatch.setenv("SUT_PASSWORD", "hunter2 two")
    says = {"WWW-Authenticate": "Basic realm=hunter2 two, " + 270 * "x" + " hunter2 two"}
    results = examine(configured(start(status=401, headers=says).url, *BASIC))
    found = of(results, "authentication")
    assert (
        found.fix == "correct security.username (variable SUT_USERNAME) and security.password (variable SUT_PASSWORD)"
    )
    assert "[secret]" in found.what
    assert not any("hunter" in f"{item!r}" for item in results)


def test_a_secret_file_is_named(start: Start, configured: Configured, tmp_path: Any) -> None:
    """Credentials from files are named by their files."""
    (tmp_path / "secret").write_text("hunter2", encoding="utf-8")
    changes = [(old, new.replace("env = ", "file = ").replace("SUT_USERNAME", "secret")) for old, new in BASIC]
    changes = [(old, new.replace("SUT_PASSWORD", "secret")) for old, new in changes]
    found = of(examine(configured(start(status=403).url, *changes)), "authentication")
    assert f"security.password (file {tmp_path / 'secret'})" in found.fix


def test_good_credentials(start: Start, configured: Configured, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are sent, and reported as accepted."""
    monkeypatch.setenv("SUT_USERNAME", "anna")
    monkeypatch.setenv("SUT_PASSWORD", "hunter2")
    system = start()
    results = examine(configured(system.url, *BASIC))
    assert of(results, "authentication").what == "the system accepts http_auth"
    assert system.requests[0][0]["Authorization"].startswith("Basic ")


def test_a_security_fault_is_about_credentials(start: Start, configured: Configured) -> None:
    """WS-Security says it with a fault code of its own."""
    results = examine(configured(start(security_fault="FailedAuthentication").url))
    assert of(results, "authentication").status == "problem"
    assert "a SOAP fault FailedAuthentication: who are you?" in of(results, "authentication").what


def test_a_fault_may_be_about_credentials(
    start: Start, configured: Configured, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault without a code of WS-Security may refuse the UsernameToken, or miss one: both are said."""
    monkeypatch.setenv("SUT_USERNAME", "anna")
    monkeypatch.setenv("SUT_PASSWORD", "hunter2")
    url = start(style="none").url
    token = ('#ws_security = "none"', 'ws_security = "username-token"')
    found = of(examine(configured(url, *BASIC[1:], token)), "SOAP")
    assert "if it refuses the UsernameToken, correct security.username (variable SUT_USERNAME)" in found.fix
    assert "if it wants a UsernameToken, set security.ws_security" in of(examine(configured(url)), "SOAP").fix


@pytest.mark.parametrize(("skew_s", "way"), [(4000.0, "fast"), (-4000.0, "slow")])
def test_a_clock_that_is_off(start: Start, configured: Configured, skew_s: float, way: str) -> None:
    """Both clocks of the answer are looked at: the server's and the application's."""
    found = [item for item in examine(configured(start(skew_s=skew_s).url)) if item.name == "clock"]
    assert [item.status for item in found] == ["warning", "warning"]
    assert way in found[0].what
    assert "limits.max_clock_skew_s is 300" in found[1].what


def test_no_clock_to_be_seen(start: Start, configured: Configured) -> None:
    """An answer without any time, or with one that is none, says nothing about the clock."""
    results = examine(configured(start(dates=False).url))
    assert of(results, "clock").status == "skipped"
    results = examine(configured(start(dates=False, headers={"Date": "yesterday"}).url))
    assert of(results, "clock").status == "skipped"


def test_an_unknown_meter(start: Start, configured: Configured) -> None:
    """The meter is named, with the code in words."""
    found = of(examine(configured(start(known=("METER-1", "METER-3")).url)), "test data")
    assert found.status == "problem"
    assert found.what == "the system refuses METER-2 with 2.4 (Invalid Meter(s)): unknown meter"
    assert found.fix == "correct test_data.meters"


def test_refusals_that_name_no_test_meter(start: Start, configured: Configured) -> None:
    """What a refusal names is told, whatever it is."""
    interval = ('interval_type = "0.0.2.4.1.1.12', 'interval_type = "0.0.2.4.1.1.58')
    found = of(examine(configured(start().url, interval)), "test data")
    assert (
        found.what == "the system refuses 0.0.2.4.1.1.58.0.0.0.0.0.0.0.0.3.72.0 with 2.10 (Unsupported ReadingType(s))"
    )
    assert found.fix == "correct test_data (meters, reading_types, window)"


def test_meters_without_readings(start: Start, configured: Configured) -> None:
    """A meter that is left out without a word may be the product's fault: a warning."""
    found = of(examine(configured(start(omitted=("METER-3",)).url)), "test data")
    assert found.status == "warning"
    assert found.what == "no reading within the window for METER-3 (anything)"


def test_meters_that_the_answer_names(start: Start, configured: Configured) -> None:
    """An answer may name its meters by Names alone."""
    assert of(examine(configured(start(named=True).url)), "test data").status == "ok"


def test_claims_bound_the_questions(start: Start, configured: Configured) -> None:
    """Without a claim of interval data, no interval data are asked for; without sync, no readings at all."""
    system = start()
    no_intervals = ("interval_data = true", "interval_data = false")
    assert of(examine(configured(system.url, no_intervals)), "test data").status == "ok"
    assert all(b"0.0.2.4.1.1.12" not in body for _, body in system.requests)
    later = ('"get(MeterReadings)" = ["sync", "async"]', '"get(MeterReadings)" = ["async"]')
    assert of(examine(configured(system.url, later)), "test data").status == "skipped"


def test_an_unsupported_type_that_is_supported(start: Start, configured: Configured) -> None:
    """The test datum is wrong when the system has readings of it."""
    found = of(examine(configured(start(refuses_unsupported=False).url)), "unsupported type")
    assert found.status == "problem"
    assert "the system has readings of" in found.what


def test_an_unsupported_type_that_is_passed_over(start: Start, configured: Configured) -> None:
    """Neither refused nor read: the run will judge that, so it is a warning."""
    behaviour = {"refuses_unsupported": False, "omitted": ("METER-1",)}
    assert of(examine(configured(start(**behaviour).url)), "unsupported type").status == "warning"


@pytest.mark.parametrize(("after", "name", "status"), [(1, "test data", "problem"), (2, "unsupported type", "ok")])
def test_a_system_that_gives_up(start: Start, configured: Configured, after: int, name: str, status: str) -> None:
    """A page instead of a message is told as what it is."""
    found = of(examine(configured(start(fails_after=after).url)), name)
    assert found.status == status
    assert "HTTP 503" in found.what


def test_an_answer_that_is_no_response(start: Start, configured: Configured) -> None:
    """The request got through; that the kind is wrong is for the run to judge."""
    found = of(examine(configured(start(kind="EventMessage").url)), "SOAP")
    assert found.status == "warning"
    assert "EventMessage (created(MeterReadings))" in found.what


def test_data_of_which_no_message_can_be_made(
    start: Start, configured: Configured, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A message that the suite cannot build is a finding, not a crash."""

    def fails(*_: object) -> None:
        raise InternalError("the suite built an invalid message")

    loaded = configured(start().url)
    monkeypatch.setattr(probe_data, "request", fails)
    assert of(examine(loaded), "test data").status == "problem"
    monkeypatch.setattr(probe_soap, "request", fails)
    results = examine(loaded)
    assert of(results, "SOAP").what == "the suite built an invalid message"
    assert of(results, "clock").status == "skipped"


def test_the_system_may_repeat_no_secret(start: Start, configured: Configured, monkeypatch: pytest.MonkeyPatch) -> None:
    """Texts of the system go into findings; the password in them does not."""
    monkeypatch.setenv("SUT_USERNAME", "anna")
    monkeypatch.setenv("SUT_PASSWORD", "hunter2")
    results = examine(configured(start(known=(), says="hunter2 said so").url, *BASIC))
    assert "[secret] said so" in of(results, "test data").what
    assert not any("hunter2" in repr(item) for item in results)
