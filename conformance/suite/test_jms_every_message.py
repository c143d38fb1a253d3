"""Binds features/jms/every_message.feature."""

from pytest_bdd import scenarios

from conformance.resources import directory

scenarios(str(directory("features") / "jms/every_message.feature"))
