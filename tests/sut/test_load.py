"""SUT.toml is read, and every problem is named at once: with line, key, reason and fix."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from conformance.errors import ConfigurationError, InternalError
from conformance.sut.describe import known
from conformance.sut.load import MAX_BYTES, load
from conformance.sut.model import Configuration
from conformance.sut.template import template

Write = Callable[..., Path]


def problems(path: Path) -> list[str]:
    """Return every problem of the file ``path``."""
    with pytest.raises(ConfigurationError) as caught:
        load(path)
    return list(caught.value.problems)


def line_of(path: Path, text: str) -> int:
    """Return the line of ``path`` that begins with ``text``."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if line.startswith(text))


def test_a_good_file_is_loaded(write: Write) -> None:
    """The twin of all the cases below: the template has no problem, and no secrets."""
    loaded = load(write())
    assert loaded.configuration.system_under_test.role == "MS"
    assert loaded.credentials is None
    assert loaded.secrets == ()


MANY = """\
[system_under_test]
vendor = 5
product = ""
verison = "1"
role = "ms"
edition = "2013"
[endpoints]
style = "typed"
generic.url = "ftp://host"
[endpoints.bare]
url = "http://me:hunter2@host/"
soap = "1.3"
[callback]
port = "80"
connect_s = 1
[capabilities.messages]
"get(MeterReadings)" = "sync"
"create(EndDeviceControl)" = []
"created(EndDeviceEvents)" = ["send"]
"created(MeterReadings)" = []
[test_data]
reading_types = [
  "1.2",
]
unsupported_reading_type = ""
interval_s = 0
window = { start = 2026-01-01T00:00:00, end = 2026-01-01 }
meters = [{ mrid = "A" }, { mrid = 7 }]
[stimuli.meter_readings]
kind = "http"
meter = "B"
[timeouts]
reply_s = -1
quiet_s = true
colour = "blue"
[limits]
max_message_mib = 5000.0
"""
EXPECTED = [
    "SUT.toml:1: system_under_test.version: is missing (Which version is judged); add version = text",
    "SUT.toml:2: system_under_test.vendor: is a whole number; write text",
    "SUT.toml:3: system_under_test.product: is empty; write text",
    "SUT.toml:4: system_under_test.verison: is unknown; did you mean version?",
    'SUT.toml:5: system_under_test.role: "ms" is not legal; write "MS"',
    'SUT.toml:8: endpoints.style: is "typed", but there is no table [endpoints.typed]; add that table, or name the '
    "style of a table that is there",
    "SUT.toml:9: endpoints.generic.url: is not a URL; write it like http://host:port/path or https://host/path",
    "SUT.toml:11: endpoints.bare.url: has credentials in the URL, which would end up in reports; take them out and use "
    "security.username and security.password",
    'SUT.toml:12: endpoints.bare.soap: "1.3" is not legal; write "1.1" or "1.2" or "none"',
    "SUT.toml:14: callback.port: is text; write whole number from 0 to 65535",
    "SUT.toml:15: callback.connect_s: is unknown here; it belongs in [timeouts]",
    'SUT.toml:16: capabilities.messages."create(EndDeviceControls)": is missing (Connect, disconnect and other '
    'controls); add "create(EndDeviceControls)" = list of "sync", "async"',
    'SUT.toml:17: capabilities.messages."get(MeterReadings)": is text; write list of "sync", "async"',
    'SUT.toml:18: capabilities.messages."create(EndDeviceControl)": is unknown; did you mean '
    '"create(EndDeviceControls)"?',
    'SUT.toml:19: capabilities.messages."created(EndDeviceEvents)"[1]: "send" is not legal; write list of "publish"',
    "SUT.toml:20: capabilities.options: the table is missing (What the sources leave open); "
    "add [capabilities.options] after line 20",
    "SUT.toml:22: test_data.reading_types: has 1 of at least 2 entries; add what is missing",
    "SUT.toml:25: test_data.unsupported_reading_type: is empty; write text",
    "SUT.toml:26: test_data.interval_s: is out of bounds; write whole number of seconds, more than 0",
    "SUT.toml:27: test_data.window.end: is not a date and time; write it with its zone and without quotes, like "
    "2026-01-31T00:00:00Z",
    "SUT.toml:27: test_data.window.start: has no time zone; write it with its zone and without quotes, like "
    "2026-01-31T00:00:00Z",
    "SUT.toml:28: test_data.meters: has 2 of at least 3 entries; add what is missing",
    "SUT.toml:28: test_data.meters[2].mrid: is a whole number; write text",
    'SUT.toml:30: stimuli.meter_readings.kind: is "http", but url is missing; add url, or choose another kind',
    'SUT.toml:31: stimuli.meter_readings.meter: "B" is none of the meters in test_data.meters; name the mRID of one of '
    "them",
    "SUT.toml:33: timeouts.reply_s: is out of bounds; write seconds, more than 0, at most 86400",
    "SUT.toml:34: timeouts.quiet_s: is true or false; write seconds, more than 0, at most 86400",
    "SUT.toml:35: timeouts.colour: is unknown; delete it, or write one of connect_s, reply_s, result_s, event_s, "
    "quiet_s",
    "SUT.toml:37: limits.max_message_mib: is out of bounds; write MiB, more than 0, at most 4096",
]


