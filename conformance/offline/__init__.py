"""Judging stored messages with no system at hand: ``conformance check``."""
