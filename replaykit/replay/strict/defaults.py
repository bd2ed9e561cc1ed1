"""What the service writes down where the code leaves something out, or asks for more than there is.

Each rule is what a Temporal service does to a command's attributes before it writes the event (server,
`service/history/api/respondworkflowtaskcompleted`; each was also
compared with a dev server). A produced value goes through them before it is compared.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from google.protobuf.duration_pb2 import Duration

from replaykit.history.durations import TimeSpan

__all__ = [
    "MAXIMUM_INTERVALS",
    "Nanoseconds",
    "activity_timeouts",
    "child_timeouts",
    "nanoseconds",
    "nexus_timeouts",
    "retry_policy",
    "task_timeout",
    "time_span",
]

Nanoseconds = int
"""A duration; 0 stands for none, as in Temporal's messages."""

_SECOND = 1_000_000_000
_INITIAL_INTERVAL = _SECOND
MAXIMUM_INTERVALS = 100
"""The default maximum interval of retries, in initial intervals."""
_BACKOFF = 2.0
_DEFAULT_TASK_TIMEOUT = 10 * _SECOND
_LONGEST_TASK_TIMEOUT = 120 * _SECOND


def nanoseconds(duration: Duration) -> Nanoseconds:
    """A protobuf duration as one number."""
    return duration.seconds * _SECOND + duration.nanos


def time_span(duration: Nanoseconds) -> TimeSpan | None:
    """A duration as a drift holds it; None for none."""
    return TimeSpan(duration) if duration else None


def _capped(value: Nanoseconds, limit: Nanoseconds) -> Nanoseconds:
    return min(value, limit) if limit else value


def activity_timeouts(command: Any, run_timeout: Nanoseconds) -> dict[str, Nanoseconds]:
    """The four timeouts of an activity: filled from each other, capped at the run's own.

    Args:
        command: The `ScheduleActivity` message.
        run_timeout: Of the workflow run; 0 for none.
    """
    to_close = nanoseconds(command.schedule_to_close_timeout)
    to_start = nanoseconds(command.schedule_to_start_timeout)
    start_to_close = nanoseconds(command.start_to_close_timeout)
    if to_close:
        to_start = _capped(to_start, to_close) or to_close
        start_to_close = _capped(start_to_close, to_close) or to_close
    else:
        to_close = run_timeout
        to_start = to_start or run_timeout
    to_close, to_start = _capped(to_close, run_timeout), _capped(to_start, run_timeout)
    start_to_close = _capped(start_to_close, run_timeout)
    heartbeat = _capped(_capped(nanoseconds(command.heartbeat_timeout), run_timeout), start_to_close)
    return {
        "schedule_to_close_timeout": to_close,
        "schedule_to_start_timeout": to_start,
        "start_to_close_timeout": start_to_close,
        "heartbeat_timeout": heartbeat,
    }


def nexus_timeouts(command: Any, run_timeout: Nanoseconds) -> dict[str, Nanoseconds]:
    """The timeouts of a Nexus operation: none is longer than the run, or than the whole operation.

    Args:
        command: The `ScheduleNexusOperation` message; before temporalio 1.26 it has the first timeout alone.
        run_timeout: Of the workflow run; 0 for none.
    """
    to_close = _capped(nanoseconds(command.schedule_to_close_timeout) or run_timeout, run_timeout)
    timeouts = {"schedule_to_close_timeout": to_close}
    for name in ("schedule_to_start_timeout", "start_to_close_timeout"):
        if hasattr(command, name):
            timeouts[name] = _capped(nanoseconds(getattr(command, name)), to_close)
    return timeouts


def child_timeouts(command: Any) -> dict[str, Nanoseconds]:
    """The timeouts of a child workflow: the run's is capped at the execution's, a task's at the run's.

    Args:
        command: The `StartChildWorkflowExecution` message.
    """
    execution = nanoseconds(command.workflow_execution_timeout)
    run = _capped(nanoseconds(command.workflow_run_timeout) or execution, execution)
    return {
        "workflow_execution_timeout": execution,
        "workflow_run_timeout": run,
        "workflow_task_timeout": task_timeout(nanoseconds(command.workflow_task_timeout), run),
    }


def task_timeout(asked: Nanoseconds, run_timeout: Nanoseconds) -> Nanoseconds:
    """The timeout of one workflow task: ten seconds unless asked for, two minutes at most."""
    return _capped(min(asked or _DEFAULT_TASK_TIMEOUT, _LONGEST_TASK_TIMEOUT), run_timeout)


def retry_policy(message: Any, *, is_set: bool, always: bool) -> Mapping[str, object] | None:
    """A retry policy with its gaps filled, each duration as a `time_span`.

    Args:
        message: A `RetryPolicy` of a command or an event.
        is_set: Whether the field holds one.
        always: Whether the service fills in a whole policy where none is given: for activities it does.
    """
    if not is_set and not always:
        return None
    initial = nanoseconds(message.initial_interval) or _INITIAL_INTERVAL
    maximum = nanoseconds(message.maximum_interval) or initial * MAXIMUM_INTERVALS
    return {
        "initial_interval": time_span(initial),
        "backoff_coefficient": message.backoff_coefficient or _BACKOFF,
        "maximum_interval": time_span(maximum),
        "maximum_attempts": message.maximum_attempts,
        "non_retryable_error_types": list(message.non_retryable_error_types),
    }
