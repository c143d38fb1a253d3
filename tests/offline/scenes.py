"""Fixtures as recordings: each scene becomes a HAR file, which ``check`` reads like one of a proxy."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from conformance.journal import Entry


def _content(entry: Entry | None) -> dict[str, Any]:
    if entry is None:
        return {}
    body = base64.b64encode(entry.body).decode()
    return {"mimeType": entry.content_type, "text": body, "encoding": "base64"}


def _recorded(request: Entry, answer: Entry | None) -> dict[str, Any]:
    status = (answer.status or 0) if answer is not None else 0
    return {
        "request": {"url": "http://system.example/", "postData": _content(request)},
        "response": {"status": status, "content": _content(answer)},
    }


def _fetched(description: Entry) -> dict[str, Any]:
    request = {"method": "GET", "url": description.url}
    return {"request": request, "response": {"status": 200, "content": _content(description)}}


def record(entries: Sequence[Entry], path: Path) -> None:
    """Write what a fixture holds to ``path``: requests with their answers, and what came by itself."""
    answers = {entry.answers: entry for entry in entries if entry.channel == "reply"}
    recorded = [
        _fetched(entry) if entry.channel == "description" else _recorded(entry, answers.get(entry.id))
        for entry in entries
        if entry.channel != "reply"
    ]
    path.write_text(json.dumps({"log": {"version": "1.2", "entries": recorded}}), encoding="utf-8")
