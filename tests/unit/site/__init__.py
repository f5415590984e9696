"""Tests of what is served to anyone."""
