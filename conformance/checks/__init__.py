"""Judge messages and exchanges: pure functions that return findings."""
