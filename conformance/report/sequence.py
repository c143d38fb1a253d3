"""An exchange as a sequence diagram: a pure function from arrows to SVG text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lxml import etree

from conformance.report.text import one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    Element = etree._Element

#: More arrows than this are not drawn: a reader of a longer exchange needs the list of messages.
MAX_ARROWS = 40

_NAMESPACE = "http://www.w3.org/2000/svg"
_WIDTH = 720
_SUITE, _SYSTEM = 150, 560
_TOP, _ROW = 62, 52
#: The rules for the class ``seq``; a page that shows many diagrams carries them once.
STYLE = """
.seq{--sent:#1f5f9e;--received:#6b4aa0;--alarm:#b3261e;--on-alarm:#fff;color:#1b2430;
font:13px system-ui,sans-serif;max-width:100%;height:auto}
@media (prefers-color-scheme:dark){.seq{--sent:#86b8ee;--received:#c3a8f0;--alarm:#ff8d85;--on-alarm:#2a0d0b;
color:#dfe5ec}}
.seq text{fill:currentColor}.seq .small{font-size:11px;opacity:.72}.seq .middle{text-anchor:middle}
.seq .end{text-anchor:end}.seq .actor{font-weight:600}
.seq .box{fill:none;stroke:currentColor;stroke-opacity:.4}
.seq .life{stroke:currentColor;stroke-opacity:.25}.seq .arrow{stroke-width:1.6}
.seq .answer{stroke-dasharray:6 4}
.seq line.sent{stroke:var(--sent)}.seq line.received{stroke:var(--received)}.seq path.sent{fill:var(--sent)}
.seq path.received{fill:var(--received)}.seq .broken .label{font-style:italic;fill:var(--alarm)}
.seq .cross{stroke:var(--alarm);stroke-width:2;fill:none}.seq .flag{fill:var(--alarm)}
.seq .bang{fill:var(--on-alarm);font-weight:700}
.seq .finding .small{fill:var(--alarm);opacity:1;font-weight:600}
.seq a{color:inherit}.seq a:hover .label,.seq a:focus .label{text-decoration:underline}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrow:
    """One message in the diagram. ``offset`` is in seconds from the first; ``note`` stands below it."""

    label: str
    sent: bool
    answer: bool
    offset: float
    note: str = ""
    marked: bool = False
    broken: bool = False
    link: str = ""


def diagram(arrows: Sequence[Arrow], system: str, identity: str, *, styled: bool = True) -> str:
    """Return SVG text. ``system`` heads the right lifeline; ``identity`` makes its ids unique on a page.

    Without ``styled`` the page has to bring the rules for the class ``seq``.
    """
    drawn = arrows[:MAX_ARROWS]
    height = _TOP + _ROW * len(drawn) + (44 if len(arrows) > len(drawn) else 22)
    svg = _root(height, identity)
    _sub(svg, "title", f"Messages between the suite and {one_line(system, 80)}", id=f"{identity}-title")
    _sub(svg, "desc", _description(arrows), id=f"{identity}-desc")
    if styled:
        _sub(svg, "style", STYLE)
    for x, name in ((_SUITE, "Suite"), (_SYSTEM, one_line(system, 34))):
        _lifeline(svg, x, name, height)
    for number, arrow in enumerate(drawn):
        _arrow(svg, arrow, _TOP + _ROW * number + 26)
    if len(arrows) > len(drawn):
        left_out = f"… and {len(arrows) - len(drawn)} more in the list of messages"
        _text(svg, left_out, (_SUITE + _SYSTEM) // 2, height - 14, "small middle")
    return etree.tostring(svg, encoding="unicode")


def _root(height: int, identity: str) -> Element:
    svg = etree.Element(f"{{{_NAMESPACE}}}svg", nsmap={None: _NAMESPACE})
    svg.set("class", "seq")
    svg.set("viewBox", f"0 0 {_WIDTH} {height}")
    svg.set("width", str(_WIDTH))
    svg.set("height", str(height))
    svg.set("role", "group")
    svg.set("aria-labelledby", f"{identity}-title {identity}-desc")
    return svg


def _description(arrows: Sequence[Arrow]) -> str:
    lines = []
    for number, arrow in enumerate(arrows[:MAX_ARROWS], start=1):
        who = "suite to system" if arrow.sent else "system to suite"
        extra = [
            arrow.note,
            "not well-formed" if arrow.broken else "",
            "a finding is here" if arrow.marked else "",
        ]
        line = ", ".join(filter(None, [f"{number}. {_offset(arrow)} {who}: {arrow.label}", *extra]))
        lines.append(one_line(line, 300))
    return "; ".join(lines) or "No message was exchanged."


def _lifeline(svg: Element, x: int, name: str, height: int) -> None:
    width = max(90, 8 * len(name) + 24)
    _sub(svg, "rect", x=x - width // 2, y=8, width=width, height=28, rx=5, class_="box")
    _text(svg, name, x, 27, "actor middle")
    _sub(svg, "line", x1=x, y1=36, x2=x, y2=height - 8, class_="life")


def _arrow(svg: Element, arrow: Arrow, y: int) -> None:
    holder = _sub(svg, "a", href=arrow.link) if arrow.link else svg
    group = _sub(holder, "g", class_="broken" if arrow.broken else "whole")
    colour = "sent" if arrow.sent else "received"
    start, end = (_SUITE, _SYSTEM) if arrow.sent else (_SYSTEM, _SUITE)
    back = -9 if arrow.sent else 9
    middle = (_SUITE + _SYSTEM) // 2
    line = f"arrow {colour} answer" if arrow.answer else f"arrow {colour}"
    _sub(group, "line", x1=start, y1=y, x2=end + back, y2=y, class_=line)
    _sub(group, "path", d=f"M{end} {y}l{back} -5v10z", class_=f"head {colour}")
    _text(group, one_line(arrow.label, 52), middle, y - 8, "label middle")
    if arrow.note:
        _text(group, one_line(arrow.note, 60), middle, y + 15, "small middle")
    _text(group, _offset(arrow), 64, y + 4, "small end")
    if arrow.broken:
        _sub(group, "path", d=f"M{end + 3 * back - 6} {y - 6}l12 12m0 -12l-12 12", class_="cross")
    if arrow.marked:
        _flag(group, y)


def _flag(group: Element, y: int) -> None:
    flag = _sub(group, "g", class_="finding")
    _sub(flag, "title", "A finding points at this message")
    _sub(flag, "circle", cx=_SYSTEM + 30, cy=y, r=9, class_="flag")
    _text(flag, "!", _SYSTEM + 30, y + 5, "bang middle")
    _text(flag, "finding", _SYSTEM + 46, y + 4, "small")


def _offset(arrow: Arrow) -> str:
    return f"+{arrow.offset:.3f} s"


def _text(parent: Element, text: str, x: int, y: int, name: str) -> None:
    _sub(parent, "text", text, x=x, y=y, class_=name)


def _sub(parent: Element, tag: str, text: str | None = None, **attributes: str | int) -> Element:
    item = etree.SubElement(parent, f"{{{_NAMESPACE}}}{tag}")
    item.text = text
    for name, value in attributes.items():
        item.set(name.rstrip("_"), str(value))
    return item
