"""Binds features/controls/connect_and_disconnect.feature."""

from pytest_bdd import scenarios

from conformance.resources import directory

scenarios(str(directory("features") / "controls/connect_and_disconnect.feature"))
