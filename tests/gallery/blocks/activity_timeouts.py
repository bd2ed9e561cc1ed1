"""The four timeouts of an activity, each of them running out."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

from temporalio import activity, workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError
from temporalio.exceptions import TimeoutError as TemporalTimeoutError

with workflow.unsafe.imports_passed_through():
    from tests.gallery.scenario import Scenario, WorkerSetup

_ONCE = RetryPolicy(maximum_attempts=1)
_TIMEOUTS: dict[str, dict[str, Any]] = {
    "schedule-to-start": {
        "task_queue": "gallery-nobody-polls-this",
        "schedule_to_start_timeout": timedelta(seconds=0.5),
        "start_to_close_timeout": timedelta(seconds=30),
    },
    "start-to-close": {"start_to_close_timeout": timedelta(seconds=0.5), "retry_policy": _ONCE},
    "schedule-to-close": {"schedule_to_close_timeout": timedelta(seconds=0.5)},
    "heartbeat": {
        "start_to_close_timeout": timedelta(seconds=30),
        "heartbeat_timeout": timedelta(seconds=0.5),
        "retry_policy": _ONCE,
    },
}


@activity.defn
async def hang() -> None:
    await asyncio.sleep(60)


@activity.defn
async def give_up(reason: str) -> str:
    return f"gave up: {reason}"


@workflow.defn
class ActivityTimeoutWorkflow:
    """Lets one kind of timeout run out, and goes on from there."""

    @workflow.run
    async def run(self, kind: str) -> str:
        try:
            await workflow.execute_activity(hang, **_TIMEOUTS[kind])
        except ActivityError as error:
            cause = error.cause
            if not isinstance(cause, TemporalTimeoutError) or cause.type is None:
                raise
            return await workflow.execute_activity(
                give_up, cause.type.name, start_to_close_timeout=timedelta(seconds=10)
            )
        raise ApplicationError("the activity came to an end", non_retryable=True)


_WORKER = WorkerSetup(
    task_queue="gallery-activity-timeouts",
    workflows=(ActivityTimeoutWorkflow,),
    activities=(hang, give_up),
)

SCENARIOS = tuple(
    Scenario(
        name=f"activity-timeout-{kind}",
        workflow=ActivityTimeoutWorkflow,
        args=(kind,),
        shows=("ACTIVITY_TASK_TIMED_OUT",),
        workers=(_WORKER,),
    )
    for kind in _TIMEOUTS
)
