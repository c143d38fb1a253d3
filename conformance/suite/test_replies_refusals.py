"""Binds features/replies/refusals.feature."""

from pytest_bdd import scenarios

from conformance.resources import directory

scenarios(str(directory("features") / "replies/refusals.feature"))
