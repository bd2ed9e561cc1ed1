"""Where the workflow code stands when its replay is over: the awaits that it has not come past, its handlers.

Read off the SDK's workflow instance just before it is evicted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from replaykit.code.user_code import asked_at, awaited_by
from replaykit.replay.sdk.instance import (
    Instance,
    main_task,
    open_tasks,
    signal_names,
    unheard_signals,
    update_names,
)
from replaykit.verdict import SourceLine

__all__ = ["EndState", "end_state_of"]

_MOST_LINES = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class EndState:
    """What the end of one replay found."""

    waiting: tuple[SourceLine, ...] = ()
    """The lines of the user's code that are waiting: `run` first, then handlers and tasks; three at most."""
    unheard: tuple[str, ...] = ()
    """Names of the signals that came and that no handler took, not even a dynamic one."""
    signals: frozenset[str | None] | None = None
    """Names that have a signal handler, those set at run time included, None for a dynamic one; None in all
    where they are not known."""
    updates: frozenset[str | None] | None = None
    """Names that have an update handler, as above."""


def end_state_of(instance: Instance) -> EndState:
    """Read an instance of the SDK's between two activations."""
    return EndState(
        waiting=tuple(_waiting(instance))[:_MOST_LINES],
        unheard=unheard_signals(instance),
        signals=signal_names(instance),
        updates=update_names(instance),
    )


def _waiting(instance: Instance) -> Iterator[SourceLine]:
    primary = main_task(instance)
    # A set of tasks has no order: by line, so that one divergence reads the same each time.
    others = [_line_of(task) for task in open_tasks(instance) if task is not primary]
    first = _line_of(primary) if primary is not None else None
    seen = set() if first is None else {first}
    if first is not None:
        yield first
    yield from sorted({line for line in others if line is not None} - seen, key=_order)


def _order(line: SourceLine) -> tuple[str, int]:
    return line.file, line.line


def _line_of(task: Any) -> SourceLine | None:
    """The innermost line of the user's code in what a task awaits."""
    if task.done():
        return None
    return asked_at(awaited_by(task)).source
