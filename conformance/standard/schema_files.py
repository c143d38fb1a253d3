"""Finds schemas by their target namespace, whatever their files are called, and keeps them off the network.

The official files of IEC come under many names and import each other by locations that do not always exist.
So every import is pointed at the file that has its namespace, in a private copy of the directory, in which the
models are also put into a form that libxml2 judges rightly.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from lxml import etree

from conformance.errors import ConfigurationError

XSD = "http://www.w3.org/2001/XMLSchema"
_LINKS = (f"{{{XSD}}}import", f"{{{XSD}}}include", f"{{{XSD}}}redefine")


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaFile:
    """One schema: the file that a person knows, and the one to compile."""

    original: Path
    usable: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class _Document:
    path: Path
    namespace: str
    root: etree._Element


def _parse(path: Path) -> etree._Element | None:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    content = path.read_bytes()
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        if XSD.encode() in content:
            raise ConfigurationError(f"The schema {path} is not well-formed XML: {error}") from error
        return None
    return root if root.tag == f"{{{XSD}}}schema" else None


def _documents(directory: Path) -> list[_Document]:
    found = []
    for path in sorted(directory.rglob("*")):
        root = _parse(path) if path.suffix.lower() == ".xsd" and path.is_file() else None
        if root is not None:
            found.append(_Document(path=path, namespace=root.get("targetNamespace", ""), root=root))
    return found


def _local(document: _Document, location: str | None) -> Path | None:
    """Return the existing file that ``location`` means, or nothing: a location on the network is no file."""
    parts = urlsplit(location or "")
    if not parts.path or parts.scheme not in ("", "file") or parts.netloc:
        return None
    path = (document.path.parent / unquote(parts.path)).resolve()
    return path if path.is_file() else None


def _included(documents: list[_Document]) -> set[Path]:
    """Return the files that are a part of another one."""
    parts = set()
    for document in documents:
        for link in document.root.iterchildren(*_LINKS[1:]):
            part = _local(document, link.get("schemaLocation"))
            if part is not None and part != document.path.resolve():
                parts.add(part)
    return parts


def _by_namespace(documents: list[_Document]) -> dict[str, _Document]:
    parts = _included(documents)
    candidates: dict[str, list[_Document]] = defaultdict(list)
    for document in documents:
        if document.namespace and document.path.resolve() not in parts:
            candidates[document.namespace].append(document)
    ambiguous = []
    for namespace, files in candidates.items():
        if len({hashlib.sha256(file.path.read_bytes()).digest() for file in files}) > 1:
            ambiguous.append(f"{namespace}: {', '.join(str(file.path) for file in files)}")
    if ambiguous:
        raise ConfigurationError("Different schemas have the same namespace; leave one of each:", ambiguous)
    return {namespace: files[0] for namespace, files in candidates.items()}


def find(directory: Path, workspace: Path) -> dict[str, SchemaFile]:
    """Return the schemas of ``directory`` by target namespace, copied to ``workspace`` with local imports.

    Files that are no schema are ignored. Raises :class:`ConfigurationError` for a schema that is not
    well-formed, for a namespace that two different files claim, and for an include that is nowhere.
    """
    documents = _documents(directory)
    chosen = _by_namespace(documents)
    copies = {one.path.resolve(): workspace / f"{number}.xsd" for number, one in enumerate(documents)}
    for document in documents:
        for link in document.root.iterchildren(*_LINKS):
            _relink(document, link, chosen, copies)
        _isolate_wildcards(document.root)
    for document in documents:
        copies[document.path.resolve()].write_bytes(etree.tostring(document.root))
    return {
        namespace: SchemaFile(original=one.path, usable=copies[one.path.resolve()]) for namespace, one in chosen.items()
    }


def _relink(document: _Document, link: etree._Element, chosen: dict[str, _Document], copies: dict[Path, Path]) -> None:
    location = link.get("schemaLocation")
    target = _local(document, location)
    if link.tag == _LINKS[0]:
        known = chosen.get(link.get("namespace", ""))
        target = known.path.resolve() if known is not None else target
    elif target is None:
        raise ConfigurationError(f"The schema {document.path} needs {location}: add that file")
    link.attrib.pop("schemaLocation", None)
    if target is not None:
        link.set("schemaLocation", copies[target].name if target in copies else target.as_uri())


def _isolate_wildcards(root: etree._Element) -> None:
    """Put every repeating wildcard into a sequence of its own, which means the same.

    Otherwise libxml2 (2.14) lets elements that must precede the wildcard follow it as well.
    """
    for wildcard in list(root.iter(f"{{{XSD}}}any")):
        if wildcard.get("maxOccurs", "1") in ("0", "1"):
            continue
        sequence = etree.Element(f"{{{XSD}}}sequence")
        for bound in ("minOccurs", "maxOccurs"):
            if bound in wildcard.attrib:
                sequence.set(bound, wildcard.attrib.pop(bound))
        wildcard.addprevious(sequence)
        sequence.append(wildcard)
