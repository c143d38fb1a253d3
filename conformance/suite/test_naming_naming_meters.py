"""Binds features/naming/naming_meters.feature."""

from pytest_bdd import scenarios

from conformance.resources import directory

scenarios(str(directory("features") / "naming/naming_meters.feature"))
