"""What all of the project's own tests share: pytester, Hypothesis without surprises in CI, and what is for the night."""

import os

import pytest
from hypothesis import settings

pytest_plugins = ["pytester"]

settings.register_profile("local", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "local")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave what is marked ``nightly`` to .ci/nightly: each has a small sibling that always runs."""
    if os.environ.get("CONFORMANCE_NIGHTLY"):
        return
    tonight = [item for item in items if item.get_closest_marker("nightly") is not None]
    if tonight:
        config.hook.pytest_deselected(items=tonight)
        items[:] = [item for item in items if item not in tonight]
