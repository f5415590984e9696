"""Measure the hot calls against the least that could be done for them. `make bench` runs it."""
