"""Workflows that draw values from their run's generator: old code, and new code that draws differently."""

from __future__ import annotations

import copy
from datetime import timedelta

from temporalio import workflow

TIMEOUT = timedelta(seconds=10)


async def act(value: object, activity_id: str | None = None) -> None:
    await workflow.execute_activity("act", value, activity_id=activity_id, start_to_close_timeout=TIMEOUT)


def new_id() -> str:
    return str(workflow.uuid4())


@workflow.defn(name="Argument")
class ArgumentOld:
    @workflow.run
    async def run(self) -> None:
        await act(str(workflow.uuid4()))
        await act("the same")
        await act(str(workflow.uuid4()))


@workflow.defn(name="Argument")
class ArgumentMore:
    @workflow.run
    async def run(self) -> None:
        workflow.random().random()  # <- here
        await act(str(workflow.uuid4()))
        await act("the same")
        await act(str(workflow.uuid4()))


@workflow.defn(name="Argument")
class ArgumentMoreBetween:
    @workflow.run
    async def run(self) -> None:
        await act(str(workflow.uuid4()))
        workflow.random().shuffle([1, 2, 3])  # <- here
        await act("quite another")
        await act(str(workflow.uuid4()))


@workflow.defn(name="Argument")
class ArgumentMoreByHelper:
    @workflow.run
    async def run(self) -> None:
        await act(new_id())
        await act("the same")
        new_id()  # <- here
        await act(new_id())


@workflow.defn(name="Argument")
class ArgumentMoreInLoop:
    @workflow.run
    async def run(self) -> None:
        for value in (None, "the same", None):
            workflow.random().randint(1, 6)  # <- here
            await act(value or str(workflow.uuid4()))


@workflow.defn(name="Argument")
class ArgumentOneRoundMore:
    """The same line drew before: all of its draws are too many to leave out, one is not."""

    @workflow.run
    async def run(self) -> None:
        first, *_ = [
            workflow.uuid4()  # <- here
            for _ in range(2)
        ]
        await act(str(first))
        await act("the same")
        await act(str(workflow.uuid4()))


@workflow.defn(name="Argument")
class ArgumentKeepsGenerator:
    @workflow.run
    async def run(self) -> None:
        generator = workflow.random()  # <- here
        for _ in range(5):
            generator.random()
        await act(str(workflow.uuid4()))
        await act("the same")
        await act(str(workflow.uuid4()))


@workflow.defn(name="Argument")
class ArgumentTwoMore:
    @workflow.run
    async def run(self) -> None:
        workflow.random().random()
        workflow.random().random()
        await act(str(workflow.uuid4()))  # <- here
        await act("the same")
        await act(str(workflow.uuid4()))


@workflow.defn(name="Argument")
class ArgumentOtherwise:
    @workflow.run
    async def run(self) -> None:
        await act(f"order-{workflow.uuid4()}")  # <- here
        await act("the same")
        await act(f"order-{workflow.uuid4()}")


@workflow.defn(name="Argument")
class ArgumentMoreAndOther:
    """The second activity's argument is changed besides, and stays a drift of its own."""

    @workflow.run
    async def run(self) -> None:
        workflow.random().random()  # <- here
        await act(str(workflow.uuid4()))
        await act("quite another")
        await act(str(workflow.uuid4()))


@workflow.defn(name="Argument")
class ArgumentMoreAlike:
    """Without its first draw the third value would come out too, but the first was recorded."""

    @workflow.run
    async def run(self) -> None:
        await act(str(workflow.uuid4()))
        await act("the same")
        workflow.uuid4()  # <- here
        await act(str(workflow.uuid4()))


@workflow.defn(name="Argument")
class ArgumentReordered:
    """The draws are as many as they were, the later one first."""

    @workflow.run
    async def run(self) -> None:
        last = workflow.uuid4()
        await act(str(workflow.uuid4()))
        await act("the same")
        await act(str(last))


