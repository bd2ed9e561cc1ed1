"""Starts an order, or signals that one is packed.

python starter.py order-19          start it; it is paid and waits for the warehouse
python starter.py order-19 packed   the warehouse has packed it; it ships
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import time

from temporalio.client import Client

from replaykit.demo.project.workflows_v1 import OrderWorkflow

TASK_QUEUE = "orders"


async def start(client: Client, order_id: str) -> None:
    """Start an order and leave it running."""
    await client.start_workflow(OrderWorkflow.run, order_id, id=order_id, task_queue=TASK_QUEUE)
    logging.info("%s is started", order_id)


async def packed(client: Client, order_id: str) -> None:
    """Signal the order that it is packed, and wait for its end."""
    handle = client.get_workflow_handle(order_id)
    await handle.signal(OrderWorkflow.packed)
    logging.info("%s", await handle.result())


async def main(order_id: str, step: str | None = None) -> None:
    """Take the step that the command line names."""
    client = await Client.connect(os.environ.get("TEMPORAL_ADDRESS", "localhost:7233"))
    await (packed if step == "packed" else start)(client, order_id)


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    if len(sys.argv) not in (2, 3) or sys.argv[2:] not in ([], ["packed"]):
        sys.exit(__doc__)
    asyncio.run(main(*sys.argv[1:]))
    time.sleep(0.1)  # for the SDK's threads, which can abort the interpreter's exit while they work
