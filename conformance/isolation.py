"""Run pytest apart from what its caller has set: own plugins, no foreign options, no talk on the terminal."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import io
    from collections.abc import Iterator

#: The plugins that the suite needs, and no other: one that shuffles or repeats tests would spoil the run.
_PLUGINS = ("conformance.plugin", "pytest_bdd.plugin", "allure_pytest.plugin", "xdist.plugin")
_VARIABLES = ("PYTEST_ADDOPTS", "PYTEST_PLUGINS", "PYTEST_DISABLE_PLUGIN_AUTOLOAD")


@contextlib.contextmanager
def apart(log: io.StringIO) -> Iterator[None]:
    """Keep pytest's own talk in ``log``, and the caller's settings and plugins out of pytest."""
    before = {name: os.environ.get(name) for name in _VARIABLES}
    os.environ.pop("PYTEST_ADDOPTS", None)
    os.environ.update(PYTEST_DISABLE_PLUGIN_AUTOLOAD="1", PYTEST_PLUGINS=",".join(_PLUGINS))
    try:
        with contextlib.redirect_stdout(log), contextlib.redirect_stderr(log):
            yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
