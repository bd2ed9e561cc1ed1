"""What can happen next in a run, and the events that a service writes when it does."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from temporalio.api.common.v1 import Payloads, WorkflowType
from temporalio.api.enums.v1 import (
    CancelExternalWorkflowExecutionFailedCause,
    RetryState,
    SignalExternalWorkflowExecutionFailedCause,
    StartChildWorkflowExecutionFailedCause,
    TimeoutType,
    WorkflowTaskFailedCause,
)
from temporalio.api.failure.v1 import (
    CanceledFailureInfo,
    Failure,
    NexusOperationFailureInfo,
    TimeoutFailureInfo,
)

from replaykit.explore.scenario import Step, StepKind, Subject, Target, Timeout
from replaykit.explore.service.ledger import IDENTITY, AdmittedUpdate, Ledger, Pending
from replaykit.history import event_name
from replaykit.replay.strict.defaults import Nanoseconds, nanoseconds

__all__ = ["Possible", "apply", "possible"]

_SECOND = 1_000_000_000
_K = StepKind


@dataclass(frozen=True, kw_only=True, slots=True)
class Possible:
    """A step that can come next, its values still to be chosen."""

    kind: StepKind
    target: Target | None = None
    timeout: Timeout | None = None
    wants_value: bool = False
    """Whether it carries a result of the code's expected type."""
    wants_failure: bool = False
    is_for_good: bool = True
    """Whether the code gets to know of it: a failure that is retried leaves no event."""
    retries: bool = False
    """Whether a retryable failure would be tried again."""


def possible(ledger: Ledger) -> Iterator[Possible]:
    """Everything that the run's own commands allow to happen next, in a stable order.

    Signals, updates, queries and cancellation come from outside, at any time: they are not among these.
    """
    if ledger.is_closed:
        return
    horizon = min((_hard_deadline(ledger, p) for p in ledger.pending.values()), default=_NEVER)
    for pending in ledger.pending.values():
        yield from _POSSIBLE[pending.target.subject](ledger, pending, horizon)
    started = ledger.events[0].workflow_execution_started_event_attributes
    run_timeout = nanoseconds(started.workflow_run_timeout)
    if run_timeout and _started_at(ledger) + run_timeout <= horizon:
        yield Possible(kind=_K.RUN_TIMES_OUT)


_NEVER = 1 << 62


def _started_at(ledger: Ledger) -> Nanoseconds:
    return ledger.events[0].event_time.ToNanoseconds()


def _hard_deadline(ledger: Ledger, pending: Pending) -> Nanoseconds:
    """When the service acts by itself, whatever anybody else does; far away for never."""
    if pending.target.subject is Subject.TIMER:
        return pending.since + nanoseconds(pending.command.start_to_fire_timeout)
    if pending.target.subject is Subject.ACTIVITY:
        return min((due for _, due in _timeouts_for_good(ledger, pending)), default=_NEVER)
    return _NEVER


def _scheduled(ledger: Ledger, activity: Pending) -> Any:
    return ledger.events[activity.event_id - 1].activity_task_scheduled_event_attributes


def _timeouts(ledger: Ledger, activity: Pending) -> Iterator[tuple[Timeout, Nanoseconds]]:
    """The timeouts that are set and can strike now, with the time at which each does."""
    scheduled = _scheduled(ledger, activity)
    to_start, to_close = scheduled.schedule_to_start_timeout, scheduled.schedule_to_close_timeout
    whole = activity.since + nanoseconds(to_close) if nanoseconds(to_close) else _NEVER
    taken = _NEVER
    if not activity.is_started and (limit := nanoseconds(to_start)):
        taken = (activity.since if activity.attempt == 1 else ledger.now) + limit
    if taken <= whole < _NEVER or taken < whole:
        yield Timeout.SCHEDULE_TO_START, taken
    elif whole < _NEVER:
        yield Timeout.SCHEDULE_TO_CLOSE, whole
    start_to_close = nanoseconds(scheduled.start_to_close_timeout)
    if start_to_close and start_to_close != nanoseconds(to_close):
        yield Timeout.START_TO_CLOSE, ledger.now + start_to_close
    if (limit := nanoseconds(scheduled.heartbeat_timeout)) and limit != start_to_close:
        yield Timeout.HEARTBEAT, ledger.now + limit


_NOT_RETRIED = (Timeout.SCHEDULE_TO_START, Timeout.SCHEDULE_TO_CLOSE)


