"""Strict mode: attributes that Core accepts in silence, held against their events."""

from __future__ import annotations

from replaykit.replay.strict.judge import compare, judged_strictly

__all__ = ["compare", "judged_strictly"]
