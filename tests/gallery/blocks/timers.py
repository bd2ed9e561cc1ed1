"""Timers: fired, cancelled, raced against a signal, and still running."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from temporalio import activity, workflow

with workflow.unsafe.imports_passed_through():
    from temporalio.api.enums.v1 import EventType

    from tests.gallery.scenario import Scenario, Stage, WorkerSetup


@activity.defn
async def ring() -> str:
    return "ding"


@workflow.defn
class ReminderWorkflow:
    """A timer fires, one is cancelled, a wait times out, and a signal wins against a day's wait."""

    def __init__(self) -> None:
        self._dismissed = False

    @workflow.run
    async def run(self) -> str:
        await workflow.sleep(timedelta(seconds=0.05))
        snooze = asyncio.create_task(asyncio.sleep(3600))
        sound = await workflow.execute_activity(ring, start_to_close_timeout=timedelta(seconds=10))
        snooze.cancel()
        try:
            await workflow.wait_condition(lambda: self._dismissed, timeout=timedelta(seconds=0.05))
        except asyncio.TimeoutError:
            await workflow.wait_condition(lambda: self._dismissed, timeout=timedelta(days=1))
        return sound

    @workflow.signal
    def dismiss(self) -> None:
        self._dismissed = True


async def _wait_for_last_timer(stage: Stage) -> None:
    await stage.reached(EventType.EVENT_TYPE_TIMER_STARTED, times=4)


async def _dismiss(stage: Stage) -> None:
    await _wait_for_last_timer(stage)
    await stage.handle.signal(ReminderWorkflow.dismiss)


_WORKER = WorkerSetup(task_queue="gallery-timers", workflows=(ReminderWorkflow,), activities=(ring,))

SCENARIOS = (
    Scenario(
        name="timers",
        workflow=ReminderWorkflow,
        drive=_dismiss,
        shows=("TIMER_FIRED", "TIMER_CANCELED"),
        workers=(_WORKER,),
    ),
    Scenario(
        name="timers-open",
        workflow=ReminderWorkflow,
        drive=_wait_for_last_timer,
        status="RUNNING",
        workers=(_WORKER,),
    ),
)
