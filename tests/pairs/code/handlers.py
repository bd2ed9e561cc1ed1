"""A signal handler and an update handler with an activity each; `run` waits for them."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ApplicationError

TIMEOUT = timedelta(seconds=10)


@workflow.defn(name="Basket")
class Old:
    def __init__(self) -> None:
        self._confirmed = False

    @workflow.run
    async def run(self) -> None:
        await workflow.wait_condition(lambda: self._confirmed)
        await workflow.execute_activity("finish", start_to_close_timeout=TIMEOUT)

    @workflow.signal
    async def add(self) -> None:
        await workflow.execute_activity("record", start_to_close_timeout=TIMEOUT)

    @workflow.update
    async def confirm(self) -> str:
        await workflow.execute_activity("check", start_to_close_timeout=TIMEOUT)
        self._confirmed = True
        return "confirmed"


class Basket:
    """What most of the changed workflows share; a handler is overridden whole."""

    def __init__(self) -> None:
        self.confirmed = False

    async def finish(self) -> None:
        await workflow.wait_condition(  # <- here: handlers.SignalRemoved, handlers.SignalHandlerGone
            lambda: self.confirmed
        )
        await workflow.execute_activity("finish", start_to_close_timeout=TIMEOUT)

    async def record(self) -> None:
        await workflow.execute_activity("record", start_to_close_timeout=TIMEOUT)

    async def check(self) -> str:
        await workflow.execute_activity("check", start_to_close_timeout=TIMEOUT)
        self.confirmed = True
        return "confirmed"


@workflow.defn(name="Basket")
class SignalAdded(Basket):
    @workflow.run
    async def run(self) -> None:
        await self.finish()

    @workflow.signal
    async def add(self) -> None:
        await workflow.execute_activity("look_up", start_to_close_timeout=TIMEOUT)  # <- here
        await self.record()

    @workflow.update
    async def confirm(self) -> str:
        return await self.check()


@workflow.defn(name="Basket")
class SignalAddedInTask(Basket):
    @workflow.run
    async def run(self) -> None:
        await self.finish()

    @workflow.signal
    async def add(self) -> None:
        await asyncio.create_task(self._look_up())
        await self.record()

    async def _look_up(self) -> None:
        await workflow.execute_activity("look_up", start_to_close_timeout=TIMEOUT)  # <- here

    @workflow.update
    async def confirm(self) -> str:
        return await self.check()


@workflow.defn(name="Basket")
class SignalRenamed(Basket):
    @workflow.run
    async def run(self) -> None:
        await self.finish()

    @workflow.signal
    async def add(self) -> None:
        await workflow.execute_activity("write_down", start_to_close_timeout=TIMEOUT)  # <- here

    @workflow.update
    async def confirm(self) -> str:
        return await self.check()


@workflow.defn(name="Basket")
class SignalRemoved(Basket):
    @workflow.run
    async def run(self) -> None:
        await self.finish()

    @workflow.signal
    async def add(self) -> None:
        pass

    @workflow.update
    async def confirm(self) -> str:
        return await self.check()


@workflow.defn(name="Basket")
class SignalHandlerGone(Basket):
    @workflow.run
    async def run(self) -> None:
        await self.finish()

    @workflow.update
    async def confirm(self) -> str:
        return await self.check()


@workflow.defn(name="Basket")
class SignalToTimer(Basket):
    @workflow.run
    async def run(self) -> None:
        await self.finish()

    @workflow.signal
    async def add(self) -> None:
        await workflow.sleep(3)  # <- here

    @workflow.update
    async def confirm(self) -> str:
        return await self.check()


@workflow.defn(name="Basket")
class UpdateAdded(Basket):
    @workflow.run
    async def run(self) -> None:
        await self.finish()

    @workflow.signal
    async def add(self) -> None:
        await self.record()

    @workflow.update
    async def confirm(self) -> str:
        await workflow.execute_activity("ask", start_to_close_timeout=TIMEOUT)  # <- here
        return await self.check()


@workflow.defn(name="Basket")
class UpdateRenamed(Basket):
    @workflow.run
    async def run(self) -> None:
        await self.finish()

    @workflow.signal
    async def add(self) -> None:
        await self.record()

    @workflow.update
    async def confirm(self) -> str:
        await workflow.execute_activity("verify", start_to_close_timeout=TIMEOUT)  # <- here
        self.confirmed = True
        return "confirmed"


@workflow.defn(name="Basket")
class UpdateRemoved(Basket):
    @workflow.run
    async def run(self) -> None:
        await self.finish()

    @workflow.signal
    async def add(self) -> None:
        await workflow.execute_activity("record", start_to_close_timeout=TIMEOUT)  # <- here

    @workflow.update
    async def confirm(self) -> str:
        self.confirmed = True
        return "confirmed"


@workflow.defn(name="Basket")
class UpdateWaits(Basket):
    """The update no longer ends: nothing is asked for in the place of its activity."""

    @workflow.run
    async def run(self) -> None:
        await self.finish()

    @workflow.signal
    async def add(self) -> None:
        await workflow.execute_activity("record", start_to_close_timeout=TIMEOUT)  # <- here

    @workflow.update
    async def confirm(self) -> str:
        await workflow.wait_condition(lambda: False)
        return await self.check()


@workflow.defn(name="Basket")
class UpdateRejected(Basket):
    @workflow.run
    async def run(self) -> None:
        await self.finish()

    @workflow.signal
    async def add(self) -> None:
        await self.record()

    @workflow.update
    async def confirm(self) -> str:
        raise ApplicationError("not today")  # <- here


@workflow.defn(name="Basket")
class UpdateHandlerGone(Basket):
    @workflow.run
    async def run(self) -> None:
        await self.finish()

    @workflow.signal
    async def add(self) -> None:
        await workflow.execute_activity("record", start_to_close_timeout=TIMEOUT)  # <- here


@workflow.defn(name="Basket")
class FinishRemoved(Basket):
    @workflow.run
    async def run(self) -> None:
        await workflow.wait_condition(lambda: self.confirmed)  # <- here

    @workflow.signal
    async def add(self) -> None:
        await self.record()

    @workflow.update
    async def confirm(self) -> str:
        return await self.check()


@workflow.defn(name="Basket")
class OtherHandlers(Basket):
    """The same commands from other places, a validator, a query, another result."""

    @workflow.run
    async def run(self) -> None:
        await self.finish()

    @workflow.signal(name="add")
    async def put_in(self) -> None:
        await asyncio.create_task(self.record())

    @workflow.update(name="confirm")
    async def confirm_all(self) -> str:
        await self.check()
        return "confirmed again"

    @confirm_all.validator
    def is_open(self) -> None:
        assert not self.confirmed

    @workflow.query
    def is_confirmed(self) -> bool:
        return self.confirmed


@workflow.defn(name="Basket")
class StricterValidator(Basket):
    """An update that was let in once is not validated again."""

    @workflow.run
    async def run(self) -> None:
        await self.finish()

    @workflow.signal
    async def add(self) -> None:
        await self.record()

    @workflow.update
    async def confirm(self) -> str:
        return await self.check()

    @confirm.validator
    def is_allowed(self) -> None:
        raise ApplicationError("no updates any more")
