"""The workflow of the exploring benchmark, in a module of its own for the sandbox."""

from __future__ import annotations

from datetime import timedelta

from temporalio import activity, workflow

__all__ = ["FiveActivities"]


@activity.defn
async def work(step: int) -> str:
    """One of five."""
    return str(step)


@workflow.defn
class FiveActivities:
    """Five activities in turn."""

    @workflow.run
    async def run(self) -> str:
        done = ""
        for step in range(5):
            done += await workflow.execute_activity(work, step, start_to_close_timeout=timedelta(seconds=5))
        return done
