"""Changes to the workflow of `activities` that Temporal accepts and that must not alarm anybody."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

TIMEOUT = timedelta(seconds=10)


@workflow.defn(name="Checkout")
class Gathered:
    @workflow.run
    async def run(self) -> None:
        await asyncio.gather(
            workflow.execute_activity("reserve", start_to_close_timeout=TIMEOUT),
            workflow.execute_activity("charge", start_to_close_timeout=TIMEOUT),
        )
        await workflow.execute_activity("ship", start_to_close_timeout=TIMEOUT)


@workflow.defn(name="Checkout")
class InHelpers:
    @workflow.run
    async def run(self) -> None:
        await self._take()
        await asyncio.create_task(self._send())

    async def _take(self) -> None:
        for name in ("reserve", "charge"):
            await workflow.execute_activity(name, start_to_close_timeout=TIMEOUT)

    async def _send(self) -> None:
        await workflow.execute_activity("ship", start_to_close_timeout=TIMEOUT)


@workflow.defn(name="Checkout")
class RenamedVariables:
    @workflow.run
    async def run(self) -> None:
        limit = TIMEOUT
        reserved = await workflow.execute_activity("reserve", start_to_close_timeout=limit)
        charged = await workflow.execute_activity("charge", start_to_close_timeout=limit)
        assert (reserved, charged) == ("reserve", "charge")
        await workflow.execute_activity("ship", start_to_close_timeout=limit)


@workflow.defn(name="Checkout")
class OtherOptions:
    """Arguments, timeouts, retry policy, task queue: strict mode sees them, Temporal does not."""

    @workflow.run
    async def run(self) -> None:
        day = timedelta(days=1)
        await workflow.execute_activity("reserve", "two", start_to_close_timeout=day)
        await workflow.execute_activity("charge", schedule_to_close_timeout=day, task_queue="payments")
        once = RetryPolicy(maximum_attempts=1)
        await workflow.execute_activity("ship", start_to_close_timeout=TIMEOUT, retry_policy=once)


@workflow.defn(name="Checkout")
class MoreHandlers:
    def __init__(self) -> None:
        self._stage = "new"

    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity("reserve", start_to_close_timeout=TIMEOUT)
        self._stage = "reserved"
        await workflow.execute_activity("charge", start_to_close_timeout=TIMEOUT)
        await workflow.execute_activity("ship", start_to_close_timeout=TIMEOUT)

    @workflow.query
    def stage(self) -> str:
        return self._stage

    @workflow.signal
    async def hurry(self) -> None:
        await workflow.execute_activity("hurry", start_to_close_timeout=TIMEOUT)


@workflow.defn(name="Checkout")
class OtherLines:
    """What asks for no command may move and grow: logging, the clock, random numbers, conditions."""

    @workflow.run
    async def run(self) -> None:
        workflow.logger.info("began at %s", workflow.now())
        await workflow.execute_activity("reserve", start_to_close_timeout=TIMEOUT)
        luck = workflow.random().random()
        await workflow.wait_condition(lambda: luck < 2)
        await workflow.execute_activity("charge", start_to_close_timeout=TIMEOUT)
        await asyncio.sleep(0)
        await workflow.execute_activity("ship", start_to_close_timeout=TIMEOUT)
        workflow.logger.info("done with %s", workflow.uuid4())


@workflow.defn(name="Checkout")
class OtherResult:
    @workflow.run
    async def run(self) -> dict[str, int]:
        await workflow.execute_activity("reserve", start_to_close_timeout=TIMEOUT)
        await workflow.execute_activity("charge", start_to_close_timeout=TIMEOUT)
        await workflow.execute_activity("ship", start_to_close_timeout=TIMEOUT)
        return {"parcels": 1}


@workflow.defn(name="Checkout")
class Patched:
    @workflow.run
    async def run(self) -> None:
        if workflow.patched("validate"):
            await workflow.execute_activity("validate", start_to_close_timeout=TIMEOUT)
        await workflow.execute_activity("reserve", start_to_close_timeout=TIMEOUT)
        if workflow.patched("charge-card"):
            await workflow.execute_activity("charge_card", start_to_close_timeout=TIMEOUT)
        else:
            await workflow.execute_activity("charge", start_to_close_timeout=TIMEOUT)
        await workflow.execute_activity("ship", start_to_close_timeout=TIMEOUT)


@workflow.defn(name="Checkout")
class SilentTimer:
    """A timer that starts and ends within one task is never sent."""

    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity("reserve", start_to_close_timeout=TIMEOUT)
        await workflow.wait_condition(lambda: True, timeout=60)
        nap = asyncio.create_task(asyncio.sleep(60))
        await asyncio.sleep(0)
        nap.cancel()
        await workflow.execute_activity("charge", start_to_close_timeout=TIMEOUT)
        await workflow.execute_activity("ship", start_to_close_timeout=TIMEOUT)
