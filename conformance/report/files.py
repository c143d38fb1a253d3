"""Write a report in one piece: a kill leaves the old file or the new one, never half of one."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from conformance.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterable


def write_atomically(path: Path, pieces: Iterable[bytes]) -> None:
    """Write ``pieces`` to a temporary file beside ``path`` and rename it.

    Raises ConfigurationError when the directory cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:40]}-", suffix=".tmp")
    except OSError as problem:
        raise ConfigurationError(f"cannot write {path}: {problem}") from problem
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.writelines(pieces)
        Path(name).chmod(0o666 & ~_umask())  # mkstemp gives 0600; reports are as readable as other files
        Path(name).replace(path)
    except OSError as problem:
        raise ConfigurationError(f"cannot write {path}: {problem}") from problem
    finally:
        with suppress(FileNotFoundError):
            Path(name).unlink()


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
