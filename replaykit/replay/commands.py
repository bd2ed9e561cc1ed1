"""What the workflow code asked for, and which events would record it.

A `Command` is read off a completion that the code gave to Core; `recorded_kind` reads the same kind
off an event, so that `replaykit.replay.align` can hold the two against each other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from google.protobuf.duration_pb2 import Duration
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.bridge.proto.workflow_commands import WorkflowCommand

from replaykit.history.labels import json_detail, patch_detail
from replaykit.verdict import SourceLine

__all__ = ["Command", "Kind", "command_of", "patch_of", "recorded_kind"]

Kind = tuple[str, "str | None"]
"""Kind and name of a command: `("ScheduleActivity", "charge")`. No name where Core compares none."""

TERMINAL = frozenset({"CompleteWorkflow", "FailWorkflow", "CancelWorkflow", "ContinueAsNewWorkflow"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Command:
    """One command that the workflow code asked for."""

    kind: str
    """Temporal's name of the command, such as `ScheduleActivity`."""
    name: str | None = None
    """What it names: an activity type, a child's type, a patch id, a signal, a duration."""
    seq: int | None = None
    """The SDK's own number of the activity, timer or child that it is about."""
    task: int = 0
    """Index of the activation that it was issued in, counted from 0."""
    message: WorkflowCommand
    """The SDK's own message, before the payload codec."""
    source: SourceLine | None = None
    """The line of the user's code that asked for it, its file as the interpreter knows it."""

    @property
    def label(self) -> str:
        """Kind and name in one line, such as `ScheduleActivity validate_order`."""
        return f"{self.kind} {self.name}" if self.name else self.kind


def _seconds(duration: Duration) -> str:
    return f"{duration.ToTimedelta().total_seconds():g}s"


_COMMANDS: Mapping[str, tuple[str, Callable[[Any], str | None]]] = {
    "start_timer": ("StartTimer", lambda c: _seconds(c.start_to_fire_timeout)),
    "cancel_timer": ("CancelTimer", lambda c: None),
    "schedule_activity": ("ScheduleActivity", lambda c: c.activity_type),
    "request_cancel_activity": ("RequestCancelActivity", lambda c: None),
    "schedule_local_activity": ("ScheduleLocalActivity", lambda c: c.activity_type),
    "request_cancel_local_activity": ("RequestCancelLocalActivity", lambda c: None),
    "start_child_workflow_execution": ("StartChildWorkflow", lambda c: c.workflow_type),
    "cancel_child_workflow_execution": ("CancelChildWorkflow", lambda c: None),
    "signal_external_workflow_execution": ("SignalExternalWorkflow", lambda c: c.signal_name),
    "cancel_signal_workflow": ("CancelSignalWorkflow", lambda c: None),
    "request_cancel_external_workflow_execution": (
        "RequestCancelExternalWorkflow",
        lambda c: c.workflow_execution.workflow_id,
    ),
    "set_patch_marker": ("SetPatchMarker", lambda c: c.patch_id),
    "upsert_workflow_search_attributes": (
        "UpsertSearchAttributes",
        lambda c: ", ".join(sorted(getattr(c.search_attributes, "indexed_fields", c.search_attributes))),
    ),
    "modify_workflow_properties": (
        "ModifyWorkflowProperties",
        lambda c: ", ".join(sorted(c.upserted_memo.fields)),
    ),
    "schedule_nexus_operation": ("ScheduleNexusOperation", lambda c: f"{c.service}.{c.operation}"),
    "request_cancel_nexus_operation": ("RequestCancelNexusOperation", lambda c: None),
    "update_response": ("UpdateResponse", lambda c: c.WhichOneof("response")),
    "complete_workflow_execution": ("CompleteWorkflow", lambda c: None),
    "fail_workflow_execution": ("FailWorkflow", lambda c: " ".join(c.failure.message.split())[:60]),
    "cancel_workflow_execution": ("CancelWorkflow", lambda c: None),
    "continue_as_new_workflow_execution": (
        "ContinueAsNewWorkflow",
        lambda c: c.workflow_type or None,
    ),
}
"""By the SDK's field name: Temporal's name of the command, and how to name its subject."""


