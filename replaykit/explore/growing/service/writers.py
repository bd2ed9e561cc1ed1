"""Who writes the event of each command, and what a service fills in of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from google.protobuf.duration_pb2 import Duration
from temporalio.api.common.v1 import (
    ActivityType,
    Header,
    Memo,
    Payload,
    RetryPolicy,
    SearchAttributes,
    WorkflowType,
)
from temporalio.api.enums.v1 import (
    ContinueAsNewInitiator,
    ParentClosePolicy,
    RetryState,
    WorkflowIdReusePolicy,
)
from temporalio.api.update.v1 import Input, Meta, Outcome, Request
from temporalio.bridge.proto.child_workflow import ChildWorkflowCancellationType
from temporalio.bridge.proto.nexus import NexusOperationCancellationType
from temporalio.bridge.proto.workflow_commands import ActivityCancellationType

from replaykit.explore.growing.service.ledger import IDENTITY, Ledger
from replaykit.explore.scenario import Subject
from replaykit.history.durations import TimeSpan
from replaykit.replay.strict.defaults import (
    Nanoseconds,
    activity_timeouts,
    child_timeouts,
    nanoseconds,
    nexus_timeouts,
    task_timeout,
)

__all__ = ["WRITERS", "LocalMarker", "write_local_marker"]

_LONGEST_ATTRIBUTE = 2048
"""Bytes of a search attribute's value that Core still writes."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LocalMarker:
    """A local activity that came to its end inside the task."""

    command: Any
    """Its `ScheduleLocalActivity` message."""
    result: Payload | None = None
    failure: Any = None
    activation: int = 1
    """Which activation of the task told the code of it, counted from 1."""
    attempt: int = 1


