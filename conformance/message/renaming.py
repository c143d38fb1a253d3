"""Puts a message into the namespaces of another edition, or into those that a user knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lxml import etree

from conformance.standard.editions import EDITION_2013, Edition
from conformance.standard.namespaces import recognise

if TYPE_CHECKING:
    Element = etree._Element


def in_edition(message: Element, edition: Edition) -> Element:
    """Return ``message``, which is in the namespaces of 2013, in those of ``edition``; prefixes stay as they are.

    Other namespaces, also wrong ones, are left alone. The message itself is never changed.
    """
    return message if edition == EDITION_2013 else _renamed(message, edition)


def _renamed(element: Element, edition: Edition) -> Element:
    spaces = {prefix: _uri(uri, edition) for prefix, uri in element.nsmap.items()}
    name = etree.QName(element)
    made = etree.Element(etree.QName(_uri(name.namespace or "", edition) or None, name.localname), nsmap=spaces)
    made.attrib.update(element.attrib)
    made.text, made.tail = element.text, element.tail
    made.extend([_renamed(item, edition) for item in element.iterchildren("*")])
    return made


def _uri(uri: str, edition: Edition) -> str:
    found = recognise(uri, [EDITION_2013])
    if found.edition is None:
        return uri
    renamed = {"envelope": edition.envelope, "profile": edition.profile(found.noun)}
    return renamed.get(found.kind) or edition.wrapper(found.noun)
