"""The gallery's fixtures, read once for all tests of a process."""

from __future__ import annotations

from pathlib import Path

from replaykit.history import History, find_fixtures, read_history
from tests.gallery.scenario import FIXTURES

__all__ = ["GREEN", "PATHS"]

PATHS: tuple[Path, ...] = tuple(find_fixtures([FIXTURES]))
GREEN: tuple[History, ...] = tuple(map(read_history, PATHS))
"""In the order of PATHS. Nobody may change their events."""
