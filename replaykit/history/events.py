"""What Temporal's event types are called, which record a command, and which end a run.

Everything is looked up by name, so that a temporalio that knows fewer (or more) event types serves as well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from google.protobuf.message import Message
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent

from replaykit.history.model import History

__all__ = [
    "attributes_of",
    "close_status",
    "command_events",
    "event_name",
    "has_commands",
    "is_command_event",
]

_PREFIX = "EVENT_TYPE_"

EVENT_NAMES: Mapping[int, str] = {
    value.number: value.name.removeprefix(_PREFIX).title().replace("_", "")
    for value in EventType.DESCRIPTOR.values
    if value.number
}
"""CamelCase name of every event type that this temporalio knows, by number."""

ATTRIBUTE_FIELDS: Mapping[int, str] = {
    value.number: f"{value.name.removeprefix(_PREFIX).lower()}_event_attributes"
    for value in EventType.DESCRIPTOR.values
    if value.number
}
"""The field of `HistoryEvent` that holds an event type's attributes, by number."""

_CLOSE_STATUS = {
    "WorkflowExecutionCompleted": "COMPLETED",
    "WorkflowExecutionFailed": "FAILED",
    "WorkflowExecutionTimedOut": "TIMED_OUT",
    "WorkflowExecutionCanceled": "CANCELED",
    "WorkflowExecutionTerminated": "TERMINATED",
    "WorkflowExecutionContinuedAsNew": "CONTINUED_AS_NEW",
}

STATUSES = frozenset({"RUNNING", *_CLOSE_STATUS.values()})
"""Every status that a History can have."""

# https://docs.temporal.io/references/commands, plus what Core sends as protocol messages (updates).
_COMMAND_EVENTS = frozenset(
    {
        "ActivityTaskScheduled",
        "ActivityTaskCancelRequested",
        "TimerStarted",
        "TimerCanceled",
        "StartChildWorkflowExecutionInitiated",
        "SignalExternalWorkflowExecutionInitiated",
        "RequestCancelExternalWorkflowExecutionInitiated",
        "MarkerRecorded",
        "UpsertWorkflowSearchAttributes",
        "WorkflowPropertiesModified",
        "NexusOperationScheduled",
        "NexusOperationCancelRequested",
        "WorkflowExecutionUpdateAccepted",
        "WorkflowExecutionUpdateRejected",
        "WorkflowExecutionUpdateCompleted",
        "WorkflowExecutionCompleted",
        "WorkflowExecutionFailed",
        "WorkflowExecutionCanceled",
        "WorkflowExecutionContinuedAsNew",
    }
)


def event_name(event: HistoryEvent) -> str:
    """CamelCase name of the event's type, such as `ActivityTaskScheduled`."""
    number = int(event.event_type)
    return EVENT_NAMES.get(number) or f"Unknown event type {number}"


def attributes_of(event: HistoryEvent) -> Message | None:
    """The event's attributes message; None where none is set, or that of another type of event."""
    field = event.WhichOneof("attributes")
    if field is None or field != ATTRIBUTE_FIELDS.get(event.event_type, field):
        return None  # a damaged event, which validation refuses
    attributes: Message = getattr(event, field)
    return attributes


def is_command_event(event: HistoryEvent) -> bool:
    """Whether the event records a command of the workflow code."""
    return event_name(event) in _COMMAND_EVENTS


def command_events(history: History) -> tuple[HistoryEvent, ...]:
    """The events that record a command of the workflow code, in order."""
    return tuple(filter(is_command_event, history.events))


def has_commands(history: History) -> bool:
    """Whether a replay of the History would compare anything at all.

    A History without commands is valid, and green whatever the code does.
    """
    return any(map(is_command_event, history.events))


def close_status(event: HistoryEvent) -> str | None:
    """The status that this event closes a run with; None for an event that closes nothing."""
    return _CLOSE_STATUS.get(event_name(event))


def status_of(events: Sequence[HistoryEvent]) -> str:
    """`RUNNING`, or the status that the last event closes the run with."""
    return (close_status(events[-1]) if events else None) or "RUNNING"
