"""Binds features/soap/understanding.feature."""

from pytest_bdd import scenarios

from conformance.resources import directory

scenarios(str(directory("features") / "soap/understanding.feature"))
