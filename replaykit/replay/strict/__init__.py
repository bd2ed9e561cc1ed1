"""Strict mode: attributes that Core accepts in silence, compared with those of their events."""

from __future__ import annotations

from replaykit.replay.strict.judge import judged_strictly

__all__ = ["judged_strictly"]
