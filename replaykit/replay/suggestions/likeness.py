"""Whether a command is what an event recorded, now in another place."""

from __future__ import annotations

import ast

from temporalio.api.history.v1 import HistoryEvent

from replaykit.code.statements import around, statement_at
from replaykit.replay.align import Alignment, fits
from replaykit.replay.commands import Command, recorded_kind

__all__ = ["asked_later", "goes_on_behind", "is_same"]


_CALLED = {
    "StartTimer": "sleep",
    "SignalExternalWorkflow": "signal",
    "RequestCancelExternalWorkflow": "cancel",
    "UpsertSearchAttributes": "upsert_search_attributes",
    "ModifyWorkflowProperties": "upsert_memo",
}
"""By kind of a command without a name that can be looked for: the call that asks for it."""


def is_same(command: Command, event: HistoryEvent) -> bool:
    """Whether an event is likely to have recorded that very command: timers go by their length."""
    if command.kind == "StartTimer":
        recorded = event.timer_started_event_attributes.start_to_fire_timeout
        length = command.message.start_timer.start_to_fire_timeout
        if recorded != length:
            return False
    return fits(command, recorded_kind(event))


def asked_later(alignment: Alignment) -> list[ast.AST]:
    """Where the code asks for what was recorded further down, where a replay does not get to."""
    event, command = alignment.event, alignment.command
    kind = recorded_kind(event) if event is not None else None
    if kind is None or command is None or command.source is None:
        return []
    # Behind the whole statement: the very call may name on a line of its own what it took the place of.
    statement = statement_at(command.source)
    end = (statement.end_lineno if statement is not None else None) or command.source.line
    behind = [n for n in around(command.source) if getattr(n, "lineno", 0) > end]
    if kind[0] not in _CALLED:
        name = kind[1].rpartition(".")[2] if kind[1] and kind[0] == "ScheduleNexusOperation" else kind[1]
        names = [
            (getattr(n, "id", None), getattr(n, "attr", None), getattr(n, "value", None)) for n in behind
        ]
        return [n for n, each in zip(behind, names, strict=True) if name is not None and name in each]
    calls = [n for n in behind if getattr(n, "attr", None) == _CALLED[kind[0]]]
    recorded = 1 + sum((recorded_kind(e) or ("",))[0] == kind[0] for e in alignment.events_after)
    return calls if len(calls) >= recorded else []


def goes_on_behind(command: Command) -> bool:
    """Whether the workflow returns in the middle of its code, and there is more to wait for behind."""
    statement = statement_at(command.source)
    if command.source is None or not isinstance(statement, ast.Return):
        return False
    own = [
        node
        for node in around(command.source)
        if isinstance(node, ast.AsyncFunctionDef) and statement in ast.walk(node)
    ]
    innermost = own[-1:]  # a walk comes to the outer one first
    end = statement.end_lineno or statement.lineno
    return any(isinstance(n, ast.Await) and n.lineno > end for f in innermost for n in ast.walk(f))
