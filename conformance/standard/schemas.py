"""The schema store: is this element valid, and if not, why not? (design, "Schemas")

lxml gives the verdict, xmlschema explains it. Both are known to err at the edges of XML Schema's value spaces
(libxml2 2.14 takes ``1e`` for a float, xmlschema 4.3 takes ``1_0`` for an integer), so a difference is never
passed over as a verdict: it is the suite's own error.
"""

from __future__ import annotations

import shutil
import tempfile
import threading
import weakref
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from lxml import etree

from conformance import resources
from conformance.errors import ConfigurationError, InternalError
from conformance.standard import schema_files
from conformance.standard.schema_problems import SchemaProblem, explain, from_log

if TYPE_CHECKING:
    from xmlschema import XMLSchema

__all__ = ["SchemaProblem", "SchemaStore", "SchemasDisagree"]


class SchemasDisagree(InternalError):  # noqa: N818 - it names what happened
    """lxml finds an element invalid and xmlschema does not: no verdict can be built on that."""


class SchemaStore:
    """Schemas by target namespace: the suite's own of one edition, or those in a user's directory.

    Nothing is read or compiled before it is needed, and each schema only once. Any thread may use the store.
    Hints in a message (``xsi:schemaLocation``) are not followed, and nothing is fetched from the network.
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
        self._lock = threading.RLock()
        self._verdict: dict[str, etree.XMLSchema] = {}
        self._reason: dict[str, XMLSchema] = {}

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
        with self._lock:
            return namespace in self._files

    def is_valid(self, element: etree._Element) -> bool:
        """Give lxml's verdict on ``element``, as if it were the outermost element of its document.

        What an envelope's Payload holds is not looked at: judge that on its own. Raises
        :class:`InternalError` when :meth:`knows` denies the element's namespace, and
        :class:`ConfigurationError` when the user's schema does not compile.
        """
        with self._lock:
            return self._schema(element).validate(etree.ElementTree(element))

    def problems(self, element: etree._Element) -> list[SchemaProblem]:
        """Return every reason why ``element`` is invalid, in document order; none when it is valid.

        Raises as :meth:`is_valid` does, and :class:`SchemasDisagree` when no reason can be found.
        """
        with self._lock:
            schema = self._schema(element)
            if schema.validate(etree.ElementTree(element)):
                return []
            said = list(from_log(schema.error_log, element))
            explainer = self._explainer(element)
            try:
                found = explain(explainer, element)
            except Exception:
                return said  # xmlschema raises anything on odd values, such as a year of twelve digits
        if not found:
            words = "; ".join(problem.message for problem in said)
            raise SchemasDisagree(f"lxml says: {words}. xmlschema finds nothing wrong ({self.source})")
        return found

    def _schema(self, element: etree._Element) -> etree.XMLSchema:
        namespace = str(element.tag)[1:].partition("}")[0]
        compiled = self._verdict.get(namespace)
        if compiled is None:
            file = self._file(namespace)
            try:
                compiled = etree.XMLSchema(etree.parse(file.usable))
            except etree.XMLSchemaParseError as error:
                raise self._unusable(file, error) from error
            self._verdict[namespace] = compiled
        return compiled

    def _explainer(self, element: etree._Element) -> XMLSchema:
        import xmlschema

        namespace = str(element.tag)[1:].partition("}")[0]
        compiled = self._reason.get(namespace)
        if compiled is None:
            file = self._file(namespace)
            try:
                compiled = xmlschema.XMLSchema(str(file.usable), allow="local", defuse="always")
            except xmlschema.XMLSchemaException as error:
                raise self._unusable(file, error) from error
            self._reason[namespace] = compiled
        return compiled

    def _file(self, namespace: str) -> schema_files.SchemaFile:
        file = self._files.get(namespace)
        if file is None:
            raise InternalError(f"no schema for '{namespace}' ({self.source}): ask knows() first")
        return file

    def _unusable(self, file: schema_files.SchemaFile, error: Exception) -> Exception:
        kind = InternalError if self._directory is None else ConfigurationError
        reason = str(error).replace(str(file.usable), file.original.name)
        return kind(f"The schema {file.original} cannot be used: {reason}")
