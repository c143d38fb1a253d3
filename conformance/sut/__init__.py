"""The system under test: its configuration and its pre-flight."""
