"""Which timeouts of an activity can strike, when, and whether another attempt follows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from temporalio.api.enums.v1 import RetryState

from replaykit.explore.growing.service.ledger import Ledger
from replaykit.explore.growing.service.open_items import Pending
from replaykit.explore.growing.service.subjects.rules import NEVER
from replaykit.explore.scenario import Timeout
from replaykit.replay.strict.defaults import Nanoseconds, nanoseconds

__all__ = [
    "NOT_RETRIED",
    "backoff",
    "deadline",
    "is_last_attempt",
    "retry_state",
    "scheduled_of",
    "timeouts_of",
]

NOT_RETRIED = (Timeout.SCHEDULE_TO_START, Timeout.SCHEDULE_TO_CLOSE)
"""Timeouts after which there is no other attempt."""


def scheduled_of(ledger: Ledger, activity: Pending) -> Any:
    """The attributes of the event that records the activity."""
    return ledger.events[activity.event_id - 1].activity_task_scheduled_event_attributes


def timeouts_of(ledger: Ledger, activity: Pending) -> Iterator[tuple[Timeout, Nanoseconds]]:
    """The timeouts that are set and can strike now, with the time at which each does."""
    scheduled = scheduled_of(ledger, activity)
    to_start, to_close = scheduled.schedule_to_start_timeout, scheduled.schedule_to_close_timeout
    whole = activity.since + nanoseconds(to_close) if nanoseconds(to_close) else NEVER
    taken = NEVER
    if not activity.is_started and (limit := nanoseconds(to_start)):
        taken = (activity.since if activity.attempt == 1 else ledger.now) + limit
    if taken <= whole < NEVER or taken < whole:
        yield Timeout.SCHEDULE_TO_START, taken
    elif whole < NEVER:
        yield Timeout.SCHEDULE_TO_CLOSE, whole
    start_to_close = nanoseconds(scheduled.start_to_close_timeout)
    if start_to_close and start_to_close != nanoseconds(to_close):
        yield Timeout.START_TO_CLOSE, ledger.now + start_to_close
    if (limit := nanoseconds(scheduled.heartbeat_timeout)) and limit != start_to_close:
        yield Timeout.HEARTBEAT, ledger.now + limit


def deadline(ledger: Ledger, activity: Pending) -> Nanoseconds:
    """When the first timeout strikes that ends the activity without another attempt."""
    is_last = activity.is_started and is_last_attempt(ledger, activity)
    return min(
        (due for timeout, due in timeouts_of(ledger, activity) if is_last or timeout in NOT_RETRIED),
        default=NEVER,
    )


def is_last_attempt(ledger: Ledger, activity: Pending) -> bool:
    """Whether no other attempt follows this one, however it ends."""
    most = scheduled_of(ledger, activity).retry_policy.maximum_attempts
    return activity.cancel_id != 0 or (most > 0 and activity.attempt >= most)


def retry_state(ledger: Ledger, activity: Pending) -> RetryState.ValueType:
    """Whether a retryable failure of this attempt leads to another one, and if not, why."""
    scheduled = scheduled_of(ledger, activity)
    policy = scheduled.retry_policy
    if activity.cancel_id:
        return RetryState.RETRY_STATE_CANCEL_REQUESTED
    if policy.maximum_attempts and activity.attempt >= policy.maximum_attempts:
        return RetryState.RETRY_STATE_MAXIMUM_ATTEMPTS_REACHED
    limit = nanoseconds(scheduled.schedule_to_close_timeout)
    if limit and ledger.now + backoff(ledger, activity) > activity.since + limit:
        return RetryState.RETRY_STATE_TIMEOUT
    return RetryState.RETRY_STATE_IN_PROGRESS


def backoff(ledger: Ledger, activity: Pending) -> Nanoseconds:
    """How long the service waits before another attempt."""
    policy = scheduled_of(ledger, activity).retry_policy
    grown = nanoseconds(policy.initial_interval) * policy.backoff_coefficient ** (activity.attempt - 1)
    return min(int(grown), nanoseconds(policy.maximum_interval))
