"""Heartbeats: an activity that dies half-way goes on from the details of its last heartbeat."""

from __future__ import annotations

from datetime import timedelta

from temporalio import activity, workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ApplicationError

with workflow.unsafe.imports_passed_through():
    from tests.gallery.scenario import Scenario, WorkerSetup


@activity.defn
async def import_rows(total: int) -> str:
    """Dies once, in the middle.

    Returns:
        From where the attempt that got through went on.
    """
    info = activity.info()
    first: int = info.heartbeat_details[0] if info.heartbeat_details else 0
    for row in range(first, total):
        if info.attempt == 1 and row == total // 2:
            raise ApplicationError("connection lost", type="ConnectionLost")
        activity.heartbeat(row + 1)
    return f"attempt {info.attempt} went on at row {first}"


@workflow.defn
class HeartbeatWorkflow:
    @workflow.run
    async def run(self, total: int) -> str:
        return await workflow.execute_activity(
            import_rows,
            total,
            start_to_close_timeout=timedelta(seconds=10),
            heartbeat_timeout=timedelta(seconds=2),
            retry_policy=RetryPolicy(initial_interval=timedelta(seconds=0.05), maximum_attempts=2),
        )


SCENARIOS = (
    Scenario(
        name="heartbeats",
        workflow=HeartbeatWorkflow,
        args=(10,),
        workers=(
            WorkerSetup(
                task_queue="gallery-heartbeats", workflows=(HeartbeatWorkflow,), activities=(import_rows,)
            ),
        ),
    ),
)
