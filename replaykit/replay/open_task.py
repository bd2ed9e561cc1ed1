"""The workflow task that a History ends in, where it failed in production.

The service tries such a task again and again, and the run stands still. A replay ends with the last completed
task: what the code does in the open one is seen only where the History ends in a started task, so one is
written there.
"""

from __future__ import annotations

import dataclasses

from temporalio.api.enums.v1 import EventType, TimeoutType, WorkflowTaskFailedCause
from temporalio.api.history.v1 import HistoryEvent

from replaykit.history import History
from replaykit.history.labels import encoded_message

__all__ = ["failed_task", "in_words", "with_open_task"]

_E = EventType
_FAILURES = (_E.EVENT_TYPE_WORKFLOW_TASK_FAILED, _E.EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT)
_OF_TASKS = (
    _E.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED,
    _E.EVENT_TYPE_WORKFLOW_TASK_STARTED,
    _E.EVENT_TYPE_WORKFLOW_TASK_COMPLETED,
    *_FAILURES,
)
_FROM_OUTSIDE = (_E.EVENT_TYPE_WORKFLOW_EXECUTION_TERMINATED, _E.EVENT_TYPE_WORKFLOW_EXECUTION_TIMED_OUT)
"""Ends that the service writes without a task of the code."""
_CAUSE = WorkflowTaskFailedCause
_NOT_OF_THE_CODE = (
    _CAUSE.WORKFLOW_TASK_FAILED_CAUSE_RESET_WORKFLOW,
    _CAUSE.WORKFLOW_TASK_FAILED_CAUSE_UNHANDLED_COMMAND,
    _CAUSE.WORKFLOW_TASK_FAILED_CAUSE_UNHANDLED_UPDATE,
    _CAUSE.WORKFLOW_TASK_FAILED_CAUSE_RESET_STICKY_TASK_QUEUE,
    _CAUSE.WORKFLOW_TASK_FAILED_CAUSE_FORCE_CLOSE_COMMAND,
)
_ENCODED = "Encoded failure"


def failed_task(history: History) -> HistoryEvent | None:
    """The last failure of a workflow task that never was completed; None where there is none.

    Args:
        history: A valid History.
    """
    for event in reversed(history.events):
        if event.event_type == _E.EVENT_TYPE_WORKFLOW_TASK_COMPLETED:
            return None
        if event.event_type in _FAILURES and _is_of_the_code(event):
            return event
    return None


def _is_of_the_code(event: HistoryEvent) -> bool:
    if event.event_type == _E.EVENT_TYPE_WORKFLOW_TASK_FAILED:
        return event.workflow_task_failed_event_attributes.cause not in _NOT_OF_THE_CODE
    timeout = event.workflow_task_timed_out_event_attributes.timeout_type
    return timeout == TimeoutType.TIMEOUT_TYPE_START_TO_CLOSE  # the other: a sticky queue had no worker


def in_words(event: HistoryEvent) -> str:
    """The failure of a workflow task in a part of a sentence, with the cause that was recorded."""
    if event.event_type == _E.EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT:
        return f"event {event.event_id}, WorkflowTaskTimedOut: the worker did not answer in time"
    attributes = event.workflow_task_failed_event_attributes
    name = _CAUSE.Name(attributes.cause).removeprefix("WORKFLOW_TASK_FAILED_CAUSE_").lower().replace("_", " ")
    failure = attributes.failure
    message = encoded_message(failure) if failure.message == _ENCODED else failure.message
    if not message:
        return f"event {event.event_id}, WorkflowTaskFailed: {name}"
    kind = failure.application_failure_info.type
    text = " ".join(message.split())
    text = text if len(text) <= 200 else f"{text[:197]}..."
    return f"event {event.event_id}, WorkflowTaskFailed: {f'{kind}: ' if kind else ''}{text}"


def with_open_task(history: History) -> History | None:
    """The same History, ending in a started workflow task; None where it does so already.

    Args:
        history: A valid History with a failed task after its last completed one.
    """
    events = list(history.events)
    while events and events[-1].event_type in _FROM_OUTSIDE:
        events.pop()
    of_tasks = [event for event in events if event.event_type in _OF_TASKS]
    last = of_tasks[-1].event_type if of_tasks else None
    if last == _E.EVENT_TYPE_WORKFLOW_TASK_STARTED:
        return None if len(events) == len(history.events) else _with(history, events)
    if last != _E.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED:
        scheduled = _next(events, _E.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED)
        started = events[0].workflow_execution_started_event_attributes
        scheduled.workflow_task_scheduled_event_attributes.task_queue.CopyFrom(started.task_queue)
        events.append(scheduled)
        of_tasks.append(scheduled)
    begun = _next(events, _E.EVENT_TYPE_WORKFLOW_TASK_STARTED)
    begun.workflow_task_started_event_attributes.scheduled_event_id = of_tasks[-1].event_id
    return _with(history, [*events, begun])


def _next(events: list[HistoryEvent], event_type: EventType.ValueType) -> HistoryEvent:
    event = HistoryEvent(event_id=events[-1].event_id + 1, event_type=event_type)
    event.event_time.CopyFrom(events[-1].event_time)
    return event


def _with(history: History, events: list[HistoryEvent]) -> History:
    return dataclasses.replace(history, events=tuple(events), status=None)
