"""Run the shaky workflows on a real service and write their Histories.

`python -m tests.perturb.record`; may be run again at any time.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from collections.abc import Sequence

import click
from temporalio import activity
from temporalio.client import Client
from temporalio.common import RawValue
from temporalio.worker import Worker

from replaykit.capture import capture, embedded_service
from replaykit.history import Store
from tests.perturb.samples import HISTORIES, SAMPLES, Sample

_TASK_QUEUE = "shaky"
_IDENTITY = "shaky"
"""In the place of process id and host name, which events would carry."""


@activity.defn(dynamic=True)
async def anything(_args: Sequence[RawValue]) -> str | int:
    """Every activity: answers with its name."""
    name = activity.info().activity_type
    return 7 if name == "price" else name


async def _record_one(client: Client, sample: Sample) -> None:
    name = f"shaky-{sample.name}"
    handle = await client.start_workflow(sample.name, id=name, task_queue=_TASK_QUEUE)
    await handle.result()
    history = await capture(client, name)
    click.echo(Store(HISTORIES).save(history).path.relative_to(HISTORIES).as_posix())


async def record() -> None:
    """Write every fixture again, a line for each."""
    async with embedded_service() as service:
        client = service.client
        client.service_client.config.identity = _IDENTITY
        worker = Worker(
            client,
            task_queue=_TASK_QUEUE,
            workflows=[sample.workflow for sample in SAMPLES],
            activities=[anything],
            identity=_IDENTITY,
        )
        shutil.rmtree(HISTORIES, ignore_errors=True)
        async with worker:
            for sample in SAMPLES:
                await _record_one(client, sample)


if __name__ == "__main__":
    asyncio.run(asyncio.wait_for(record(), 120))
    sys.stdout.flush()
    os._exit(0)  # the SDK's threads can abort a process that tears down under them
