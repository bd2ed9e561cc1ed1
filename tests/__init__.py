"""The tests of replaykit."""
