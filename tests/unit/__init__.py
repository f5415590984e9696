"""Tests of one unit each, in process, in the tree of `src/ovqat`."""
