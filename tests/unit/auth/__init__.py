"""Tests of phone numbers, tokens, keys and events."""
