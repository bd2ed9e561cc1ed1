"""The jobs that Core makes of the events of one workflow task, for the cases that need no more than that.

Whatever Core answers for itself (a cancelled activity that resolves at once, say) is not among them: there
`jobs_of` gives up, and the question goes to Core.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from temporalio.api.enums.v1 import RetryState, TimeoutType
from temporalio.api.failure.v1 import (
    ActivityFailureInfo,
    ChildWorkflowExecutionFailureInfo,
    Failure,
    TerminatedFailureInfo,
    TimeoutFailureInfo,
)
from temporalio.api.history.v1 import HistoryEvent
from temporalio.bridge.proto.workflow_activation import WorkflowActivationJob

from replaykit.explore.growing.service import Ledger
from replaykit.history import event_name

__all__ = ["NotByHand", "jobs_of"]

_Job = WorkflowActivationJob
_SILENT = frozenset(
    {
        "WorkflowTaskScheduled",
        "WorkflowTaskStarted",
        "WorkflowTaskCompleted",
        "WorkflowTaskFailed",
        "WorkflowTaskTimedOut",
        "ActivityTaskStarted",
    }
)


class NotByHand(Exception):
    """Only Core knows what the code is told of this."""


def jobs_of(ledger: Ledger, events: Sequence[HistoryEvent]) -> list[WorkflowActivationJob]:
    """What the code is told of these events, in Core's order.

    Args:
        ledger: The run.
        events: Those behind the commands of the last workflow task.

    Raises:
        NotByHand: One of them needs Core.
    """
    early: list[WorkflowActivationJob] = []
    rest: list[WorkflowActivationJob] = []
    for event in events:
        name = event_name(event)
        if name in _SILENT:
            continue
        make = _JOBS.get(name)
        if make is None:
            raise NotByHand(name)
        job = make(ledger, event)
        (early if job.HasField("signal_workflow") else rest).append(job)
    updates = [_update(update) for update in ledger.updates]
    return [*early, *updates, *rest]


def _update(update: Any) -> WorkflowActivationJob:
    job = _Job()
    job.do_update.id = job.do_update.protocol_instance_id = update.update_id
    job.do_update.name = update.name
    job.do_update.input.extend(update.arguments.payloads)
    job.do_update.meta.update_id = update.update_id
    job.do_update.meta.identity = "replaykit"
    job.do_update.run_validator = True
    return job


def _scheduled(ledger: Ledger, attributes: Any) -> Any:
    return ledger.events[attributes.scheduled_event_id - 1].activity_task_scheduled_event_attributes


def _seq(ledger: Ledger, event_id: int) -> int:
    """The SDK's own number of what a command event started."""
    return ledger.seqs[event_id]


def _activity(ledger: Ledger, attributes: Any) -> WorkflowActivationJob:
    job = _Job()
    job.resolve_activity.seq = _seq(ledger, attributes.scheduled_event_id)
    return job


def _activity_completed(ledger: Ledger, event: HistoryEvent) -> WorkflowActivationJob:
    attributes = event.activity_task_completed_event_attributes
    job = _activity(ledger, attributes)
    completed = job.resolve_activity.result.completed
    completed.SetInParent()
    if attributes.result.payloads:
        completed.result.CopyFrom(attributes.result.payloads[0])
    return job


def _activity_failed(ledger: Ledger, event: HistoryEvent) -> WorkflowActivationJob:
    attributes = event.activity_task_failed_event_attributes
    return _activity_failure(ledger, attributes, "Activity task failed", attributes.identity)


def _activity_timed_out(ledger: Ledger, event: HistoryEvent) -> WorkflowActivationJob:
    return _activity_failure(
        ledger, event.activity_task_timed_out_event_attributes, "Activity task timed out", ""
    )


def _activity_failure(ledger: Ledger, attributes: Any, message: str, identity: str) -> WorkflowActivationJob:
    scheduled = _scheduled(ledger, attributes)
    job = _activity(ledger, attributes)
    job.resolve_activity.result.failed.failure.CopyFrom(
        Failure(
            message=message,
            cause=attributes.failure,
            activity_failure_info=ActivityFailureInfo(
                activity_type=scheduled.activity_type,
                activity_id=scheduled.activity_id,
                identity=identity,
                retry_state=attributes.retry_state,
                started_event_id=attributes.started_event_id,
                scheduled_event_id=attributes.scheduled_event_id,
            ),
        )
    )
    return job


def _timer_fired(ledger: Ledger, event: HistoryEvent) -> WorkflowActivationJob:
    job = _Job()
    job.fire_timer.seq = _seq(ledger, event.timer_fired_event_attributes.started_event_id)
    return job


