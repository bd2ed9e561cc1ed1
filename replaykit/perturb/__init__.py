"""Replays under changed conditions: runs are compared, so that what was changed names the cause.

A replay compares code with its recording, in one process, once. Code that iterates over a set, reads the
clock outside the sandbox or counts in a module global may pass that by luck. Here each History is replayed in
several processes that differ in one named way each (an *axis*), and the runs are compared with each other.
"""

from __future__ import annotations

from replaykit.perturb.axes import AXES, Axis
from replaykit.perturb.cases import Case
from replaykit.perturb.drift_axes import with_axes
from replaykit.perturb.engine import DEFAULT_ROUNDS, perturb, require_extra

__all__ = ["AXES", "DEFAULT_ROUNDS", "Axis", "Case", "perturb", "require_extra", "with_axes"]
