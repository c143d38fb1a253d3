"""Binds features/exchange/answered_later.feature."""

from pytest_bdd import scenarios

from conformance.resources import directory

scenarios(str(directory("features") / "exchange/answered_later.feature"))
