"""Binds features/reading/on_request.feature."""

from pytest_bdd import scenarios

from conformance.resources import directory

scenarios(str(directory("features") / "reading/on_request.feature"))
