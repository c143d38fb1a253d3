"""Binds features/jms/bodies.feature."""

from pytest_bdd import scenarios

from conformance.resources import directory

scenarios(str(directory("features") / "jms/bodies.feature"))
