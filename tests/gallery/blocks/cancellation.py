"""Cancellation: of a timer, of an activity under each policy; accepted, and survived."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from temporalio import activity, workflow
from temporalio.exceptions import ActivityError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from temporalio.api.enums.v1 import EventType

    from tests.gallery.scenario import Scenario, Stage, WorkerSetup

_POLICIES = {
    "wait": workflow.ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    "try": workflow.ActivityCancellationType.TRY_CANCEL,
    "abandon": workflow.ActivityCancellationType.ABANDON,
}


@activity.defn
async def rent_car() -> None:
    """Beats until it is cancelled."""
    while True:
        activity.heartbeat()
        await asyncio.sleep(0.1)


@activity.defn
async def refund() -> str:
    return "refunded"


@workflow.defn
class TripWorkflow:
    """Is in the middle of renting a car when it is cancelled; refunds the customer."""

    @workflow.run
    async def run(self, policy: str, survives: bool = False) -> str:
        try:
            await workflow.execute_activity(
                rent_car,
                start_to_close_timeout=timedelta(seconds=30),
                heartbeat_timeout=timedelta(seconds=1),
                cancellation_type=_POLICIES[policy],
            )
        except ActivityError as error:
            if not is_cancelled_exception(error):
                raise
            refunded = await workflow.execute_activity(refund, start_to_close_timeout=timedelta(seconds=10))
            if not survives:
                raise
            return refunded
        return "rented"


@workflow.defn
class NapWorkflow:
    """Cancelled in its sleep."""

    @workflow.run
    async def run(self) -> None:
        await workflow.sleep(timedelta(days=1))


async def _cancel_trip(stage: Stage) -> None:
    await stage.reached(EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED)
    await stage.handle.cancel()


async def _cancel_nap(stage: Stage) -> None:
    await stage.reached(EventType.EVENT_TYPE_TIMER_STARTED)
    await stage.handle.cancel()


_WORKER = WorkerSetup(
    task_queue="gallery-cancellation", workflows=(TripWorkflow, NapWorkflow), activities=(rent_car, refund)
)

SCENARIOS = (
    Scenario(
        name="cancellation-timer",
        workflow=NapWorkflow,
        drive=_cancel_nap,
        shows=("TIMER_CANCELED", "WORKFLOW_EXECUTION_CANCELED"),
        status="CANCELED",
        workers=(_WORKER,),
    ),
    *(
        Scenario(
            name=f"cancellation-activity-{policy}",
            workflow=TripWorkflow,
            args=(policy,),
            drive=_cancel_trip,
            shows=("WORKFLOW_EXECUTION_CANCEL_REQUESTED", *shown),
            status="CANCELED",
            workers=(_WORKER,),
        )
        for policy, shown in {
            "wait": ("ACTIVITY_TASK_CANCEL_REQUESTED", "ACTIVITY_TASK_CANCELED"),
            "try": ("ACTIVITY_TASK_CANCEL_REQUESTED",),
            "abandon": (),
        }.items()
    ),
    Scenario(
        name="cancellation-survived",
        workflow=TripWorkflow,
        args=("wait", True),
        drive=_cancel_trip,
        shows=("ACTIVITY_TASK_CANCELED", "WORKFLOW_EXECUTION_COMPLETED"),
        workers=(_WORKER,),
    ),
)
