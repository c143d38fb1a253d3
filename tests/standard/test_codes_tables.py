"""A user's own tables of codes replace ours part by part; a wrong file is told with line, reason and fix."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from conformance.errors import ConfigurationError
from conformance.standard.codes import KINDS, decode, decode_reply_code, judge, knows_reply_code, load, own
from conformance.standard.codes.load import MAX_BYTES, MAX_PROBLEMS
from conformance.standard.codes.tables import BASES, COLUMNS, parts_of

HEADER = "\t".join(COLUMNS)
Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Return what writes a table with the right first line, and returns its directory."""

    def written(*rows: str, name: str = "mine.tsv", header: str = HEADER) -> Path:
        (tmp_path / name).write_text("\n".join([header, *rows, ""]), encoding="utf-8")
        return tmp_path

    return written


def problems(directory: Path) -> list[str]:
    """Return what is wrong with the tables in ``directory``."""
    with pytest.raises(ConfigurationError) as caught:
        load(directory)
    assert caught.value.message == f"the code tables in {directory} cannot be used"
    return list(caught.value.problems)


def test_our_own_tables() -> None:
    """Every part that should have a table has one, with the words and the basis that its source allows."""
    rows = own().rows
    assert {kind for kind, _ in rows} == set(KINDS)
    assert all(part in parts_of(kind) for kind, part in rows)
    assert all(row.basis in BASES and row.name and row.words for part in rows.values() for row in part.values())
    assert sum(map(len, rows.values())) > 800
    assert own().row("ReadingType", "unit", 72) is not None
    assert own().source == "the suite's own tables"


def test_the_users_table_judges(write: Write) -> None:
    """What it lists is known, what only ours listed is not any more; other parts are still ours."""
    rows = ("# full", "EndDevice\teventOrAction\t74\tDisabled\tdisabled\tU", "EndDeviceEventType\tcode\t3.31.0.74\tOff")
    tables = load(write(*rows))
    event = KINDS["EndDeviceEventType"]
    assert not judge(event, "3.31.0.74", tables)
    assert decode("3.31.0.74", None, tables).sentence == "End device event, electric meter: Off."
    (problem,) = judge(event, "3.26.0.85", tables)
    assert str(problem) == "3.26.0.85 is not in the table (mine.tsv); the nearest that is known: 3.31.0.74 (Off)"
    assert (problem.table, problem.severity) == ("mine.tsv", "warning")
    found = decode("3.31.0.23", KINDS["EndDeviceControlType"], tables)
    assert [(part.words, part.table) for part in found.parts][:2] == [
        ("electric meter", "end_device.tsv"), ("remote connect/disconnect switch", "end_device.tsv")
    ]  # fmt: skip
    assert str(write().name) in tables.source


def test_a_whole_reading_type_of_the_user(write: Write) -> None:
    """What the user calls a reading type is its sentence; its fields are still told, and its rules still count."""
    code = "0.0.2.4.1.1.12.0.0.0.0.0.0.0.0.3.72.840"
    found = decode(code, None, load(write(f"ReadingType\tcode\t{code}\tLoad curve\t\t")))
    assert (found.sentence, found.brief, len(found.parts)) == ("Load curve.", "Load curve", 18)
    assert [problem.field for problem in found.problems] == ["currency"]


