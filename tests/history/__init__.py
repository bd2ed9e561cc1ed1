"""Tests of `replaykit.history`."""
