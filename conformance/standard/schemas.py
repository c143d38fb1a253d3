"""The schema store: is this element valid, and if not, why not? (design, "Schemas")

lxml gives the verdict, xmlschema explains it. Both are known to err at the edges of XML Schema's value spaces
(libxml2 2.14 takes ``1e`` for a float, xmlschema 4.3 takes ``1_0`` for an integer), so a difference is never
passed over as a verdict: it is the suite's own error.
"""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections import defaultdict, deque
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from lxml import etree

from conformance import resources
from conformance.errors import ConfigurationError, InternalError
from conformance.standard import schema_files
from conformance.standard.schema_problems import SchemaProblem, explain, from_log

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xmlschema import XMLSchema

__all__ = ["SchemaProblem", "SchemaStore", "SchemasDisagree"]


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
    """

    def __init__(self, edition: str = "2013", directory: Path | None = None) -> None:
        """Choose the own schemas of ``edition``, or only those in ``directory``.

        Raises :class:`ConfigurationError` when there is no such directory, or no own schema of the edition.
        """
        self._edition = edition
        self._directory = directory
        if directory is not None and not directory.is_dir():
            raise ConfigurationError(f"schemas = {directory}: there is no such directory")
        if directory is None and not (resources.directory("xsd") / edition).is_dir():
            raise ConfigurationError(
                f"The suite has no schemas of its own for edition {edition}: name the official ones with schemas = DIR"
            )
        self._idle: defaultdict[str, deque[_Compiled]] = defaultdict(deque)

    @property
    def source(self) -> str:
        """Where the schemas come from, for reports."""
        if self._directory is None:
            return f"own schemas, edition {self._edition}"
        return f"schemas in {self._directory}"

    @cached_property
    def _files(self) -> dict[str, schema_files.SchemaFile]:
        directory = self._directory or resources.directory("xsd") / self._edition
        workspace = Path(tempfile.mkdtemp(prefix="conformance-schemas-"))
        weakref.finalize(self, shutil.rmtree, workspace, ignore_errors=True)
        return schema_files.find(directory, workspace)

    def knows(self, namespace: str) -> bool:
        """Say whether there is a schema for ``namespace``.

        Raises :class:`ConfigurationError` when the user's directory cannot be used.
        """
        return namespace in self._files

    def usable(self, namespace: str) -> Path:
        """Return the file to compile for ``namespace``, which :meth:`knows`; it lives as long as the store."""
        return self._files[namespace].usable

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
        file = self._files.get(namespace)
        if file is None:
            raise InternalError(f"no schema for '{namespace}' ({self.source}): ask knows() first")
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
        return kind(f"The schema {file.original} cannot be used: {reason}")