def test_every_problem_is_named_at_once(write: Write) -> None:
    """One file with problems of every kind: each has its line, in the order of the file."""
    assert problems(write(text=MANY)) == EXPECTED


def test_the_head_line_counts(write: Write) -> None:
    """The message begins with the file and how many problems there are."""
    with pytest.raises(ConfigurationError, match=r"SUT\.toml cannot be used: 1 problem\n"):
        load(write(('role = "MS"', 'role = "OMS"')))


CLAIM = '"create(EndDeviceControls)"'
CASES = [
    pytest.param([("vendor =", "vendors =")], "", "vendors", "did you mean vendor?", id="misspelt"),
    pytest.param([('wsdl = "http', 'x = "http'), ("#x =", "wsdI =")], "", "wsdI", "did you mean wsdl?", id="like"),
    pytest.param([("#port = 0", "port = 70000")], "", "port", "from 0 to 65535", id="port"),
    pytest.param([("/services/Request", ":x/")], "", "url =", "is not a URL", id="port-of-url"),
    pytest.param([("8080/services/Request", "0/")], "", "url =", "is not a URL", id="port-0-of-url"),
    pytest.param([("8080/services/Request", "80/a b")], "", "url =", "is not a URL", id="blank-in-url"),
    pytest.param([("#certificate =", "certificate =")], "", "certificate", "callback.key, which is", id="pair"),
    pytest.param([("#http_auth = \"none\"", 'http_auth = "basic"')], "", "http_auth",
                 "security.username and security.password missing", id="credentials"),
    pytest.param([('#http_auth = "none"', 'http_auth = "digest"')], "", "http_auth", "is not legal", id="auth"),
    pytest.param([('#username = { env = "SUT_USERNAME" }', "username = {}")], "", "username", "neither", id="no-place"),
    pytest.param([('#username = { env = "SUT_USERNAME" }', 'username = { env = "A", file = "b" }')], "", "username",
                 "both env and file", id="two-places"),
    pytest.param([('#password = { env = "SUT_PASSWORD" }', 'password = "hunter2"')], "", "password",
                 'write password = { env = "NAME_OF_A_VARIABLE" }; secrets never stand', id="secret-in-file"),
    pytest.param([('#password = { env = "SUT_PASSWORD" }', 'password = { env = "hunter2!" }')], "", "password",
                 "name of an environment variable", id="secret-as-name"),
    pytest.param([("2026-01-02T00:00:00Z", "2026-01-01T00:00:00Z")], "", "end", "not later than start", id="window"),
    pytest.param([("2026-01-02T00:00:00Z", '"2025-01-01T00:00:00Z"')], "", "end", "not later", id="window-as-text"),
    pytest.param([("2026-01-02T00:00:00Z", "5")], "", "end", "is not a date and time", id="number-as-date"),
    pytest.param([("2026-01-02T00:00:00Z", '"soon"')], "", "end", "is not a date and time", id="text-as-date"),
    pytest.param([("interval_type =", "#interval_type ="), ("interval_s =", "#interval_s =")], "", "interval_data",
                 "test_data.interval_type is missing", id="interval-type"),
    pytest.param([("interval_s =", "#interval_s =")], "", "interval_data", "interval_s is missing", id="interval-s"),
    pytest.param([('mrid = "METER-2"\nnames =', 'mrid = "METER-2"\n#names =')], "",
                 '[[test_data.meters]]\nmrid = "METER-2"', "has no names, but", id="names"),
    pytest.param([('mrid = "METER-2"', 'mrid = "METER-1"')], "", 'mrid = "METER-1"\nnames = [{ name = "Meter 2"',
                 "also the mRID of meter 1", id="twin-meters"),
    pytest.param([('"0.0.0.1.19.1.12.0.0.0.0.0.0.0.0.3.72.0"]', '"0.0.0.1.1.1.12.0.0.0.0.0.0.0.0.3.72.0"]')], "",
                 "reading_types", "twice", id="twin-types"),
    pytest.param([("0.0.0.1.1.9.58.0.0.0.0.0.0.0.0.0.42.0", "0.0.0.1.1.1.12.0.0.0.0.0.0.0.0.3.72.0")], "",
                 "unsupported_reading_type", "is also in test_data.reading_types", id="unsupported-listed"),
    pytest.param([("0.0.0.1.1.9.58.0.0.0.0.0.0.0.0.0.42.0", "0.0.2.4.1.1.12.0.0.0.0.0.0.0.0.3.72.0")], "",
                 "unsupported_reading_type", "is also in test_data.interval_type", id="unsupported-interval"),
    pytest.param([("0.0.0.1.1.9.58.0.0.0.0.0.0.0.0.0.42.0", "nonsense")], "", "unsupported_reading_type",
                 "not a well-formed reading type", id="unsupported-malformed"),
    pytest.param([('control_type = "3.31.0.23"', 'control_type = "3.31"')], "", "control_type",
                 "is not a code of four numbers", id="control-type"),
    pytest.param([('style = "generic"', 'style = "typed"'), ("#[endpoints.typed]", "[endpoints.typed]"),
                  ("#get_meter_readings", "get_meter_readings")], "", CLAIM,
                 "endpoints.typed.request_end_device_controls is missing", id="typed-controls"),
    pytest.param([('style = "generic"', 'style = "bare"'), ("#[endpoints.bare]", "[endpoints.bare]"),
                  ('#url = "http://127.0.0.1:8080/services/messages"', 'url = "http://host/"\nsoap = "none"'),
                  ('#ws_security = "none"', 'ws_security = "username-token"'),
                  ('#username = { env = "SUT_USERNAME" }', 'username = { env = "PATH" }'),
                  ('#password = { env = "SUT_PASSWORD" }', 'password = { env = "PATH" }')], "", "ws_security",
                 "needs a SOAP header", id="token-without-soap"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "append", "at", "said"), CASES)
