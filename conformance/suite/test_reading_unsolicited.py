"""Binds features/reading/unsolicited.feature."""

from pytest_bdd import scenarios

from conformance.resources import directory

scenarios(str(directory("features") / "reading/unsolicited.feature"))