def _signaled(ledger: Ledger, event: HistoryEvent) -> WorkflowActivationJob:
    attributes = event.workflow_execution_signaled_event_attributes
    job = _Job()
    job.signal_workflow.signal_name = attributes.signal_name
    job.signal_workflow.input.extend(attributes.input.payloads)
    job.signal_workflow.identity = attributes.identity
    if hasattr(job.signal_workflow, "originating_event_id"):  # not before temporalio 1.34 or so
        job.signal_workflow.originating_event_id = event.event_id
    return job


def _cancel_requested(ledger: Ledger, event: HistoryEvent) -> WorkflowActivationJob:
    job = _Job()
    job.cancel_workflow.reason = event.workflow_execution_cancel_requested_event_attributes.cause
    return job


def _child_started(ledger: Ledger, event: HistoryEvent) -> WorkflowActivationJob:
    attributes = event.child_workflow_execution_started_event_attributes
    job = _Job()
    resolve = job.resolve_child_workflow_execution_start
    resolve.seq = _seq(ledger, attributes.initiated_event_id)
    resolve.succeeded.run_id = attributes.workflow_execution.run_id
    return job


def _child_completed(ledger: Ledger, event: HistoryEvent) -> WorkflowActivationJob:
    attributes = event.child_workflow_execution_completed_event_attributes
    job = _Job()
    resolve = job.resolve_child_workflow_execution
    resolve.seq = _seq(ledger, attributes.initiated_event_id)
    resolve.result.completed.SetInParent()
    if attributes.result.payloads:
        resolve.result.completed.result.CopyFrom(attributes.result.payloads[0])
    return job


def _child_failed(ledger: Ledger, event: HistoryEvent) -> WorkflowActivationJob:
    attributes = event.child_workflow_execution_failed_event_attributes
    return _child_failure(ledger, attributes, "failed", attributes.failure, attributes.retry_state)


def _child_timed_out(ledger: Ledger, event: HistoryEvent) -> WorkflowActivationJob:
    attributes = event.child_workflow_execution_timed_out_event_attributes
    cause = Failure(
        message="Timed out",
        timeout_failure_info=TimeoutFailureInfo(timeout_type=TimeoutType.TIMEOUT_TYPE_START_TO_CLOSE),
    )
    return _child_failure(ledger, attributes, "timed out", cause, attributes.retry_state)


def _child_terminated(ledger: Ledger, event: HistoryEvent) -> WorkflowActivationJob:
    attributes = event.child_workflow_execution_terminated_event_attributes
    cause = Failure(message="Terminated", terminated_failure_info=TerminatedFailureInfo())
    state = RetryState.RETRY_STATE_NON_RETRYABLE_FAILURE
    return _child_failure(ledger, attributes, "terminated", cause, state)


def _child_failure(
    ledger: Ledger, attributes: Any, word: str, cause: Failure, state: RetryState.ValueType
) -> WorkflowActivationJob:
    job = _Job()
    resolve = job.resolve_child_workflow_execution
    resolve.seq = _seq(ledger, attributes.initiated_event_id)
    resolve.result.failed.failure.CopyFrom(
        Failure(
            message=f"Child Workflow execution {word}",
            cause=cause,
            child_workflow_execution_failure_info=ChildWorkflowExecutionFailureInfo(
                namespace=attributes.namespace,
                workflow_execution=attributes.workflow_execution,
                workflow_type=attributes.workflow_type,
                initiated_event_id=attributes.initiated_event_id,
                started_event_id=attributes.started_event_id,
                retry_state=state,
            ),
        )
    )
    return job


def _external_signaled(ledger: Ledger, event: HistoryEvent) -> WorkflowActivationJob:
    attributes = event.external_workflow_execution_signaled_event_attributes
    job = _Job()
    job.resolve_signal_external_workflow.seq = _seq(ledger, attributes.initiated_event_id)
    return job


_JOBS: Mapping[str, Callable[[Ledger, HistoryEvent], WorkflowActivationJob]] = {
    "ActivityTaskCompleted": _activity_completed,
    "ActivityTaskFailed": _activity_failed,
    "ActivityTaskTimedOut": _activity_timed_out,
    "TimerFired": _timer_fired,
    "WorkflowExecutionSignaled": _signaled,
    "WorkflowExecutionCancelRequested": _cancel_requested,
    "ChildWorkflowExecutionStarted": _child_started,
    "ChildWorkflowExecutionCompleted": _child_completed,
    "ChildWorkflowExecutionFailed": _child_failed,
    "ChildWorkflowExecutionTimedOut": _child_timed_out,
    "ChildWorkflowExecutionTerminated": _child_terminated,
    "ExternalWorkflowExecutionSignaled": _external_signaled,
}
"""By event type, the one job that Core makes of it."""