def test_a_problem_has_its_line(write: Write, changes: list[tuple[str, str]], append: str, at: str, said: str) -> None:
    """Each change to the template is one problem, on the line of the key it is about."""
    path = write(*changes, append=append)
    first = line_of_text(path, at)
    found = problems(path)
    assert any(said in item and item.startswith(f"SUT.toml:{first}: ") for item in found), found
    assert not any("hunter2" in item for item in found)


def line_of_text(path: Path, text: str) -> int:
    """Return the line on which ``text`` begins a line of ``path``."""
    content = path.read_text(encoding="utf-8")
    return content.count("\n", 0, f"\n{content}".index(f"\n{text}")) + 1


def test_missing_controls_are_a_problem_of_the_claim(write: Write) -> None:
    """Controls are claimed, but test_data.controls is not there."""
    text = template()
    start, end = text.index("# Controls that undo"), text.index("# How the system is made to send")
    path = write(text=text[:start] + text[end:])
    (found,) = problems(path)
    assert found.startswith(f"SUT.toml:{line_of(path, CLAIM)}: capabilities.messages.{CLAIM}: is claimed, but")


def test_wholly_missing_tables_are_named_with_their_place(write: Write) -> None:
    """A table that is missing at the top belongs at the end of the file, and its inner tables are named."""
    found = problems(write(text="[limits]\n"))
    end = "at the end of the file"
    inner = "add [capabilities.messages] and [capabilities.options]"
    assert found == [
        f"SUT.toml:1: capabilities: the table is missing (Claims (PICS)); {inner} {end}",
        f"SUT.toml:1: endpoints: the table is missing (Addresses); add [endpoints] {end}",
        f"SUT.toml:1: system_under_test: the table is missing (Identity); add [system_under_test] {end}",
        f"SUT.toml:1: test_data: the table is missing (What may be used (PIXIT)); add [test_data] {end}",
    ]


