"""When a service acts by itself: timers fire, activities time out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from replaykit.explore.growing.service.ledger import Ledger, Pending
from replaykit.explore.scenario import Subject, Timeout
from replaykit.replay.strict.defaults import Nanoseconds, nanoseconds

__all__ = [
    "NEVER",
    "NOT_RETRIED",
    "hard_deadline",
    "is_last_attempt",
    "scheduled_of",
    "started_at",
    "timeouts_of",
]


NEVER = 1 << 62


def started_at(ledger: Ledger) -> Nanoseconds:
    return ledger.events[0].event_time.ToNanoseconds()


def hard_deadline(ledger: Ledger, pending: Pending) -> Nanoseconds:
    """When the service acts by itself, whatever anybody else does; far away for never."""
    if pending.target.subject is Subject.TIMER:
        return pending.since + nanoseconds(pending.command.start_to_fire_timeout)
    if pending.target.subject is Subject.ACTIVITY:
        return min((due for _, due in _timeouts_for_good(ledger, pending)), default=NEVER)
    return NEVER


def scheduled_of(ledger: Ledger, activity: Pending) -> Any:
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


NOT_RETRIED = (Timeout.SCHEDULE_TO_START, Timeout.SCHEDULE_TO_CLOSE)


def _timeouts_for_good(ledger: Ledger, activity: Pending) -> Iterator[tuple[Timeout, Nanoseconds]]:
    for timeout, due in timeouts_of(ledger, activity):
        if timeout in NOT_RETRIED or (activity.is_started and is_last_attempt(ledger, activity)):
            yield timeout, due


def is_last_attempt(ledger: Ledger, activity: Pending) -> bool:
    most = scheduled_of(ledger, activity).retry_policy.maximum_attempts
    return activity.cancel_id != 0 or (most > 0 and activity.attempt >= most)
