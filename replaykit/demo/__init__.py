"""The order example that `replaykit demo` runs: a project to copy, and two orders run with it."""
