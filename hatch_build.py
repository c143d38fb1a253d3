"""Build hook: the wheel carries the schemas and the feature files as ``conformance/_data``.

An editable installation reads them from the repository, so it gets no copies that could grow stale.
"""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SHIPPED = ("xsd", "features")


class ShippedData(BuildHookInterface[Any]):
    """Adds each directory of :data:`SHIPPED` that holds files; an absent one is reported, not fatal."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Extend the wheel, unless it is an editable one."""
        if version == "editable":
            return
        for name in SHIPPED:
            source = Path(self.root, name)
            if source.is_dir() and any(source.rglob("*.*")):
                build_data["force_include"][str(source)] = f"conformance/_data/{name}"
            else:
                self.app.display_warning(f"{name}/ is absent or empty: the wheel is built without it")
