"""Two orders, run with version 1 of the workflow and captured as fixtures."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowHandle

from replaykit.capture import EmbeddedService, capture
from replaykit.demo.project.starter import TASK_QUEUE
from replaykit.demo.project.workflows_v1 import OrderWorkflow
from replaykit.errors import ServiceError
from replaykit.history import History, Store
from replaykit.processes.starting import running

__all__ = ["FINISHED", "WAITING", "capture_order", "run_orders"]

FINISHED = "order-17"
"""Id of the order that is run to its end."""
WAITING = "order-18"
"""Id of the order that is left waiting for the warehouse."""

_TIMEOUT_S = 30.0


async def run_orders(service: EmbeddedService, folder: Path) -> str:
    """Run one order to its end, and one until it waits for the warehouse, with the project's own worker.

    Args:
        service: Where to run them.
        folder: The project.

    Returns:
        The result of the finished order.

    Raises:
        ServiceError: The worker ended, or the orders did not get there within 30 seconds.
    """
    # Not in this process: interrupted together with its service, a Worker tries for a quarter of a minute
    # to sign off from it.
    environ = {**os.environ, "TEMPORAL_ADDRESS": service.address}
    silent = subprocess.DEVNULL
    with running(
        [sys.executable, "worker.py"], folder=folder, environ=environ, stdout=silent, stderr=silent
    ) as worker:
        orders = asyncio.ensure_future(_run_both(service.client))
        ended = asyncio.ensure_future(asyncio.to_thread(worker.wait))
        try:
            await asyncio.wait({orders, ended}, timeout=_TIMEOUT_S, return_when=asyncio.FIRST_COMPLETED)
            if orders.done():
                return orders.result()
            what = "ended" if ended.done() else f"did not get them done within {_TIMEOUT_S:g} s"
            raise ServiceError(
                f"the worker of the two orders {what}",
                where="python worker.py",
                cure="Keep the project with --keep DIR and run it by hand."
                if ended.done()
                else "Is the machine very busy? Try again.",
            )
        finally:
            orders.cancel()
            ended.cancel()


async def _run_both(client: Client) -> str:
    finished, waiting = [
        await client.start_workflow(OrderWorkflow.run, order_id, id=order_id, task_queue=TASK_QUEUE)
        for order_id in (FINISHED, WAITING)
    ]
    for handle in (finished, waiting):
        await _until_paid(handle)
    await finished.signal(OrderWorkflow.packed)
    return await finished.result()


async def _until_paid(handle: WorkflowHandle[OrderWorkflow, str]) -> None:
    """Wait until the workflow has its payment's result and is waiting for the warehouse."""
    paid = False
    async for event in handle.fetch_history_events(wait_new_event=True):
        paid = paid or event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED
        if paid and event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED:
            return


async def capture_order(client: Client, order_id: str, folder: Path) -> tuple[Path, History]:
    """Capture an order below `histories/` of the project.

    Returns:
        The fixture, relative to the project, and what is in it.
    """
    history = await capture(client, order_id)
    saved = Store(folder / "histories").save(history)
    return saved.path.relative_to(folder), history
