"""Binds features/soap/embedding.feature."""

from pytest_bdd import scenarios

from conformance.resources import directory

scenarios(str(directory("features") / "soap/embedding.feature"))
