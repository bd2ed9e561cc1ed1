"""Retries: a policy that succeeds in the end, one that is used up, and failures that are not retried."""

from __future__ import annotations

from datetime import timedelta

from temporalio import activity, workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError

with workflow.unsafe.imports_passed_through():
    from tests.gallery.scenario import Scenario, WorkerSetup

_POLICY = RetryPolicy(
    initial_interval=timedelta(seconds=0.05),
    backoff_coefficient=2.0,
    maximum_attempts=3,
    non_retryable_error_types=["CardStolen"],
)


@activity.defn
async def call_bank(case: str) -> str:
    """What becomes of a call depends on the case, and on how often it was tried."""
    attempt = activity.info().attempt
    if case == "slow" and attempt == 3:
        return f"paid at attempt {attempt}"
    if case == "declined":
        raise ApplicationError("card declined", type="CardDeclined", non_retryable=True)
    if case == "stolen":
        raise ApplicationError("card stolen", "ask the police", type="CardStolen")
    raise ApplicationError(f"bank is busy, attempt {attempt}", type="BankBusy")


@workflow.defn
class RetryWorkflow:
    """Tries every case, and answers how each ended."""

    @workflow.run
    async def run(self, cases: list[str]) -> list[str]:
        return [await self._outcome(case) for case in cases]

    async def _outcome(self, case: str) -> str:
        try:
            return await workflow.execute_activity(
                call_bank, case, start_to_close_timeout=timedelta(seconds=10), retry_policy=_POLICY
            )
        except ActivityError as error:
            cause = error.cause
            return f"{case}: {cause.type if isinstance(cause, ApplicationError) else cause}"


SCENARIOS = (
    Scenario(
        name="retries",
        workflow=RetryWorkflow,
        args=(["slow", "declined", "stolen", "busy"],),
        shows=("ACTIVITY_TASK_FAILED",),
        workers=(
            WorkerSetup(task_queue="gallery-retries", workflows=(RetryWorkflow,), activities=(call_bank,)),
        ),
    ),
)
