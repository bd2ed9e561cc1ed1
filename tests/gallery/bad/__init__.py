"""Workflows that must not be: their fixtures, in `histories/` beside this file, are red by design."""
