"""The same activities again and again: only what they are called with shows which one is new, or gone."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from temporalio import workflow

TIMEOUT = timedelta(seconds=10)


@workflow.defn(name="Rounds")
class Old:
    @workflow.run
    async def run(self) -> None:
        for item in (1, 2, 3):
            await workflow.execute_activity("item", item, start_to_close_timeout=TIMEOUT)


@workflow.defn(name="Rounds")
class AddedFirst:
    @workflow.run
    async def run(self) -> None:
        for item in (0, 1, 2, 3):
            await workflow.execute_activity("item", item, start_to_close_timeout=TIMEOUT)  # <- here


@workflow.defn(name="Rounds")
class AddedApart:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity("item", 1, start_to_close_timeout=TIMEOUT)
        await workflow.execute_activity("item", "one and a half", start_to_close_timeout=TIMEOUT)  # <- here
        await workflow.execute_activity("item", 2, start_to_close_timeout=TIMEOUT)
        await workflow.execute_activity("item", 3, start_to_close_timeout=TIMEOUT)


@workflow.defn(name="Rounds")
class AddedTwo:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity("item", 1, start_to_close_timeout=TIMEOUT)
        await workflow.execute_activity("item", 10, start_to_close_timeout=TIMEOUT)  # <- here
        await workflow.execute_activity("item", 11, start_to_close_timeout=TIMEOUT)
        await workflow.execute_activity("item", 2, start_to_close_timeout=TIMEOUT)
        await workflow.execute_activity("item", 3, start_to_close_timeout=TIMEOUT)


@workflow.defn(name="Rounds")
class AddedAgain:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity("item", 1, start_to_close_timeout=TIMEOUT)
        await workflow.execute_activity("item", 1, start_to_close_timeout=TIMEOUT)  # <- here
        await workflow.execute_activity("item", 2, start_to_close_timeout=TIMEOUT)
        await workflow.execute_activity("item", 3, start_to_close_timeout=TIMEOUT)


@workflow.defn(name="Rounds")
class AddedLast:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity("item", 1, start_to_close_timeout=TIMEOUT)
        await workflow.execute_activity("item", 2, start_to_close_timeout=TIMEOUT)
        await workflow.execute_activity("item", 3, start_to_close_timeout=TIMEOUT)
        await workflow.execute_activity("item", 4, start_to_close_timeout=TIMEOUT)  # <- here


@workflow.defn(name="Rounds")
class AddedAmongOthers:
    """Every argument is another one, so Core's own event is all that is known."""

    @workflow.run
    async def run(self) -> None:
        for item in (10, 20, 30, 40):
            await workflow.execute_activity("item", item, start_to_close_timeout=TIMEOUT)  # <- here


@workflow.defn(name="Rounds")
class CountedFromTwo:
    """As if the first was removed and one came at the end; but what is new is not among them."""

    @workflow.run
    async def run(self) -> None:
        for item in (2, 3, 4):
            await workflow.execute_activity("item", item, start_to_close_timeout=TIMEOUT)
        await workflow.execute_activity("count", start_to_close_timeout=TIMEOUT)  # <- here


@workflow.defn(name="Rounds")
class RemovedFirst:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity("item", 2, start_to_close_timeout=TIMEOUT)  # <- here
        await workflow.execute_activity("item", 3, start_to_close_timeout=TIMEOUT)


@workflow.defn(name="Rounds")
class RemovedMiddle:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity("item", 1, start_to_close_timeout=TIMEOUT)
        await workflow.execute_activity("item", 3, start_to_close_timeout=TIMEOUT)  # <- here


@workflow.defn(name="Rounds")
class RemovedLast:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity("item", 1, start_to_close_timeout=TIMEOUT)
        await workflow.execute_activity("item", 2, start_to_close_timeout=TIMEOUT)  # <- here


@workflow.defn(name="Between")
class BetweenOld:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity("notify", "begun", start_to_close_timeout=TIMEOUT)
        await workflow.execute_activity("charge", start_to_close_timeout=TIMEOUT)
        await workflow.execute_activity("notify", "charged", start_to_close_timeout=TIMEOUT)
        await workflow.sleep(0.1)
        await workflow.sleep(0.2)


@workflow.defn(name="Between")
class AddedBeforeItsLike:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity("notify", "wait", start_to_close_timeout=TIMEOUT)  # <- here
        await workflow.execute_activity("notify", "begun", start_to_close_timeout=TIMEOUT)
        await workflow.execute_activity("charge", start_to_close_timeout=TIMEOUT)
        await workflow.execute_activity("notify", "charged", start_to_close_timeout=TIMEOUT)
        await workflow.sleep(0.1)
        await workflow.sleep(0.2)


