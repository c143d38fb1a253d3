"""The sequence diagram: well-formed, accessible, and it shows what went wrong."""

from __future__ import annotations

from lxml import etree

from conformance.report.sequence import MAX_ARROWS, Arrow, diagram
from tests.report.hostile import HOSTILE

SVG = {"s": "http://www.w3.org/2000/svg"}


def arrow(label: str = "get(MeterReadings)", **changes: bool | float | str) -> Arrow:
    """Return a request of the suite, or what ``changes`` make of it."""
    values = {"sent": True, "answer": False, "offset": 0.0}
    return Arrow(label=label, **(values | changes))  # type: ignore[arg-type]


def drawn(*arrows: Arrow, system: str = "MS · Head End") -> etree._Element:
    """Return the diagram as a tree: it has to be well-formed."""
    return etree.fromstring(diagram(arrows, system, "s-1").encode())


def texts(svg: etree._Element) -> list[str]:
    """Return the texts that are drawn."""
    return [item.text or "" for item in svg.iterfind(".//s:text", SVG)]


def test_arrows_in_order() -> None:
    """Each message with name, offset and status; an answer is dashed; directions have their own colour."""
    reply = arrow("reply(MeterReadings)", sent=False, answer=True, offset=0.0214, note="HTTP 200")
    svg = drawn(arrow(), reply)
    assert texts(svg) == [
        "Suite", "MS · Head End", "get(MeterReadings)", "+0.000 s", "reply(MeterReadings)", "HTTP 200", "+0.021 s",
    ]  # fmt: skip
    classes = [line.get("class") for line in svg.iterfind(".//s:line[@class]", SVG)]
    assert [name for name in classes if name != "life"] == ["arrow sent", "arrow received answer"]


def test_accessible() -> None:
    """Title and description tell the whole exchange in words, and are referred to."""
    svg = drawn(arrow(note="HTTP 500", marked=True, broken=True))
    assert svg.get("aria-labelledby") == "s-1-title s-1-desc"
    description = svg.findtext("s:desc", namespaces=SVG) or ""
    for words in ("suite to system", "get(MeterReadings)", "HTTP 500", "not well-formed", "a finding is here"):
        assert words in description


def test_marks() -> None:
    """A finding and a broken message are drawn, and only then."""
    assert drawn(arrow(marked=True)).find(".//s:g[@class='finding']", SVG) is not None
    assert drawn(arrow(broken=True)).find(".//s:path[@class='cross']", SVG) is not None
    plain = drawn(arrow())
    assert plain.find(".//s:g[@class='finding']", SVG) is None
    assert plain.find(".//s:path[@class='cross']", SVG) is None


def test_hostile_text_stays_text() -> None:
    """Nothing that a system sends becomes an element or an attribute of ours."""
    svg = drawn(arrow(HOSTILE, note=HOSTILE), system=HOSTILE)
    allowed = {"svg", "title", "desc", "style", "rect", "text", "line", "path", "g", "a", "circle"}
    assert {etree.QName(item).localname for item in svg.iter()} <= allowed
    assert any("<script>alert(1)</script>" in text for text in texts(svg))


def test_long_exchanges_are_cut() -> None:
    """A diagram that nobody could read ends with a count."""
    svg = drawn(*[arrow(str(number)) for number in range(MAX_ARROWS + 5)])
    assert texts(svg)[-1] == "… and 5 more in the list of messages"


def test_no_messages() -> None:
    """An empty exchange is a diagram, too."""
    assert "No message" in (drawn().findtext("s:desc", namespaces=SVG) or "")


def test_links() -> None:
    """An arrow leads to its message."""
    link = drawn(arrow(link="#m-7")).find(".//s:a", SVG)
    assert link is not None
    assert link.get("href") == "#m-7"
