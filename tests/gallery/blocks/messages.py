"""Signals, queries, and updates with a validator: accepted, rejected, failed, and unfinished."""

from __future__ import annotations

import contextlib
from datetime import timedelta

from temporalio import activity, workflow
from temporalio.exceptions import ApplicationError

with workflow.unsafe.imports_passed_through():
    from temporalio.api.enums.v1 import EventType
    from temporalio.client import WorkflowUpdateFailedError

    from tests.gallery.scenario import Scenario, Stage, WorkerSetup


@activity.defn
async def reserve(article: str, quantity: int) -> str:
    if quantity > 100:
        raise ApplicationError(f"only 100 of {article} in stock", type="OutOfStock", non_retryable=True)
    return f"{quantity} of {article}"


@workflow.defn
class BasketWorkflow:
    """A basket that lives until it is checked out."""

    def __init__(self) -> None:
        self._items: dict[str, int] = {}
        self._checked_out = False

    @workflow.run
    async def run(self) -> dict[str, int]:
        await workflow.wait_condition(lambda: self._checked_out and workflow.all_handlers_finished())
        return self._items

    @workflow.signal
    def add(self, article: str) -> None:
        self._items[article] = self._items.get(article, 0) + 1

    @workflow.signal
    async def check_out(self) -> None:
        await workflow.sleep(timedelta(seconds=0.05))
        self._checked_out = True

    @workflow.query
    def items(self) -> dict[str, int]:
        return self._items

    @workflow.update
    async def set_quantity(self, article: str, quantity: int) -> str:
        reservation = await workflow.execute_activity(
            reserve, args=[article, quantity], start_to_close_timeout=timedelta(seconds=10)
        )
        self._items[article] = quantity
        return reservation

    @set_quantity.validator
    def validate_set_quantity(self, article: str, quantity: int) -> None:
        if quantity < 0:
            raise ValueError(f"a negative quantity of {article}")

    @workflow.update
    def clear(self) -> int:
        count = len(self._items)
        self._items.clear()
        return count


async def _shop(stage: Stage) -> None:
    basket = stage.handle
    await basket.signal(BasketWorkflow.add, "lamp")
    await basket.signal(BasketWorkflow.add, "lamp")
    await basket.execute_update(BasketWorkflow.clear)
    await basket.execute_update(BasketWorkflow.set_quantity, args=["lamp", 3])
    for refused in (-1, 1000):
        with contextlib.suppress(WorkflowUpdateFailedError):
            await basket.execute_update(BasketWorkflow.set_quantity, args=["lamp", refused])
    await basket.query(BasketWorkflow.items)


async def _shop_and_check_out(stage: Stage) -> None:
    await _shop(stage)
    await stage.handle.signal(BasketWorkflow.check_out)


async def _shop_and_leave(stage: Stage) -> None:
    await _shop(stage)
    await stage.reached(EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_COMPLETED, times=3)


_WORKER = WorkerSetup(task_queue="gallery-messages", workflows=(BasketWorkflow,), activities=(reserve,))

SCENARIOS = (
    Scenario(
        name="messages",
        workflow=BasketWorkflow,
        start={"start_signal": "add", "start_signal_args": ["shade"]},
        drive=_shop_and_check_out,
        shows=(
            "WORKFLOW_EXECUTION_SIGNALED",
            "WORKFLOW_EXECUTION_UPDATE_ACCEPTED",
            "WORKFLOW_EXECUTION_UPDATE_COMPLETED",
        ),
        workers=(_WORKER,),
    ),
    Scenario(
        name="messages-open",
        workflow=BasketWorkflow,
        drive=_shop_and_leave,
        status="RUNNING",
        workers=(_WORKER,),
    ),
)
