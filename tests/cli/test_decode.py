"""`conformance decode`: a table and a sentence for people, JSON for machines, and exit codes that stay."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from conformance.cli import app
from conformance.errors import ConfigurationError
from tests.end_to_end.commands import environment, run

ENERGY = "0.0.2.4.1.1.12.0.0.0.0.0.0.0.0.3.72.0"
RIGHT, BROKEN, NO_CODE = 0, 1, 2


def decode(*arguments: str, stdin: str | bytes = b"") -> tuple[int, str]:
    """Return exit code and output of the command, within this process."""
    ended = CliRunner().invoke(app, ["decode", *arguments], input=stdin)
    if ended.exception is not None and not isinstance(ended.exception, SystemExit):
        raise ended.exception
    return ended.exit_code, ended.stdout


def test_a_reading_type(tmp_path: Path) -> None:
    """As a user types it: 18 numbered fields, the sentence, the basis."""
    ended = run("decode", ENERGY, cwd=tmp_path)
    lines = ended.stdout.splitlines()
    assert ended.code == RIGHT
    numbered = [line.split() for line in lines if line.split()[:1] and line.split()[0].isdigit()]
    assert [cells[0] for cells in numbered] == [str(number) for number in range(1, 19)]
    assert numbered[2][:4] == ["3", "measuringPeriod", "2", "fifteenMinute"]
    assert "Fifteen-minute forward active energy of electricity (secondary metered), " in ended.stdout
    assert "Basis: C public catalogue" in ended.stdout
    assert (ended.stderr, list(tmp_path.iterdir())) == ("", [])


def test_several_codes() -> None:
    """Each with its kind; where a shape fits two kinds, that is said, and how to choose."""
    code, text = decode("3.26.0.85", "1.5.259", "2.4")
    assert code == RIGHT
    for words in (
        "3.26.0.85  EndDeviceEventType (61968-9 Annex E)",
        "The shape fits EndDeviceEventType and EndDeviceControlType; shown as EndDeviceEventType: "
        "the table has the code as one (--kind chooses).",
        "End device event, electric meter: power failed (outage).",
        "1.5.259  ReadingQualityType (61968-9 Annex D)",
        "Known missing read (failed reasonability test), said by: end device (recalled, unverified).",
        "2.4  ReplyCode (61968-9 Annex B, informative)",
        "Invalid Meter(s) (Parameter invalid).",
    ):
        assert words in text
    assert text.count("The shape fits") == 1


def test_the_kind_can_be_chosen() -> None:
    """In any case of letters; an unknown one is refused with what there is."""
    code, text = decode("3.31.0.74", "--kind", "enddevicecontroltype")
    assert (code, "shown as EndDeviceControlType: asked for" in text) == (RIGHT, True)
    with pytest.raises(ConfigurationError, match="--kind Colour is not known; it is one of: ReadingType, "):
        decode("2.4", "--kind", "Colour")


@pytest.mark.parametrize(
    ("arguments", "exit_code", "words"),
    [
        ([ENERGY], RIGHT, "in kWh."),
        (["2.99"], RIGHT, "warning: 2.99 is not in the table (reply_code.tsv of the suite, which is partial); the "),
        ([ENERGY.replace("12.0.0", "12.3.0")], BROKEN, "error: interharmonicDenominator 0: stands without a denom"),
        ([ENERGY.removesuffix("0") + "840", "2.99"], BROKEN, "error: currency 840: is given, but the unit 72 is not"),
        (["3.26.x.85"], NO_CODE, 'malformed: part 3 of 4 is "x", not a whole number (character 6); write digits only'),
        ([ENERGY.removesuffix(".0")], NO_CODE, "malformed: has 17 parts, as no kind of code does; parts are: "),
        (["2.4", "2.4.", ENERGY], NO_CODE, "malformed: part 3 of 3 is empty (character 5)"),
        ([""], NO_CODE, "(empty)"),
    ],
)  # fmt: skip
def test_exit_codes(arguments: list[str], exit_code: int, words: str) -> None:
    """0 right or only unknown, 1 a rule is broken, 2 no code; the worst of several counts, and all are shown."""
    code, text = decode(*arguments)
    assert code == exit_code
    assert words in text
    answers = json.loads(decode(*arguments, "--json")[1])
    assert [answer["code"] for answer in answers] == arguments
    assert all(answer["well_formed"] == bool(answer["fields"]) for answer in answers)


def test_json() -> None:
    """Everything that people see, under names that stay."""
    answer: dict[str, Any]
    (answer,) = json.loads(decode("3.31.0.74", "--json")[1])
    assert set(answer) == {"code", "well_formed", "kind", "clause", "fits", "sentence", "basis", "fields", "problems"}
    assert answer["fits"] == ["EndDeviceEventType", "EndDeviceControlType"]
    assert set(answer["fields"][0]) == {"field", "title", "value", "name", "words", "basis", "table"}
    (problem,) = answer["problems"]
    assert set(problem) == {"severity", "message", "expected", "field", "value", "fix", "position", "table"}
    assert (problem["severity"], problem["field"], problem["value"]) == ("warning", "eventOrAction", "74")


def test_standard_input() -> None:
    """One code in each line, beside those of the command line; empty lines are passed over, long ones are one code."""
    code, text = decode("2.4", "-", "--json", stdin=b"\n 3.26.0.85 \r\n1.5.259\n" + b"1" * 5000 + b"\n\xff\n2.10")
    answers = json.loads(text)
    assert code == NO_CODE
    assert [answer["well_formed"] for answer in answers] == [True, True, True, False, False, True]
    assert [answers[index]["code"] for index in (0, 1, 2, 5)] == ["2.4", "3.26.0.85", "1.5.259", "2.10"]
    with pytest.raises(ConfigurationError, match="there is no code to decode"):
        decode("-", stdin=b"\n\n")


def test_tables_of_the_user(tmp_path: Path) -> None:
    """From a directory; and from SUT.toml, which excludes the other way."""
    (tmp_path / "mine.tsv").write_text(
        "kind\tpart\tcode\tname\twords\tbasis\nEndDeviceEventType\tcode\t3.31.0.74\tOff\tswitched off\tU\n", "utf-8"
    )
    code, text = decode("3.31.0.74", "--tables", str(tmp_path))
    assert (code, "End device event, electric meter: switched off." in text) == (RIGHT, True)
    assert "mine.tsv" not in text
    assert "warning: 3.26.0.85 is not in the table (mine.tsv)" in decode("3.26.0.85", "--tables", str(tmp_path))[1]
    run("init", "SUT.toml", cwd=tmp_path)
    own = tmp_path / "SUT.toml"
    assert "3.31.0.74 is not" not in decode("3.31.0.74", "--sut", str(own))[1]
    own.write_text(own.read_text("utf-8").replace('#code_tables = "code-tables"', 'code_tables = "."'), "utf-8")
    assert "switched off" in decode("3.31.0.74", "--sut", str(own))[1]
    with pytest.raises(ConfigurationError, match="give one of them"):
        decode("2.4", "--sut", str(own), "--tables", str(tmp_path))


def test_wrong_tables(tmp_path: Path) -> None:
    """File, line, reason and fix on standard error; exit 2, as without any code."""
    (tmp_path / "mine.tsv").write_text("kind\tpart\tcode\tname\twords\tbasis\nReadingType\tunits\t1\tx\t\t\n", "utf-8")
    ended = run("decode", "2.4", "--tables", ".", cwd=tmp_path)
    assert (ended.code, ended.stdout) == (NO_CODE, "")
    assert 'mine.tsv:2: part "units" is not known; did you mean unit?' in ended.stderr
    assert decode()[0] == NO_CODE


def test_nothing_heavy_is_imported(tmp_path: Path) -> None:
    """A code is told at once: no XML, no HTTP, no pytest."""
    program = (
        "import sys\nfrom conformance.cli.decode import Wish, carry_out\ncarry_out(Wish(codes=('2.4',)))\n"
        "print(sorted({'lxml', 'pytest', 'pydantic', 'requests', 'xmlschema', 'sqlite3'} & set(sys.modules)))\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, env=environment(), capture_output=True, text=True, check=True
    )
    assert ended.stdout.endswith("[]\n")


def test_nothing_acts_on_the_terminal() -> None:
    """Control characters of a code are made visible."""
    assert "\x1b" not in decode("2.\x1b[31m4")[1]
