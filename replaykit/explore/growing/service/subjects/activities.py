"""Activities: their attempts, retries, timeouts, cancels and ends."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from temporalio.api.common.v1 import ActivityType
from temporalio.api.enums.v1 import RetryState, TimeoutType
from temporalio.api.failure.v1 import ActivityFailureInfo, Failure, TimeoutFailureInfo
from temporalio.api.history.v1 import HistoryEvent
from temporalio.bridge.proto.workflow_commands import ActivityCancellationType

from replaykit.explore.growing.service.journal import IDENTITY
from replaykit.explore.growing.service.ledger import Ledger
from replaykit.explore.growing.service.open_items import Pending
from replaykit.explore.growing.service.subjects.activity_timeouts import (
    NOT_RETRIED,
    backoff,
    deadline,
    is_last_attempt,
    retry_state,
    scheduled_of,
    timeouts_of,
)
from replaykit.explore.growing.service.subjects.filling import durations, header, payloads, retry_policy
from replaykit.explore.growing.service.subjects.rules import (
    CommandRules,
    Job,
    OpenRules,
    Possible,
    SubjectRules,
    opens,
)
from replaykit.explore.scenario import Step, StepKind, Subject, Timeout
from replaykit.replay.kinds import REQUEST_CANCEL_ACTIVITY, SCHEDULE_ACTIVITY
from replaykit.replay.strict.defaults import Nanoseconds, activity_timeouts, nanoseconds

__all__ = ["ACTIVITIES"]

_K = StepKind


def _schedule(ledger: Ledger, command: Any, task: int) -> HistoryEvent:
    return ledger.write(
        "ActivityTaskScheduled",
        activity_id=command.activity_id,
        activity_type=ActivityType(name=command.activity_type),
        task_queue=ledger.queue(command.task_queue),
        header=header(command.headers),
        input=payloads(command.arguments),
        workflow_task_completed_event_id=task,
        retry_policy=retry_policy(command.retry_policy),
        use_workflow_build_id=ledger.is_own_queue(command.task_queue),
        priority=command.priority,
        **durations(activity_timeouts(command, ledger.run_timeout)),
    )


def _cancel(ledger: Ledger, command: Any, task: int) -> None:
    activity = ledger.find(Subject.ACTIVITY, command.seq)
    if activity is None or activity.command.cancellation_type == ActivityCancellationType.ABANDON:
        return
    asked = ledger.write(
        "ActivityTaskCancelRequested",
        scheduled_event_id=activity.event_id,
        workflow_task_completed_event_id=task,
    )
    if activity.is_started:
        ledger.change(activity, cancel_id=asked.event_id)
        return
    # No worker has it: the service cancels it on the spot, and the code hears of it at once.
    ledger.close(activity)
    attributes = {
        "latest_cancel_requested_event_id": asked.event_id,
        "scheduled_event_id": activity.event_id,
        "identity": IDENTITY,
    }
    ledger.add_afterwards(lambda: ledger.write("ActivityTaskCanceled", **attributes))


def _possible(ledger: Ledger, activity: Pending, horizon: Nanoseconds) -> Iterator[Possible]:
    target = activity.target
    last = is_last_attempt(ledger, activity)
    if not activity.is_started:
        yield Possible(kind=_K.STARTS, target=target)
    yield Possible(kind=_K.COMPLETES, target=target, wants_value=True)
    yield Possible(kind=_K.FAILS, target=target, wants_failure=True, retries=not last)
    for timeout, due in timeouts_of(ledger, activity):
        if due <= horizon:
            yield Possible(kind=_K.TIMES_OUT, target=target, timeout=timeout)
    if nanoseconds(scheduled_of(ledger, activity).heartbeat_timeout):
        yield Possible(kind=_K.HEARTBEATS, target=target)
    if activity.cancel_id:
        yield Possible(kind=_K.CANCELLED, target=target)


def _apply(ledger: Ledger, activity: Pending, step: Step) -> None:
    if step.kind is _K.STARTS:
        ledger.change(activity, is_started=True)
    elif step.kind is _K.HEARTBEATS:
        ledger.change(activity, is_started=True, heartbeat=ledger.encoder.payloads(step.values))
    elif step.kind is _K.TIMES_OUT:
        _times_out(ledger, activity, step)
    elif step.kind is _K.FAILS:
        _fails(ledger, activity, step)
    elif step.kind is _K.CANCELLED:
        canceled: dict[str, Any] = {
            "latest_cancel_requested_event_id": activity.cancel_id,
            "identity": IDENTITY,
        }
        _ends(ledger, activity, "ActivityTaskCanceled", **canceled)
    else:
        result = ledger.encoder.payloads(step.values) if step.values else None
        _ends(ledger, activity, "ActivityTaskCompleted", result=result, identity=IDENTITY)


def _ends(
    ledger: Ledger, activity: Pending, event: str, *, has_worker: bool = True, **attributes: Any
) -> None:
    """A service writes the start of an activity no sooner than its last attempt ends."""
    started_id = activity.started_id
    if has_worker and not started_id:
        started = ledger.write(
            "ActivityTaskStarted",
            scheduled_event_id=activity.event_id,
            identity=IDENTITY,
            request_id=ledger.made_up_id("activity"),
            attempt=activity.attempt,
            last_failure=activity.last_failure,
        )
        started_id = started.event_id
    ledger.ends(
        activity,
        event,
        scheduled_event_id=activity.event_id,
        started_event_id=started_id if has_worker else 0,
        **attributes,
    )


def _fails(ledger: Ledger, activity: Pending, step: Step) -> None:
    assert step.failure is not None
    failure = ledger.encoder.failure(step.failure)
    policy = scheduled_of(ledger, activity).retry_policy
    if not step.failure.retryable or step.failure.type in policy.non_retryable_error_types:
        state = RetryState.RETRY_STATE_NON_RETRYABLE_FAILURE
    else:
        state = retry_state(ledger, activity)
    if state == RetryState.RETRY_STATE_IN_PROGRESS:
        _tried_again(ledger, activity, failure)
    else:
        _ends(ledger, activity, "ActivityTaskFailed", failure=failure, identity=IDENTITY, retry_state=state)


def _tried_again(ledger: Ledger, activity: Pending, failure: Failure) -> None:
    ledger.wait(backoff(ledger, activity))
    ledger.change(activity, attempt=activity.attempt + 1, last_failure=failure, is_started=False)


_TIMEOUT_TYPES: Mapping[Timeout, tuple[TimeoutType.ValueType, str]] = {
    Timeout.SCHEDULE_TO_START: (TimeoutType.TIMEOUT_TYPE_SCHEDULE_TO_START, "ScheduleToStart"),
    Timeout.START_TO_CLOSE: (TimeoutType.TIMEOUT_TYPE_START_TO_CLOSE, "StartToClose"),
    Timeout.SCHEDULE_TO_CLOSE: (TimeoutType.TIMEOUT_TYPE_SCHEDULE_TO_CLOSE, "ScheduleToClose"),
    Timeout.HEARTBEAT: (TimeoutType.TIMEOUT_TYPE_HEARTBEAT, "Heartbeat"),
}
_NO_TIME_LEFT = (
    "Not enough time to schedule next retry before activity ScheduleToClose timeout, giving up retrying"
)


def _times_out(ledger: Ledger, activity: Pending, step: Step) -> None:
    timeout = step.timeout or Timeout.START_TO_CLOSE
    number, word = _TIMEOUT_TYPES[timeout]
    due = dict(timeouts_of(ledger, activity)).get(timeout)
    if due is None:
        raise LookupError(f"{activity.target} has no {timeout} timeout")
    ledger.wait_until(due)
    failure = _timeout_failure(activity, number, f"activity {word} timeout")
    state = RetryState.RETRY_STATE_TIMEOUT
    if timeout not in NOT_RETRIED:
        state = retry_state(ledger, activity)
        if state == RetryState.RETRY_STATE_IN_PROGRESS:
            # Only a final failure carries the last heartbeat.
            failure.timeout_failure_info.ClearField("last_heartbeat_details")
            _tried_again(ledger, activity, failure)
            return
    if state == RetryState.RETRY_STATE_TIMEOUT and timeout is not Timeout.SCHEDULE_TO_START:
        # Whichever timeout it was: what the code hears is that time is up for another attempt.
        number = TimeoutType.TIMEOUT_TYPE_SCHEDULE_TO_CLOSE
        failure = _timeout_failure(activity, number, _NO_TIME_LEFT)
    if activity.last_failure is not None:
        failure.cause.CopyFrom(activity.last_failure)
    has_worker = activity.is_started or timeout not in NOT_RETRIED
    _ends(ledger, activity, "ActivityTaskTimedOut", has_worker=has_worker, failure=failure, retry_state=state)


def _timeout_failure(activity: Pending, number: TimeoutType.ValueType, message: str) -> Failure:
    info = TimeoutFailureInfo(timeout_type=number, last_heartbeat_details=activity.heartbeat)
    return Failure(message=message, source="Server", timeout_failure_info=info)


def _picked_up(ledger: Ledger, activity: Pending, event: HistoryEvent) -> None:
    attempt = event.activity_task_started_event_attributes.attempt
    ledger.change(activity, is_started=True, started_id=event.event_id, attempt=attempt)


def _cancel_asked(ledger: Ledger, activity: Pending, event: HistoryEvent) -> None:
    ledger.change(activity, cancel_id=event.event_id)


def _job(ledger: Ledger, attributes: Any) -> Job:
    job = Job()
    job.resolve_activity.seq = ledger.seqs[attributes.scheduled_event_id]
    return job


def _job_completed(ledger: Ledger, event: HistoryEvent) -> Job:
    attributes = event.activity_task_completed_event_attributes
    job = _job(ledger, attributes)
    completed = job.resolve_activity.result.completed
    completed.SetInParent()
    if attributes.result.payloads:
        completed.result.CopyFrom(attributes.result.payloads[0])
    return job


def _job_failed(ledger: Ledger, event: HistoryEvent) -> Job:
    attributes = event.activity_task_failed_event_attributes
    return _job_failure(ledger, attributes, "Activity task failed", attributes.identity)


def _job_timed_out(ledger: Ledger, event: HistoryEvent) -> Job:
    return _job_failure(ledger, event.activity_task_timed_out_event_attributes, "Activity task timed out", "")


def _job_failure(ledger: Ledger, attributes: Any, message: str, identity: str) -> Job:
    scheduled = ledger.events[attributes.scheduled_event_id - 1].activity_task_scheduled_event_attributes
    info = ActivityFailureInfo(
        activity_type=scheduled.activity_type,
        activity_id=scheduled.activity_id,
        identity=identity,
        retry_state=attributes.retry_state,
        started_event_id=attributes.started_event_id,
        scheduled_event_id=attributes.scheduled_event_id,
    )
    job = _job(ledger, attributes)
    job.resolve_activity.result.failed.failure.CopyFrom(
        Failure(message=message, cause=attributes.failure, activity_failure_info=info)
    )
    return job


ACTIVITIES = SubjectRules(
    commands={
        SCHEDULE_ACTIVITY: CommandRules(
            write=_schedule, opens=opens(Subject.ACTIVITY, SCHEDULE_ACTIVITY.subject)
        ),
        REQUEST_CANCEL_ACTIVITY: CommandRules(write=_cancel, core_answers=True),
    },
    open={Subject.ACTIVITY: OpenRules(possible=_possible, apply=_apply, deadline=deadline)},
    follows={"ActivityTaskStarted": _picked_up, "ActivityTaskCancelRequested": _cancel_asked},
    jobs={
        "ActivityTaskCompleted": _job_completed,
        "ActivityTaskFailed": _job_failed,
        "ActivityTaskTimedOut": _job_timed_out,
    },
    silent=frozenset({"ActivityTaskStarted"}),
)
