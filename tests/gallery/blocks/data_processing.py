"""The plainest workflow there is: two activities, one after the other."""

from __future__ import annotations

from datetime import timedelta

from temporalio import activity, workflow

with workflow.unsafe.imports_passed_through():
    from tests.gallery.scenario import Scenario, WorkerSetup


@activity.defn
async def extract_rows(source: str) -> list[int]:
    return [len(word) for word in source.split()]


@activity.defn
async def load_total(rows: list[int]) -> int:
    return sum(rows)


@workflow.defn
class DataProcessingWorkflow:
    """Its History is exactly 17 events long."""

    @workflow.run
    async def run(self, source: str, activity_queue: str | None = None) -> int:
        rows = await workflow.execute_activity(
            extract_rows,
            source,
            task_queue=activity_queue,
            start_to_close_timeout=timedelta(seconds=10),
        )
        return await workflow.execute_activity(
            load_total,
            rows,
            task_queue=activity_queue,
            start_to_close_timeout=timedelta(seconds=10),
        )


SCENARIOS = (
    Scenario(
        name="data-processing",
        workflow=DataProcessingWorkflow,
        args=("one two three",),
        workers=(
            WorkerSetup(
                task_queue="gallery-data",
                workflows=(DataProcessingWorkflow,),
                activities=(extract_rows, load_total),
            ),
        ),
    ),
)
