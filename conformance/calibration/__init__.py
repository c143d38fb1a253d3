"""Measure the suite itself: every fault must be caught, every legal variant must pass, and nothing passes nobody."""
