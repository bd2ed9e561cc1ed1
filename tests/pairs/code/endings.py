"""How a workflow ends: completed, failed, cancelled, continued as new, or not yet."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ApplicationError

TIMEOUT = timedelta(seconds=10)


@workflow.defn(name="Finishes")
class FinishesOld:
    @workflow.run
    async def run(self) -> str:
        await workflow.execute_activity("work", start_to_close_timeout=TIMEOUT)
        return "done"


@workflow.defn(name="Finishes")
class FinishesByFailing:
    @workflow.run
    async def run(self) -> str:
        await workflow.execute_activity("work", start_to_close_timeout=TIMEOUT)
        raise ApplicationError("nothing done")  # <- here


@workflow.defn(name="Finishes")
class FinishesByContinuing:
    @workflow.run
    async def run(self) -> str:
        await workflow.execute_activity("work", start_to_close_timeout=TIMEOUT)
        workflow.continue_as_new()  # <- here


@workflow.defn(name="Continues")
class ContinuesOld:
    @workflow.run
    async def run(self, again: bool) -> None:
        await workflow.execute_activity("work", start_to_close_timeout=TIMEOUT)
        if again:
            workflow.continue_as_new(False)


@workflow.defn(name="Continues")
class ContinuesNoLonger:
    @workflow.run
    async def run(self, again: bool) -> None:
        await workflow.execute_activity("work", start_to_close_timeout=TIMEOUT)  # <- here


@workflow.defn(name="Continues")
class ContinuesAfterMore:
    @workflow.run
    async def run(self, again: bool) -> None:
        await workflow.execute_activity("work", start_to_close_timeout=TIMEOUT)
        await workflow.execute_activity("save", start_to_close_timeout=TIMEOUT)  # <- here
        if again:
            workflow.continue_as_new(False)


@workflow.defn(name="Continues")
class ContinuesAtOnce:
    @workflow.run
    async def run(self, again: bool) -> None:
        if again:
            workflow.continue_as_new(False)  # <- here
        await workflow.execute_activity("work", start_to_close_timeout=TIMEOUT)


@workflow.defn(name="Continues")
class ContinuesOtherwise:
    @workflow.run
    async def run(self, again: bool) -> None:
        await workflow.execute_activity("work", start_to_close_timeout=TIMEOUT)
        if again:
            workflow.continue_as_new(True, run_timeout=TIMEOUT, task_queue="elsewhere")


@workflow.defn(name="Fails")
class FailsOld:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity("work", start_to_close_timeout=TIMEOUT)
        raise ApplicationError("out of stock")


@workflow.defn(name="Fails")
class FailsNoLonger:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity("work", start_to_close_timeout=TIMEOUT)  # <- here


@workflow.defn(name="Fails")
class FailsAfterRefund:
    @workflow.run
    async def run(self) -> None:
        try:
            await workflow.execute_activity("work", start_to_close_timeout=TIMEOUT)
            raise ApplicationError("out of stock")
        except ApplicationError:
            await workflow.execute_activity("refund", start_to_close_timeout=TIMEOUT)  # <- here
            raise


@workflow.defn(name="Fails")
class FailsOtherwise:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity("work", start_to_close_timeout=TIMEOUT)
        raise ApplicationError("sold out", type="SoldOut", non_retryable=True)


@workflow.defn(name="Cancels")
class CancelsOld:
    @workflow.run
    async def run(self) -> None:
        await workflow.wait_condition(lambda: False)


@workflow.defn(name="Cancels")
class CancelsNoLonger:
    @workflow.run
    async def run(self) -> None:
        try:
            await workflow.wait_condition(lambda: False)
        except asyncio.CancelledError:
            return  # <- here


@workflow.defn(name="Cancels")
class CancelsAfterCleanUp:
    @workflow.run
    async def run(self) -> None:
        try:
            await workflow.wait_condition(lambda: False)
        finally:
            await workflow.execute_activity("clean_up", start_to_close_timeout=TIMEOUT)  # <- here


@workflow.defn(name="Waits")
class WaitsOld:
    def __init__(self) -> None:
        self._ready = False

    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity("prepare", start_to_close_timeout=TIMEOUT)
        await workflow.wait_condition(lambda: self._ready)
        await workflow.execute_activity("finish", start_to_close_timeout=TIMEOUT)

    @workflow.signal
    def go_on(self) -> None:
        self._ready = True


@workflow.defn(name="Waits")
class WaitsBeforeMore:
    """The change lies beyond what the open History has reached."""

    def __init__(self) -> None:
        self._ready = False

    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity("prepare", start_to_close_timeout=TIMEOUT)
        await workflow.wait_condition(lambda: self._ready)
        await workflow.execute_activity("check", start_to_close_timeout=TIMEOUT)
        await workflow.sleep(3)

    @workflow.signal
    def go_on(self) -> None:
        self._ready = True


@workflow.defn(name="Waits")
class WaitsRenamed:
    def __init__(self) -> None:
        self._ready = False

    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity("get_ready", start_to_close_timeout=TIMEOUT)  # <- here
        await workflow.wait_condition(lambda: self._ready)

    @workflow.signal
    def go_on(self) -> None:
        self._ready = True
