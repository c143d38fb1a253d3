"""Make text of the system under test safe to show: all is visible, nothing acts on the reader's device."""

from __future__ import annotations

import hashlib
import re

#: What XML forbids, terminals obey, or readers cannot see: C0 without tab and newline, DEL, C1, the controls
#: that turn text around (Unicode TR 36, 3.3), lone surrogates and non-characters.
_HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
_UNSAFE_IN_NAMES = re.compile(r"[^A-Za-z0-9]+")


def visible(text: str) -> str:
    """Return ``text`` with a control picture (␛ for ESC) or U+FFFD for every character of that kind."""
    if not _HIDDEN.search(text):
        return text
    return _HIDDEN.sub(_picture, text.replace("\r\n", "\n"))


def _picture(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code < 0x20:
        return chr(0x2400 + code)
    return "\u2421" if code == 0x7F else "\ufffd"


def one_line(text: str, limit: int = 200) -> str:
    """Return ``text`` visible, on one line and at most ``limit`` characters long."""
    line = " ".join(visible(text).split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def slug(name: str) -> str:
    """Return a name for files and anchors: the same from run to run, and of ``name`` alone."""
    digest = hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()[:8]
    readable = _UNSAFE_IN_NAMES.sub("-", name.replace(".feature", "")).strip("-").lower()[:48].rstrip("-")
    return f"{readable}-{digest}" if readable else digest


def size(count: int) -> str:
    """Return a number of bytes as people read it, in binary units."""
    if count < 1024:
        return f"{count} B"
    if count < 1024 * 1024:
        return f"{count / 1024:.1f} KiB"
    return f"{count / (1024 * 1024):.1f} MiB"
