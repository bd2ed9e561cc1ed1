"""The events of what comes from outside, of failing workflow tasks and of a run's own end."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from temporalio.api.common.v1 import Payloads
from temporalio.api.enums.v1 import RetryState, TimeoutType, WorkflowTaskFailedCause
from temporalio.api.failure.v1 import Failure

from replaykit.explore.growing.service.deadlines import started_at
from replaykit.explore.growing.service.ledger import IDENTITY, AdmittedUpdate, Ledger
from replaykit.explore.growing.service.waking import woken
from replaykit.explore.scenario import Step, StepKind
from replaykit.history import event_name
from replaykit.replay.strict.defaults import nanoseconds

__all__ = ["FROM_OUTSIDE"]

_SECOND = 1_000_000_000
_K = StepKind


def _signal(ledger: Ledger, step: Step) -> bool:
    ledger.write(
        "WorkflowExecutionSignaled",
        signal_name=step.name,
        input=ledger.encoder.payloads(step.values) if step.values else None,
        identity=IDENTITY,
        request_id=ledger.made_up_id("signal"),
    )
    return woken(ledger)


def _update(ledger: Ledger, step: Step) -> bool:
    """Written down once the code has accepted it; until then it is a message beside the task."""
    ledger.counts.updates += 1
    ledger.schedule_task(is_speculative=True)
    ledger.updates.append(
        AdmittedUpdate(
            update_id=f"update-{ledger.counts.updates}",
            name=step.name,
            arguments=ledger.encoder.payloads(step.values) if step.values else Payloads(),
            sequencing_id=0,
        )
    )
    return True


def _cancel(ledger: Ledger, step: Step) -> bool:
    if any(event_name(event) == "WorkflowExecutionCancelRequested" for event in ledger.events):
        return False  # one request is enough: a service swallows the others
    ledger.write("WorkflowExecutionCancelRequested", identity=IDENTITY)
    return woken(ledger)


def _task_fails(ledger: Ledger, step: Step) -> bool:
    """The next workflow task fails on a worker, and is tried again: nothing of it reaches the run."""
    task = ledger.task
    if task is None:
        raise LookupError("no workflow task is under way")
    if ledger.is_retrying:
        ledger.retry_task()
        return True
    ledger.keep_task()
    ledger.start_task()
    failure = (
        ledger.encoder.failure(step.failure) if step.failure is not None else Failure(message="it failed")
    )
    ledger.write(
        "WorkflowTaskFailed",
        scheduled_event_id=ledger.scheduled_id,
        started_event_id=ledger.started_id,
        cause=WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_WORKFLOW_WORKER_UNHANDLED_FAILURE,
        failure=failure,
        identity=IDENTITY,
    )
    ledger.task = None
    ledger.now += _SECOND
    ledger.schedule_task(attempt=2)
    return True


def _task_times_out(ledger: Ledger, step: Step) -> bool:
    """The worker that took the task never answers."""
    task = ledger.task
    if task is None:
        raise LookupError("no workflow task is under way")
    if ledger.is_retrying:
        ledger.now += ledger.task_timeout
        ledger.retry_task()
        return True
    is_speculative = task.is_speculative
    ledger.keep_task()
    ledger.start_task()
    if is_speculative:
        # The service writes down the start of a task that lived in memory, and no longer knows by whom.
        ledger.events[-1].workflow_task_started_event_attributes.identity = ""
    ledger.now += ledger.task_timeout
    ledger.write(
        "WorkflowTaskTimedOut",
        scheduled_event_id=ledger.scheduled_id,
        started_event_id=ledger.started_id,
        timeout_type=TimeoutType.TIMEOUT_TYPE_START_TO_CLOSE,
    )
    ledger.task = None
    ledger.schedule_task(attempt=2)
    return True


def _run_times_out(ledger: Ledger, step: Step) -> bool:
    started = ledger.events[0].workflow_execution_started_event_attributes
    limit = nanoseconds(started.workflow_run_timeout)
    if not limit:
        raise LookupError("the run has no timeout")
    ledger.now = max(ledger.now, started_at(ledger) + limit)
    ledger.write("WorkflowExecutionTimedOut", retry_state=RetryState.RETRY_STATE_RETRY_POLICY_NOT_SET)
    return False


def _run_terminated(ledger: Ledger, step: Step) -> bool:
    ledger.write("WorkflowExecutionTerminated", reason="explored", identity=IDENTITY)
    return False


FROM_OUTSIDE: Mapping[StepKind, Callable[[Ledger, Step], bool]] = {
    _K.SIGNAL: _signal,
    _K.UPDATE: _update,
    _K.QUERY: lambda ledger, step: False,
    _K.CANCEL: _cancel,
    _K.TASK_FAILS: _task_fails,
    _K.TASK_TIMES_OUT: _task_times_out,
    _K.RUN_TIMES_OUT: _run_times_out,
    _K.RUN_TERMINATED: _run_terminated,
}
