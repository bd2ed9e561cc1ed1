"""What can happen next in a run, by its own commands."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from replaykit.explore.growing.service.deadlines import (
    NEVER,
    NOT_RETRIED,
    hard_deadline,
    is_last_attempt,
    scheduled_of,
    started_at,
    timeouts_of,
)
from replaykit.explore.growing.service.ledger import Ledger, Pending
from replaykit.explore.scenario import StepKind, Subject, Target, Timeout
from replaykit.replay.strict.defaults import Nanoseconds, nanoseconds

__all__ = ["Possible", "possible"]

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
    horizon = min((hard_deadline(ledger, p) for p in ledger.pending.values()), default=NEVER)
    for pending in ledger.pending.values():
        yield from _POSSIBLE[pending.target.subject](ledger, pending, horizon)
    started = ledger.events[0].workflow_execution_started_event_attributes
    run_timeout = nanoseconds(started.workflow_run_timeout)
    if run_timeout and started_at(ledger) + run_timeout <= horizon:
        yield Possible(kind=_K.RUN_TIMES_OUT)


def _of_activity(ledger: Ledger, activity: Pending, horizon: Nanoseconds) -> Iterator[Possible]:
    target = activity.target
    last = is_last_attempt(ledger, activity)
    if not activity.is_started:
        yield Possible(kind=_K.STARTS, target=target, is_for_good=False)
    yield Possible(kind=_K.COMPLETES, target=target, wants_value=True)
    yield Possible(kind=_K.FAILS, target=target, wants_failure=True, retries=not last)
    for timeout, due in timeouts_of(ledger, activity):
        if due <= horizon:
            for_good = last or timeout in NOT_RETRIED
            yield Possible(kind=_K.TIMES_OUT, target=target, timeout=timeout, is_for_good=for_good)
    if nanoseconds(scheduled_of(ledger, activity).heartbeat_timeout):
        yield Possible(kind=_K.HEARTBEATS, target=target, is_for_good=False)
    if activity.cancel_id:
        yield Possible(kind=_K.CANCELLED, target=target)


def _of_timer(ledger: Ledger, timer: Pending, horizon: Nanoseconds) -> Iterator[Possible]:
    if hard_deadline(ledger, timer) <= horizon:
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
