"""Exports of verdicts and journal: JSON, JUnit, HTML, console."""
