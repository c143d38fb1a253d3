"""Binds features/jms/delivery.feature."""

from pytest_bdd import scenarios

from conformance.resources import directory

scenarios(str(directory("features") / "jms/delivery.feature"))