def _timeouts_for_good(ledger: Ledger, activity: Pending) -> Iterator[tuple[Timeout, Nanoseconds]]:
    for timeout, due in _timeouts(ledger, activity):
        if timeout in _NOT_RETRIED or (activity.is_started and _is_last_attempt(ledger, activity)):
            yield timeout, due


def _is_last_attempt(ledger: Ledger, activity: Pending) -> bool:
    most = _scheduled(ledger, activity).retry_policy.maximum_attempts
    return activity.cancel_id != 0 or (most > 0 and activity.attempt >= most)


def _of_activity(ledger: Ledger, activity: Pending, horizon: Nanoseconds) -> Iterator[Possible]:
    target = activity.target
    last = _is_last_attempt(ledger, activity)
    if not activity.is_started:
        yield Possible(kind=_K.STARTS, target=target, is_for_good=False)
    yield Possible(kind=_K.COMPLETES, target=target, wants_value=True)
    yield Possible(kind=_K.FAILS, target=target, wants_failure=True, retries=not last)
    for timeout, due in _timeouts(ledger, activity):
        if due <= horizon:
            for_good = last or timeout in _NOT_RETRIED
            yield Possible(kind=_K.TIMES_OUT, target=target, timeout=timeout, is_for_good=for_good)
    if nanoseconds(_scheduled(ledger, activity).heartbeat_timeout):
        yield Possible(kind=_K.HEARTBEATS, target=target, is_for_good=False)
    if activity.cancel_id:
        yield Possible(kind=_K.CANCELLED, target=target)


def _of_timer(ledger: Ledger, timer: Pending, horizon: Nanoseconds) -> Iterator[Possible]:
    if _hard_deadline(ledger, timer) <= horizon:
        yield Possible(kind=_K.FIRES, target=timer.target)


def _of_child(ledger: Ledger, child: Pending, _horizon: Nanoseconds) -> Iterator[Possible]:
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


def _of_message(_ledger: Ledger, message: Pending, _horizon: Nanoseconds) -> Iterator[Possible]:
    yield Possible(kind=_K.DELIVERED, target=message.target)
    yield Possible(kind=_K.UNDELIVERABLE, target=message.target)


def _of_nexus(ledger: Ledger, operation: Pending, horizon: Nanoseconds) -> Iterator[Possible]:
    if not operation.is_started:
        yield Possible(kind=_K.BEGINS, target=operation.target)
    yield Possible(kind=_K.COMPLETES, target=operation.target, wants_value=True)
    yield Possible(kind=_K.FAILS, target=operation.target, wants_failure=True)
    scheduled = ledger.events[operation.event_id - 1].nexus_operation_scheduled_event_attributes
    limit = nanoseconds(scheduled.schedule_to_close_timeout)
    if limit and operation.since + limit <= horizon:
        yield Possible(kind=_K.TIMES_OUT, target=operation.target, timeout=Timeout.SCHEDULE_TO_CLOSE)
    if operation.cancel_id and operation.is_started:
        yield Possible(kind=_K.CANCELLED, target=operation.target)


_POSSIBLE: Mapping[Subject, Callable[[Ledger, Pending, Nanoseconds], Iterator[Possible]]] = {
    Subject.ACTIVITY: _of_activity,
    Subject.TIMER: _of_timer,
    Subject.CHILD: _of_child,
    Subject.SIGNAL: _of_message,
    Subject.CANCEL: _of_message,
    Subject.NEXUS: _of_nexus,
}


def apply(ledger: Ledger, step: Step) -> bool:
    """Let a step happen.

    Returns:
        Whether the code must be told; a step that a service keeps to itself leaves no event.

    Raises:
        LookupError: Nothing of that name is open, so the step cannot happen here.
    """
    ledger.tick()
    if step.target is None:
        return _FROM_OUTSIDE[step.kind](ledger, step)
    pending = ledger.pending.get(step.target)
    if pending is None:
        raise LookupError(f"{step.target} is not open")
    return _ANSWERS[step.target.subject](ledger, pending, step)


def _woken(ledger: Ledger) -> bool:
    if ledger.task is not None and ledger.task.is_speculative:
        ledger.keep_task()
    ledger.schedule_task()
    return True


def _close(ledger: Ledger, pending: Pending, event: str, **attributes: Any) -> bool:
    del ledger.pending[pending.target]
    ledger.write(event, **attributes)
    return _woken(ledger)


