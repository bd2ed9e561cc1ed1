"""Child processes: each runs one function of this package, answers within a deadline, and never outlives us.

Whatever a `Child` does, at most the question that it was asked is lost. Everything that was started ends with
the block of its `Children`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from replaykit.processes.child import Child, Children, Program
from replaykit.processes.cores import usable_cores
from replaykit.processes.deadlines import to_answer, to_load
from replaykit.processes.lost import ChildLostError

if TYPE_CHECKING:
    from replaykit.processes.inside import Parent

__all__ = [
    "Child",
    "ChildLostError",
    "Children",
    "Parent",
    "Program",
    "to_answer",
    "to_load",
    "usable_cores",
]


def __getattr__(name: str) -> Any:
    if name != "Parent":  # what only a child needs
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from replaykit.processes.inside import Parent

    return Parent
