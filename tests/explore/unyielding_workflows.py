"""Workflows that run for too long in a task after their first."""

from __future__ import annotations

import time
from datetime import timedelta

from temporalio import activity, workflow

SOON = timedelta(seconds=10)


@activity.defn
async def count() -> int:
    return 0


@workflow.defn
class Spins:
    @workflow.run
    async def run(self) -> int:
        found = await workflow.execute_activity(count, start_to_close_timeout=SOON)
        while found > 3:
            pass  # it spins here
        return found


@workflow.defn
class SpinsLater:
    """Its local activity comes to an end in the task before."""

    @workflow.run
    async def run(self) -> int:
        await workflow.execute_local_activity(count, start_to_close_timeout=SOON)
        found = await workflow.execute_activity(count, start_to_close_timeout=SOON)
        while found > 3:
            pass  # it spins later
        return found


@workflow.defn
class SpinsAtOnce:
    @workflow.run
    async def run(self) -> int:
        while True:
            pass  # it spins at once


@workflow.defn
class Blocks:
    """For long enough that a worker fails its task."""

    @workflow.run
    async def run(self) -> int:
        found = await workflow.execute_activity(count, start_to_close_timeout=SOON)
        if found > 3:
            time.sleep(3)  # noqa: ASYNC251  # that is what it is about
        return found


@workflow.defn
class Answers:
    @workflow.run
    async def run(self) -> str:
        found = await workflow.execute_activity(count, start_to_close_timeout=SOON)
        return "a secret" if found > 3 else "nothing"
