"""The life of each patch id, over code, fixtures and a Temporal service."""

from __future__ import annotations

from replaykit.patches.patch import Patch, State
from replaykit.patches.rows import WIDTH, block_of_patch, document_of, totals
from replaykit.patches.survey import DEFAULT_MOST, Survey, survey
from replaykit.patches.surveying import survey_in_child

__all__ = [
    "DEFAULT_MOST",
    "WIDTH",
    "Patch",
    "State",
    "Survey",
    "block_of_patch",
    "document_of",
    "survey",
    "survey_in_child",
    "totals",
]
