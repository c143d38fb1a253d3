"""One binder module for each feature file."""
