"""What to do about a divergence, in the user's own names."""

from __future__ import annotations

from replaykit.replay.suggestions.choosing import suggest
from replaykit.replay.suggestions.draws import drawn_less, drawn_more
from replaykit.replay.suggestions.guards import asked_by_interceptor, event_word, guarded
from replaykit.replay.suggestions.markers import patches_of
from replaykit.replay.suggestions.value import Suggestion

__all__ = [
    "Suggestion",
    "asked_by_interceptor",
    "drawn_less",
    "drawn_more",
    "event_word",
    "guarded",
    "patches_of",
    "suggest",
]
