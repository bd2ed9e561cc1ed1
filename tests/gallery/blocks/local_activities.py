"""Local activities: their History is markers, and a timer where a retry waits for long."""

from __future__ import annotations

from datetime import timedelta

from temporalio import activity, workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ApplicationError, FailureError

with workflow.unsafe.imports_passed_through():
    from tests.gallery.scenario import Scenario, WorkerSetup


@activity.defn
async def look_up_price(article: str) -> int:
    return len(article)


@activity.defn
async def flaky_stock(article: str) -> int:
    """Answers at the second attempt."""
    if activity.info().attempt < 2:
        raise ApplicationError("stock is being counted", type="StockBusy")
    return len(article)


@activity.defn
async def refuse(article: str) -> int:
    raise ApplicationError(f"{article} is not sold", type="NotSold", non_retryable=True)


@workflow.defn
class LocalActivitiesWorkflow:
    """One that succeeds, one retried inside its task, one retried by a timer, two at once, one that fails."""

    @workflow.run
    async def run(self, article: str) -> list[int]:
        timeout = timedelta(seconds=10)
        price = await workflow.execute_local_activity(look_up_price, article, start_to_close_timeout=timeout)
        soon = await workflow.execute_local_activity(
            flaky_stock,
            article,
            start_to_close_timeout=timeout,
            retry_policy=RetryPolicy(initial_interval=timedelta(seconds=0.01)),
        )
        later = await workflow.execute_local_activity(
            flaky_stock,
            article,
            start_to_close_timeout=timeout,
            retry_policy=RetryPolicy(initial_interval=timedelta(seconds=0.5)),
            local_retry_threshold=timedelta(seconds=0.1),
        )
        first = workflow.start_local_activity(look_up_price, "a", start_to_close_timeout=timeout)
        second = workflow.start_local_activity(look_up_price, "bb", start_to_close_timeout=timeout)
        both = [await first, await second]
        try:
            await workflow.execute_local_activity(refuse, article, start_to_close_timeout=timeout)
        except FailureError:  # the activity's own failure, or an ActivityError around it
            refused = await workflow.execute_activity(look_up_price, "none", start_to_close_timeout=timeout)
            return [price, soon, later, *both, refused]
        raise ApplicationError("a refused article was sold", non_retryable=True)


SCENARIOS = (
    Scenario(
        name="local-activities",
        workflow=LocalActivitiesWorkflow,
        args=("lamp",),
        shows=("MARKER_RECORDED", "TIMER_FIRED"),
        workers=(
            WorkerSetup(
                task_queue="gallery-local-activities",
                workflows=(LocalActivitiesWorkflow,),
                activities=(look_up_price, flaky_stock, refuse),
            ),
        ),
    ),
)
