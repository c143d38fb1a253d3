"""Texts and bytes that a hostile or broken system could send, and what a report has to make of them."""

SCRIPT = "<script>alert(1)</script>"
HOSTILE = (
    f"{SCRIPT} ]]> \x00 \x1b[31mred\x1b[0m \x9b2J [bold]not bold[/bold] \" ' onmouseover='x' javascript:alert(2)"
    " \u202egnp.exe \ud800 {{ 7*7 }} </pre></style></svg> &amp; \r\n<!-- --> \ufffe"
)
#: What of it a reader has to find, literally, in every report.
READABLE = (SCRIPT, "]]>", "\u241b[31mred", "[bold]not bold[/bold]", "javascript:alert(2)", "{{ 7*7 }}", "&amp;")
#: What must not be in any of them.
ACTIVE = ("\x00", "\x1b", "\x9b", "\u202e", "\ud800", "\ufffe")

BODIES = {
    "malformed": b"<m:EventMessage xmlns:m='x'><m:Header>" + SCRIPT.encode(),
    "markup in text": b"<a>&lt;script&gt;alert(1)&lt;/script&gt;</a>",
    "html": b"<html><body onload='alert(1)'><script>alert(1)</script></body></html>",
    "entities": b"<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>",
    "utf-16": "<?xml version='1.0' encoding='UTF-16'?><größe>€</größe>".encode("utf-16"),
    "utf-16 cut": "<größe>€".encode("utf-16"),
    "latin-1": "<?xml version='1.0' encoding='ISO-8859-1'?><größe>ü</größe>".encode("latin-1"),
    "not utf-8": b"<a>\xff\xfe\xfa</a>",
    "binary": bytes(range(256)) * 64,
    "nothing": b"",
    "blanks": b"  \r\n ",
    "nul": b"\x00",
    "escape": b"\x1b[2J<a>\x1b</a>",
    "unknown encoding": b"<?xml version='1.0' encoding='no-such'?><a/>",
    "deep": b"<a>" * 300 + b"</a>" * 300,
    "comment": b"<a><!-- kept --><?pi kept?><b>1</b></a>",
}
