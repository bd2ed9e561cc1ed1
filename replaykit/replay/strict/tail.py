"""Commands after the last recorded event of an open History.

The service has written down what came of every completed workflow task. A command that the code asks for in
one of those, and that no event records, was not asked for by the code that ran: the next worker will lose it.
In a task that the History shows begun and not completed the code runs on legitimately.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent

from replaykit.history import History
from replaykit.replay.align import Alignment
from replaykit.replay.commands import Command, recorded_in
from replaykit.replay.kinds import SET_PATCH_MARKER
from replaykit.replay.replayed import Replayed, at, via
from replaykit.replay.strict.run import Run
from replaykit.replay.suggestions import asked_by_interceptor, guarded
from replaykit.verdict import Drift, Severity

__all__ = ["tail_drifts", "tail_of"]

_E = EventType
_OVER: Mapping[int, Callable[[HistoryEvent], int]] = {
    _E.EVENT_TYPE_ACTIVITY_TASK_COMPLETED: lambda e: (
        e.activity_task_completed_event_attributes.scheduled_event_id
    ),
    _E.EVENT_TYPE_ACTIVITY_TASK_FAILED: lambda e: e.activity_task_failed_event_attributes.scheduled_event_id,
    _E.EVENT_TYPE_ACTIVITY_TASK_TIMED_OUT: lambda e: (
        e.activity_task_timed_out_event_attributes.scheduled_event_id
    ),
    _E.EVENT_TYPE_TIMER_FIRED: lambda e: e.timer_fired_event_attributes.started_event_id,
    _E.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_COMPLETED: lambda e: (
        e.child_workflow_execution_completed_event_attributes.initiated_event_id
    ),
    _E.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_FAILED: lambda e: (
        e.child_workflow_execution_failed_event_attributes.initiated_event_id
    ),
    _E.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_TIMED_OUT: lambda e: (
        e.child_workflow_execution_timed_out_event_attributes.initiated_event_id
    ),
    _E.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_TERMINATED: lambda e: (
        e.child_workflow_execution_terminated_event_attributes.initiated_event_id
    ),
    _E.EVENT_TYPE_NEXUS_OPERATION_COMPLETED: lambda e: (
        e.nexus_operation_completed_event_attributes.scheduled_event_id
    ),
    _E.EVENT_TYPE_NEXUS_OPERATION_FAILED: lambda e: (
        e.nexus_operation_failed_event_attributes.scheduled_event_id
    ),
}
"""By the event that ends something: the event that began it. Core sends no cancellation for what is over."""


def tail_drifts(replayed: Replayed, alignment: Alignment, run: Run) -> list[Drift]:
    """A drift for each command of the tail.

    Args:
        replayed: The replay.
        alignment: Its own, or one by kind alone.
        run: The run that the History is of.
    """
    tail = tail_of(replayed.history, alignment, replayed.recording.replaying, run)
    return [_drift_of(command, replayed) for command in tail]


def _drift_of(command: Command, replayed: Replayed) -> Drift:
    source = replayed.line(command.source)
    interceptor = command.interceptor
    if interceptor is not None and interceptor.asked:
        suggestion = asked_by_interceptor(interceptor).text
    else:
        guard = [f"    {line}" for line in guarded(command)]
        suggestion = "\n".join(["a run that stands here never asked for it. Guard it:", *guard])
    return Drift(
        event_id=None,
        field=f"tail.{command.kind.name}",
        recorded=None,
        produced=command.label,
        severity=Severity.BEHAVIOURAL,
        source=source,
        message=f"the history ends at event {replayed.history.events[-1].event_id}; "
        f"the code already asks for {command.label}{at(source)}{via(interceptor)}, "
        "in a task that is recorded without it",
        suggestion=suggestion,
    )


def tail_of(history: History, alignment: Alignment, replaying: Sequence[bool], run: Run) -> Iterator[Command]:
    """The commands that a completed task of an open History asks for now and did not then.

    Args:
        history: The History.
        alignment: Of its events and the commands of the replay.
        replaying: By task index (`Command.task`): whether Core replayed a completed workflow task there,
            rather than going on past the recorded ones. (Measured: an activation's `is_replaying` is true
            exactly where the History holds the task's WorkflowTaskCompleted.)
        run: The run that the History is of.
    """
    if alignment.event is not None:
        return
    last = (recorded_in(event) for event in history.events[-3:])
    if any(recorded is not None and recorded.kind.ends_run for recorded in last):
        return
    over = {_OVER[event.event_type](event) for event in history.events if event.event_type in _OVER}
    candidates = (alignment.command, *alignment.commands_after)
    for command in candidates:
        if command is None or command.task >= len(replaying) or not replaying[command.task]:
            continue
        if not _is_silent(command, over, run):
            yield command


def _is_silent(command: Command, over: set[int], run: Run) -> bool:
    """Whether Core sends nothing to the service for that command."""
    if command.kind is SET_PATCH_MARKER:
        deprecated: bool = command.message.set_patch_marker.deprecated
        return deprecated
    canceled = command.kind.cancels
    if canceled is None:
        return False
    key = (canceled, command.seq or 0)
    event, start = run.events_of.get(key), run.commands_of.get(key)
    if start is None or (event is not None and event.event_id in over):
        return True
    return canceled.is_abandoned is not None and canceled.is_abandoned(start.body)
