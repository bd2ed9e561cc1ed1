"""Order that comes from a hash: of strings, of objects, of tasks."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from temporalio import workflow

_SOON = timedelta(seconds=10)


@workflow.defn
class SetOfStrings:
    @workflow.run
    async def run(self) -> None:
        for name in {"charge", "pack", "ship"}:
            await workflow.execute_activity(name, start_to_close_timeout=_SOON)


class Parcel:
    def __init__(self, name: str) -> None:
        self.name = name


@workflow.defn
class SetOfObjects:
    @workflow.run
    async def run(self) -> None:
        parcels = {Parcel("one"), Parcel("two"), Parcel("three")}
        for parcel in parcels:
            await workflow.execute_activity("send", parcel.name, start_to_close_timeout=_SOON)


@workflow.defn
class SetOfPlainObjects:
    """Of a class that nothing can be hung on."""

    @workflow.run
    async def run(self) -> None:
        names = {object(): "one", object(): "two", object(): "three", object(): "four"}
        for key in set(names):
            await workflow.execute_activity("send", names[key], start_to_close_timeout=_SOON)


@workflow.defn(sandboxed=False)
class AsyncioWait:
    @workflow.run
    async def run(self) -> None:
        tasks = [asyncio.create_task(self.step(name)) for name in ("one", "two", "three")]
        done, _ = await asyncio.wait(tasks)
        for task in done:
            await workflow.execute_activity("report", task.result(), start_to_close_timeout=_SOON)

    async def step(self, name: str) -> str:
        answer: str = await workflow.execute_activity(name, start_to_close_timeout=_SOON)
        return answer


@workflow.defn(sandboxed=False)
class SetOfHandles:
    @workflow.run
    async def run(self) -> None:
        handles = {
            workflow.start_activity(name, start_to_close_timeout=_SOON) for name in ("one", "two", "three")
        }
        for handle in handles:
            await workflow.execute_activity("report", await handle, start_to_close_timeout=_SOON)


@workflow.defn(sandboxed=False)
class AsCompleted:
    @workflow.run
    async def run(self) -> None:
        for step in asyncio.as_completed([self.step(name) for name in ("one", "two", "three")]):
            await step

    async def step(self, name: str) -> None:
        await workflow.execute_activity(name, start_to_close_timeout=_SOON)