def test_reply_codes_of_the_user(write: Write) -> None:
    """Words and what is known come from that table, and a code that it lacks is said to be not in it."""
    tables = load(write("ReplyCode\tcode\t2.77\tInvalid Tariff\t\t"))
    assert knows_reply_code("2.77", tables)
    assert not knows_reply_code("2.77")
    assert decode_reply_code("2.77", tables) == "2.77 (Invalid Tariff)"
    assert decode_reply_code("2.4", tables) == "2.4 (not in mine.tsv)"


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("ReadingTyp\tunit\t1\tx\t\t", 'kind "ReadingTyp" is not known; did you mean ReadingType?'),
        ("ReadingType\tunits\t1\tx\t\t", 'part "units" is not known; did you mean unit?'),
        ("EndDevice\tcode\t3.1.1.1\tx\t\t",
         'part "code" is not known; write one of type, domain, subDomain, eventOrAction'),
        ("ReadingType\tunit\tone\tx\t\t", 'code "one" is not made of whole numbers; write it like 12 or 5.259'),
        ("ReadingType\tunit\t1.2\tx\t\t", "code 1.2 has 2 numbers, ReadingType unit has 1; write 1"),
        ("ReplyCode\tcode\t2\tx\t\t", "code 2 has 1 numbers, ReplyCode code has 2; write 2"),
        ("ReadingQualityType\tcategory.subCategory\t5\tx",
         "code 5 has 1 numbers, ReadingQualityType category.subCategory has 2; write 2"),
        ("ReadingType\tunit\t1\t\t\t", "the name is empty; write what the code is called"),
        ("ReadingType\tunit\t1\tx\t\tZ", 'basis "Z" is not known; write one of V, B, C, X, R, U'),
        ("ReadingType unit 1 x", "has 1 columns; write 6, separated by tabs: kind part code name words basis"),
        (f"ReadingType\tunit\t{'1' * 5000}\tx\t\t",
         f'code "{"1" * 40}" is not made of whole numbers; write it like 12 or 5.259'),
    ],
)  # fmt: skip
def test_a_wrong_row(write: Write, row: str, said: str) -> None:
    """File, line, reason and fix; the right row before it is not blamed."""
    assert problems(write("ReadingType\tunit\t1\tx\ty\tU", row)) == [f"mine.tsv:3: {said}"]


def test_all_problems_at_once(write: Write) -> None:
    """Of every file, in order; a code that stands twice, also in another file; at most so many."""
    write("ReadingType\tunit\t1\tx\t\t", name="a.tsv")
    found = problems(write("ReadingType\tunit\t1\ty\t\t", "nothing", name="b.tsv"))
    assert found[0] == "b.tsv:2: ReadingType unit 1 stands twice, first in a.tsv; keep one of them"
    assert found[1].startswith("b.tsv:3: has 1 columns")
    many = problems(write(*["wrong"] * 50, name="b.tsv"))
    assert (len(many), many[-1]) == (MAX_PROBLEMS + 1, "and 30 more")


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("kind,part,code,name,words,basis", "separate the columns by tabs"),
        ("kind\tpart\tcode", "name exactly these columns"),
    ],
)
def test_a_wrong_first_line(write: Write, header: str, said: str) -> None:
    """The columns are named, and their order counts."""
    columns = "kind, part, code, name, words, basis"
    found = problems(write("ReadingType\tunit\t1\tx\t\t", header=header))
    assert found == [f"mine.tsv:1: the first line is not the columns {columns}; {said}"]


def test_files_that_cannot_be_used(tmp_path: Path, write: Write) -> None:
    """No directory, no file of the kind, no row, not UTF-8, far too large, a directory of that name."""
    assert problems(tmp_path / "none")[0].startswith("none: No such file or directory; ")
    assert problems(tmp_path)[0].endswith("holds no file named *.tsv; columns: kind part code name words basis")
    assert problems(write())[0].endswith("the files hold no rows; add some below the line with the columns")
    assert problems(tmp_path / "mine.tsv")[0].endswith("is no directory; name the one that holds the files")
    (tmp_path / "mine.tsv").write_bytes(HEADER.encode() + b"\nReadingType\tunit\t1\t\xe4\t\t\n")
    assert problems(tmp_path)[0].startswith("mine.tsv:2: byte ")
    with (tmp_path / "mine.tsv").open("wb") as stream:
        stream.truncate(MAX_BYTES + 1)
    assert problems(tmp_path)[0].startswith("mine.tsv: is larger than 16 MiB; ")
    (tmp_path / "mine.tsv").unlink()
    (tmp_path / "mine.tsv").mkdir()
    assert problems(tmp_path)[0].startswith("mine.tsv: cannot be read: ")


def test_files_as_spreadsheets_write_them(tmp_path: Path) -> None:
    """A byte order mark, CRLF and blanks around cells are no matter."""
    text = "\ufeff" + HEADER + "\r\n\r\nReadingType\t unit \t1\tx \t\t\r\n"
    (tmp_path / "MINE.TSV").write_bytes(text.encode())
    row = load(tmp_path).row("ReadingType", "unit", 1)
    assert row is not None
    assert (row.name, row.words, row.basis, row.table) == ("x", "x", "U", "MINE.TSV")
