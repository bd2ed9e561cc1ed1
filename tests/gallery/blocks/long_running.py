"""Continue-as-new: a run of 100 activities hands its place in the work on to the next."""

from __future__ import annotations

from datetime import timedelta

from temporalio import activity, workflow

with workflow.unsafe.imports_passed_through():
    from tests.gallery.scenario import Scenario, WorkerSetup

ITERATIONS_PER_RUN = 100


@activity.defn
async def process_item(iteration: int) -> int:
    return iteration % 7


@workflow.defn
class LongRunningWorkflow:
    """Works through `total` items, `ITERATIONS_PER_RUN` a run."""

    @workflow.run
    async def run(self, total: int, iteration: int = 0, checksum: int = 0) -> int:
        for _ in range(ITERATIONS_PER_RUN):
            checksum += await workflow.execute_activity(
                process_item, iteration, start_to_close_timeout=timedelta(seconds=10)
            )
            iteration += 1
        if iteration < total:
            workflow.continue_as_new(args=[total, iteration, checksum])
        return checksum


SCENARIOS = (
    Scenario(
        name="long-running",
        workflow=LongRunningWorkflow,
        args=(3 * ITERATIONS_PER_RUN,),
        runs=3,
        shows=("WORKFLOW_EXECUTION_CONTINUED_AS_NEW",),
        workers=(
            WorkerSetup(
                task_queue="gallery-long-running",
                workflows=(LongRunningWorkflow,),
                activities=(process_item,),
            ),
        ),
    ),
)
