"""The workflow of `activities`, with one activity added where it is harder to see."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from types import TracebackType

from temporalio import workflow

from tests.pairs.code.elsewhere import audit, audits

TIMEOUT = timedelta(seconds=10)


@workflow.defn(name="Checkout")
class InHelper:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity("reserve", start_to_close_timeout=TIMEOUT)
        await self._pay()
        await workflow.execute_activity("ship", start_to_close_timeout=TIMEOUT)

    async def _pay(self) -> None:
        await workflow.execute_activity("audit", start_to_close_timeout=TIMEOUT)  # <- here
        await workflow.execute_activity("charge", start_to_close_timeout=TIMEOUT)


@workflow.defn(name="Checkout")
class InHelperOfHelper:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity("reserve", start_to_close_timeout=TIMEOUT)
        await self._pay()
        await workflow.execute_activity("ship", start_to_close_timeout=TIMEOUT)

    async def _pay(self) -> None:
        await self._audit()
        await workflow.execute_activity("charge", start_to_close_timeout=TIMEOUT)

    async def _audit(self) -> None:
        await workflow.execute_activity("audit", start_to_close_timeout=TIMEOUT)  # <- here


@workflow.defn(name="Checkout")
class InOtherModule:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity("reserve", start_to_close_timeout=TIMEOUT)
        await audit()
        await workflow.execute_activity("charge", start_to_close_timeout=TIMEOUT)
        await workflow.execute_activity("ship", start_to_close_timeout=TIMEOUT)


@workflow.defn(name="Checkout")
class InGenerator:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity("reserve", start_to_close_timeout=TIMEOUT)
        async for _ in audits():
            pass
        await workflow.execute_activity("charge", start_to_close_timeout=TIMEOUT)
        await workflow.execute_activity("ship", start_to_close_timeout=TIMEOUT)


@workflow.defn(name="Checkout")
class InTask:
    @workflow.run
    async def run(self) -> None:
        task = asyncio.create_task(self._audit())
        await workflow.execute_activity("reserve", start_to_close_timeout=TIMEOUT)
        await workflow.execute_activity("charge", start_to_close_timeout=TIMEOUT)
        await workflow.execute_activity("ship", start_to_close_timeout=TIMEOUT)
        await task

    async def _audit(self) -> None:
        await workflow.execute_activity("audit", start_to_close_timeout=TIMEOUT)  # <- here


@workflow.defn(name="Checkout")
class InBareTask:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity("reserve", start_to_close_timeout=TIMEOUT)
        audit = workflow.execute_activity("audit", start_to_close_timeout=TIMEOUT)
        task = asyncio.create_task(audit)  # <- here
        await task
        await workflow.execute_activity("charge", start_to_close_timeout=TIMEOUT)
        await workflow.execute_activity("ship", start_to_close_timeout=TIMEOUT)


@workflow.defn(name="Checkout")
class InStartedHandle:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity("reserve", start_to_close_timeout=TIMEOUT)
        handle = workflow.start_activity("audit", start_to_close_timeout=TIMEOUT)  # <- here
        await workflow.execute_activity("charge", start_to_close_timeout=TIMEOUT)
        await workflow.execute_activity("ship", start_to_close_timeout=TIMEOUT)
        await handle


@workflow.defn(name="Checkout")
class InGather:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity("reserve", start_to_close_timeout=TIMEOUT)
        await asyncio.gather(self._audit(), self._charge())
        await workflow.execute_activity("ship", start_to_close_timeout=TIMEOUT)

    async def _audit(self) -> None:
        await workflow.execute_activity("audit", start_to_close_timeout=TIMEOUT)  # <- here

    async def _charge(self) -> None:
        await workflow.execute_activity("charge", start_to_close_timeout=TIMEOUT)


@workflow.defn(name="Checkout")
class InBareGather:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity("reserve", start_to_close_timeout=TIMEOUT)
        await asyncio.gather(  # <- here
            workflow.execute_activity("audit", start_to_close_timeout=TIMEOUT),
            workflow.execute_activity("charge", start_to_close_timeout=TIMEOUT),
        )
        await workflow.execute_activity("ship", start_to_close_timeout=TIMEOUT)


@workflow.defn(name="Checkout")
class InWait:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity("reserve", start_to_close_timeout=TIMEOUT)
        await workflow.wait([asyncio.create_task(self._audit())])
        await workflow.execute_activity("charge", start_to_close_timeout=TIMEOUT)
        await workflow.execute_activity("ship", start_to_close_timeout=TIMEOUT)

    async def _audit(self) -> None:
        await workflow.execute_activity("audit", start_to_close_timeout=TIMEOUT)  # <- here


@workflow.defn(name="Checkout")
class InFinally:
    @workflow.run
    async def run(self) -> None:
        try:
            await workflow.execute_activity("reserve", start_to_close_timeout=TIMEOUT)
            await workflow.execute_activity("charge", start_to_close_timeout=TIMEOUT)
        finally:
            await workflow.execute_activity("audit", start_to_close_timeout=TIMEOUT)  # <- here
        await workflow.execute_activity("ship", start_to_close_timeout=TIMEOUT)


@workflow.defn(name="Checkout")
class InExcept:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity("reserve", start_to_close_timeout=TIMEOUT)
        try:
            raise LookupError("no card")
        except LookupError:
            await workflow.execute_activity("audit", start_to_close_timeout=TIMEOUT)  # <- here
        await workflow.execute_activity("charge", start_to_close_timeout=TIMEOUT)
        await workflow.execute_activity("ship", start_to_close_timeout=TIMEOUT)


class Audited:
    """Audits when its block ends."""

    async def __aenter__(self) -> None:
        pass

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await workflow.execute_activity(  # <- here: placed.InAsyncWith
            "audit", start_to_close_timeout=TIMEOUT
        )


@workflow.defn(name="Checkout")
class InAsyncWith:
    @workflow.run
    async def run(self) -> None:
        async with Audited():
            await workflow.execute_activity("reserve", start_to_close_timeout=TIMEOUT)
        await workflow.execute_activity("charge", start_to_close_timeout=TIMEOUT)
        await workflow.execute_activity("ship", start_to_close_timeout=TIMEOUT)


@workflow.defn(name="Checkout")
class InLoop:
    @workflow.run
    async def run(self) -> None:
        for name in ("reserve", "audit", "charge", "ship"):
            await workflow.execute_activity(name, start_to_close_timeout=TIMEOUT)  # <- here


class Payments:
    """What the workflow class inherits."""

    async def pay(self) -> None:
        await workflow.execute_activity(  # <- here: placed.InInherited
            "audit", start_to_close_timeout=TIMEOUT
        )
        await workflow.execute_activity("charge", start_to_close_timeout=TIMEOUT)


@workflow.defn(name="Checkout")
class InInherited(Payments):
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity("reserve", start_to_close_timeout=TIMEOUT)
        await self.pay()
        await workflow.execute_activity("ship", start_to_close_timeout=TIMEOUT)
