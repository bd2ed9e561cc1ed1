"""Takes up a recorded History where it stands, so that its future can be grown."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from temporalio.api.history.v1 import HistoryEvent

from replaykit.explore.growing.service import AdmittedUpdate, Encoder, Ledger, Pending
from replaykit.explore.growing.service.ledger import Task
from replaykit.explore.scenario import Opening, Subject
from replaykit.history import History, event_name, is_command_event
from replaykit.history.events import attributes_of, close_status, status_of
from replaykit.replay.commands import Command
from replaykit.replay.kinds import (
    CANCEL_CHILD_WORKFLOW,
    REQUEST_CANCEL_EXTERNAL_WORKFLOW,
    SCHEDULE_ACTIVITY,
    SCHEDULE_NEXUS_OPERATION,
    SIGNAL_EXTERNAL_WORKFLOW,
    START_CHILD_WORKFLOW,
    START_TIMER,
    CommandKind,
)
from replaykit.replay.markers import patch_of
from replaykit.replay.replayed import Replayed

__all__ = ["Recorded", "sound_prefixes"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Recorded:
    """A run so far: its events, and the code's own command behind each that records one."""

    history: History
    commands: tuple[tuple[HistoryEvent, Command], ...]

    @classmethod
    def of(cls, replayed: Replayed) -> Recorded:
        """A History and what the code asked for in a replay of it that was consistent."""
        return cls(history=replayed.history, commands=replayed.alignment.pairs)

    def ledger(self, encoder: Encoder) -> Ledger:
        """A ledger that stands where the History ends."""
        ledger = Ledger(_opening_of(self.history), encoder)
        ledger.run_id = self.history.run_id or ledger.run_id
        asked = {event.event_id: command for event, command in self.commands}
        for event in self.history.events:
            ledger.events.append(event)
            ledger.now = event.event_time.ToNanoseconds()
            if event.event_id in asked:
                _start(ledger, event, asked[event.event_id])
            _follow(ledger, event)
        _take_up_task(ledger)
        return ledger


def sound_prefixes(history: History) -> Iterator[History]:
    """The History as it was each time the workflow had nothing left to do: behind a task's last command.

    A History cut anywhere else replays otherwise than it ran (in the middle of a batch of commands, `patched`
    takes the wrong branch).
    """
    events = history.events
    for index in range(1, len(events) - 1):
        one, following = events[index], events[index + 1]
        ends_batch = event_name(one) == "WorkflowTaskCompleted" or is_command_event(one)
        if ends_batch and not is_command_event(following) and close_status(one) is None:
            cut = events[: index + 1]
            if any(map(is_command_event, cut)):
                yield replace(history, events=cut, status=status_of(cut), path=None)


def _opening_of(history: History) -> Opening:
    started = history.events[0].workflow_execution_started_event_attributes
    return Opening(
        workflow_type=history.workflow_type or started.workflow_type.name,
        workflow_id=history.workflow_id or "recorded",
        task_queue=history.task_queue or started.task_queue.name,
        namespace=history.namespace or "default",
        recorded_events=len(history.events),
    )


def _start(ledger: Ledger, event: HistoryEvent, command: Command) -> None:
    """Remember what a command event started."""
    ledger.command_ids.add(event.event_id)
    body = command.body
    if command.kind is CANCEL_CHILD_WORKFLOW:
        child = ledger.find(Subject.CHILD, body.child_workflow_seq)
        if child is not None:
            child.cancel_id = event.event_id
            ledger.opens(Subject.CANCEL, child.command.workflow_id, body, event)
    elif command.kind in _STARTS:
        name = command.name or ""
        if command.kind is SIGNAL_EXTERNAL_WORKFLOW:
            name = f"{body.child_workflow_id or body.workflow_execution.workflow_id} {name}"
        ledger.opens(_STARTS[command.kind], name, body, event)


