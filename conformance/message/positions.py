"""Where each element of a document starts: lxml knows lines, and only for as long as they are few; expat knows both."""

from __future__ import annotations

import contextlib
from xml.parsers import expat


def positions(body: bytes) -> list[tuple[int, int]]:
    """Return line and column (from 1) of every start tag of ``body``, in document order.

    For a document that was read before (:func:`conformance.message.xml.parse_xml`), so without a DTD. Where expat
    cannot follow (an encoding that it does not know), the list ends there.
    """
    found: list[tuple[int, int]] = []
    parser = expat.ParserCreate()
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    parser.StartElementHandler = lambda _name, _attributes: found.append(
        (parser.CurrentLineNumber, parser.CurrentColumnNumber + 1)
    )
    with contextlib.suppress(expat.ExpatError, ValueError, LookupError):
        parser.Parse(body, True)
    return found
