"""XML from strangers: nothing is expanded, fetched or read from disk, and every refusal says what is wrong."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from conformance.errors import MessageError
from conformance.message.xml import (
    MAX_DEPTH,
    Limits,
    child,
    children,
    declared_encoding,
    local_name,
    namespace,
    parse_xml,
    same_encoding,
    text,
)

LAUGHS = '<!ENTITY l0 "lol">' + "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))


@pytest.mark.parametrize(
    "document",
    [
        "<!DOCTYPE a><a/>",
        '<!DOCTYPE a SYSTEM "http://127.0.0.1:1/a.dtd"><a/>',
        '<!DOCTYPE a PUBLIC "-//x//y" "file:///etc/passwd"><a/>',
        '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>',
        '<!DOCTYPE a [<!ENTITY x "y">]><a b="&x;"/>',
        "<!DOCTYPE a [<!ELEMENT a ANY>]><a/>",
        '<?xml version="1.0"?>\n<!-- a comment first -->\n<!DOCTYPE a><a/>',
    ],
)
def test_a_document_type_is_refused(document: str) -> None:
    """A DTD in any form is refused; the same document without it is read."""
    with pytest.raises(MessageError, match="document type declaration"):
        parse_xml(document.encode())
    assert parse_xml(b"<a/>").tag == "a"


@pytest.mark.parametrize("place", ["<a>&l11;</a>", '<a b="&l11;"/>'])
def test_billion_laughs(place: str) -> None:
    """Entities within entities cost neither time nor memory."""
    begun = time.process_time()
    with pytest.raises(MessageError, match=r"amplification|document type declaration"):
        parse_xml(f"<!DOCTYPE a [{LAUGHS}]>{place}".encode())
    assert time.process_time() - begun < 1.0


@pytest.mark.parametrize(
    "declaration",
    ['<!ENTITY x SYSTEM "{}">', '<!ENTITY % p SYSTEM "{}"> %p; <!ENTITY x "">', '<!ENTITY x PUBLIC "-//x" "{}">'],
)
def test_external_entities_are_not_read(tmp_path: Path, declaration: str) -> None:
    """The content of a file comes neither into the tree nor into the message of the error."""
    bait = tmp_path / "bait"
    bait.write_text("secret-of-the-file")
    document = f"<!DOCTYPE a [{declaration.format(bait.as_uri())}]><a>&x;</a>"
    with pytest.raises(MessageError) as refused:
        parse_xml(document.encode())
    assert "secret-of-the-file" not in str(refused.value)


def test_xinclude_is_not_processed(tmp_path: Path) -> None:
    """An inclusion stays an element like any other."""
    bait = tmp_path / "bait"
    bait.write_text("secret-of-the-file")
    document = f'<a xmlns:i="http://www.w3.org/2001/XInclude"><i:include href="{bait.as_uri()}" parse="text"/></a>'
    root = parse_xml(document.encode())
    assert [local_name(item) for item in root] == ["include"]
    assert b"secret-of-the-file" not in etree.tostring(root)


def test_stylesheets_and_schema_hints_are_not_followed() -> None:
    """A processing instruction disappears; an attribute that names a schema is an attribute."""
    hint = 'xmlns:x="http://www.w3.org/2001/XMLSchema-instance" x:schemaLocation="urn:a http://127.0.0.1:1/a.xsd"'
    root = parse_xml(f'<?xml-stylesheet href="http://127.0.0.1:1/a.xsl"?><a {hint}>t</a>'.encode())
    assert root.getprevious() is None
    assert root.text == "t"


def test_depth_has_a_limit() -> None:
    """The limit is what it says: one deeper is refused, and so is a tower."""
    assert parse_xml(b"<a>" * MAX_DEPTH + b"</a>" * MAX_DEPTH).tag == "a"
    for depth in (MAX_DEPTH + 1, 100_000):
        with pytest.raises(MessageError, match="depth"):
            parse_xml(b"<a>" * depth + b"</a>" * depth)


def test_size_has_a_limit() -> None:
    """A message of the limit is read; one byte more is refused, with both numbers."""
    limits = Limits(max_bytes=20)
    assert parse_xml(b"<a>0123456789012</a>", limits).text == "0123456789012"
    with pytest.raises(MessageError, match="21 bytes, more than the limit of 20"):
        parse_xml(b"<a>01234567890123</a>", limits)


@pytest.mark.parametrize("body", [b"", b" \r\n\t"])
def test_nothing_is_no_message(body: bytes) -> None:
    """An empty body is called empty."""
    with pytest.raises(MessageError, match="the message is empty"):
        parse_xml(body)


@pytest.mark.parametrize("body", [b"<!-- only a comment -->", b"hello", b"{}", b"\xff\xfe", b"\x00" * 100])
def test_what_is_not_xml_is_told(body: bytes) -> None:
    """What has no root element, and what is no XML at all, is refused in words of one line."""
    with pytest.raises(MessageError, match="not well-formed XML") as refused:
        parse_xml(body)
    assert "\n" not in str(refused.value)


DECLARED = '<?xml version="1.0" encoding="{}"?><a>äöü€</a>'


@pytest.mark.parametrize(
    "body",
    [
        "<a>äöü€</a>".encode(),
        "\ufeff<a>äöü€</a>".encode(),
        "<a>äöü€</a>".encode("utf-16"),
        DECLARED.format("UTF-16").encode("utf-16"),
        DECLARED.format("UTF-16BE").encode("utf-16-be"),
        DECLARED.format("iso-8859-15").encode("iso-8859-15"),
        DECLARED.format("windows-1252").encode("windows-1252"),
        ("\ufeff" + DECLARED.format("UTF-8")).encode(),
    ],
)
def test_encodings(body: bytes) -> None:
    """The encoding that the document or its byte order mark names is the one that counts."""
    assert parse_xml(body).text == "äöü€"
    assert parse_xml(body, charset="us-ascii").text == "äöü€"


def test_latin_1() -> None:
    """Latin-1 is read when the document says so."""
    assert parse_xml(DECLARED.replace("€", "").format("ISO-8859-1").encode("latin-1")).text == "äöü"


def test_charset_of_the_transport_is_the_fallback() -> None:
    """A document without a word about its encoding, and not UTF-8: then the transport's charset counts."""
    body = "<a>äöü</a>".encode("latin-1")
    with pytest.raises(MessageError, match="encoding"):
        parse_xml(body)
    assert parse_xml(body, charset="ISO-8859-1").text == "äöü"
    assert parse_xml("<a>äöü</a>".encode(), charset="ISO-8859-1").text == "äöü"


