"""The schema store: is this element valid, and if not, why not? (design, "Schemas")

lxml gives the verdict, xmlschema explains it. Both are known to err at the edges of XML Schema's value spaces
(libxml2 2.14 takes ``1e`` for a float, xmlschema 4.3 takes ``1_0`` for an integer), so a difference is never
passed over as a verdict: it is the suite's own error.
"""

from __future__ import annotations

import re
import shutil
import tempfile
import weakref
from collections import defaultdict, deque
from contextlib import contextmanager
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from lxml import etree

from conformance import resources
from conformance.errors import ConfigurationError, InternalError
from conformance.standard import schema_files
from conformance.standard.editions import EDITIONS, Edition
from conformance.standard.schema_problems import SchemaProblem, explain, from_log

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xmlschema import XMLSchema

__all__ = ["SchemaProblem", "SchemaStore", "SchemasDisagree"]

#: In how many public sources the content of a profile must have been read, for its schema to be believed.
ENOUGH_SOURCES = 2
_BASIS = re.compile(r"^ *Basis: (?P<kind>\w+)(?:, (?P<sources>\d+) public sources?)?\.$", re.MULTILINE)


class SchemasDisagree(InternalError):  # noqa: N818 - it names what happened
    """lxml finds an element invalid and xmlschema does not: no verdict can be built on that."""


class _Compiled:
    """One schema, compiled for lxml, and for xmlschema once something is wrong."""

    def __init__(self, file: schema_files.SchemaFile) -> None:
        self.file = file
        self.judge = etree.XMLSchema(etree.parse(file.usable))

    @cached_property
    def explainer(self) -> XMLSchema:
        import xmlschema

        return xmlschema.XMLSchema(str(self.file.usable), allow="local", defuse="always")


