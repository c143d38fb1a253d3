"""Binds features/jms/mapping.feature."""

from pytest_bdd import scenarios

from conformance.resources import directory

scenarios(str(directory("features") / "jms/mapping.feature"))
