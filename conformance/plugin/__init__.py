"""The suite as a pytest plugin: ``pytest --sut SUT.toml`` judges a system.

Without ``--sut`` the plugin does nothing at all, and imports nothing, since every pytest run of an environment in
which the suite is installed loads it.
"""

from __future__ import annotations

from pathlib import Path

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options."""
    group = parser.getgroup("conformance", "IEC 61968-9 conformance suite")
    group.addoption("--sut", metavar="SUT.toml", type=Path, help="judge the system that this file describes")
    group.addoption("--out", metavar="DIR", type=Path, help="where journal, verdicts and reports go (new or empty)")
    group.addoption(
        "--select",
        metavar="EXPR",
        help="which requirements: ids, areas or patterns, separated by commas; !X leaves X out (MR-*,replies,!REP-03*)",
    )
    group.addoption("--transport", choices=("soap", "jms", "all"), default="soap", help=_TRANSPORT)
    group.addoption(
        "--skip-pre-flight", action="store_true", help="do not look first whether the system can be tested at all"
    )
    group.addoption("--verdicts-only", action="store_true", help="write verdicts.json, and no report beside it")
    group.addoption("--gateway-in-thread", action="store_true", help=_HIDDEN)


_TRANSPORT = "how messages reach the system; with all, each scenario runs once over each"
_HIDDEN = "run the listener in this process (for calibration, which starts many short runs)"


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Open the run when a system is given."""
    config.addinivalue_line("markers", "requirement(id): the obligation that a scenario is about")
    config.addinivalue_line("markers", "whole_run: a scenario that looks back over the whole run")
    if config.getoption("--sut") is not None:
        from conformance.plugin.hooks import activate

        activate(config)