def command_of(message: WorkflowCommand, *, task: int, source: SourceLine | None = None) -> Command | None:
    """The Command that a message of the SDK stands for.

    Returns:
        None for what no event ever records: the answer to a query, or a kind that this version does not know.
    """
    variant: str | None = message.WhichOneof("variant")
    if variant is None or variant not in _COMMANDS:
        return None
    kind, name_of = _COMMANDS[variant]
    body = getattr(message, variant)
    return Command(
        kind=kind,
        name=name_of(body) or None,
        seq=getattr(body, "seq", None) or getattr(body, "child_workflow_seq", None),
        task=task,
        message=message,
        source=source,
    )


def patch_of(event: HistoryEvent) -> tuple[str, bool] | None:
    """Patch id of a marker, and whether it was written by `deprecate_patch`; None for any other event."""
    marker = event.marker_recorded_event_attributes
    if event.event_type != EventType.EVENT_TYPE_MARKER_RECORDED or marker.marker_name != "core_patch":
        return None
    return patch_detail(marker)


def local_activity_of(event: HistoryEvent) -> str | None:
    """Activity type that a local activity's marker names."""
    return _local_activity_data(event).get("activity_type") or None


def local_activity_seq(event: HistoryEvent) -> int | None:
    """The SDK's own number of the local activity that a marker is of; None for any other event."""
    if event.marker_recorded_event_attributes.marker_name != "core_local_activity":
        return None
    return _local_activity_data(event).get("seq")


def _local_activity_data(event: HistoryEvent) -> dict[str, Any]:
    return json_detail(event.marker_recorded_event_attributes, "data")


def _of_marker(event: HistoryEvent) -> Kind:
    patch = patch_of(event)
    if patch:
        return "SetPatchMarker", patch[0]
    if event.marker_recorded_event_attributes.marker_name == "core_local_activity":
        return "ScheduleLocalActivity", local_activity_of(event)
    return "RecordMarker", event.marker_recorded_event_attributes.marker_name


_E = EventType
_EVENTS: Mapping[int, Callable[[HistoryEvent], Kind]] = {
    _E.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED: lambda e: (
        "ScheduleActivity",
        e.activity_task_scheduled_event_attributes.activity_type.name,
    ),
    _E.EVENT_TYPE_ACTIVITY_TASK_CANCEL_REQUESTED: lambda e: ("RequestCancelActivity", None),
    _E.EVENT_TYPE_TIMER_STARTED: lambda e: ("StartTimer", None),
    _E.EVENT_TYPE_TIMER_CANCELED: lambda e: ("CancelTimer", None),
    _E.EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_INITIATED: lambda e: (
        "StartChildWorkflow",
        e.start_child_workflow_execution_initiated_event_attributes.workflow_type.name,
    ),
    _E.EVENT_TYPE_SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED: lambda e: ("SignalExternalWorkflow", None),
    _E.EVENT_TYPE_REQUEST_CANCEL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED: lambda e: (
        "RequestCancelExternalWorkflow",
        None,
    ),
    _E.EVENT_TYPE_MARKER_RECORDED: _of_marker,
    _E.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES: lambda e: ("UpsertSearchAttributes", None),
    _E.EVENT_TYPE_WORKFLOW_PROPERTIES_MODIFIED: lambda e: ("ModifyWorkflowProperties", None),
    _E.EVENT_TYPE_NEXUS_OPERATION_SCHEDULED: lambda e: (
        "ScheduleNexusOperation",
        f"{e.nexus_operation_scheduled_event_attributes.service}"
        f".{e.nexus_operation_scheduled_event_attributes.operation}",
    ),
    _E.EVENT_TYPE_NEXUS_OPERATION_CANCEL_REQUESTED: lambda e: ("RequestCancelNexusOperation", None),
    _E.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED: lambda e: ("CompleteWorkflow", None),
    _E.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED: lambda e: ("FailWorkflow", None),
    _E.EVENT_TYPE_WORKFLOW_EXECUTION_CANCELED: lambda e: ("CancelWorkflow", None),
    _E.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW: lambda e: ("ContinueAsNewWorkflow", None),
}
"""By event type, the command that it records. Updates are missing: they are no commands to the service."""


def recorded_kind(event: HistoryEvent) -> Kind | None:
    """Kind and name of the command that an event records.

    The name is None where Core compares none: a timer's duration, a signal's name, a child to be cancelled.

    Returns:
        None for an event that no command asked for.
    """
    reader = _EVENTS.get(event.event_type)
    return reader(event) if reader else None
