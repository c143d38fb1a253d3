"""An open, executable conformance and interoperability suite for IEC 61968-9."""

__version__ = "0.1.0"
