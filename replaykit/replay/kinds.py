"""The kinds of commands, one row each: how the SDK, the service and the user's code name them.

What Core does with each (compares, sends, drops) is read off sdk-core (`worker/workflow/machines`); each
rule was also run.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.bridge.proto.child_workflow import ChildWorkflowCancellationType
from temporalio.bridge.proto.nexus import NexusOperationCancellationType
from temporalio.bridge.proto.workflow_commands import ActivityCancellationType

from replaykit.history.durations import TimeSpan
from replaykit.replay.markers import local_activity_of, patch_of

__all__ = ["BY_FIELD", "CANCELLABLE", "KINDS", "CommandKind", "Compares", "recording_kind"]


class Compares(enum.Enum):
    """What Core compares of a command beside its kind."""

    NOTHING = "nothing"
    ID_AND_TYPE = "id and type"
    """Only where the History's SDK metadata carries Core's flag 1."""
    OPERATION = "operation"
    """Service and operation of a Nexus operation."""
    PATCH_ID = "patch id"
    RESPONSE = "response"
    """Whether an update was accepted; no result."""


def _unnamed(_: Any) -> None:
    return None


@dataclass(frozen=True, kw_only=True, slots=True, eq=False, repr=False)
class CommandKind:
    """One kind of command. Compare with `is`: there is one instance of each, in this module."""

    name: str
    """Temporal's name of it, such as `ScheduleActivity`; reports and messages show it."""
    field: str | None
    """The field of the SDK's `WorkflowCommand` that holds it; None for what no code of this SDK asks for."""
    subject: Callable[[Any], str | None] = _unnamed
    """What a command is about, from the message in that field: an activity type, a patch id, a duration."""
    events: tuple[int, ...] = ()
    """The types of the events that record it."""
    recorded_subject: Callable[[HistoryEvent], str | None] = _unnamed
    """The same from an event; None where Core compares none, such as a signal's name."""
    recorded_as: CommandKind | None = None
    """The kind whose events record it, where it has none of its own."""
    leaves_event: bool = True
    """Whether any event ever records it."""
    is_message: bool = False
    """Whether it goes to the service as a protocol message, not as a command."""
    compares: Compares = Compares.NOTHING
    id_of: Callable[[Any], str] | None = None
    """The id that Core compares, from the message in `field`."""
    recorded_id: Callable[[HistoryEvent], str] | None = None
    """The same from an event."""
    cancels: CommandKind | None = None
    """The kind of the command that it takes back."""
    is_abandoned: Callable[[Any], bool] | None = None
    """Whether a start, from the message in `field`, has cancellation type ABANDON: Core sends no cancel."""
    ends_run: bool = False
    call: str | None = None
    """The method that user code calls for it, where nothing names its subject there."""
    decorator: str | None = None
    """The decorator of the user's code that it names: its `name` keeps an old name."""

    def __repr__(self) -> str:
        return self.name


_E = EventType

