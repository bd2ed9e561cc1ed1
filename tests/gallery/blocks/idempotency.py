"""An idempotency key made from the run id: a replay under another run id would ask for another activity."""

from __future__ import annotations

from datetime import timedelta

from temporalio import activity, workflow

with workflow.unsafe.imports_passed_through():
    from tests.gallery.scenario import Scenario, WorkerSetup


@activity.defn
async def charge(key: str) -> str:
    return f"charged once for {key}"


@workflow.defn
class ChargeWorkflow:
    """The key is also the activity's id, which Temporal compares; its input is not compared."""

    @workflow.run
    async def run(self) -> str:
        info = workflow.info()
        key = f"{info.workflow_id}/{info.run_id}"
        return await workflow.execute_activity(
            charge, key, activity_id=key, start_to_close_timeout=timedelta(seconds=10)
        )


SCENARIOS = (
    Scenario(
        name="idempotency-key",
        workflow=ChargeWorkflow,
        workers=(
            WorkerSetup(task_queue="gallery-idempotency", workflows=(ChargeWorkflow,), activities=(charge,)),
        ),
    ),
)
