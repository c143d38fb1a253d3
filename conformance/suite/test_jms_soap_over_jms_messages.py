"""Binds features/jms/soap_over_jms_messages.feature."""

from pytest_bdd import scenarios

from conformance.resources import directory

scenarios(str(directory("features") / "jms/soap_over_jms_messages.feature"))
