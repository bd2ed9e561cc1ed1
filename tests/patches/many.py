"""`python -m tests.patches.many [--runs 1000]`: what `replaykit patches` takes on many open runs.

Half of the runs took the old branch, half carry the marker: with the code of v3, half of the histories are
fetched and replayed; with v4, all are fetched and half replayed; with v5, the marked half is fetched.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import click
from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from replaykit.capture import embedded_service
from tests.gallery.order.activities import process_payment, ship_order, validate_order
from tests.gallery.order.matrix import RELEASES

ROOT = Path(__file__).resolve().parents[2]


@click.command()
@click.option("--runs", type=click.IntRange(min=2), default=1000, show_default=True)
def main(runs: int) -> None:
    """Start the runs on a dev server, and time the command on them."""
    asyncio.run(measure(runs))
    sys.stdout.flush()
    os._exit(0)  # the SDK's threads can abort a process that tears down under them


async def measure(runs: int) -> None:
    async with embedded_service() as service:
        for release, count in (("v1", runs // 2), ("v3", runs - runs // 2)):
            await start(service.client, release, count)
        for release in ("v3", "v4", "v5"):
            began = time.perf_counter()
            output = await asyncio.to_thread(patches, release, service.address)
            click.echo(f"--- code of {release}: {time.perf_counter() - began:.1f} s\n{output}")


async def start(client: Client, release: str, count: int) -> None:
    """Open orders of a release, all waiting for their confirmation."""
    worker = Worker(
        client,
        task_queue="orders",
        workflows=[RELEASES[release]],
        activities=[validate_order, process_payment, ship_order],
        workflow_runner=UnsandboxedWorkflowRunner(),
    )
    paid = 'WorkflowType = "OrderWorkflow"'
    async with worker:
        ids = [f"{release}-{number}" for number in range(count)]
        for at in range(0, count, 50):
            starts = (
                client.start_workflow("OrderWorkflow", each, id=each, task_queue="orders")
                for each in ids[at : at + 50]
            )
            await asyncio.gather(*starts)
        await asyncio.gather(*(waiting(client, each) for each in ids))
    click.echo(f"{(await client.count_workflows(paid)).count} open runs")


async def waiting(client: Client, workflow_id: str) -> None:
    """Until nothing of it is under way."""
    handle = client.get_workflow_handle(workflow_id)
    while True:
        info = (await handle.describe()).raw_description
        busy = info.pending_activities or info.HasField("pending_workflow_task")
        if not busy and info.workflow_execution_info.history_length > 8:
            return
        await asyncio.sleep(1)


def patches(release: str, address: str) -> str:
    command = [sys.executable, "-m", "replaykit", "patches", "--address", address]
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [*command, "--workflows", f"tests.gallery.order.{release}"],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )
    return done.stdout + done.stderr


if __name__ == "__main__":
    main()
