"""Reset runs: a new run that begins with a copy of another's events, under a run id of its own.

The started event keeps the *original* run id. What a reset run is called stands in the event that the
reset wrote, a WorkflowTaskFailed with `newRunId`; and the child's id here is made from that name.
"""

from __future__ import annotations

import uuid
from datetime import timedelta

from temporalio import activity, workflow

with workflow.unsafe.imports_passed_through():
    from temporalio.api.common.v1 import WorkflowExecution
    from temporalio.api.enums.v1 import EventType
    from temporalio.api.workflowservice.v1 import ResetWorkflowExecutionRequest

    from tests.gallery.scenario import Scenario, Stage, WorkerSetup


@activity.defn
async def prepare_shipment(step: str) -> str:
    return step


@workflow.defn
class LabelWorkflow:
    @workflow.run
    async def run(self) -> str:
        return workflow.info().workflow_id


@workflow.defn
class ShipmentWorkflow:
    """Two activities, then a child named by run id, task queue and namespace."""

    @workflow.run
    async def run(self) -> str:
        timeout = timedelta(seconds=10)
        await workflow.execute_activity(prepare_shipment, "weigh", start_to_close_timeout=timeout)
        await workflow.execute_activity(prepare_shipment, "wrap", start_to_close_timeout=timeout)
        info = workflow.info()
        return await workflow.execute_child_workflow(
            LabelWorkflow.run, id=f"label-{info.namespace}-{info.task_queue}-{info.run_id}"
        )


async def _reset(stage: Stage, *, before_task: int) -> None:
    """Start over from before the nth completed workflow task of the latest run."""
    latest = stage.client.get_workflow_handle(stage.handle.id)
    await latest.result()
    events = (await latest.fetch_history()).events
    tasks = [e.event_id for e in events if e.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED]
    description = await latest.describe()
    await stage.client.workflow_service.reset_workflow_execution(
        ResetWorkflowExecutionRequest(
            namespace=stage.client.namespace,
            workflow_execution=WorkflowExecution(workflow_id=latest.id, run_id=description.run_id),
            workflow_task_finish_event_id=tasks[before_task - 1],
            reason="gallery",
            request_id=str(uuid.uuid4()),
        )
    )
    await latest.result()


async def _reset_once(stage: Stage) -> None:
    await _reset(stage, before_task=2)


async def _reset_twice(stage: Stage) -> None:
    """The second reset run keeps the event that the first reset wrote."""
    await _reset(stage, before_task=1)
    await _reset(stage, before_task=2)


_WORKER = WorkerSetup(
    task_queue="gallery-reset", workflows=(ShipmentWorkflow, LabelWorkflow), activities=(prepare_shipment,)
)

SCENARIOS = (
    Scenario(
        name="reset",
        workflow=ShipmentWorkflow,
        drive=_reset_once,
        runs=2,
        shows=("WORKFLOW_TASK_FAILED",),
        workers=(_WORKER,),
        needs_recorded_info=True,
    ),
    Scenario(
        name="reset-twice",
        workflow=ShipmentWorkflow,
        drive=_reset_twice,
        runs=3,
        shows=("WORKFLOW_TASK_FAILED",),
        workers=(_WORKER,),
        needs_recorded_info=True,
    ),
    Scenario(name="reset-label", workflow=LabelWorkflow, workers=(_WORKER,)),
)
