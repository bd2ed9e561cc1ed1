"""The life of each patch id, over code, fixtures and a Temporal service."""

from __future__ import annotations

from replaykit.patches.patch import Patch, State
from replaykit.patches.rows import as_data, lines_of, totals
from replaykit.patches.survey import DEFAULT_MOST, Survey, survey

__all__ = ["DEFAULT_MOST", "Patch", "State", "Survey", "as_data", "lines_of", "survey", "totals"]
