"""Child processes: each runs one function of this package, answers within a deadline, and never outlives us.

`Child` is one of them, `Pool` asks several; whatever a child does, at most the item that it was asked about
is lost. Everything that was started ends with the block of its `Children`.
"""

from __future__ import annotations

from replaykit.processes.child import Child, Children, Program
from replaykit.processes.deadlines import to_answer, to_load
from replaykit.processes.inside import Parent
from replaykit.processes.lost import ChildLostError
from replaykit.processes.pool import Answered, Lost, Pool

__all__ = [
    "Answered",
    "Child",
    "ChildLostError",
    "Children",
    "Lost",
    "Parent",
    "Pool",
    "Program",
    "to_answer",
    "to_load",
]
