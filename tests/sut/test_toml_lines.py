"""The locator finds tables and keys where they stand, and says the parent's line when it cannot know better."""

from __future__ import annotations

import tomllib

import pytest

from conformance.sut.template import template
from conformance.sut.toml_lines import Path, locate

TEXT = '''\
# a comment with = and [brackets]
top.inner = 1
[table]  # a comment
"get(MeterReadings)" = [ # ]
  "]",
  """]
  """,
]
text = """
[no_table]
no_key = 1 """""
raw = \'\'\'
[no_table] \'\'\'\'
inline = { a = 1, b = { c = "}" } }
'quoted . key'.b = 'it\\'
[[list]]
a = 1
  [list.sub]
  b = 2
[[list]]

[list.sub]
b = 3
[ "dotted . name" . 'x' ]
k = "escaped \\" quote"
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("top",), 2),
        (("top", "inner"), 2),
        (("table",), 3),
        (("table", "get(MeterReadings)"), 4),
        (("table", "get(MeterReadings)", 1), 4),
        (("table", "text"), 9),
        (("table", "raw"), 12),
        (("table", "inline", "b", "c"), 14),
        (("table", "quoted . key", "b"), 15),
        (("list",), 16),
        (("list", 0, "a"), 17),
        (("list", 0, "sub", "b"), 19),
        (("list", 1), 20),
        (("list", 1, "sub"), 22),
        (("list", 1, "sub", "b"), 23),
        (("list", 2, "a"), 16),
        (("dotted . name", "x", "k"), 25),
        (("table", "missing"), 3),
        (("missing", "altogether"), 1),
    ],
)
def test_lines(path: Path, line: int) -> None:
    """Every table and key is found, also behind texts that look like TOML."""
    tomllib.loads(TEXT)
    assert locate(TEXT).nearest(path) == line
    assert locate(TEXT.replace("\n", "\r\n")).nearest(path) == line


@pytest.mark.parametrize(
    ("path", "line"), [(("table",), 15), (("list",), 23), (("list", 0), 19), ((), 25), (("nowhere",), 25)]
)
def test_ends(path: Path, line: int) -> None:
    """The end of a table is that of its last key, inner tables included."""
    assert locate(TEXT).end(path) == line


def test_nothing() -> None:
    """An empty file has one line."""
    assert locate("").end(()) == 1


def test_every_key_of_the_template_is_found_where_it_stands() -> None:
    """The located line of each key begins with it."""
    lines = template().splitlines()
    for path, line in locate(template()).begins.items():
        if isinstance(path[-1], str):
            assert path[-1] in lines[line - 1]


def test_a_large_file_is_fast() -> None:
    """Time grows with the size, not with its square."""
    text = "".join(f"[t{number}]\nkey = 'value'\n" for number in range(20_000))
    assert locate(text).nearest(("t19999", "key")) == 40_000