_STARTS: Mapping[CommandKind, Subject] = {
    START_TIMER: Subject.TIMER,
    SCHEDULE_ACTIVITY: Subject.ACTIVITY,
    START_CHILD_WORKFLOW: Subject.CHILD,
    SIGNAL_EXTERNAL_WORKFLOW: Subject.SIGNAL,
    REQUEST_CANCEL_EXTERNAL_WORKFLOW: Subject.CANCEL,
    SCHEDULE_NEXUS_OPERATION: Subject.NEXUS,
}


def _follow(ledger: Ledger, event: HistoryEvent) -> None:
    """What an event says of something that was started before."""
    name, attributes = event_name(event), attributes_of(event)
    if name == "WorkflowExecutionUpdateAccepted":
        _accept(ledger, event)
        return
    patch = patch_of(event)
    if patch is not None:
        ledger.patches.append(patch.patch_id)
    link = next((field for field in _LINKS if hasattr(attributes, field)), None)
    if link is None or name in ("WorkflowTaskCompleted", "WorkflowTaskStarted"):
        return
    started = getattr(attributes, link)
    pending = next((p for p in ledger.pending.values() if p.event_id == started), None)
    if pending is None:
        return
    if name in _GOES_ON:
        _GOES_ON[name](pending, event)
    else:
        del ledger.pending[pending.target]


_LINKS = ("scheduled_event_id", "initiated_event_id", "started_event_id")
"""Fields that name the event that started it all; the first that a message has is the one."""


def _picked_up(pending: Pending, event: HistoryEvent) -> None:
    pending.is_started = True
    pending.started_id = event.event_id
    pending.attempt = event.activity_task_started_event_attributes.attempt


def _begun(pending: Pending, event: HistoryEvent) -> None:
    pending.is_started = True
    pending.started_id = event.event_id
    execution = event.child_workflow_execution_started_event_attributes.workflow_execution
    pending.token = execution.run_id


def _nexus_begun(pending: Pending, event: HistoryEvent) -> None:
    pending.is_started = True
    pending.token = event.nexus_operation_started_event_attributes.operation_token


def _cancel_asked(pending: Pending, event: HistoryEvent) -> None:
    pending.cancel_id = event.event_id


_GOES_ON: Mapping[str, Callable[[Pending, HistoryEvent], None]] = {
    "ActivityTaskStarted": _picked_up,
    "ActivityTaskCancelRequested": _cancel_asked,
    "ChildWorkflowExecutionStarted": _begun,
    "NexusOperationStarted": _nexus_begun,
    "NexusOperationCancelRequested": _cancel_asked,
    "NexusOperationCancelRequestCompleted": lambda pending, event: None,
    "NexusOperationCancelRequestFailed": lambda pending, event: None,
}
"""By event type, what it changes; every other type ends what it follows."""


def _accept(ledger: Ledger, event: HistoryEvent) -> None:
    attributes = event.workflow_execution_update_accepted_event_attributes
    update_id = attributes.protocol_instance_id
    ledger.requests[update_id] = AdmittedUpdate(
        update_id=update_id,
        name=attributes.accepted_request.input.name,
        arguments=attributes.accepted_request.input.args,
        sequencing_id=attributes.accepted_request_sequencing_event_id,
    )
    ledger.accepted[update_id] = event.event_id


def _take_up_task(ledger: Ledger) -> None:
    """The workflow task that is under way where the History ends, if one is."""
    last = event_name(ledger.events[-1])
    if last == "WorkflowTaskStarted":
        scheduled = ledger.events.pop().workflow_task_started_event_attributes.scheduled_event_id
        ledger.task = Task(scheduled_id=scheduled)
    elif last in ("WorkflowTaskFailed", "WorkflowTaskTimedOut"):
        ledger.schedule_task(attempt=2)
    else:
        completed = max(
            (e.event_id for e in ledger.events if event_name(e) == "WorkflowTaskCompleted"), default=0
        )
        open_tasks = [
            e.event_id for e in ledger.events[completed:] if event_name(e) == "WorkflowTaskScheduled"
        ]
        if open_tasks:
            ledger.task = Task(scheduled_id=open_tasks[-1])
