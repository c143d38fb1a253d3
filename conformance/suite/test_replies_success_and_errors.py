"""Binds features/replies/success_and_errors.feature."""

from pytest_bdd import scenarios

from conformance.resources import directory

scenarios(str(directory("features") / "replies/success_and_errors.feature"))
