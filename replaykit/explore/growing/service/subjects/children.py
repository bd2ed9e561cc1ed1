"""Child workflows. The cancel of one is a message to it: see `messages` for what comes of that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from temporalio.api.common.v1 import WorkflowType
from temporalio.api.enums.v1 import (
    ParentClosePolicy,
    RetryState,
    StartChildWorkflowExecutionFailedCause,
    TimeoutType,
    WorkflowIdReusePolicy,
)
from temporalio.api.failure.v1 import (
    ChildWorkflowExecutionFailureInfo,
    Failure,
    TerminatedFailureInfo,
    TimeoutFailureInfo,
)
from temporalio.api.history.v1 import HistoryEvent
from temporalio.bridge.proto.child_workflow import ChildWorkflowCancellationType

from replaykit.explore.growing.service.ledger import Ledger
from replaykit.explore.growing.service.open_items import Pending
from replaykit.explore.growing.service.subjects.filling import (
    durations,
    header,
    indexed,
    memo,
    payloads,
    retry_policy,
)
from replaykit.explore.growing.service.subjects.rules import (
    CommandRules,
    Job,
    OpenRules,
    Possible,
    SubjectRules,
    opens,
)
from replaykit.explore.growing.service.subjects.search_attributes import fields_of
from replaykit.explore.scenario import Step, StepKind, Subject
from replaykit.replay.kinds import CANCEL_CHILD_WORKFLOW, START_CHILD_WORKFLOW
from replaykit.replay.strict.defaults import Nanoseconds, child_timeouts, nanoseconds

__all__ = ["CHILDREN"]

_K = StepKind


def _start(ledger: Ledger, command: Any, task: int) -> HistoryEvent:
    timeouts = durations(child_timeouts(command))
    if not command.HasField("workflow_execution_timeout"):
        del timeouts["workflow_execution_timeout"]
    return ledger.write(
        "StartChildWorkflowExecutionInitiated",
        namespace=command.namespace or ledger.opening.namespace,
        workflow_id=command.workflow_id,
        workflow_type=WorkflowType(name=command.workflow_type),
        task_queue=ledger.queue(command.task_queue),
        input=payloads(command.input),
        parent_close_policy=command.parent_close_policy or ParentClosePolicy.PARENT_CLOSE_POLICY_TERMINATE,
        workflow_task_completed_event_id=task,
        workflow_id_reuse_policy=command.workflow_id_reuse_policy
        or WorkflowIdReusePolicy.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
        retry_policy=retry_policy(command.retry_policy) if command.HasField("retry_policy") else None,
        cron_schedule=command.cron_schedule,
        header=header(command.headers),
        memo=memo(command.memo),
        search_attributes=indexed(fields_of(command)),
        inherit_build_id=ledger.is_own_queue(command.task_queue),
        priority=command.priority,
        **timeouts,
        **_versioning_override(command),
    )


def _versioning_override(command: Any) -> dict[str, Any]:
    """As a service writes it down, without the older fields that the SDK fills too."""
    name = "versioning_override"
    if not hasattr(command, name) or not command.HasField(name):  # not before temporalio 1.35
        return {}
    override = type(command.versioning_override)()
    override.CopyFrom(command.versioning_override)
    if override.WhichOneof("override") is not None:
        for older in ("behavior", "deployment", "pinned_version"):
            override.ClearField(older)
    return {name: override}


def _cancel(ledger: Ledger, command: Any, task: int) -> HistoryEvent | None:
    child = ledger.find(Subject.CHILD, command.child_workflow_seq)
    if child is None or child.command.cancellation_type == ChildWorkflowCancellationType.ABANDON:
        return None
    return ledger.write(
        "RequestCancelExternalWorkflowExecutionInitiated",
        workflow_task_completed_event_id=task,
        namespace=child.command.namespace or ledger.opening.namespace,
        workflow_execution=ledger.execution(child.command.workflow_id, child.token),
        child_workflow_only=True,
        reason=getattr(command, "reason", ""),
    )


def _cancel_asked(ledger: Ledger, command: Any, event: HistoryEvent) -> None:
    child = ledger.find(Subject.CHILD, command.child_workflow_seq)
    if child is not None:
        ledger.change(child, cancel_id=event.event_id)
        ledger.opens(Subject.CANCEL, child.command.workflow_id, command, event)


def _possible(ledger: Ledger, child: Pending, _horizon: Nanoseconds) -> Iterator[Possible]:
    if not child.is_started:
        yield Possible(kind=_K.BEGINS, target=child.target)
        yield Possible(kind=_K.NOT_STARTED, target=child.target)
        return
    yield Possible(kind=_K.COMPLETES, target=child.target, wants_value=True)
    yield Possible(kind=_K.FAILS, target=child.target, wants_failure=True)
    initiated = ledger.events[child.event_id - 1].start_child_workflow_execution_initiated_event_attributes
    if nanoseconds(initiated.workflow_run_timeout):
        yield Possible(kind=_K.TIMES_OUT, target=child.target)
    yield Possible(kind=_K.TERMINATED, target=child.target)
    if child.cancel_id:
        yield Possible(kind=_K.CANCELLED, target=child.target)


def _apply(ledger: Ledger, child: Pending, step: Step) -> None:
    link = {
        "namespace": child.command.namespace or ledger.opening.namespace,
        "workflow_type": WorkflowType(name=child.command.workflow_type),
        "initiated_event_id": child.event_id,
    }
    if step.kind is _K.BEGINS:
        token = ledger.made_up_id("child")
        execution = ledger.execution(child.command.workflow_id, token)
        event = ledger.write("ChildWorkflowExecutionStarted", workflow_execution=execution, header={}, **link)
        ledger.change(child, is_started=True, started_id=event.event_id, token=token)
        ledger.wake()
    elif step.kind is _K.NOT_STARTED:
        causes = StartChildWorkflowExecutionFailedCause
        cause = causes.START_CHILD_WORKFLOW_EXECUTION_FAILED_CAUSE_WORKFLOW_ALREADY_EXISTS
        workflow_id = child.command.workflow_id
        ledger.ends(child, "StartChildWorkflowExecutionFailed", workflow_id=workflow_id, cause=cause, **link)
    elif not child.is_started:
        raise LookupError(f"{child.target} has not begun")
    else:
        ledger.ends(
            child,
            f"ChildWorkflowExecution{_ENDS[step.kind]}",
            workflow_execution=ledger.execution(child.command.workflow_id, child.token),
            started_event_id=child.started_id,
            **link,
            **_outcome(ledger, step),
        )


_ENDS: Mapping[StepKind, str] = {
    _K.COMPLETES: "Completed",
    _K.FAILS: "Failed",
    _K.TIMES_OUT: "TimedOut",
    _K.CANCELLED: "Canceled",
    _K.TERMINATED: "Terminated",
}


def _outcome(ledger: Ledger, step: Step) -> Mapping[str, Any]:
    if step.kind is _K.COMPLETES and step.values:
        return {"result": ledger.encoder.payloads(step.values)}
    if step.kind is _K.FAILS:
        assert step.failure is not None
        failure = ledger.encoder.failure(step.failure)
        return {"failure": failure, "retry_state": RetryState.RETRY_STATE_RETRY_POLICY_NOT_SET}
    if step.kind is _K.TIMES_OUT:
        return {"retry_state": RetryState.RETRY_STATE_TIMEOUT}
    return {}


def _begun(ledger: Ledger, child: Pending, event: HistoryEvent) -> None:
    execution = event.child_workflow_execution_started_event_attributes.workflow_execution
    ledger.change(child, is_started=True, started_id=event.event_id, token=execution.run_id)


def _job_started(ledger: Ledger, event: HistoryEvent) -> Job:
    attributes = event.child_workflow_execution_started_event_attributes
    job = Job()
    resolve = job.resolve_child_workflow_execution_start
    resolve.seq = ledger.seqs[attributes.initiated_event_id]
    resolve.succeeded.run_id = attributes.workflow_execution.run_id
    return job


def _job_completed(ledger: Ledger, event: HistoryEvent) -> Job:
    attributes = event.child_workflow_execution_completed_event_attributes
    job = Job()
    resolve = job.resolve_child_workflow_execution
    resolve.seq = ledger.seqs[attributes.initiated_event_id]
    resolve.result.completed.SetInParent()
    if attributes.result.payloads:
        resolve.result.completed.result.CopyFrom(attributes.result.payloads[0])
    return job


def _job_failed(ledger: Ledger, event: HistoryEvent) -> Job:
    attributes = event.child_workflow_execution_failed_event_attributes
    return _job_failure(ledger, attributes, "failed", attributes.failure, attributes.retry_state)


def _job_timed_out(ledger: Ledger, event: HistoryEvent) -> Job:
    attributes = event.child_workflow_execution_timed_out_event_attributes
    timed_out = TimeoutFailureInfo(timeout_type=TimeoutType.TIMEOUT_TYPE_START_TO_CLOSE)
    cause = Failure(message="Timed out", timeout_failure_info=timed_out)
    return _job_failure(ledger, attributes, "timed out", cause, attributes.retry_state)


def _job_terminated(ledger: Ledger, event: HistoryEvent) -> Job:
    attributes = event.child_workflow_execution_terminated_event_attributes
    cause = Failure(message="Terminated", terminated_failure_info=TerminatedFailureInfo())
    state = RetryState.RETRY_STATE_NON_RETRYABLE_FAILURE
    return _job_failure(ledger, attributes, "terminated", cause, state)


def _job_failure(
    ledger: Ledger, attributes: Any, word: str, cause: Failure, state: RetryState.ValueType
) -> Job:
    info = ChildWorkflowExecutionFailureInfo(
        namespace=attributes.namespace,
        workflow_execution=attributes.workflow_execution,
        workflow_type=attributes.workflow_type,
        initiated_event_id=attributes.initiated_event_id,
        started_event_id=attributes.started_event_id,
        retry_state=state,
    )
    job = Job()
    resolve = job.resolve_child_workflow_execution
    resolve.seq = ledger.seqs[attributes.initiated_event_id]
    resolve.result.failed.failure.CopyFrom(
        Failure(
            message=f"Child Workflow execution {word}",
            cause=cause,
            child_workflow_execution_failure_info=info,
        )
    )
    return job


CHILDREN = SubjectRules(
    commands={
        START_CHILD_WORKFLOW: CommandRules(
            write=_start, opens=opens(Subject.CHILD, START_CHILD_WORKFLOW.subject)
        ),
        CANCEL_CHILD_WORKFLOW: CommandRules(write=_cancel, opens=_cancel_asked, core_answers=True),
    },
    open={Subject.CHILD: OpenRules(possible=_possible, apply=_apply)},
    follows={"ChildWorkflowExecutionStarted": _begun},
    jobs={
        "ChildWorkflowExecutionStarted": _job_started,
        "ChildWorkflowExecutionCompleted": _job_completed,
        "ChildWorkflowExecutionFailed": _job_failed,
        "ChildWorkflowExecutionTimedOut": _job_timed_out,
        "ChildWorkflowExecutionTerminated": _job_terminated,
    },
)
