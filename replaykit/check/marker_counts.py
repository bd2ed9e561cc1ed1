"""How many Histories still carry the marker of a patch whose call is gone."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from replaykit.verdict import SuggestionKind, Verdict

__all__ = ["with_marker_count"]

_ABOUT_MARKERS = (SuggestionKind.KEEP_DEPRECATE_PATCH, SuggestionKind.REMOVED_TOO_EARLY)


def with_marker_count(verdict: Verdict, carriers: Mapping[str, int]) -> Verdict:
    """The Verdict; where a patch call is gone, with the number of Histories that still carry its marker."""
    divergence = verdict.divergence
    if divergence is None or divergence.suggestion_kind not in _ABOUT_MARKERS:
        return verdict
    count = carriers.get((divergence.recorded or "").removeprefix("MarkerRecorded patch "), 0)
    if count < 2:
        return verdict
    suggestion = f"{divergence.suggestion}\n{count} of the histories carry this marker."
    return dataclasses.replace(verdict, divergence=dataclasses.replace(divergence, suggestion=suggestion))
