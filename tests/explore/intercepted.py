"""A workflow before and after changes, to be explored under interceptors."""

from __future__ import annotations

import itertools
from datetime import timedelta

from temporalio import workflow

__all__ = ["After", "Before", "Raising", "Unsteady"]

SOON = timedelta(seconds=10)
RUNS = itertools.count()


@workflow.defn(name="Intercepted")
class Before:
    @workflow.run
    async def run(self, item: str) -> str:
        return str(await workflow.execute_activity("charge", item, start_to_close_timeout=SOON))


@workflow.defn(name="Intercepted")
class After:
    @workflow.run
    async def run(self, item: str) -> str:
        done = await workflow.execute_activity(  # the changed call
            "refund", item, start_to_close_timeout=SOON
        )
        return str(done)


@workflow.defn(name="Intercepted")
class Raising:
    @workflow.run
    async def run(self, item: str) -> str:
        charged = str(await workflow.execute_activity("charge", item, start_to_close_timeout=SOON))
        return {"a": charged}["b"]


@workflow.defn
class Unsteady:
    """Asks for another activity in each run of the code."""

    @workflow.run
    async def run(self, item: str) -> None:
        name = "even" if next(RUNS) % 2 == 0 else "odd"
        await workflow.execute_activity(name, item, start_to_close_timeout=SOON)  # not steady
