"""The old code of every drift case, recorded once on a real service."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from temporalio.api.nexus.v1 import EndpointSpec, EndpointTarget
from temporalio.api.operatorservice.v1 import CreateNexusEndpointRequest
from temporalio.client import Client, WorkflowFailureError, WorkflowHandle, WorkflowUpdateFailedError
from temporalio.worker import Worker

from replaykit.capture import capture, embedded_service
from replaykit.history import History
from tests.replay.strict import coded
from tests.replay.strict.stories import (
    CUSTOMER,
    ENDPOINT,
    OPTIONS,
    PRIORITY,
    TASK_QUEUE,
    BankHandler,
    Idle,
    Listener,
    attributes,
    charge,
    story,
)

Recorded = Mapping[str, History]

_START: dict[str, dict[str, Any]] = {
    "AgainPlainly": {
        "memo": {"note": "first"},
        "search_attributes": attributes(Customer="ada"),
        "run_timeout": timedelta(seconds=200),
        "task_timeout": timedelta(seconds=7),
    },
    "CappedActivities": {"run_timeout": timedelta(seconds=30)},
    "CappedChildren": {"run_timeout": timedelta(seconds=30)},
    "CappedAgain": {"execution_timeout": timedelta(seconds=80), "run_timeout": timedelta(seconds=60)},
    "CappedNexus": {"run_timeout": timedelta(seconds=30)},
}


@pytest.fixture(scope="session")
def recorded() -> Recorded:
    """The History of each story as its unchanged code made it, by name."""
    return asyncio.run(_record())


async def _record() -> dict[str, History]:
    async with embedded_service(
        search_attributes=[CUSTOMER, PRIORITY],
        extra_args=["--dynamic-config-value", "history.enableSignalWithStartFromWorkflow=true"],
    ) as service:
        client = service.client
        target = EndpointTarget.Worker(namespace=client.namespace, task_queue=TASK_QUEUE)
        spec = EndpointSpec(name=ENDPOINT, target=EndpointTarget(worker=target))
        await client.operator_service.create_nexus_endpoint(CreateNexusEndpointRequest(spec=spec))
        coded_client = await Client.connect(service.address, data_converter=coded.CONVERTER)
        async with (
            Worker(
                client,
                task_queue=TASK_QUEUE,
                workflows=[*map(story, OPTIONS), Idle, Listener],
                activities=[charge],
                nexus_service_handlers=[BankHandler()],
            ),
            Worker(
                coded_client,
                task_queue=coded.TASK_QUEUE,
                workflows=[*map(coded.story, coded.NAMES), Idle],
                activities=[charge],
            ),
        ):
            names = [*OPTIONS, *coded.NAMES]
            histories = await asyncio.gather(
                *(_one(coded_client if name in coded.NAMES else client, name) for name in names)
            )
    return dict(zip(names, histories, strict=True))


async def _one(client: Client, name: str) -> History:
    arguments = []
    if name in ("Signals", "CancelsExternal"):
        listener = await client.start_workflow("Listener", id=OPTIONS[name]["id"], task_queue=TASK_QUEUE)
        arguments = [listener.first_execution_run_id]
    handle = await client.start_workflow(
        name,
        args=arguments,
        id=f"story-{name}",
        task_queue=coded.TASK_QUEUE if name in coded.NAMES else TASK_QUEUE,
        **_START.get(name, {}),
    )
    await asyncio.wait_for(_drive(client, handle, name), 30)
    history = await capture(client, handle.id, run_id=handle.first_execution_run_id)
    return dataclasses.replace(history, path=None)


async def _drive(client: Client, handle: WorkflowHandle[Any, Any], name: str) -> None:
    if name == "Updates":
        await handle.execute_update("pay")
        with pytest.raises(WorkflowUpdateFailedError):
            await handle.execute_update("refuse")
    if name in ("Waiting", "Abandons"):
        for _ in range(500):
            if (await handle.describe()).history_length == (10 if name == "Waiting" else 11):
                return
            await asyncio.sleep(0.02)
        raise AssertionError("the workflow did not come to its wait")
    try:
        await handle.result()
    except WorkflowFailureError:
        assert "Failure" in name