@workflow.defn(name="Argument")
class ArgumentMoreThatDecides:
    """With another value of the new draw the workflow would do something else."""

    @workflow.run
    async def run(self) -> None:
        await act(str(workflow.uuid4()))
        await act("the same")
        seen = copy.copy(workflow.random()).random()
        if workflow.random().random() != seen:  # <- here
            await workflow.sleep(1)
        await act(str(workflow.uuid4()))


@workflow.defn(name="Argument")
class ArgumentWithoutDraws:
    @workflow.run
    async def run(self) -> None:
        await act("a constant value")
        await act("the same")
        await act("a constant value")


@workflow.defn(name="Unseen")
class UnseenOld:
    @workflow.run
    async def run(self) -> None:
        workflow.random().random()
        await act(str(workflow.uuid4()))
        await act(str(workflow.uuid4()))


@workflow.defn(name="Unseen")
class UnseenMoreLater:
    """Without its first draw the second value would come out, and the first one no longer."""

    @workflow.run
    async def run(self) -> None:
        workflow.random().random()
        await act(str(workflow.uuid4()))
        workflow.random().random()  # <- here
        await act(str(workflow.uuid4()))


@workflow.defn(name="Unseen")
class UnseenMore:
    """Which of the two is new cannot be seen: no command shows their values."""

    @workflow.run
    async def run(self) -> None:
        workflow.random().random()
        workflow.random().random()  # <- here
        await act(str(workflow.uuid4()))
        await act(str(workflow.uuid4()))


@workflow.defn(name="Unseen")
class UnseenLess:
    @workflow.run
    async def run(self) -> None:
        await act(str(workflow.uuid4()))  # <- here
        await act(str(workflow.uuid4()))


@workflow.defn(name="Unseen")
class UnseenLessAndOther:
    @workflow.run
    async def run(self) -> None:
        workflow.random().random()
        await act("an order by its name")
        await act(str(workflow.uuid4()))  # <- here


@workflow.defn(name="OfId")
class OfIdOld:
    @workflow.run
    async def run(self) -> None:
        await act(1, activity_id=f"charge-{workflow.uuid4()}")


@workflow.defn(name="OfId")
class OfIdMore:
    @workflow.run
    async def run(self) -> None:
        workflow.random().random()  # <- here
        await act(1, activity_id=f"charge-{workflow.uuid4()}")


@workflow.defn(name="OfId")
class OfIdOtherwise:
    @workflow.run
    async def run(self) -> None:
        await act(1, activity_id=f"refund-{workflow.uuid4()}")


@workflow.defn(name="OfId")
class OfIdShort:
    @workflow.run
    async def run(self) -> None:
        workflow.uuid4()
        await act(1, activity_id="c1")


@workflow.defn(name="Child")
class Child:
    @workflow.run
    async def run(self) -> None:
        """Nothing."""


@workflow.defn(name="OfChild")
class OfChildOld:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_child_workflow("Child")


@workflow.defn(name="OfChild")
class OfChildMore:
    @workflow.run
    async def run(self) -> None:
        workflow.uuid4()  # <- here
        await workflow.execute_child_workflow("Child")


@workflow.defn(name="Length")
class LengthOld:
    @workflow.run
    async def run(self) -> None:
        await workflow.sleep(workflow.random().uniform(0.01, 0.05))


@workflow.defn(name="Length")
class LengthMore:
    @workflow.run
    async def run(self) -> None:
        workflow.uuid4()  # <- here
        await workflow.sleep(workflow.random().uniform(0.01, 0.05))


@workflow.defn(name="Small")
class SmallOld:
    @workflow.run
    async def run(self) -> None:
        await act(workflow.random().randint(1, 6))


@workflow.defn(name="Small")
class SmallOtherwise:
    """One of its draws left out makes a 1 of it by chance, sooner or later."""

    @workflow.run
    async def run(self) -> None:
        workflow.random().random()
        await act(workflow.random().randint(1, 6) + 6)


OLD = (ArgumentOld, UnseenOld, OfIdOld, OfChildOld, LengthOld, SmallOld)
