"""Runs orders: `python worker.py`, against the service at TEMPORAL_ADDRESS or localhost:7233."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os

from temporalio.client import Client
from temporalio.worker import Worker

from replaykit.demo.project import activities
from replaykit.demo.project.workflows_v1 import OrderWorkflow

TASK_QUEUE = "orders"


async def main() -> None:
    """Work until interrupted."""
    client = await Client.connect(os.environ.get("TEMPORAL_ADDRESS", "localhost:7233"))
    worker = Worker(
        client,
        task_queue=TASK_QUEUE,
        workflows=[OrderWorkflow],
        activities=[activities.validate_order, activities.process_payment, activities.ship_order],
    )
    logging.info("working on task queue %s, until Ctrl-C", TASK_QUEUE)
    await worker.run()


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(main())
