"""Which activity, timer, child or Nexus operation a cancellation is about: Core compares none of that."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from temporalio.api.history.v1 import HistoryEvent

from replaykit.history import describe_event
from replaykit.replay.commands import Command
from replaykit.replay.kinds import (
    CANCEL_CHILD_WORKFLOW,
    CANCEL_TIMER,
    REQUEST_CANCEL_ACTIVITY,
    REQUEST_CANCEL_NEXUS_OPERATION,
    CommandKind,
)
from replaykit.replay.strict.attribute import Attribute
from replaykit.replay.strict.run import Pair, Run

__all__ = ["cancellation_targets"]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Cancellation:
    """A kind of cancellation, and how its event names its target."""

    field: str
    recorded_target: Callable[[HistoryEvent], object]


_KINDS: Mapping[CommandKind, _Cancellation] = {
    REQUEST_CANCEL_ACTIVITY: _Cancellation(
        field="cancel_activity.target",
        recorded_target=lambda e: e.activity_task_cancel_requested_event_attributes.scheduled_event_id,
    ),
    CANCEL_TIMER: _Cancellation(
        field="cancel_timer.target",
        recorded_target=lambda e: e.timer_canceled_event_attributes.started_event_id,
    ),
    REQUEST_CANCEL_NEXUS_OPERATION: _Cancellation(
        field="cancel_nexus.target",
        recorded_target=lambda e: e.nexus_operation_cancel_requested_event_attributes.scheduled_event_id,
    ),
    CANCEL_CHILD_WORKFLOW: _Cancellation(
        field="cancel_child.target",
        recorded_target=lambda e: (
            (
                e.request_cancel_external_workflow_execution_initiated_event_attributes.workflow_execution
            ).workflow_id
        ),
    ),
}


def cancellation_targets(
    pairs: Sequence[Pair], commands: Sequence[Command], run: Run
) -> Iterator[tuple[Pair, Attribute]]:
    """The recorded cancellations whose target the code does not cancel any more.

    Whether the code cancels the recorded target at all is what counts, not in which order: a cancellation
    that leaves no event (of an activity that is over, or abandoned) would shift a comparison in pairs.
    """
    for kind, cancellation in _KINDS.items():
        recorded = [pair for pair in pairs if pair[1].kind is kind]
        left = [_target(command, run) for command in commands if command.kind is kind]
        missed: list[Pair] = []
        for pair in recorded:
            target = cancellation.recorded_target(pair[0])
            if target in left:
                left.remove(target)
            else:
                missed.append(pair)
        for pair in missed:
            own = _target(pair[1], run)
            produced = own if own in left or not left else left[0]
            if produced in left:
                left.remove(produced)
            yield (
                pair,
                Attribute(
                    field=cancellation.field,
                    recorded=_named(cancellation.recorded_target(pair[0]), run),
                    produced=_named(produced, run),
                    is_coded=False,
                ),
            )


def _target(command: Command, run: Run) -> object:
    """What a cancelling command is about, as the event would name it: an event id, or a workflow id."""
    assert command.kind.cancels is not None
    key = (command.kind.cancels, command.seq or 0)
    start = run.commands_of.get(key)
    if command.kind is CANCEL_CHILD_WORKFLOW:
        return start.message.start_child_workflow_execution.workflow_id if start else None
    event = run.events_of.get(key)
    return event.event_id if event is not None else start.label if start else None


def _named(target: object, run: Run) -> object:
    event = next((e for e in run.history.events if e.event_id == target), None)
    return f"{describe_event(event)} (event {target})" if event is not None else target
