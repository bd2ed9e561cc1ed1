"""The events that a service writes when a step happens."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from temporalio.api.common.v1 import WorkflowType
from temporalio.api.enums.v1 import (
    CancelExternalWorkflowExecutionFailedCause,
    RetryState,
    SignalExternalWorkflowExecutionFailedCause,
    StartChildWorkflowExecutionFailedCause,
    TimeoutType,
)
from temporalio.api.failure.v1 import (
    CanceledFailureInfo,
    Failure,
    NexusOperationFailureInfo,
    TimeoutFailureInfo,
)

from replaykit.explore.growing.service.activities import answer_activity
from replaykit.explore.growing.service.deadlines import hard_deadline
from replaykit.explore.growing.service.ledger import Ledger, Pending
from replaykit.explore.growing.service.outside import FROM_OUTSIDE
from replaykit.explore.growing.service.waking import close, woken
from replaykit.explore.scenario import Step, StepKind, Subject
from replaykit.replay.strict.defaults import nanoseconds

__all__ = ["apply"]

_K = StepKind


def apply(ledger: Ledger, step: Step) -> bool:
    """Let a step happen.

    Returns:
        Whether the code must be told; a step that a service keeps to itself leaves no event.

    Raises:
        LookupError: Nothing of that name is open, so the step cannot happen here.
    """
    ledger.tick()
    if step.target is None:
        return FROM_OUTSIDE[step.kind](ledger, step)
    pending = ledger.pending.get(step.target)
    if pending is None:
        raise LookupError(f"{step.target} is not open")
    return _ANSWERS[step.target.subject](ledger, pending, step)


def _timer(ledger: Ledger, timer: Pending, step: Step) -> bool:
    ledger.now = max(ledger.now, hard_deadline(ledger, timer))
    return close(
        ledger,
        timer,
        "TimerFired",
        timer_id=str(timer.command.seq),
        started_event_id=timer.event_id,
    )


def _child(ledger: Ledger, child: Pending, step: Step) -> bool:
    namespace = child.command.namespace or ledger.opening.namespace
    kind = WorkflowType(name=child.command.workflow_type)
    if step.kind is _K.BEGINS:
        child.token = ledger.made_up_id("child")
        event = ledger.write(
            "ChildWorkflowExecutionStarted",
            namespace=namespace,
            initiated_event_id=child.event_id,
            workflow_execution=ledger.execution(child.command.workflow_id, child.token),
            workflow_type=kind,
            header={},
        )
        child.is_started, child.started_id = True, event.event_id
        return woken(ledger)
    if step.kind is _K.NOT_STARTED:
        causes = StartChildWorkflowExecutionFailedCause
        return close(
            ledger,
            child,
            "StartChildWorkflowExecutionFailed",
            namespace=namespace,
            workflow_id=child.command.workflow_id,
            workflow_type=kind,
            cause=causes.START_CHILD_WORKFLOW_EXECUTION_FAILED_CAUSE_WORKFLOW_ALREADY_EXISTS,
            initiated_event_id=child.event_id,
        )
    if not child.is_started:
        raise LookupError(f"{child.target} has not begun")
    more: dict[str, Any] = {}
    if step.kind is _K.COMPLETES and step.values:
        more["result"] = ledger.encoder.payloads(step.values)
    if step.kind is _K.FAILS:
        assert step.failure is not None
        more["failure"] = ledger.encoder.failure(step.failure)
        more["retry_state"] = RetryState.RETRY_STATE_RETRY_POLICY_NOT_SET
    if step.kind is _K.TIMES_OUT:
        more["retry_state"] = RetryState.RETRY_STATE_TIMEOUT
    return close(
        ledger,
        child,
        f"ChildWorkflowExecution{_CHILD_ENDS[step.kind]}",
        namespace=namespace,
        workflow_execution=ledger.execution(child.command.workflow_id, child.token),
        workflow_type=kind,
        initiated_event_id=child.event_id,
        started_event_id=child.started_id,
        **more,
    )


_CHILD_ENDS = {
    _K.COMPLETES: "Completed",
    _K.FAILS: "Failed",
    _K.TIMES_OUT: "TimedOut",
    _K.CANCELLED: "Canceled",
    _K.TERMINATED: "Terminated",
}


def _message(ledger: Ledger, message: Pending, step: Step) -> bool:
    is_signal = message.target.subject is Subject.SIGNAL
    event = ledger.events[message.event_id - 1]
    attributes: Any = (
        event.signal_external_workflow_execution_initiated_event_attributes
        if is_signal
        else event.request_cancel_external_workflow_execution_initiated_event_attributes
    )
    more: dict[str, Any] = {}
    if step.kind is _K.DELIVERED:
        name = (
            "ExternalWorkflowExecutionSignaled" if is_signal else "ExternalWorkflowExecutionCancelRequested"
        )
    elif is_signal:
        name = "SignalExternalWorkflowExecutionFailed"
        signal = SignalExternalWorkflowExecutionFailedCause
        more["cause"] = (
            signal.SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_FAILED_CAUSE_EXTERNAL_WORKFLOW_EXECUTION_NOT_FOUND
        )
    else:
        name = "RequestCancelExternalWorkflowExecutionFailed"
        cancel = CancelExternalWorkflowExecutionFailedCause
        more["cause"] = (
            cancel.CANCEL_EXTERNAL_WORKFLOW_EXECUTION_FAILED_CAUSE_EXTERNAL_WORKFLOW_EXECUTION_NOT_FOUND
        )
    return close(
        ledger,
        message,
        name,
        initiated_event_id=message.event_id,
        namespace=attributes.namespace,
        workflow_execution=attributes.workflow_execution,
        **more,
    )


def _nexus(ledger: Ledger, operation: Pending, step: Step) -> bool:
    link = {
        "scheduled_event_id": operation.event_id,
        "request_id": ledger.events[
            operation.event_id - 1
        ].nexus_operation_scheduled_event_attributes.request_id,
    }
    if step.kind is _K.BEGINS:
        operation.token = ledger.made_up_id("operation")
        operation.is_started = True
        ledger.write(
            "NexusOperationStarted",
            operation_id=operation.token,
            operation_token=operation.token,
            **link,
        )
        if operation.cancel_id:
            ledger.write_cancel_answered(operation)
        return woken(ledger)
    if step.kind is _K.COMPLETES:
        result = ledger.encoder.payload(step.values[0]) if step.values else None
        return close(ledger, operation, "NexusOperationCompleted", result=result, **link)
    name, cause = _NEXUS_ENDS[step.kind]
    failure = Failure(
        message="nexus operation completed unsuccessfully",
        nexus_operation_execution_failure_info=NexusOperationFailureInfo(
            scheduled_event_id=operation.event_id,
            endpoint=operation.command.endpoint,
            service=operation.command.service,
            operation=operation.command.operation,
            operation_id=operation.token,
            operation_token=operation.token,
        ),
    )
    if step.failure is not None:
        failure.cause.CopyFrom(ledger.encoder.failure(step.failure))
    elif cause is not None:
        failure.cause.CopyFrom(cause)
    if step.kind is _K.TIMES_OUT:
        limit = nanoseconds(operation.command.schedule_to_close_timeout)
        ledger.now = max(ledger.now, operation.since + limit)
    return close(ledger, operation, name, failure=failure, **link)


_NEXUS_ENDS: Mapping[StepKind, tuple[str, Failure | None]] = {
    _K.FAILS: ("NexusOperationFailed", None),
    _K.CANCELLED: (
        "NexusOperationCanceled",
        Failure(message="operation canceled", canceled_failure_info=CanceledFailureInfo()),
    ),
    _K.TIMES_OUT: (
        "NexusOperationTimedOut",
        Failure(
            message="operation timed out",
            timeout_failure_info=TimeoutFailureInfo(timeout_type=TimeoutType.TIMEOUT_TYPE_SCHEDULE_TO_CLOSE),
        ),
    ),
}


_ANSWERS: Mapping[Subject, Callable[[Ledger, Pending, Step], bool]] = {
    Subject.ACTIVITY: answer_activity,
    Subject.TIMER: _timer,
    Subject.CHILD: _child,
    Subject.SIGNAL: _message,
    Subject.CANCEL: _message,
    Subject.NEXUS: _nexus,
}
