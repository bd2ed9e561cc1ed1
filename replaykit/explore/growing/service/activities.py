"""The events of an activity: its attempts, retries, timeouts and its end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from temporalio.api.enums.v1 import RetryState, TimeoutType
from temporalio.api.failure.v1 import Failure, TimeoutFailureInfo

from replaykit.explore.growing.service.deadlines import NOT_RETRIED, scheduled_of, timeouts_of
from replaykit.explore.growing.service.ledger import IDENTITY, Ledger, Pending
from replaykit.explore.growing.service.waking import close
from replaykit.explore.scenario import Step, StepKind, Timeout
from replaykit.replay.strict.defaults import Nanoseconds, nanoseconds

__all__ = ["answer_activity"]

_K = StepKind


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


def answer_activity(ledger: Ledger, activity: Pending, step: Step) -> bool:
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
        return close(
            ledger,
            activity,
            "ActivityTaskCanceled",
            latest_cancel_requested_event_id=activity.cancel_id,
            started_event_id=started,
            **links,
        )
    started = _of_worker(ledger, activity)
    result = ledger.encoder.payloads(step.values) if step.values else None
    return close(ledger, activity, "ActivityTaskCompleted", result=result, started_event_id=started, **links)


def _activity_fails(ledger: Ledger, activity: Pending, step: Step) -> bool:
    assert step.failure is not None
    failure = ledger.encoder.failure(step.failure)
    policy = scheduled_of(ledger, activity).retry_policy
    if not step.failure.retryable or step.failure.type in policy.non_retryable_error_types:
        state = RetryState.RETRY_STATE_NON_RETRYABLE_FAILURE
    else:
        state = _retry_state(ledger, activity)
    if state == RetryState.RETRY_STATE_IN_PROGRESS:
        return _tried_again(ledger, activity, failure)
    started = _of_worker(ledger, activity)
    return close(
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
    policy = scheduled_of(ledger, activity).retry_policy
    if activity.cancel_id:
        return RetryState.RETRY_STATE_CANCEL_REQUESTED
    if policy.maximum_attempts and activity.attempt >= policy.maximum_attempts:
        return RetryState.RETRY_STATE_MAXIMUM_ATTEMPTS_REACHED
    limit = nanoseconds(scheduled_of(ledger, activity).schedule_to_close_timeout)
    if limit and ledger.now + _backoff(activity, policy) > activity.since + limit:
        return RetryState.RETRY_STATE_TIMEOUT
    return RetryState.RETRY_STATE_IN_PROGRESS


def _backoff(activity: Pending, policy: Any) -> Nanoseconds:
    grown = nanoseconds(policy.initial_interval) * policy.backoff_coefficient ** (activity.attempt - 1)
    return min(int(grown), nanoseconds(policy.maximum_interval))


def _tried_again(ledger: Ledger, activity: Pending, failure: Failure) -> bool:
    ledger.now += _backoff(activity, scheduled_of(ledger, activity).retry_policy)
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
    due = dict(timeouts_of(ledger, activity)).get(timeout)
    if due is None:
        raise LookupError(f"{activity.target} has no {timeout} timeout")
    ledger.now = max(ledger.now, due)
    failure = _timeout_failure(activity, number, f"activity {word} timeout")
    retried = Failure()
    retried.CopyFrom(failure)
    retried.timeout_failure_info.ClearField("last_heartbeat_details")  # only a failure for good tells them
    state = RetryState.RETRY_STATE_TIMEOUT
    if timeout not in NOT_RETRIED:
        state = _retry_state(ledger, activity)
        if state == RetryState.RETRY_STATE_IN_PROGRESS:
            return _tried_again(ledger, activity, retried)
    if state == RetryState.RETRY_STATE_TIMEOUT and timeout is not Timeout.SCHEDULE_TO_START:
        # Whichever timeout it was: what the code is told is that time is up for another attempt.
        number = TimeoutType.TIMEOUT_TYPE_SCHEDULE_TO_CLOSE
        failure = _timeout_failure(activity, number, _NO_TIME_LEFT)
    if activity.last_failure is not None:
        failure.cause.CopyFrom(activity.last_failure)
    has_worker = activity.is_started or timeout not in NOT_RETRIED
    started = _of_worker(ledger, activity) if has_worker else 0
    return close(
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
