"""Run the old code on a real service and write its Histories: `python -m tests.pairs.record`.

May be run again at any time: every run's events come in the same order, so the expected event ids stay.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import sys
from collections.abc import Sequence

import click
import nexusrpc
from nexusrpc.handler import StartOperationContext, service_handler, sync_operation
from temporalio import activity, nexus
from temporalio.api.nexus.v1 import EndpointSpec, EndpointTarget
from temporalio.api.operatorservice.v1 import CreateNexusEndpointRequest
from temporalio.client import Client, WorkflowFailureError
from temporalio.common import RawValue
from temporalio.worker import Worker

from replaykit.capture import capture, embedded_service
from replaykit.history import History, Store
from tests.gallery.portable import PORTABLE_CONVERTER
from tests.gallery.scenario import Stage
from tests.pairs.code.attributes import STAGE
from tests.pairs.code.children import Child
from tests.pairs.code.externals import Neighbour
from tests.pairs.code.nexus import ENDPOINT
from tests.pairs.runs import HISTORIES, RUNS, Run

_TASK_QUEUE = "pairs"
_IDENTITY = "pairs"
"""In the place of process id and host name, which events would carry."""
_AT_ONCE = 8


@activity.defn(dynamic=True)
async def anything(_args: Sequence[RawValue]) -> str:
    """Every activity: takes time where its name asks for it, and answers with its name."""
    name = activity.info().activity_type
    while name == "heed":
        activity.heartbeat()
        await asyncio.sleep(0.1)
    await asyncio.sleep({"label_slowly": 0.5, "long": 30}.get(name, 0))
    return name


@nexusrpc.service(name="Shop")
class Shop:
    price: nexusrpc.Operation[str, int]
    order: nexusrpc.Operation[str, None]


@service_handler(service=Shop)
class ShopHandler:
    @sync_operation
    async def price(self, _ctx: StartOperationContext, goods: str) -> int:
        return len(goods)

    @nexus.workflow_run_operation
    async def order(self, ctx: nexus.WorkflowRunOperationContext, goods: str) -> nexus.WorkflowHandle[None]:
        return await ctx.start_workflow(Neighbour.run, id=f"pairs-{goods}")


async def record() -> None:
    """Write every fixture again, a line for each."""
    async with embedded_service(search_attributes=[STAGE], data_converter=PORTABLE_CONVERTER) as service:
        client = service.client
        client.service_client.config.identity = _IDENTITY
        target = EndpointTarget(
            worker=EndpointTarget.Worker(namespace=client.namespace, task_queue=_TASK_QUEUE)
        )
        await client.operator_service.create_nexus_endpoint(
            CreateNexusEndpointRequest(spec=EndpointSpec(name=ENDPOINT, target=target))
        )
        worker = Worker(
            client,
            task_queue=_TASK_QUEUE,
            workflows=[*(run.workflow for run in RUNS), Child, Neighbour],
            activities=[anything],
            nexus_service_handlers=[ShopHandler()],
            identity=_IDENTITY,
        )
        async with worker:
            await client.start_workflow(Neighbour.run, id="pairs-neighbour", task_queue=_TASK_QUEUE)
            places = asyncio.Semaphore(_AT_ONCE)
            histories = await asyncio.gather(*(_record_one(client, run, places) for run in RUNS))
    shutil.rmtree(HISTORIES, ignore_errors=True)
    for history in histories:
        click.echo(Store(HISTORIES).save(history).path.relative_to(HISTORIES).as_posix())


async def _record_one(client: Client, run: Run, places: asyncio.Semaphore) -> History:
    async with places:
        name = f"pairs-{run.name}"
        handle = await client.start_workflow(run.name, args=run.args, id=name, task_queue=_TASK_QUEUE)
        await run.drive(Stage(client, handle, _TASK_QUEUE))
        if run.status != "RUNNING":
            with contextlib.suppress(WorkflowFailureError):
                await handle.result()
        history = await capture(client, name, run_id=handle.result_run_id)
        if history.status != run.status:
            raise RuntimeError(f"{name}: expected it to be {run.status}, but it is {history.status}")
        return history


if __name__ == "__main__":
    asyncio.run(asyncio.wait_for(record(), 120))
    sys.stdout.flush()
    os._exit(0)  # the SDK's threads can abort a process that tears down under them
