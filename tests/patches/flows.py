"""A workflow that comes to its patch late, and one whose branches ask for nothing."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow

TIMEOUT = timedelta(seconds=10)


@workflow.defn
class LateWorkflow:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity("first", start_to_close_timeout=TIMEOUT)
        second = "new" if workflow.patched("late") else "old"
        await workflow.execute_activity(second, start_to_close_timeout=TIMEOUT)


@workflow.defn
class QuietWorkflow:
    @workflow.run
    async def run(self) -> None:
        self.is_new = workflow.patched("quiet")
        await workflow.wait_condition(lambda: False)
