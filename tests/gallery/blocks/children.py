"""Children: completed, failed, cancelled, abandoned; and children named by where their parent runs."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ApplicationError, ChildWorkflowError

with workflow.unsafe.imports_passed_through():
    from tests.gallery.scenario import Scenario, WorkerSetup


@workflow.defn
class ChildWorkflow:
    """Does what its task names: `work`, `fail`, or `wait` for ever."""

    @workflow.run
    async def run(self, task: str) -> str:
        if task == "fail":
            raise ApplicationError("no luck", type="NoLuck", non_retryable=True)
        await workflow.sleep(timedelta(days=1) if task == "wait" else timedelta(seconds=0.05))
        return f"{task} done"


@workflow.defn
class ParentWorkflow:
    """Has a child of every fate."""

    @workflow.run
    async def run(self) -> list[str]:
        name = workflow.info().workflow_id
        fates = [await workflow.execute_child_workflow(ChildWorkflow.run, "work", id=f"{name}-completed")]
        try:
            await workflow.execute_child_workflow(ChildWorkflow.run, "fail", id=f"{name}-failed")
        except ChildWorkflowError as error:
            fates.append(f"failed: {error.cause}")
        waiting = await workflow.start_child_workflow(ChildWorkflow.run, "wait", id=f"{name}-cancelled")
        waiting.cancel()
        try:
            await waiting
        except ChildWorkflowError as error:
            fates.append(f"cancelled: {error.cause}")
        await workflow.start_child_workflow(
            ChildWorkflow.run,
            "work",
            id=f"{name}-abandoned",
            parent_close_policy=workflow.ParentClosePolicy.ABANDON,
        )
        return fates


@workflow.defn
class NamingParentWorkflow:
    """Its children's ids come from run id, task queue and namespace, and Temporal compares them."""

    @workflow.run
    async def run(self) -> list[str]:
        info = workflow.info()
        return [
            await workflow.execute_child_workflow(ChildWorkflow.run, "work", id=f"child-of-{origin}")
            for origin in (info.run_id, info.task_queue, info.namespace)
        ]


_WORKER = WorkerSetup(
    task_queue="gallery-children", workflows=(ChildWorkflow, ParentWorkflow, NamingParentWorkflow)
)

SCENARIOS = (
    Scenario(
        name="children",
        workflow=ParentWorkflow,
        also=("children-completed", "children-failed", "children-cancelled"),
        shows=(
            "CHILD_WORKFLOW_EXECUTION_COMPLETED",
            "CHILD_WORKFLOW_EXECUTION_FAILED",
            "CHILD_WORKFLOW_EXECUTION_CANCELED",
        ),
        workers=(_WORKER,),
    ),
    Scenario(
        name="children-named-by-origin",
        workflow=NamingParentWorkflow,
        workers=(_WORKER,),
        needs_recorded_info=True,
    ),
)
