"""Two activities side by side, the second the slower one."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from temporalio import workflow

TIMEOUT = timedelta(seconds=10)


@workflow.defn(name="Pack")
class Old:
    @workflow.run
    async def run(self) -> None:
        await asyncio.gather(
            workflow.execute_activity("pack", start_to_close_timeout=TIMEOUT),
            workflow.execute_activity("label_slowly", start_to_close_timeout=TIMEOUT),
        )


@workflow.defn(name="Pack")
class Reordered:
    @workflow.run
    async def run(self) -> None:
        await asyncio.gather(  # <- here
            workflow.execute_activity("label_slowly", start_to_close_timeout=TIMEOUT),
            workflow.execute_activity("pack", start_to_close_timeout=TIMEOUT),
        )


@workflow.defn(name="Pack")
class Added:
    @workflow.run
    async def run(self) -> None:
        await asyncio.gather(  # <- here
            workflow.execute_activity("pack", start_to_close_timeout=TIMEOUT),
            workflow.execute_activity("label_slowly", start_to_close_timeout=TIMEOUT),
            workflow.execute_activity("weigh", start_to_close_timeout=TIMEOUT),
        )


@workflow.defn(name="Pack")
class RenamedInCoroutine:
    @workflow.run
    async def run(self) -> None:
        await asyncio.gather(self._pack(), self._label())

    async def _pack(self) -> None:
        await workflow.execute_activity("pack", start_to_close_timeout=TIMEOUT)

    async def _label(self) -> None:
        await workflow.execute_activity("print_label", start_to_close_timeout=TIMEOUT)  # <- here


@workflow.defn(name="Pack")
class Removed:
    @workflow.run
    async def run(self) -> None:
        await asyncio.gather(workflow.execute_activity("pack", start_to_close_timeout=TIMEOUT))  # <- here


@workflow.defn(name="Pack")
class Sequential:
    """Unlike its reverse, a gather turned into a sequence is not safe."""

    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity("pack", start_to_close_timeout=TIMEOUT)  # <- here
        await workflow.execute_activity("label_slowly", start_to_close_timeout=TIMEOUT)


@workflow.defn(name="Pack")
class ByHandles:
    @workflow.run
    async def run(self) -> None:
        pack = workflow.start_activity("pack", start_to_close_timeout=TIMEOUT)
        label = workflow.start_activity("label_slowly", start_to_close_timeout=TIMEOUT)
        await pack
        await label


@workflow.defn(name="Pack")
class AsCompleted:
    @workflow.run
    async def run(self) -> None:
        steps = [
            asyncio.create_task(workflow.execute_activity(name, start_to_close_timeout=TIMEOUT))
            for name in ("pack", "label_slowly")
        ]
        for step in workflow.as_completed(steps):
            await step
