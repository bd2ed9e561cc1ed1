"""Timers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from temporalio.api.history.v1 import HistoryEvent

from replaykit.explore.growing.service.journal import IDENTITY
from replaykit.explore.growing.service.ledger import Ledger
from replaykit.explore.growing.service.open_items import Pending
from replaykit.explore.growing.service.subjects.rules import (
    CommandRules,
    Job,
    OpenRules,
    Possible,
    SubjectRules,
    opens,
)
from replaykit.explore.scenario import Step, StepKind, Subject
from replaykit.replay.kinds import CANCEL_TIMER, START_TIMER
from replaykit.replay.strict.defaults import Nanoseconds, nanoseconds

__all__ = ["TIMERS"]


def _start(ledger: Ledger, command: Any, task: int) -> HistoryEvent:
    return ledger.write(
        "TimerStarted",
        timer_id=str(command.seq),
        start_to_fire_timeout=command.start_to_fire_timeout,
        workflow_task_completed_event_id=task,
    )


def _cancel(ledger: Ledger, command: Any, task: int) -> None:
    timer = ledger.find(Subject.TIMER, command.seq)
    if timer is None:
        return
    ledger.close(timer)
    ledger.write(
        "TimerCanceled",
        timer_id=str(command.seq),
        started_event_id=timer.event_id,
        workflow_task_completed_event_id=task,
        identity=IDENTITY,
    )


def _possible(ledger: Ledger, timer: Pending, horizon: Nanoseconds) -> Iterator[Possible]:
    if _deadline(ledger, timer) <= horizon:
        yield Possible(kind=StepKind.FIRES, target=timer.target)


def _fires(ledger: Ledger, timer: Pending, step: Step) -> None:
    ledger.wait_until(_deadline(ledger, timer))
    ledger.ends(timer, "TimerFired", timer_id=str(timer.command.seq), started_event_id=timer.event_id)


def _deadline(_ledger: Ledger, timer: Pending) -> Nanoseconds:
    return timer.since + nanoseconds(timer.command.start_to_fire_timeout)


def _job_fired(ledger: Ledger, event: HistoryEvent) -> Job:
    job = Job()
    job.fire_timer.seq = ledger.seqs[event.timer_fired_event_attributes.started_event_id]
    return job


TIMERS = SubjectRules(
    commands={
        START_TIMER: CommandRules(write=_start, opens=opens(Subject.TIMER, START_TIMER.subject)),
        CANCEL_TIMER: CommandRules(write=_cancel),
    },
    open={Subject.TIMER: OpenRules(possible=_possible, apply=_fires, deadline=_deadline)},
    jobs={"TimerFired": _job_fired},
)
