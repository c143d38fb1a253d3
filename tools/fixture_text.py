"""How a recorded scene is written as a fixture (see tests/fixture_scenes.py)."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from lxml import etree

from conformance.errors import MessageError
from conformance.message.xml import parse_xml
from conformance.transport.jms.messages import text_of
from tests.fixture_scenes import STARTED, terms

if TYPE_CHECKING:
    from conformance.journal import Entry

_UUID = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")
MADE = re.compile(r"(<(?:\S+:)?(?:Timestamp|Created)>)\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}")
#: What tells nothing in a fixture.
_LEFT_OUT = ("JMSMessageID", "JMSPriority", "JMSRedelivered")
_FILLING = re.compile(r"(<!--\.+-->)+ *")


def lines_of(entry: Entry) -> list[str]:
    """Return the lines of one entry."""
    moment = STARTED + timedelta(seconds=round(entry.at - STARTED.timestamp(), 1))
    at = moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if entry.channel == "request":
        opening, tag = f'  <sent at="{at}"', "sent"
    else:
        channel = f' channel="{entry.channel}"'
        status = f' status="{entry.status}"' if entry.status else ""
        answers = f' answers="{entry.answers}"{status}' if entry.answers else ""
        opening, tag = f'  <received{channel}{answers} at="{at}"', "received"
    if not entry.body:
        note = f" note={quoteattr(entry.note)}" if entry.note else ""
        return [f"{opening}{note}/>"]
    text = body_text(entry.body) if entry.transport == "jms" else entry.body.decode(errors="replace")
    body = MADE.sub(rf"\g<1>{at[:-1]}", text) if tag == "sent" else text
    return [f"{opening}>", *header_lines(entry), *body_lines(body), f"  </{tag}>"]


def body_lines(text: str) -> list[str]:
    """Return a body as a fixture shows it: indented XML, or CDATA."""
    try:
        element = parse_xml(text.encode())
    except MessageError:
        return [f"<![CDATA[{text}]]>"]
    etree.indent(element, "  ", level=2)
    return ("    " + etree.tostring(element, encoding="unicode")).splitlines()


def header_lines(entry: Entry) -> list[str]:
    """Return the element ``jms`` of a fixture: a header or property in each line."""
    if entry.transport != "jms" or not entry.headers:
        return []
    shown = {name: value for name, value in entry.headers.items() if name not in _LEFT_OUT}
    return ["    <jms>", *(f"      {escape(name)}: {escape(value)}" for name, value in shown.items()), "    </jms>"]


def body_text(body: bytes) -> str:
    """Return a body as a fixture can have it: in UTF-8, and without what only fills it."""
    text = (text_of(body) or body.decode(errors="replace")).replace("\0", "\ufffd").lstrip("\ufeff")
    return _FILLING.sub("<!-- filled up -->", re.sub(r"\A<\?xml.*?\?>\s*", "", text))


def stable(lines: list[str]) -> list[str]:
    """Return the lines with the same ids in every recording."""
    known = {str(meter.mrid) for meter in terms().meters}
    seen: dict[str, str] = {}

    def named(found: re.Match[str]) -> str:
        text = found[0]
        return text if text in known else seen.setdefault(text, f"00000000-0000-4000-8000-{len(seen) + 1:012d}")

    return [_UUID.sub(named, line) for line in lines]


def written(lines: list[str], about: str, **attributes: str) -> str:
    """Return the text of a fixture."""
    more = "".join(f" {name}={quoteattr(value)}" for name, value in attributes.items())
    opening = f'<scene about={quoteattr(about)} started="2026-01-01T00:00:00Z"{more}>'
    return "\n".join([opening, *lines, "</scene>", ""])
