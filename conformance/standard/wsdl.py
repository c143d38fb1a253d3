"""The suite's own service descriptions, ready to be served over HTTP as ``?wsdl`` and ``?xsd=NAME``.

Styles 1 and 2 of facts/soap.md: ``generic`` for all nouns, and typed services such as ``GetMeterReadings``.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from lxml import etree

from conformance import resources
from conformance.standard.schema_files import XSD

if TYPE_CHECKING:
    from collections.abc import Mapping

_ADDRESSES = tuple(f"{{http://schemas.xmlsoap.org/wsdl/{kind}/}}address" for kind in ("soap", "soap12"))


@cache
def _files(pattern: str, edition: str) -> Mapping[str, Path]:
    found = (resources.directory("xsd") / edition).glob(pattern)
    return MappingProxyType({path.name: path for path in sorted(found)})


def services(edition: str = "2013") -> tuple[str, ...]:
    """Return the names of the services that have a description, in alphabetical order."""
    return tuple(Path(name).stem for name in _files("wsdl/*.wsdl", edition))


def wsdl(service: str, address: str, edition: str = "2013") -> bytes:
    """Return the description of ``service`` at ``address`` (a URL; what follows a ``?`` does not count).

    Its schema is linked as ``address?xsd=NAME``. Raises KeyError for an unknown service.
    """
    base = address.partition("?")[0]
    tree = etree.parse(_files("wsdl/*.wsdl", edition)[f"{service}.wsdl"])
    for port in tree.iter(*_ADDRESSES):
        port.set("location", base)
    return _linked(tree, base)


def served_schema(name: str, base: str, edition: str = "2013") -> bytes:
    """Return the schema file ``name`` (such as ``Message.xsd``) with its imports linked as ``base?xsd=NAME``.

    Raises KeyError for any name that is not exactly that of one of the suite's schemas.
    """
    return _linked(etree.parse(_files("*.xsd", edition)[name]), base.partition("?")[0])


def _linked(tree: etree._ElementTree[etree._Element], base: str) -> bytes:
    for link in tree.iter(f"{{{XSD}}}import", f"{{{XSD}}}include"):
        link.set("schemaLocation", f"{base}?xsd={Path(link.attrib['schemaLocation']).name}")
    return etree.tostring(tree, xml_declaration=True, encoding="UTF-8")
