"""Binds features/exchange/request_and_response.feature."""

from pytest_bdd import scenarios

from conformance.resources import directory

scenarios(str(directory("features") / "exchange/request_and_response.feature"))
