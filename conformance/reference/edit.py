"""Small changes to a message that is already XML: find, set, remove, move. Local names count."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

from lxml import etree

from conformance.message.parse import read
from conformance.message.xml import child, local_name, namespace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conformance.message.model import Message

Element = etree._Element


def every(element: Element, name: str) -> Iterator[Element]:
    """Iterate over all elements called ``name`` in ``element``, at any depth, as they are now."""
    yield from [item for item in element.iter(etree.Element) if local_name(item) == name]


def at(element: Element, *path: str) -> Element | None:
    """Return the element at ``path`` below ``element``."""
    found: Element | None = element
    for name in path:
        found = child(found, name)
    return found


def set_text(element: Element, path: tuple[str, ...], change: Callable[[str], str]) -> Element:
    """Change the text at ``path``, if there is such an element, and return ``element``."""
    found = at(element, *path)
    if found is not None:
        found.text = change(found.text or "")
    return element


def remove(element: Element, *path: str) -> Element:
    """Remove the element at ``path``, if there is one, and return ``element``."""
    found = at(element, *path)
    if found is not None:
        drop(found)
    return element


def drop(element: Element) -> None:
    """Remove ``element`` from its parent."""
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)


def first(element: Element, name: str) -> Element | None:
    """Return the first element called ``name`` at any depth."""
    return next(every(element, name), None)


def moved_to_namespace(element: Element, space: str) -> None:
    """Put ``element`` and everything in its namespace into ``space`` ("" is no namespace)."""
    old = namespace(element)
    for item in element.iter(etree.Element):
        if namespace(item) == old:
            item.tag = f"{{{space}}}{local_name(item)}" if space else local_name(item)
    etree.cleanup_namespaces(element)


def repaired(message: Message, name: str, text: str) -> Message:
    """Return ``message`` as if the header element ``name`` said ``text``."""
    root = copy.deepcopy(message.root)
    header = child(root, "Header")
    if header is None:
        return message
    found = child(header, name)
    if found is None:
        verb = child(header, "Verb")
        space = namespace(verb if verb is not None else header)
        found = etree.Element(f"{{{space}}}{name}")
        header.insert(1, found)
    found.text = text
    return read(root)
