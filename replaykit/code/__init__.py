"""Reads the user's source: workflow classes, modules, imports, statements, and what is replay-safe."""
