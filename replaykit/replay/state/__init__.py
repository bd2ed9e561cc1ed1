"""State that outlives a run: what modules and the process hold, compared, and put back."""

from __future__ import annotations

from replaykit.replay.state.snapshot import Change, Snapshot

__all__ = ["Change", "Snapshot"]
