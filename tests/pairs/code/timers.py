"""A timer, an activity, a timer."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from temporalio import workflow

TIMEOUT = timedelta(seconds=10)


@workflow.defn(name="Poll")
class Old:
    @workflow.run
    async def run(self) -> None:
        await workflow.sleep(0.1)
        await workflow.execute_activity("poll", start_to_close_timeout=TIMEOUT)
        await workflow.sleep(0.2)


@workflow.defn(name="Poll")
class Added:
    @workflow.run
    async def run(self) -> None:
        await workflow.sleep(0.1)
        await workflow.sleep(5)  # <- here
        await workflow.execute_activity("poll", start_to_close_timeout=TIMEOUT)
        await workflow.sleep(0.2)


@workflow.defn(name="Poll")
class AddedLast:
    @workflow.run
    async def run(self) -> None:
        await workflow.sleep(0.1)
        await workflow.execute_activity("poll", start_to_close_timeout=TIMEOUT)
        await workflow.sleep(0.2)
        await asyncio.sleep(5)  # <- here


@workflow.defn(name="Poll")
class AddedByTimeout:
    @workflow.run
    async def run(self) -> None:
        await workflow.sleep(0.1)
        try:
            await workflow.wait_condition(lambda: False, timeout=5)  # <- here
        except asyncio.TimeoutError:
            await workflow.execute_activity("poll", start_to_close_timeout=TIMEOUT)
        await workflow.sleep(0.2)


@workflow.defn(name="Poll")
class Removed:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity("poll", start_to_close_timeout=TIMEOUT)  # <- here
        await workflow.sleep(0.2)


@workflow.defn(name="Poll")
class RemovedLast:
    @workflow.run
    async def run(self) -> None:
        await workflow.sleep(0.1)
        await workflow.execute_activity("poll", start_to_close_timeout=TIMEOUT)  # <- here


@workflow.defn(name="Poll")
class ToNothing:
    """A sleep of no length only yields: asyncio starts no timer for it."""

    @workflow.run
    async def run(self) -> None:
        await asyncio.sleep(0)
        await workflow.execute_activity("poll", start_to_close_timeout=TIMEOUT)  # <- here
        await workflow.sleep(0.2)


@workflow.defn(name="Poll")
class Reordered:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity("poll", start_to_close_timeout=TIMEOUT)  # <- here
        await workflow.sleep(0.1)
        await workflow.sleep(0.2)


@workflow.defn(name="Poll")
class KindActivity:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity("pause", start_to_close_timeout=TIMEOUT)  # <- here
        await workflow.execute_activity("poll", start_to_close_timeout=TIMEOUT)
        await workflow.sleep(0.2)


@workflow.defn(name="Poll")
class OtherLength:
    @workflow.run
    async def run(self) -> None:
        await workflow.sleep(timedelta(hours=5))
        await workflow.execute_activity("poll", start_to_close_timeout=TIMEOUT)
        await workflow.sleep(timedelta(milliseconds=1))


@workflow.defn(name="Poll")
class ByCondition:
    """The same timer, started by another call."""

    @workflow.run
    async def run(self) -> None:
        try:
            await workflow.wait_condition(lambda: False, timeout=timedelta(seconds=0.1))
        except asyncio.TimeoutError:
            await workflow.execute_activity("poll", start_to_close_timeout=TIMEOUT)
        await asyncio.sleep(0.2)