START_TIMER = CommandKind(
    name="StartTimer",
    field="start_timer",
    subject=lambda m: str(TimeSpan.of(m.start_to_fire_timeout)),
    events=(_E.EVENT_TYPE_TIMER_STARTED,),
    call="sleep",
)
CANCEL_TIMER = CommandKind(
    name="CancelTimer",
    field="cancel_timer",
    events=(_E.EVENT_TYPE_TIMER_CANCELED,),
    cancels=START_TIMER,
)
SCHEDULE_ACTIVITY = CommandKind(
    name="ScheduleActivity",
    field="schedule_activity",
    subject=lambda m: m.activity_type,
    events=(_E.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED,),
    recorded_subject=lambda e: e.activity_task_scheduled_event_attributes.activity_type.name,
    compares=Compares.ID_AND_TYPE,
    id_of=lambda m: m.activity_id,
    recorded_id=lambda e: e.activity_task_scheduled_event_attributes.activity_id,
    is_abandoned=lambda m: m.cancellation_type == ActivityCancellationType.ABANDON,
    decorator="activity.defn",
)
REQUEST_CANCEL_ACTIVITY = CommandKind(
    name="RequestCancelActivity",
    field="request_cancel_activity",
    events=(_E.EVENT_TYPE_ACTIVITY_TASK_CANCEL_REQUESTED,),
    cancels=SCHEDULE_ACTIVITY,
)
SCHEDULE_LOCAL_ACTIVITY = CommandKind(
    name="ScheduleLocalActivity",
    field="schedule_local_activity",
    subject=lambda m: m.activity_type,
    events=(_E.EVENT_TYPE_MARKER_RECORDED,),
    recorded_subject=local_activity_of,
    compares=Compares.ID_AND_TYPE,
    decorator="activity.defn",
)
REQUEST_CANCEL_LOCAL_ACTIVITY = CommandKind(
    name="RequestCancelLocalActivity",
    field="request_cancel_local_activity",
    leaves_event=False,
    cancels=SCHEDULE_LOCAL_ACTIVITY,
)
START_CHILD_WORKFLOW = CommandKind(
    name="StartChildWorkflow",
    field="start_child_workflow_execution",
    subject=lambda m: m.workflow_type,
    events=(_E.EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_INITIATED,),
    recorded_subject=lambda e: e.start_child_workflow_execution_initiated_event_attributes.workflow_type.name,
    compares=Compares.ID_AND_TYPE,
    id_of=lambda m: m.workflow_id,
    recorded_id=lambda e: e.start_child_workflow_execution_initiated_event_attributes.workflow_id,
    is_abandoned=lambda m: m.cancellation_type == ChildWorkflowCancellationType.ABANDON,
    decorator="workflow.defn",
)
REQUEST_CANCEL_EXTERNAL_WORKFLOW = CommandKind(
    name="RequestCancelExternalWorkflow",
    field="request_cancel_external_workflow_execution",
    subject=lambda m: m.workflow_execution.workflow_id,
    events=(_E.EVENT_TYPE_REQUEST_CANCEL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED,),
    call="cancel",
)
CANCEL_CHILD_WORKFLOW = CommandKind(
    name="CancelChildWorkflow",
    field="cancel_child_workflow_execution",
    recorded_as=REQUEST_CANCEL_EXTERNAL_WORKFLOW,
    cancels=START_CHILD_WORKFLOW,
)
SIGNAL_EXTERNAL_WORKFLOW = CommandKind(
    name="SignalExternalWorkflow",
    field="signal_external_workflow_execution",
    subject=lambda m: m.signal_name,
    events=(_E.EVENT_TYPE_SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED,),
    call="signal",
)
CANCEL_SIGNAL_WORKFLOW = CommandKind(
    name="CancelSignalWorkflow",
    field="cancel_signal_workflow",
    leaves_event=False,
    cancels=SIGNAL_EXTERNAL_WORKFLOW,
)
SCHEDULE_NEXUS_OPERATION = CommandKind(
    name="ScheduleNexusOperation",
    field="schedule_nexus_operation",
    subject=lambda m: f"{m.service}.{m.operation}",
    events=(_E.EVENT_TYPE_NEXUS_OPERATION_SCHEDULED,),
    recorded_subject=lambda e: (
        f"{e.nexus_operation_scheduled_event_attributes.service}"
        f".{e.nexus_operation_scheduled_event_attributes.operation}"
    ),
    compares=Compares.OPERATION,
    is_abandoned=lambda m: m.cancellation_type == NexusOperationCancellationType.ABANDON,
)
REQUEST_CANCEL_NEXUS_OPERATION = CommandKind(
    name="RequestCancelNexusOperation",
    field="request_cancel_nexus_operation",
    events=(_E.EVENT_TYPE_NEXUS_OPERATION_CANCEL_REQUESTED,),
    cancels=SCHEDULE_NEXUS_OPERATION,
)
SET_PATCH_MARKER = CommandKind(
    name="SetPatchMarker",
    field="set_patch_marker",
    subject=lambda m: m.patch_id,
    events=(_E.EVENT_TYPE_MARKER_RECORDED,),
    recorded_subject=lambda e: patch.patch_id if (patch := patch_of(e)) is not None else None,
    compares=Compares.PATCH_ID,
)
UPSERT_SEARCH_ATTRIBUTES = CommandKind(
    name="UpsertSearchAttributes",
    field="upsert_workflow_search_attributes",
    subject=lambda m: ", ".join(sorted(getattr(m.search_attributes, "indexed_fields", m.search_attributes))),
    events=(_E.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES,),
    call="upsert_search_attributes",
)
MODIFY_WORKFLOW_PROPERTIES = CommandKind(
    name="ModifyWorkflowProperties",
    field="modify_workflow_properties",
    subject=lambda m: ", ".join(sorted(m.upserted_memo.fields)),
    events=(_E.EVENT_TYPE_WORKFLOW_PROPERTIES_MODIFIED,),
    call="upsert_memo",
)
UPDATE_RESPONSE = CommandKind(
    name="UpdateResponse",
    field="update_response",
    subject=lambda m: m.WhichOneof("response"),
    events=(
        _E.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED,
        _E.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_COMPLETED,
    ),
    recorded_subject=lambda e: (
        "accepted" if e.event_type == _E.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED else None
    ),
    is_message=True,
    compares=Compares.RESPONSE,
)
COMPLETE_WORKFLOW = CommandKind(
    name="CompleteWorkflow",
    field="complete_workflow_execution",
    events=(_E.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED,),
    ends_run=True,
)
FAIL_WORKFLOW = CommandKind(
    name="FailWorkflow",
    field="fail_workflow_execution",
    subject=lambda m: " ".join(m.failure.message.split())[:60],
    events=(_E.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED,),
    ends_run=True,
)
CANCEL_WORKFLOW = CommandKind(
    name="CancelWorkflow",
    field="cancel_workflow_execution",
    events=(_E.EVENT_TYPE_WORKFLOW_EXECUTION_CANCELED,),
    ends_run=True,
)
CONTINUE_AS_NEW_WORKFLOW = CommandKind(
    name="ContinueAsNewWorkflow",
    field="continue_as_new_workflow_execution",
    subject=lambda m: m.workflow_type,
    events=(_E.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW,),
    ends_run=True,
)
RECORD_MARKER = CommandKind(
    name="RecordMarker",
    field=None,  # a marker of another SDK's
    events=(_E.EVENT_TYPE_MARKER_RECORDED,),
    recorded_subject=lambda e: e.marker_recorded_event_attributes.marker_name,
)

KINDS = tuple(kind for kind in tuple(globals().values()) if isinstance(kind, CommandKind))
"""Every row."""

BY_FIELD: Mapping[str, CommandKind] = {kind.field: kind for kind in KINDS if kind.field is not None}
"""By the field of the SDK's `WorkflowCommand`."""

CANCELLABLE = frozenset(kind.cancels for kind in KINDS if kind.cancels is not None)
"""The kinds that start what a command of another kind cancels."""

_BY_EVENT: Mapping[int, CommandKind] = {number: kind for kind in KINDS for number in kind.events}
"""By event type; for a marker, the row that any name of it falls into."""


def recording_kind(event: HistoryEvent) -> CommandKind | None:
    """The kind of what an event records, protocol messages included; None where no code asks for it."""
    kind = _BY_EVENT.get(event.event_type)
    if kind is not RECORD_MARKER:
        return kind
    if event.marker_recorded_event_attributes.marker_name == "core_local_activity":
        return SCHEDULE_LOCAL_ACTIVITY
    return SET_PATCH_MARKER if patch_of(event) is not None else RECORD_MARKER
