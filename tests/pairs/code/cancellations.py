"""A timer, an activity, a child and a Nexus operation, each cancelled by one workflow and kept by another."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError, ChildWorkflowError, NexusOperationError

TIMEOUT = timedelta(seconds=10)
TRY_ACTIVITY = workflow.ActivityCancellationType.TRY_CANCEL
TRY_CHILD = workflow.ChildWorkflowCancellationType.TRY_CANCEL
TRY_NEXUS = workflow.NexusOperationCancellationType.TRY_CANCEL
ENDPOINT = "pairs-shop"


@workflow.defn(name="CancelTimer")
class TimerOld:
    @workflow.run
    async def run(self) -> None:
        nap = asyncio.create_task(workflow.sleep(60))
        await workflow.execute_activity("step", start_to_close_timeout=TIMEOUT)
        nap.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await nap
        await workflow.execute_activity("after", start_to_close_timeout=TIMEOUT)


@workflow.defn(name="CancelTimer")
class TimerNoLonger:
    @workflow.run
    async def run(self) -> None:
        nap = asyncio.create_task(workflow.sleep(60))
        await workflow.execute_activity("step", start_to_close_timeout=TIMEOUT)
        await workflow.execute_activity("after", start_to_close_timeout=TIMEOUT)  # <- here
        nap.cancel()


@workflow.defn(name="CancelTimer")
class TimerLater:
    @workflow.run
    async def run(self) -> None:
        nap = asyncio.create_task(workflow.sleep(60))
        await workflow.execute_activity("step", start_to_close_timeout=TIMEOUT)
        after = workflow.start_activity("after", start_to_close_timeout=TIMEOUT)  # <- here
        nap.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await nap
        await after


@workflow.defn(name="KeepTimer")
class TimerKept:
    @workflow.run
    async def run(self) -> None:
        nap = asyncio.create_task(workflow.sleep(60))
        await workflow.execute_activity("step", start_to_close_timeout=TIMEOUT)
        await workflow.execute_activity("after", start_to_close_timeout=TIMEOUT)
        assert not nap.done()


@workflow.defn(name="KeepTimer")
class TimerCancelled:
    """No code of the user is on the stack when a timer is cancelled: the line of its task stands in."""

    @workflow.run
    async def run(self) -> None:
        nap = asyncio.create_task(workflow.sleep(60))  # <- here
        await workflow.execute_activity("step", start_to_close_timeout=TIMEOUT)
        nap.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await nap
        await workflow.execute_activity("after", start_to_close_timeout=TIMEOUT)


@workflow.defn(name="CancelActivity")
class ActivityOld:
    @workflow.run
    async def run(self) -> None:
        long = workflow.start_activity("long", start_to_close_timeout=TIMEOUT, cancellation_type=TRY_ACTIVITY)
        await workflow.sleep(0.2)
        long.cancel()
        with contextlib.suppress(ActivityError):
            await long
        await workflow.execute_activity("after", start_to_close_timeout=TIMEOUT)


@workflow.defn(name="CancelActivity")
class ActivityNoLonger:
    @workflow.run
    async def run(self) -> None:
        workflow.start_activity("long", start_to_close_timeout=TIMEOUT, cancellation_type=TRY_ACTIVITY)
        await workflow.sleep(0.2)
        await workflow.execute_activity("after", start_to_close_timeout=TIMEOUT)  # <- here


@workflow.defn(name="KeepActivity")
class ActivityKept:
    @workflow.run
    async def run(self) -> None:
        workflow.start_activity("long", start_to_close_timeout=TIMEOUT, cancellation_type=TRY_ACTIVITY)
        await workflow.sleep(0.2)
        await workflow.execute_activity("after", start_to_close_timeout=TIMEOUT)


@workflow.defn(name="KeepActivity")
class ActivityCancelled:
    @workflow.run
    async def run(self) -> None:
        long = workflow.start_activity("long", start_to_close_timeout=TIMEOUT, cancellation_type=TRY_ACTIVITY)
        await workflow.sleep(0.2)
        long.cancel()  # <- here
        with contextlib.suppress(ActivityError):
            await long
        await workflow.execute_activity("after", start_to_close_timeout=TIMEOUT)


@workflow.defn(name="KeepActivity")
class ActivityAbandoned:
    """A cancel that no event ever records."""

    @workflow.run
    async def run(self) -> None:
        abandon = workflow.ActivityCancellationType.ABANDON
        long = workflow.start_activity("long", start_to_close_timeout=TIMEOUT, cancellation_type=abandon)
        await workflow.sleep(0.2)
        long.cancel()
        with contextlib.suppress(ActivityError):
            await long
        await workflow.execute_activity("after", start_to_close_timeout=TIMEOUT)


def start_heeding() -> workflow.ActivityHandle[str]:
    """An activity that ends when it is cancelled."""
    return workflow.start_activity(
        "heed",
        start_to_close_timeout=TIMEOUT,
        heartbeat_timeout=timedelta(seconds=0.5),
        cancellation_type=TRY_ACTIVITY,
    )


@workflow.defn(name="CancelEither")
class EitherOld:
    @workflow.run
    async def run(self) -> None:
        first, second = start_heeding(), start_heeding()
        await workflow.sleep(0.2)
        first.cancel()
        with contextlib.suppress(ActivityError):
            await first
        await workflow.sleep(2)
        await workflow.execute_activity("after", start_to_close_timeout=TIMEOUT)
        assert not second.done()


@workflow.defn(name="CancelEither")
class EitherOther:
    """Cancels the second one."""

    @workflow.run
    async def run(self) -> None:
        first, second = start_heeding(), start_heeding()
        await workflow.sleep(0.2)
        second.cancel()  # <- here
        with contextlib.suppress(ActivityError):
            await second
        await workflow.sleep(2)
        await workflow.execute_activity("after", start_to_close_timeout=TIMEOUT)
        assert not first.done()


@workflow.defn(name="CancelChild")
class ChildOld:
    @workflow.run
    async def run(self) -> None:
        child = await workflow.start_child_workflow(
            "Neighbour", id="pairs-cancelled-child", cancellation_type=TRY_CHILD
        )
        child.cancel()
        with contextlib.suppress(ChildWorkflowError):
            await child
        await workflow.execute_activity("after", start_to_close_timeout=TIMEOUT)


@workflow.defn(name="CancelChild")
class ChildNoLonger:
    @workflow.run
    async def run(self) -> None:
        await workflow.start_child_workflow(
            "Neighbour", id="pairs-cancelled-child", cancellation_type=TRY_CHILD
        )
        await workflow.execute_activity("after", start_to_close_timeout=TIMEOUT)  # <- here


@workflow.defn(name="KeepChild")
class ChildKept:
    @workflow.run
    async def run(self) -> None:
        await workflow.start_child_workflow("Neighbour", id="pairs-kept-child", cancellation_type=TRY_CHILD)
        await workflow.execute_activity("after", start_to_close_timeout=TIMEOUT)


@workflow.defn(name="KeepChild")
class ChildCancelled:
    @workflow.run
    async def run(self) -> None:
        child = await workflow.start_child_workflow(
            "Neighbour", id="pairs-kept-child", cancellation_type=TRY_CHILD
        )
        child.cancel()  # <- here
        with contextlib.suppress(ChildWorkflowError):
            await child
        await workflow.execute_activity("after", start_to_close_timeout=TIMEOUT)


@workflow.defn(name="CancelNexus")
class NexusOld:
    @workflow.run
    async def run(self) -> None:
        shop = workflow.create_nexus_client(service="Shop", endpoint=ENDPOINT)
        order: workflow.NexusOperationHandle[None] = await shop.start_operation(
            "order", "cancelled-order", cancellation_type=TRY_NEXUS
        )
        order.cancel()
        with contextlib.suppress(NexusOperationError):
            await order
        await workflow.execute_activity("after", start_to_close_timeout=TIMEOUT)


@workflow.defn(name="CancelNexus")
class NexusNoLonger:
    @workflow.run
    async def run(self) -> None:
        shop = workflow.create_nexus_client(service="Shop", endpoint=ENDPOINT)
        await shop.start_operation("order", "cancelled-order", cancellation_type=TRY_NEXUS)
        await workflow.execute_activity("after", start_to_close_timeout=TIMEOUT)  # <- here


@workflow.defn(name="KeepNexus")
class NexusKept:
    @workflow.run
    async def run(self) -> None:
        shop = workflow.create_nexus_client(service="Shop", endpoint=ENDPOINT)
        await shop.start_operation("order", "kept-order", cancellation_type=TRY_NEXUS)
        await workflow.execute_activity("after", start_to_close_timeout=TIMEOUT)


@workflow.defn(name="KeepNexus")
class NexusCancelled:
    @workflow.run
    async def run(self) -> None:
        shop = workflow.create_nexus_client(service="Shop", endpoint=ENDPOINT)
        order: workflow.NexusOperationHandle[None] = await shop.start_operation(
            "order", "kept-order", cancellation_type=TRY_NEXUS
        )
        order.cancel()  # <- here
        with contextlib.suppress(NexusOperationError):
            await order
        await workflow.execute_activity("after", start_to_close_timeout=TIMEOUT)
