"""Finds schemas by their target namespace, whatever their files are called, and keeps them off the network.

The official files of IEC come under many names and import each other by locations that do not always exist.
So every import is pointed at the file that has its namespace, in a private copy of the schema and of all that it
needs, in which the models are also put into a form that libxml2 judges rightly.
"""

from __future__ import annotations

import copy
import hashlib
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from lxml import etree

from conformance.errors import ConfigurationError

XSD = "http://www.w3.org/2001/XMLSchema"
_LINKS = (f"{{{XSD}}}import", f"{{{XSD}}}include", f"{{{XSD}}}redefine")


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaFile:
    """One schema: the file that a person knows, the one to compile, and the namespaces that it needs in vain."""

    original: Path
    usable: Path
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Document:
    path: Path
    resolved: Path
    namespace: str
    root: etree._Element


@dataclass(frozen=True, slots=True)
class _Copy:
    """A copied schema: the other files that it needs, and the namespaces for which there is none."""

    needs: tuple[Path, ...]
    missing: tuple[str, ...]


def _parse(path: Path, rewrite: Callable[[bytes], bytes]) -> etree._Element | None:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        content = rewrite(path.read_bytes())
    except OSError as error:
        raise ConfigurationError(f"The schema {path} cannot be read: {error.strerror}; check its permissions") from None
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        if XSD.encode() in content:
            raise ConfigurationError(f"The schema {path} is not well-formed XML: {error}") from error
        return None
    return root if root.tag == f"{{{XSD}}}schema" else None


def _documents(directory: Path, rewrite: Callable[[bytes], bytes]) -> list[_Document]:
    found = []
    for path in sorted(directory.rglob("*")):
        root = _parse(path, rewrite) if path.suffix.lower() == ".xsd" and path.is_file() else None
        if root is not None:
            found.append(
                _Document(path=path, resolved=path.resolve(), namespace=root.get("targetNamespace", ""), root=root)
            )
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
            if part is not None and part != document.resolved:
                parts.add(part)
    return parts


def _by_namespace(documents: list[_Document]) -> dict[str, _Document]:
    parts = _included(documents)
    candidates: dict[str, list[_Document]] = defaultdict(list)
    for document in documents:
        if document.namespace and document.resolved not in parts:
            candidates[document.namespace].append(document)
    ambiguous = []
    for namespace, files in candidates.items():
        if len(files) > 1 and len({hashlib.sha256(one.path.read_bytes()).digest() for one in files}) > 1:
            ambiguous.append(f"{namespace}: {', '.join(str(file.path) for file in files)}")
    if ambiguous:
        raise ConfigurationError("Different schemas have the same namespace; leave one of each:", ambiguous)
    return {namespace: files[0] for namespace, files in candidates.items()}


class Library:
    """The schemas of one directory by target namespace; each is made usable when somebody first asks for it."""

    def __init__(self, directory: Path, workspace: Path, rewrite: Callable[[bytes], bytes] = bytes) -> None:
        """Look through ``directory``; copies go to ``workspace``, and ``rewrite`` sees every file first.

        Files that are no schema are ignored. Raises :class:`ConfigurationError` for a schema that cannot be read or
        is not well-formed, for a namespace that two different files claim, and for an include that is nowhere.
        """
        documents = _documents(directory, rewrite)
        self._chosen = _by_namespace(documents)
        self._documents = {one.resolved: one for one in documents}
        self._targets = {one.resolved: workspace / f"{number}.xsd" for number, one in enumerate(documents)}
        self._copies: dict[Path, _Copy] = {}
        for document in documents:
            for link in document.root.iterchildren(*_LINKS[1:]):
                location = link.get("schemaLocation")
                if _local(document, location) is None:
                    raise ConfigurationError(f"The schema {document.path} needs {location}: add that file")

    @property
    def namespaces(self) -> frozenset[str]:
        """The target namespaces of all schemas."""
        return frozenset(self._chosen)

    def comment(self, namespace: str) -> str:
        """Return what stands in comments before the outermost element of a schema."""
        root = self._chosen[namespace].root
        return "".join(str(one.text) for one in root.itersiblings(etree.Comment, preceding=True))

    def usable(self, namespace: str) -> SchemaFile:
        """Return the schema of ``namespace``, which must be one of :attr:`namespaces`, ready to be compiled."""
        document = self._chosen[namespace]
        missing = dict.fromkeys(name for one in self._all(document.resolved) for name in one.missing)
        return SchemaFile(original=document.path, usable=self._targets[document.resolved], missing=tuple(missing))

    def _all(self, first: Path) -> Iterator[_Copy]:
        """Copy the schema at ``first`` and all that it needs."""
        needed, seen = [first], {first}
        while needed:
            path = needed.pop()
            if path not in self._copies:
                self._copies[path] = self._copied(self._documents[path], self._targets[path])
            yield self._copies[path]
            more = [one for one in self._copies[path].needs if one not in seen]
            needed += more
            seen.update(more)

    def _copied(self, document: _Document, target: Path) -> _Copy:
        """Write the copy at once: another thread may be reading the one that it made itself."""
        needs, missing, root = [], [], copy.deepcopy(document.root)
        for link in root.iterchildren(*_LINKS):
            part = _local(document, link.get("schemaLocation"))
            if link.tag == _LINKS[0]:
                known = self._chosen.get(link.get("namespace", ""))
                part = known.resolved if known is not None else part
            link.attrib.pop("schemaLocation", None)
            if part is None:
                missing.append(link.get("namespace", ""))
            elif part in self._targets:
                link.set("schemaLocation", self._targets[part].name)
                needs.append(part)
            else:
                link.set("schemaLocation", part.as_uri())
        _isolate_wildcards(root)
        with tempfile.NamedTemporaryFile(dir=target.parent, delete=False) as stream:
            stream.write(etree.tostring(root))
        Path(stream.name).replace(target)
        return _Copy(tuple(needs), tuple(missing))


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