@workflow.defn(name="Between")
class AddedAmongItsLike:
    """What is new is none of those of its name that were recorded later."""

    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity("notify", "begun", start_to_close_timeout=TIMEOUT)
        await workflow.execute_activity("notify", "wait", start_to_close_timeout=TIMEOUT)  # <- here
        await workflow.execute_activity("charge", start_to_close_timeout=TIMEOUT)
        await workflow.execute_activity("notify", "charged", start_to_close_timeout=TIMEOUT)
        await workflow.sleep(0.1)
        await workflow.sleep(0.2)


@workflow.defn(name="Between")
class MovedAndReworded:
    """The one that was recorded later: below it none of its name is left."""

    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity("notify", "begun", start_to_close_timeout=TIMEOUT)
        await workflow.execute_activity("notify", "to be charged", start_to_close_timeout=TIMEOUT)  # <- here
        await workflow.execute_activity("charge", start_to_close_timeout=TIMEOUT)
        await workflow.sleep(0.1)
        await workflow.sleep(0.2)


@workflow.defn(name="Between")
class MovedToTheFront:
    """The one that was recorded later, as it was."""

    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity("notify", "begun", start_to_close_timeout=TIMEOUT)
        await workflow.execute_activity("notify", "charged", start_to_close_timeout=TIMEOUT)  # <- here
        await workflow.execute_activity("charge", start_to_close_timeout=TIMEOUT)
        if workflow.info().attempt > 9:
            await workflow.execute_activity("notify", "never", start_to_close_timeout=TIMEOUT)
        await workflow.sleep(0.1)
        await workflow.sleep(0.2)


@workflow.defn(name="Between")
class RewordedAndAdded:
    """The first is called with something else, and nothing of what was recorded is moved."""

    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity("notify", "started", start_to_close_timeout=TIMEOUT)
        await workflow.execute_activity("charge", start_to_close_timeout=TIMEOUT)
        await workflow.execute_activity("notify", "charged", start_to_close_timeout=TIMEOUT)
        await workflow.execute_activity("notify", "thanks", start_to_close_timeout=TIMEOUT)  # <- here
        await workflow.sleep(0.1)
        await workflow.sleep(0.2)


@workflow.defn(name="Between")
class TimerAdded:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity("notify", "begun", start_to_close_timeout=TIMEOUT)
        await workflow.execute_activity("charge", start_to_close_timeout=TIMEOUT)
        await workflow.execute_activity("notify", "charged", start_to_close_timeout=TIMEOUT)
        await workflow.sleep(5)  # <- here
        await workflow.sleep(0.1)
        await workflow.sleep(0.2)


@workflow.defn(name="Between")
class TimerRemoved:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity("notify", "begun", start_to_close_timeout=TIMEOUT)
        await workflow.execute_activity("charge", start_to_close_timeout=TIMEOUT)
        await workflow.execute_activity("notify", "charged", start_to_close_timeout=TIMEOUT)
        await workflow.sleep(0.2)  # <- here


@workflow.defn(name="Together")
class TogetherOld:
    @workflow.run
    async def run(self) -> None:
        await asyncio.gather(
            *(
                workflow.execute_activity("item", item, start_to_close_timeout=TIMEOUT)
                for item in ("a", "b", "c")
            )
        )


@workflow.defn(name="Together")
class RemovedTogether:
    """The replay waits for an event that the code does not ask for."""

    @workflow.run
    async def run(self) -> None:
        await asyncio.gather(  # <- here
            *(workflow.execute_activity("item", item, start_to_close_timeout=TIMEOUT) for item in ("b", "c"))
        )


@workflow.defn(name="Together")
class AddedTogether:
    @workflow.run
    async def run(self) -> None:
        await asyncio.gather(  # <- here
            *(
                workflow.execute_activity("item", item, start_to_close_timeout=TIMEOUT)
                for item in ("a", "new", "b", "c")
            )
        )


@workflow.defn(name="Couple")
class CoupleOld:
    @workflow.run
    async def run(self) -> None:
        await asyncio.gather(
            *(workflow.execute_activity("item", item, start_to_close_timeout=TIMEOUT) for item in ("a", "b"))
        )


@workflow.defn(name="Couple")
class RemovedOfTwo:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity("item", "b", start_to_close_timeout=TIMEOUT)  # <- here


@workflow.defn(name="Turns")
class TurnsOld:
    @workflow.run
    async def run(self) -> None:
        for item in (1, 2, 1, 2):
            await workflow.execute_activity("item", item, start_to_close_timeout=TIMEOUT)


@workflow.defn(name="Turns")
class OtherTurns:
    """With as many edits the first 1 was removed, or a 2 inserted before it."""

    @workflow.run
    async def run(self) -> None:
        for item in (2, 1, 3, 2, 2):
            await workflow.execute_activity("item", item, start_to_close_timeout=TIMEOUT)  # <- here
