"""Tests of the demo partner."""
