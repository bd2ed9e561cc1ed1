"""A workflow that fails on purpose; and one that is run again after its failure."""

from __future__ import annotations

from datetime import timedelta

from temporalio import activity, workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ApplicationError

with workflow.unsafe.imports_passed_through():
    from tests.gallery.scenario import Scenario, WorkerSetup


@activity.defn
async def check_credit(customer: str) -> int:
    return -len(customer)


@workflow.defn
class LoanWorkflow:
    """Refuses every loan, until the attempt at which the bank gives in."""

    @workflow.run
    async def run(self, customer: str, gives_in_at: int) -> str:
        credit = await workflow.execute_activity(
            check_credit, customer, start_to_close_timeout=timedelta(seconds=10)
        )
        if workflow.info().attempt < gives_in_at:
            raise ApplicationError(f"loan refused at a credit of {credit}", credit, type="LoanRefused")
        return "loan granted"


_WORKER = WorkerSetup(task_queue="gallery-failing", workflows=(LoanWorkflow,), activities=(check_credit,))

SCENARIOS = (
    Scenario(
        name="failing",
        workflow=LoanWorkflow,
        args=("Ada", 2),
        status="FAILED",
        shows=("WORKFLOW_EXECUTION_FAILED",),
        workers=(_WORKER,),
    ),
    Scenario(
        name="failing-then-retried",
        workflow=LoanWorkflow,
        args=("Ada", 2),
        start={"retry_policy": RetryPolicy(initial_interval=timedelta(seconds=0.05), maximum_attempts=2)},
        runs=2,
        workers=(_WORKER,),
    ),
)
