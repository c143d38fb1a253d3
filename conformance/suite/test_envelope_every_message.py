"""Binds features/envelope/every_message.feature."""

from pytest_bdd import scenarios

from conformance.resources import directory

scenarios(str(directory("features") / "envelope/every_message.feature"))