def _duration(value: Nanoseconds) -> Duration:
    return Duration(seconds=value // 1_000_000_000, nanos=value % 1_000_000_000)


def _durations(timeouts: Mapping[str, Nanoseconds]) -> dict[str, Duration]:
    return {name: _duration(value) for name, value in timeouts.items()}


def _run_timeout(ledger: Ledger) -> Nanoseconds:
    return nanoseconds(ledger.events[0].workflow_execution_started_event_attributes.workflow_run_timeout)


def _policy(message: RetryPolicy) -> RetryPolicy:
    """A retry policy with its gaps filled, as the service does."""
    initial = nanoseconds(message.initial_interval) or 1_000_000_000
    return RetryPolicy(
        initial_interval=_duration(initial),
        backoff_coefficient=message.backoff_coefficient or 2.0,
        maximum_interval=_duration(nanoseconds(message.maximum_interval) or 100 * initial),
        maximum_attempts=message.maximum_attempts,
        non_retryable_error_types=message.non_retryable_error_types,
    )


def _header(fields: Mapping[str, Payload]) -> Header:
    header = Header()
    for key, value in fields.items():
        header.fields[key].CopyFrom(value)
    return header


def _start_timer(ledger: Ledger, command: Any, task: int) -> None:
    event = ledger.write(
        "TimerStarted",
        timer_id=str(command.seq),
        start_to_fire_timeout=command.start_to_fire_timeout,
        workflow_task_completed_event_id=task,
    )
    ledger.opens(Subject.TIMER, str(TimeSpan.of(command.start_to_fire_timeout)), command, event)


def _cancel_timer(ledger: Ledger, command: Any, task: int) -> None:
    timer = ledger.find(Subject.TIMER, command.seq)
    if timer is None:
        return
    del ledger.pending[timer.target]
    ledger.write(
        "TimerCanceled",
        timer_id=str(command.seq),
        started_event_id=timer.event_id,
        workflow_task_completed_event_id=task,
        identity=IDENTITY,
    )


def _schedule_activity(ledger: Ledger, command: Any, task: int) -> None:
    event = ledger.write(
        "ActivityTaskScheduled",
        activity_id=command.activity_id,
        activity_type=ActivityType(name=command.activity_type),
        task_queue=ledger.queue(command.task_queue),
        header=_header(command.headers),
        workflow_task_completed_event_id=task,
        retry_policy=_policy(command.retry_policy),
        use_workflow_build_id=ledger.is_own_queue(command.task_queue),
        priority=command.priority,
        **_durations(activity_timeouts(command, _run_timeout(ledger))),
    )
    if command.arguments:
        event.activity_task_scheduled_event_attributes.input.payloads.extend(command.arguments)
    ledger.opens(Subject.ACTIVITY, command.activity_type, command, event)


def _cancel_activity(ledger: Ledger, command: Any, task: int) -> None:
    activity = ledger.find(Subject.ACTIVITY, command.seq)
    if activity is None or activity.command.cancellation_type == ActivityCancellationType.ABANDON:
        return
    asked = ledger.write(
        "ActivityTaskCancelRequested",
        scheduled_event_id=activity.event_id,
        workflow_task_completed_event_id=task,
    )
    activity.cancel_id = asked.event_id
    if not activity.is_started:
        # No worker has it: the service cancels it on the spot, and tells the code at once.
        del ledger.pending[activity.target]
        attributes = {
            "latest_cancel_requested_event_id": asked.event_id,
            "scheduled_event_id": activity.event_id,
            "identity": IDENTITY,
        }
        ledger.afterwards.append(lambda: ledger.write("ActivityTaskCanceled", **attributes))


def _start_child(ledger: Ledger, command: Any, task: int) -> None:
    timeouts = _durations(child_timeouts(command))
    if not command.HasField("workflow_execution_timeout"):
        del timeouts["workflow_execution_timeout"]
    event = ledger.write(
        "StartChildWorkflowExecutionInitiated",
        namespace=command.namespace or ledger.opening.namespace,
        workflow_id=command.workflow_id,
        workflow_type=WorkflowType(name=command.workflow_type),
        task_queue=ledger.queue(command.task_queue),
        parent_close_policy=command.parent_close_policy or ParentClosePolicy.PARENT_CLOSE_POLICY_TERMINATE,
        workflow_task_completed_event_id=task,
        workflow_id_reuse_policy=command.workflow_id_reuse_policy
        or WorkflowIdReusePolicy.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
        cron_schedule=command.cron_schedule,
        header=_header(command.headers),
        inherit_build_id=ledger.is_own_queue(command.task_queue),
        priority=command.priority,
        **timeouts,
    )
    attributes = event.start_child_workflow_execution_initiated_event_attributes
    if command.input:
        attributes.input.payloads.extend(command.input)
    if command.HasField("retry_policy"):
        attributes.retry_policy.CopyFrom(_policy(command.retry_policy))
    for key, value in command.memo.items():
        attributes.memo.fields[key].CopyFrom(value)
    fields = _indexed(command.search_attributes)
    if fields:
        attributes.search_attributes.CopyFrom(SearchAttributes(indexed_fields=fields))
    ledger.opens(Subject.CHILD, command.workflow_type, command, event)


def _cancel_child(ledger: Ledger, command: Any, task: int) -> None:
    child = ledger.find(Subject.CHILD, command.child_workflow_seq)
    if child is None or child.command.cancellation_type == ChildWorkflowCancellationType.ABANDON:
        return
    event = ledger.write(
        "RequestCancelExternalWorkflowExecutionInitiated",
        workflow_task_completed_event_id=task,
        namespace=child.command.namespace or ledger.opening.namespace,
        workflow_execution=ledger.execution(child.command.workflow_id, child.token),
        child_workflow_only=True,
        reason=getattr(command, "reason", ""),
    )
    child.cancel_id = event.event_id
    ledger.opens(Subject.CANCEL, child.command.workflow_id, command, event)


def _cancel_external(ledger: Ledger, command: Any, task: int) -> None:
    other = command.workflow_execution
    event = ledger.write(
        "RequestCancelExternalWorkflowExecutionInitiated",
        workflow_task_completed_event_id=task,
        namespace=other.namespace or ledger.opening.namespace,
        workflow_execution=ledger.execution(other.workflow_id, other.run_id),
        reason=f"Cancel requested by workflow with run id {ledger.run_id} with reason: "
        f"{getattr(command, 'reason', '')}",
    )
    ledger.opens(Subject.CANCEL, other.workflow_id, command, event)


def _signal_external(ledger: Ledger, command: Any, task: int) -> None:
    is_child = command.WhichOneof("target") == "child_workflow_id"
    other = command.workflow_execution
    workflow_id = command.child_workflow_id if is_child else other.workflow_id
    event = ledger.write(
        "SignalExternalWorkflowExecutionInitiated",
        workflow_task_completed_event_id=task,
        namespace=other.namespace or ledger.opening.namespace,
        workflow_execution=ledger.execution(workflow_id, "" if is_child else other.run_id),
        signal_name=command.signal_name,
        child_workflow_only=is_child,
    )
    attributes = event.signal_external_workflow_execution_initiated_event_attributes
    if command.args:
        attributes.input.payloads.extend(command.args)
    if command.headers:
        attributes.header.CopyFrom(_header(command.headers))
    ledger.opens(Subject.SIGNAL, f"{workflow_id} {command.signal_name}", command, event)


def _schedule_nexus(ledger: Ledger, command: Any, task: int) -> None:
    event = ledger.write(
        "NexusOperationScheduled",
        endpoint=command.endpoint,
        service=command.service,
        operation=command.operation,
        nexus_header=command.nexus_header,
        workflow_task_completed_event_id=task,
        request_id=ledger.made_up_id("nexus"),
        **{
            name: value
            for name, value in _durations(nexus_timeouts(command, _run_timeout(ledger))).items()
            if value.seconds or value.nanos
        },
    )
    if command.HasField("input"):
        event.nexus_operation_scheduled_event_attributes.input.CopyFrom(command.input)
    ledger.opens(Subject.NEXUS, f"{command.service}.{command.operation}", command, event)


def _cancel_nexus(ledger: Ledger, command: Any, task: int) -> None:
    operation = ledger.find(Subject.NEXUS, command.seq)
    if (
        operation is None
        or operation.command.cancellation_type == NexusOperationCancellationType.ABANDON
        or operation.cancel_id
    ):
        return
    event = ledger.write(
        "NexusOperationCancelRequested",
        scheduled_event_id=operation.event_id,
        workflow_task_completed_event_id=task,
    )
    operation.cancel_id = event.event_id
    if operation.is_started:
        ledger.afterwards.append(lambda: ledger.write_cancel_answered(operation))


def _json_payload(value: object, **metadata: bytes) -> Payload:
    data = json.dumps(value, separators=(",", ":")).encode()
    return Payload(metadata={"encoding": b"json/plain", **metadata}, data=data)


def _patch_marker(ledger: Ledger, command: Any, task: int) -> None:
    """A marker, and beside it the search attribute by which such runs are found."""
    if command.patch_id in ledger.patches:
        return
    ledger.patches.append(command.patch_id)
    event = ledger.write("MarkerRecorded", marker_name="core_patch", workflow_task_completed_event_id=task)
    data = _json_payload({"id": command.patch_id, "deprecated": command.deprecated})
    event.marker_recorded_event_attributes.details["patch-data"].payloads.append(data)
    versions = _json_payload(sorted(ledger.patches), type=b"KeywordList")
    if len(versions.data) < _LONGEST_ATTRIBUTE:
        _upsert(ledger, {"TemporalChangeVersion": versions}, task)


def write_local_marker(ledger: Ledger, marker: LocalMarker, task: int) -> None:
    command = marker.command
    event = ledger.write(
        "MarkerRecorded", marker_name="core_local_activity", workflow_task_completed_event_id=task
    )
    attributes = event.marker_recorded_event_attributes
    now = {"seconds": ledger.now // 1_000_000_000, "nanos": ledger.now % 1_000_000_000}
    data = {
        "seq": command.seq,
        "attempt": marker.attempt,
        "activity_id": command.activity_id,
        "activity_type": command.activity_type,
        "complete_time": now,
        "backoff": None,
        "original_schedule_time": now,
        "activation_index": marker.activation,
    }
    attributes.details["data"].payloads.append(_json_payload(data))
    if marker.failure is not None:
        attributes.failure.CopyFrom(marker.failure)
    elif marker.result is not None:
        attributes.details["result"].payloads.append(marker.result)


def _indexed(attributes: Any) -> Mapping[str, Payload]:
    """A command's search attributes: a message of their own, or a plain map in older releases."""
    fields: Mapping[str, Payload] = getattr(attributes, "indexed_fields", attributes)
    return fields


def _upsert_search_attributes(ledger: Ledger, command: Any, task: int) -> None:
    _upsert(ledger, _indexed(command.search_attributes), task)


def _upsert(ledger: Ledger, fields: Mapping[str, Payload], task: int) -> None:
    fields = {name: _typed(value, ledger.search_attributes.get(name)) for name, value in fields.items()}
    ledger.search_attributes.update(fields)
    ledger.write(
        "UpsertWorkflowSearchAttributes",
        workflow_task_completed_event_id=task,
        search_attributes=SearchAttributes(indexed_fields=fields),
    )


def _typed(value: Payload, before: Payload | None) -> Payload:
    """A search attribute's value under the type that the service knows it by: a removed one names none."""
    if before is None or "type" in value.metadata or "type" not in before.metadata:
        return value
    typed = Payload()
    typed.CopyFrom(value)
    typed.metadata["type"] = before.metadata["type"]
    return typed


def _modify_properties(ledger: Ledger, command: Any, task: int) -> None:
    ledger.memo.update(command.upserted_memo.fields)
    ledger.write(
        "WorkflowPropertiesModified",
        workflow_task_completed_event_id=task,
        upserted_memo=Memo(fields=command.upserted_memo.fields),
    )


def _update_response(ledger: Ledger, command: Any, task: int) -> None:
    update_id = command.protocol_instance_id
    update = ledger.requests[update_id]
    meta = Meta(update_id=update_id, identity=IDENTITY)
    if command.HasField("accepted"):
        request = Request(meta=meta, input=Input(name=update.name))
        if update.arguments.payloads:
            request.input.args.CopyFrom(update.arguments)
        event = ledger.write(
            "WorkflowExecutionUpdateAccepted",
            protocol_instance_id=update_id,
            accepted_request_message_id=f"{update_id}/request",
            accepted_request_sequencing_event_id=update.sequencing_id,
            accepted_request=request,
        )
        ledger.accepted[update_id] = event.event_id
    elif update_id in ledger.accepted:
        outcome = Outcome()
        if command.HasField("rejected"):
            outcome.failure.CopyFrom(command.rejected)
        else:
            outcome.success.payloads.append(command.completed)
        ledger.write(
            "WorkflowExecutionUpdateCompleted",
            meta=meta,
            accepted_event_id=ledger.accepted[update_id],
            outcome=outcome,
        )


def _complete(ledger: Ledger, command: Any, task: int) -> None:
    event = ledger.write("WorkflowExecutionCompleted", workflow_task_completed_event_id=task)
    if command.HasField("result"):
        event.workflow_execution_completed_event_attributes.result.payloads.append(command.result)


def _fail(ledger: Ledger, command: Any, task: int) -> None:
    ledger.write(
        "WorkflowExecutionFailed",
        failure=_without_stack(command.failure),
        retry_state=RetryState.RETRY_STATE_RETRY_POLICY_NOT_SET,
        workflow_task_completed_event_id=task,
    )


def _without_stack(failure: Any) -> Any:
    """A failure without its stack traces, which hold paths of the machine that grew the history."""
    bare = type(failure)()
    bare.CopyFrom(failure)
    inner = bare
    while True:
        inner.stack_trace = ""
        if not inner.HasField("cause"):
            return bare
        inner = inner.cause


def _cancel(ledger: Ledger, command: Any, task: int) -> None:
    ledger.write("WorkflowExecutionCanceled", workflow_task_completed_event_id=task)


def _continue_as_new(ledger: Ledger, command: Any, task: int) -> None:
    run = _run_timeout(ledger)
    run_timeout = nanoseconds(command.workflow_run_timeout) or run
    event = ledger.write(
        "WorkflowExecutionContinuedAsNew",
        new_execution_run_id=ledger.made_up_id("next run"),
        workflow_type=WorkflowType(name=command.workflow_type or ledger.opening.workflow_type),
        task_queue=ledger.queue(command.task_queue),
        workflow_run_timeout=_duration(run_timeout),
        workflow_task_timeout=_duration(
            task_timeout(nanoseconds(command.workflow_task_timeout), run_timeout)
        ),
        workflow_task_completed_event_id=task,
        initiator=ContinueAsNewInitiator.CONTINUE_AS_NEW_INITIATOR_UNSPECIFIED,
        inherit_build_id=ledger.is_own_queue(command.task_queue),
    )
    attributes = event.workflow_execution_continued_as_new_event_attributes
    ledger.next_input = tuple(command.arguments)
    if command.arguments:
        attributes.input.payloads.extend(command.arguments)
    for key, value in (command.memo or ledger.memo).items():
        attributes.memo.fields[key].CopyFrom(value)
    fields = _indexed(command.search_attributes) or ledger.search_attributes
    if fields:
        attributes.search_attributes.CopyFrom(SearchAttributes(indexed_fields=fields))
    if command.headers:
        attributes.header.CopyFrom(_header(command.headers))


WRITERS: Mapping[str, Callable[[Ledger, Any, int], None]] = {
    "start_timer": _start_timer,
    "cancel_timer": _cancel_timer,
    "schedule_activity": _schedule_activity,
    "request_cancel_activity": _cancel_activity,
    "start_child_workflow_execution": _start_child,
    "cancel_child_workflow_execution": _cancel_child,
    "request_cancel_external_workflow_execution": _cancel_external,
    "signal_external_workflow_execution": _signal_external,
    "cancel_signal_workflow": lambda ledger, command, task: None,
    "set_patch_marker": _patch_marker,
    "upsert_workflow_search_attributes": _upsert_search_attributes,
    "modify_workflow_properties": _modify_properties,
    "schedule_nexus_operation": _schedule_nexus,
    "request_cancel_nexus_operation": _cancel_nexus,
    "update_response": _update_response,
    "complete_workflow_execution": _complete,
    "fail_workflow_execution": _fail,
    "cancel_workflow_execution": _cancel,
    "continue_as_new_workflow_execution": _continue_as_new,
}
"""By the SDK's field name of a command, who writes its event."""