def test_a_value_where_a_table_must_be(write: Write) -> None:
    """The fix names the header to write."""
    found = problems(write(text="capabilities = 1\n[test_data]\nmeters = [1979-05-27]\nwindow = []\n"))
    tables = "[capabilities.messages] and [capabilities.options]"
    said = "where a table must be; write it as"
    assert f"SUT.toml:1: capabilities: is a whole number, {said} {tables} with keys below" in found
    assert f"SUT.toml:3: test_data.meters[1]: is a date or time, {said} [[test_data.meters]] with keys below" in found
    assert f"SUT.toml:4: test_data.window: is a list, {said} [test_data.window] with keys below" in found


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("a = 1\nget(MeterReadings) = 1", 2, "put a key with other characters than letters, digits, _ and - in quotes"),
        ("a = 1\nb = True", 2, "put text in quotes"),
        ("a = 1\na = 2", 2, "stands twice"),
        ('a = "c:\\qux"', 1, "'single quotes'"),
        ("a = 1\n\nb = [", 3, "not legal TOML"),
        ("a = " + 5000 * "[" + 5000 * "]", 1, ""),
    ],
)
def test_toml_errors_have_a_line_and_a_hint(write: Write, text: str, line: int, said: str) -> None:
    """What tomllib says is kept, with what usually causes it."""
    (found,) = problems(write(text=text))
    assert found.startswith(f"SUT.toml:{line}: ")
    assert said in found


def test_files_that_cannot_be_read(tmp_path: Path, write: Write) -> None:
    """Missing, a directory, too large, not UTF-8, not allowed: said in one line each."""
    with pytest.raises(ConfigurationError, match="does not exist; make one with: conformance init"):
        load(tmp_path / "none.toml")
    with pytest.raises(ConfigurationError, match="is a directory"):
        load(tmp_path)
    with pytest.raises(ConfigurationError, match="larger than 1 MiB"):
        load(write(text="#" * (MAX_BYTES + 1)))
    with pytest.raises(ConfigurationError, match="cannot be read"):
        load(write() / "below")
    binary = tmp_path / "latin.toml"
    binary.write_bytes(b"# one\n# M\xfcller\n")
    assert problems(binary) == ["latin.toml:2: byte 10 is not UTF-8; save the file as UTF-8"]


def test_a_byte_order_mark_is_no_problem(tmp_path: Path) -> None:
    """Windows editors write one."""
    path = tmp_path / "SUT.toml"
    path.write_bytes(b"\xef\xbb\xbf" + template().replace("\n", "\r\n").encode())
    assert load(path).path == path


def test_known_wants_a_key() -> None:
    """An empty path is a fault of ours."""
    with pytest.raises(InternalError):
        known(())


def test_rules_hold_in_python_too() -> None:
    """A Configuration that is made without a file obeys the same rules."""
    data = tomllib.loads(template().replace('mrid = "METER-2"', 'mrid = "METER-1"'))
    with pytest.raises(ValueError, match="also the mRID of meter 1; name three"):
        Configuration.model_validate(data)
