"""Carry bytes: SOAP over HTTP, and in memory."""
