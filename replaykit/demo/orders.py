"""Two orders, run with version 1 of the workflow and captured as fixtures."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowHandle
from temporalio.worker import Worker

from replaykit.capture import capture
from replaykit.demo.project import activities
from replaykit.demo.project.workflows_v1 import OrderWorkflow
from replaykit.errors import ServiceError
from replaykit.history import History, Store

__all__ = ["FINISHED", "WAITING", "capture_order", "run_orders"]

FINISHED = "order-17"
"""Id of the order that is run to its end."""
WAITING = "order-18"
"""Id of the order that is left waiting for the warehouse."""

_TASK_QUEUE = "orders"
_TIMEOUT_S = 30.0


async def run_orders(client: Client) -> str:
    """Run one order to its end, and one until it waits for the warehouse.

    Returns:
        The result of the finished order.

    Raises:
        ServiceError: They did not get there within 30 seconds.
    """
    worker = Worker(
        client,
        task_queue=_TASK_QUEUE,
        workflows=[OrderWorkflow],
        activities=[activities.validate_order, activities.process_payment, activities.ship_order],
    )
    async with worker:
        with _in_time():
            return await asyncio.wait_for(_run_both(client), _TIMEOUT_S)


async def _run_both(client: Client) -> str:
    finished, waiting = [
        await client.start_workflow(OrderWorkflow.run, order_id, id=order_id, task_queue=_TASK_QUEUE)
        for order_id in (FINISHED, WAITING)
    ]
    for handle in (finished, waiting):
        await _until_paid(handle)
    await finished.signal(OrderWorkflow.packed)
    return await finished.result()


async def _until_paid(handle: WorkflowHandle[OrderWorkflow, str]) -> None:
    """Wait until the workflow has heard of its payment, and has nothing left to do but wait itself."""
    paid = False
    async for event in handle.fetch_history_events(wait_new_event=True):
        paid = paid or event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED
        if paid and event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED:
            return


@contextmanager
def _in_time() -> Iterator[None]:
    try:
        yield
    except asyncio.TimeoutError as error:
        raise ServiceError(
            f"the two orders of the demo did not run within {_TIMEOUT_S:g} s",
            where="embedded Temporal service",
            cure="Is the machine very busy? Try again.",
        ) from error


async def capture_order(client: Client, order_id: str, folder: Path) -> tuple[Path, History]:
    """Capture an order below `histories/` of the project.

    Returns:
        The fixture, relative to the project, and what is in it.
    """
    history = await capture(client, order_id)
    saved = Store(folder / "histories").save(history)
    return saved.path.relative_to(folder), history
