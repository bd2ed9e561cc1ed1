"""Child processes: each runs one function of this package, answers within a deadline, and never outlives us.

Whatever a `Child` does, at most the question that it was asked is lost. Everything that was started ends with
the block of its `Children`.
"""

from __future__ import annotations

from replaykit.processes.child import Child, Children, Program
from replaykit.processes.deadlines import to_answer, to_load
from replaykit.processes.inside import Parent
from replaykit.processes.lost import ChildLostError

__all__ = [
    "Child",
    "ChildLostError",
    "Children",
    "Parent",
    "Program",
    "to_answer",
    "to_load",
]