def _of_worker(ledger: Ledger, activity: Pending) -> int:
    """The started event, which a service writes no sooner than the activity's last attempt ends."""
    if activity.started_id:
        return activity.started_id
    event = ledger.write(
        "ActivityTaskStarted",
        scheduled_event_id=activity.event_id,
        identity=IDENTITY,
        request_id=ledger.made_up_id("activity"),
        attempt=activity.attempt,
        last_failure=activity.last_failure,
    )
    return event.event_id


def _activity(ledger: Ledger, activity: Pending, step: Step) -> bool:
    if step.kind is _K.STARTS:
        activity.is_started = True
        return False
    if step.kind is _K.HEARTBEATS:
        activity.is_started = True
        activity.heartbeat = ledger.encoder.payloads(step.values)
        return False
    if step.kind is _K.TIMES_OUT:
        return _activity_times_out(ledger, activity, step)
    if step.kind is _K.FAILS:
        return _activity_fails(ledger, activity, step)
    links = {"scheduled_event_id": activity.event_id, "identity": IDENTITY}
    if step.kind is _K.CANCELLED:
        started = _of_worker(ledger, activity)
        return _close(
            ledger,
            activity,
            "ActivityTaskCanceled",
            latest_cancel_requested_event_id=activity.cancel_id,
            started_event_id=started,
            **links,
        )
    started = _of_worker(ledger, activity)
    result = ledger.encoder.payloads(step.values) if step.values else None
    return _close(ledger, activity, "ActivityTaskCompleted", result=result, started_event_id=started, **links)


def _activity_fails(ledger: Ledger, activity: Pending, step: Step) -> bool:
    assert step.failure is not None
    failure = ledger.encoder.failure(step.failure)
    policy = _scheduled(ledger, activity).retry_policy
    if not step.failure.retryable or step.failure.type in policy.non_retryable_error_types:
        state = RetryState.RETRY_STATE_NON_RETRYABLE_FAILURE
    else:
        state = _retry_state(ledger, activity)
    if state == RetryState.RETRY_STATE_IN_PROGRESS:
        return _tried_again(ledger, activity, failure)
    started = _of_worker(ledger, activity)
    return _close(
        ledger,
        activity,
        "ActivityTaskFailed",
        failure=failure,
        scheduled_event_id=activity.event_id,
        started_event_id=started,
        identity=IDENTITY,
        retry_state=state,
    )


def _retry_state(ledger: Ledger, activity: Pending) -> RetryState.ValueType:
    policy = _scheduled(ledger, activity).retry_policy
    if activity.cancel_id:
        return RetryState.RETRY_STATE_CANCEL_REQUESTED
    if policy.maximum_attempts and activity.attempt >= policy.maximum_attempts:
        return RetryState.RETRY_STATE_MAXIMUM_ATTEMPTS_REACHED
    limit = nanoseconds(_scheduled(ledger, activity).schedule_to_close_timeout)
    if limit and ledger.now + _backoff(activity, policy) > activity.since + limit:
        return RetryState.RETRY_STATE_TIMEOUT
    return RetryState.RETRY_STATE_IN_PROGRESS


def _backoff(activity: Pending, policy: Any) -> Nanoseconds:
    grown = nanoseconds(policy.initial_interval) * policy.backoff_coefficient ** (activity.attempt - 1)
    return min(int(grown), nanoseconds(policy.maximum_interval))


def _tried_again(ledger: Ledger, activity: Pending, failure: Failure) -> bool:
    ledger.now += _backoff(activity, _scheduled(ledger, activity).retry_policy)
    activity.attempt += 1
    activity.last_failure = failure
    activity.is_started = False
    return False


_TIMEOUT_TYPES: Mapping[Timeout, tuple[TimeoutType.ValueType, str]] = {
    Timeout.SCHEDULE_TO_START: (TimeoutType.TIMEOUT_TYPE_SCHEDULE_TO_START, "ScheduleToStart"),
    Timeout.START_TO_CLOSE: (TimeoutType.TIMEOUT_TYPE_START_TO_CLOSE, "StartToClose"),
    Timeout.SCHEDULE_TO_CLOSE: (TimeoutType.TIMEOUT_TYPE_SCHEDULE_TO_CLOSE, "ScheduleToClose"),
    Timeout.HEARTBEAT: (TimeoutType.TIMEOUT_TYPE_HEARTBEAT, "Heartbeat"),
}


