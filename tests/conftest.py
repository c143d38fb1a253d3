"""What all tests share: pytester, Hypothesis without surprises in CI, and what is left to the night."""

import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

pytest_plugins = ["pytester"]

NIGHTLY = bool(os.environ.get("CONFORMANCE_NIGHTLY"))
settings.register_profile("local", deadline=None)
# The same few examples for every change; others every night, and many.
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True, max_examples=40)
settings.register_profile("nightly", deadline=None, print_blob=True, max_examples=500)
settings.load_profile("nightly" if NIGHTLY else "ci" if os.environ.get("CI") else "local")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave what is marked ``nightly`` to .ci/nightly: each has a small sibling that always runs."""
    if NIGHTLY:
        return
    tonight = [item for item in items if item.get_closest_marker("nightly") is not None]
    if tonight:
        config.hook.pytest_deselected(items=tonight)
        items[:] = [item for item in items if item not in tonight]


#: The tests of layers 0 to 3, whose coverage tests/run asks for; to trace the others costs a quarter of all the time.
MEASURED = {"standard", "message", "checks", "transport", "sut", "jms"}
_HERE = Path(__file__).resolve().parent


@pytest.fixture(autouse=True)
def trace_what_is_measured(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let nothing trace a test of the higher layers, nor the commands that it starts."""
    place = request.path.relative_to(_HERE) if request.path.is_relative_to(_HERE) else request.path
    if len(place.parts) == 1 or place.parts[0] in MEASURED:
        yield
        return
    monkeypatch.delenv("COVERAGE_PROCESS_CONFIG", raising=False)
    here, in_threads = sys.gettrace(), threading.gettrace()
    sys.settrace(None)
    threading.settrace(None)
    yield
    sys.settrace(here)
    threading.settrace(in_threads)
