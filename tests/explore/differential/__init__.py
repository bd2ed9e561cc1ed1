"""The differential test: a grown scenario, performed on a real service, leaves the same events."""