@pytest.mark.parametrize("charset", ["klingon", "", "\x00", "ä", "x" * 10_000])
def test_an_unknown_charset_hides_nothing(charset: str) -> None:
    """What the transport says of the encoding may be any text: the document's own problem is the one told."""
    with pytest.raises(MessageError) as plain:
        parse_xml(b"<a>\xff</a>")
    with pytest.raises(MessageError) as with_charset:
        parse_xml(b"<a>\xff</a>", charset=charset)
    assert str(with_charset.value) == str(plain.value)
    assert parse_xml(b"<a/>", charset=charset).tag == "a"


def test_an_unknown_encoding_is_told() -> None:
    """A document that claims an encoding that nobody knows is refused, with that name."""
    with pytest.raises(MessageError, match="klingon"):
        parse_xml(b'<?xml version="1.0" encoding="klingon"?><a/>')


def test_comments_and_instructions_do_not_cut_a_text() -> None:
    """A text is the whole text, whatever stands between its parts."""
    root = parse_xml(b"<a><b>x<!-- c -->y<?pi d?>z<![CDATA[<&>]]>!</b></a>")
    assert text(root, "b") == "xyz<&>!"


def test_the_place_of_a_problem() -> None:
    """Line and column are numbers to jump to, and stand in the words once."""
    with pytest.raises(MessageError) as refused:
        parse_xml(b"<a>\n  <b>\n</a>")
    assert refused.value.line == 3
    assert refused.value.column is not None
    assert str(refused.value).count("line 3, column") == 1


def test_reading_is_tolerant_of_namespaces() -> None:
    """Elements are found by their local names; comments that somebody left in are no elements."""
    root = etree.fromstring('<a xmlns="urn:a"><!-- c --><b xmlns="urn:b">1</b><b>2</b><c/></a>')
    assert [item.text for item in children(root, "b")] == ["1", "2"]
    assert [namespace(item) for item in children(root, "b")] == ["urn:b", "urn:a"]
    assert (text(root, "b"), text(root, "c"), text(root, "d"), text(None, "b")) == ("1", "", None, None)
    assert child(None, "b") is None
    assert (local_name(root[0]), namespace(root[0])) == ("", "")
    assert namespace(etree.Element("plain")) == ""


@given(body=st.binary(max_size=200))
def test_any_bytes_give_a_tree_or_a_message_error(body: bytes) -> None:
    """Nothing else than a MessageError comes out, for any bytes and with any charset."""
    for charset in (None, "utf-8", "latin1"):
        try:
            root = parse_xml(body, charset=charset)
        except MessageError:
            continue
        assert etree.tostring(root)


@pytest.mark.parametrize(
    ("body", "named"),
    [
        (b"<?xml version='1.0' encoding='ISO-8859-1'?><a/>", "ISO-8859-1"),
        ('<?xml version="1.0" encoding="UTF-16"?><a/>'.encode("utf-16"), "UTF-16"),
        ('<?xml version="1.0" encoding="UTF-16BE"?><a/>'.encode("utf-16-be"), "UTF-16BE"),
        ("\ufeff<?xml version='1.0' encoding='utf-8' standalone='yes'?><a/>".encode(), "utf-8"),
        (b"<?xml version='1.0'?><a encoding='x'/>", None),
        (b"<a/>", None),
        (b"", None),
    ],
)
def test_declared_encoding(body: bytes, named: str | None) -> None:
    """It is what the declaration says, in whatever encoding it is written; without one nothing is said."""
    assert declared_encoding(body) == named


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [("UTF-8", "utf8", True), ("utf-16", "UTF-16LE", True), ("latin1", "ISO-8859-1", True), ("x-y", "X-Y", True),
     ("utf-8", "us-ascii", False), ("utf-16", "utf-8", False), ("x", "y", False)],
)  # fmt: skip
def test_same_encoding(one: str, other: str, same: bool) -> None:
    """Names of encodings have no case and many forms."""
    assert same_encoding(one, other) is same
