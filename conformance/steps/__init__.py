"""Gherkin steps, thin: each calls the layer below."""