class SchemaStore:
    """Schemas by target namespace: the suite's own of one edition, or those in a user's directory.

    Nothing is read or compiled before it is needed, and each schema only once for as many threads as use it at
    the same time. Any thread may use the store, but only one at a time the same document: lxml re-parents the
    children of a sub-element while it judges that. Hints in a message (``xsi:schemaLocation``) are not
    followed, and nothing is fetched from the network.

    A user's directory replaces the own schemas, except those of the typed SOAP wrappers when it has none of them:
    what stands in a wrapper is judged on its own anyway.
    """

    def __init__(self, edition: str | Edition = "2013", directory: Path | None = None) -> None:
        """Choose the own schemas of ``edition``, or those in ``directory``.

        An :class:`Edition` may be a renamed one: then the own schemas have its namespaces. Raises
        :class:`ConfigurationError` when there is no such directory, or no own schema of the edition.
        """
        name = edition if isinstance(edition, str) else edition.name
        if directory is not None and not directory.is_dir():
            raise ConfigurationError(f"schemas = {directory}: there is no such directory")
        if name not in EDITIONS:
            raise ConfigurationError(
                f"The suite has no schemas of its own for edition {name}: name the official ones with schemas = DIR"
            )
        self._edition = EDITIONS[name] if isinstance(edition, str) else edition
        self._directory = directory
        self._idle: defaultdict[str, deque[_Compiled]] = defaultdict(deque)
        self._believed: dict[str, bool] = {}

    @property
    def source(self) -> str:
        """Where the schemas come from, for reports.

        Raises :class:`ConfigurationError` when the user's directory cannot be used.
        """
        if self._directory is None:
            renamed = "" if self._edition == EDITIONS[self._edition.name] else ", in the namespaces of SUT.toml"
            return f"own schemas, edition {self._edition.name}{renamed}"
        wrappers = "" if self._has_wrappers else "; typed SOAP wrappers: own schemas"
        return f"schemas in {self._directory}{wrappers}"

    @cached_property
    def _library(self) -> schema_files.Library:
        workspace = Path(tempfile.mkdtemp(prefix="conformance-schemas-"))
        weakref.finalize(self, shutil.rmtree, workspace, ignore_errors=True)
        if self._directory is None:
            directory = resources.directory("xsd") / self._edition.name
            return schema_files.Library(directory, workspace, partial(renamed, edition=self._edition))
        library = schema_files.Library(self._directory, workspace)
        if not library.namespaces:
            raise ConfigurationError(f"schemas = {self._directory}: there is no schema in it, that is no file *.xsd")
        return library

    def check(self) -> None:
        """Compile every schema of a user's directory, so that no problem is left for the run.

        Raises :class:`ConfigurationError` that names every problem; also when there is no envelope, since every
        message would be refused then. The own schemas are not looked at.
        """
        if self._directory is None:
            return
        problems = []
        for namespace in sorted(self._library.namespaces):
            try:
                self._idle[namespace].append(self._compile(namespace))
            except ConfigurationError as error:
                problems.append(error.message)
        if self._edition.envelope not in self._library.namespaces:
            found = ", ".join(sorted(self._library.namespaces))
            problems.append(f"none is the envelope {self._edition.envelope}: add Message.xsd (found: {found})")
        if problems:
            raise ConfigurationError(f"schemas = {self._directory} cannot be used", problems)

    @cached_property
    def _own(self) -> SchemaStore:
        return SchemaStore(self._edition)

    @cached_property
    def _has_wrappers(self) -> bool:
        return any(self._edition.is_wrapper(namespace) for namespace in self._library.namespaces)

    def _instead(self, namespace: str) -> bool:
        """Whether an own schema has to take the place of one that the user's directory lacks."""
        return self._directory is not None and not self._has_wrappers and self._edition.is_wrapper(namespace)

    def knows(self, namespace: str) -> bool:
        """Say whether there is a schema for ``namespace``.

        Raises :class:`ConfigurationError` when the user's directory cannot be used.
        """
        return namespace in self._library.namespaces or (self._instead(namespace) and self._own.knows(namespace))

    def is_authoritative(self, namespace: str) -> bool:
        """Say whether what the schema of ``namespace`` refuses is surely illegal; :meth:`knows` must know it.

        A user's official schemas are. The own ones are when their content was read in two public sources or more;
        one that follows the classes, or a single source, or another edition, says so in its first comment.
        """
        if self._directory is not None and not self._instead(namespace):
            return True
        if namespace not in self._believed:
            basis = _BASIS.search((self._own if self._directory else self)._library.comment(namespace))
            enough = basis is None or (basis["kind"] == "schema" and int(basis["sources"] or 0) >= ENOUGH_SOURCES)
            self._believed[namespace] = enough
        return self._believed[namespace]

    def usable(self, namespace: str) -> Path:
        """Return the file to compile for ``namespace``, which :meth:`knows`; it lives as long as the store."""
        return (self._own if self._instead(namespace) else self)._library.usable(namespace).usable

    def is_valid(self, element: etree._Element) -> bool:
        """Give lxml's verdict on ``element``, as if it were the outermost element of its document.

        What an envelope's Payload holds is not looked at: judge that on its own. Raises
        :class:`InternalError` when :meth:`knows` denies the element's namespace, and
        :class:`ConfigurationError` when the user's schema does not compile.
        """
        with self._schema_of(element) as schema:
            return schema.judge.validate(etree.ElementTree(element))

    def problems(self, element: etree._Element) -> list[SchemaProblem]:
        """Return every reason why ``element`` is invalid, in document order; none when it is valid.

        Raises as :meth:`is_valid` does, and :class:`SchemasDisagree` when no reason can be found.
        """
        with self._schema_of(element) as schema:
            if schema.judge.validate(etree.ElementTree(element)):
                return []
            said = list(from_log(schema.judge.error_log, element))
            explainer = self._explainer(schema)
            try:
                found = explain(explainer, element)
            except Exception:
                return said  # xmlschema raises anything on odd values, such as a year of twelve digits
        if not found:
            words = "; ".join(problem.message for problem in said)
            raise SchemasDisagree(f"lxml says: {words}. xmlschema finds nothing wrong ({self.source})")
        return found

    @contextmanager
    def _schema_of(self, element: etree._Element) -> Iterator[_Compiled]:
        """Lend a compiled schema that no other thread has: lxml keeps its error log in it."""
        namespace = str(element.tag)[1:].partition("}")[0]
        idle = self._idle[namespace]
        try:
            schema = idle.pop()
        except IndexError:
            schema = self._compile(namespace)
        try:
            yield schema
        finally:
            idle.append(schema)

    def _compile(self, namespace: str) -> _Compiled:
        if self._instead(namespace):
            return self._own._compile(namespace)
        if namespace not in self._library.namespaces:
            raise InternalError(f"no schema for '{namespace}' ({self.source}): ask knows() first")
        file = self._library.usable(namespace)
        try:
            return _Compiled(file)
        except etree.XMLSchemaParseError as error:
            raise self._unusable(file, error) from error

    def _explainer(self, schema: _Compiled) -> XMLSchema:
        from xmlschema import XMLSchemaException

        try:
            return schema.explainer
        except XMLSchemaException as error:
            raise self._unusable(schema.file, error) from error

    def _unusable(self, file: schema_files.SchemaFile, error: Exception) -> Exception:
        kind = InternalError if self._directory is None else ConfigurationError
        reason = str(error).replace(str(file.usable), file.original.name)
        if file.missing:
            reason = f"no file has the namespace {', '.join(file.missing)}, which it imports: add that ({reason})"
        return kind(f"The schema {file.original} cannot be used: {reason}")


def renamed(content: bytes, *, edition: Edition) -> bytes:
    """Return one of the own schemas with the namespaces that ``edition`` has, which may be a renamed one."""
    ordinary = EDITIONS[edition.name]
    if edition == ordinary:
        return content
    text = content.decode()
    for old, new in zip(ordinary.patterns, edition.patterns, strict=True):
        before, _, after = old.partition("{noun}")
        pattern = f'"{re.escape(before)}(?P<noun>[A-Za-z]*?){re.escape(after)}"' if after else f'"{re.escape(before)}"'
        text = re.sub(pattern, partial(_replaced, new=new), text)
    return text.encode()


def _replaced(found: re.Match[str], *, new: str) -> str:
    uri = new.replace("{noun}", found["noun"]) if "noun" in found.re.groupindex else new
    return f'"{escape(uri)}"'