def _activity_times_out(ledger: Ledger, activity: Pending, step: Step) -> bool:
    timeout = step.timeout or Timeout.START_TO_CLOSE
    number, word = _TIMEOUT_TYPES[timeout]
    due = dict(_timeouts(ledger, activity)).get(timeout)
    if due is None:
        raise LookupError(f"{activity.target} has no {timeout} timeout")
    ledger.now = max(ledger.now, due)
    failure = _timeout_failure(activity, number, f"activity {word} timeout")
    retried = Failure()
    retried.CopyFrom(failure)
    retried.timeout_failure_info.ClearField("last_heartbeat_details")  # only a failure for good tells them
    state = RetryState.RETRY_STATE_TIMEOUT
    if timeout not in _NOT_RETRIED:
        state = _retry_state(ledger, activity)
        if state == RetryState.RETRY_STATE_IN_PROGRESS:
            return _tried_again(ledger, activity, retried)
    if state == RetryState.RETRY_STATE_TIMEOUT and timeout is not Timeout.SCHEDULE_TO_START:
        # Whichever timeout it was: what the code is told is that time is up for another attempt.
        number = TimeoutType.TIMEOUT_TYPE_SCHEDULE_TO_CLOSE
        failure = _timeout_failure(activity, number, _NO_TIME_LEFT)
    if activity.last_failure is not None:
        failure.cause.CopyFrom(activity.last_failure)
    has_worker = activity.is_started or timeout not in _NOT_RETRIED
    started = _of_worker(ledger, activity) if has_worker else 0
    return _close(
        ledger,
        activity,
        "ActivityTaskTimedOut",
        failure=failure,
        scheduled_event_id=activity.event_id,
        started_event_id=started,
        retry_state=state,
    )


_NO_TIME_LEFT = (
    "Not enough time to schedule next retry before activity ScheduleToClose timeout, giving up retrying"
)


def _timeout_failure(activity: Pending, number: TimeoutType.ValueType, message: str) -> Failure:
    info = TimeoutFailureInfo(timeout_type=number, last_heartbeat_details=activity.heartbeat)
    return Failure(message=message, source="Server", timeout_failure_info=info)


def _timer(ledger: Ledger, timer: Pending, step: Step) -> bool:
    ledger.now = max(ledger.now, _hard_deadline(ledger, timer))
    return _close(
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
        return _woken(ledger)
    if step.kind is _K.NOT_STARTED:
        causes = StartChildWorkflowExecutionFailedCause
        return _close(
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
    return _close(
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
    return _close(
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
        return _woken(ledger)
    if step.kind is _K.COMPLETES:
        result = ledger.encoder.payload(step.values[0]) if step.values else None
        return _close(ledger, operation, "NexusOperationCompleted", result=result, **link)
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
    return _close(ledger, operation, name, failure=failure, **link)


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
    Subject.ACTIVITY: _activity,
    Subject.TIMER: _timer,
    Subject.CHILD: _child,
    Subject.SIGNAL: _message,
    Subject.CANCEL: _message,
    Subject.NEXUS: _nexus,
}


def _signal(ledger: Ledger, step: Step) -> bool:
    ledger.write(
        "WorkflowExecutionSignaled",
        signal_name=step.name,
        input=ledger.encoder.payloads(step.values) if step.values else None,
        identity=IDENTITY,
        request_id=ledger.made_up_id("signal"),
    )
    return _woken(ledger)


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
    return _woken(ledger)


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
    ledger.now = max(ledger.now, _started_at(ledger) + limit)
    ledger.write("WorkflowExecutionTimedOut", retry_state=RetryState.RETRY_STATE_RETRY_POLICY_NOT_SET)
    return False


def _run_terminated(ledger: Ledger, step: Step) -> bool:
    ledger.write("WorkflowExecutionTerminated", reason="explored", identity=IDENTITY)
    return False


_FROM_OUTSIDE: Mapping[StepKind, Callable[[Ledger, Step], bool]] = {
    _K.SIGNAL: _signal,
    _K.UPDATE: _update,
    _K.QUERY: lambda ledger, step: False,
    _K.CANCEL: _cancel,
    _K.TASK_FAILS: _task_fails,
    _K.TASK_TIMES_OUT: _task_times_out,
    _K.RUN_TIMES_OUT: _run_times_out,
    _K.RUN_TERMINATED: _run_terminated,
}
