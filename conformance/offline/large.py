"""Judge a message of any size in constant memory: validated while it is read, its readings judged and forgotten.

What is left when all readings are gone is a small message, which is judged like every other.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from lxml import etree

from conformance.message.xml import child, children, local_name, namespace
from conformance.standard.codes import is_type_code
from conformance.standard.schema_problems import without_namespaces
from conformance.standard.times import parse_time

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.standard.schemas import SchemaStore

    Element = etree._Element

#: How much is read at once, in bytes.
CHUNK = 1024 * 1024
_READINGS = ("Readings", "IntervalReadings")


class Emptied:
    """A message that was read to its end: what is left of it, and what was found in what is gone.

    ``problems`` are (requirement, expected, observed, line) in the order of the file, the same ones once with their
    number in ``counts``.
    """

    def __init__(self) -> None:
        """Start with nothing."""
        self.root: Element | None = None
        self.readings = 0
        self.counts: dict[tuple[str, str, str], int] = {}
        self.lines: dict[tuple[str, str, str], int | None] = {}

    def note(self, requirement: str, expected: str, observed: str, line: int | None) -> None:
        """Keep a finding; of the same ones the first line and the number."""
        key = (requirement, expected, observed)
        self.counts[key] = self.counts.get(key, 0) + 1
        self.lines.setdefault(key, line)
