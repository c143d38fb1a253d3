"""One schema for a whole document, for validating it while it is read: envelope, profiles and SOAP around them.

The store judges envelope and payload apart, each as the outermost element; that takes the whole document in memory.
"""

from __future__ import annotations

import re
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING
from xml.sax.saxutils import quoteattr

from lxml import etree

if TYPE_CHECKING:
    from conformance.standard.schemas import SchemaStore

_LOCATION = re.compile(r'schemaLocation="([^"]+)"')
_SCHEMA = '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"{attributes}>{content}</xs:schema>'
#: A SOAP envelope around anything: what stands in its Body is validated as far as it has a schema.
_SOAP = (
    '<xs:element name="Envelope"><xs:complexType><xs:sequence>'
    '<xs:element name="Header" minOccurs="0" type="xs:anyType"/>'
    '<xs:element name="Body"><xs:complexType><xs:sequence>'
    '<xs:any namespace="##any" processContents="lax" minOccurs="0" maxOccurs="unbounded"/>'
    '</xs:sequence><xs:anyAttribute processContents="skip"/></xs:complexType></xs:element>'
    '</xs:sequence><xs:anyAttribute processContents="skip"/></xs:complexType></xs:element>'
)


@lru_cache(maxsize=8)
def schema_of_documents(
    store: SchemaStore, spaces: tuple[str, ...], renamed: tuple[tuple[str, str], ...] = (), soap: str = ""
) -> etree.XMLSchema:
    """Return a schema of documents whose elements are in ``spaces``, which ``store`` knows.

    ``renamed`` are pairs of a namespace of the standard and the one that the document has in its place; ``soap`` is
    the namespace of the SOAP envelope around, if there is one. Where the envelope's schema skips what a payload
    holds, it is validated here. Raises as the store does.
    """
    with tempfile.TemporaryDirectory(prefix="conformance-schemas-") as name:
        folder, links = Path(name), []
        for space in spaces:
            file = store.usable(space)
            _copy(file, folder, dict(renamed))
            links.append((dict(renamed).get(space, space), file.name))
        if soap:
            attributes = f' targetNamespace={quoteattr(soap)} elementFormDefault="qualified"'
            (folder / "soap.xsd").write_text(_SCHEMA.format(attributes=attributes, content=_SOAP), encoding="utf-8")
            links.append((soap, "soap.xsd"))
        content = "".join(f'<xs:import namespace={quoteattr(space)} schemaLocation="{at}"/>' for space, at in links)
        driver = folder / "driver.xsd"
        driver.write_text(_SCHEMA.format(attributes="", content=content), encoding="utf-8")
        return etree.XMLSchema(etree.parse(driver))


def _copy(file: Path, folder: Path, renamed: dict[str, str]) -> None:
    """Copy ``file``, and what it imports, in the namespaces that the document has."""
    target = folder / file.name
    if target.exists():
        return
    text = file.read_text(encoding="utf-8").replace('processContents="skip"', 'processContents="lax"')
    for old, new in renamed.items():
        text = text.replace(f'"{old}"', quoteattr(new))
    target.write_text(text, encoding="utf-8")
    for link in _LOCATION.findall(text):
        if (file.parent / link).is_file():
            _copy(file.parent / link, folder, renamed)
