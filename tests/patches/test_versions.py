"""Worker versioning on a real service: runs by deployment version, and pinned ones hold nothing back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from temporalio.api.workflowservice.v1 import SetWorkerDeploymentCurrentVersionRequest
from temporalio.client import Client
from temporalio.common import VersioningBehavior, WorkerDeploymentVersion
from temporalio.service import RPCError
from temporalio.worker import UnsandboxedWorkflowRunner, Worker, WorkerDeploymentConfig

from replaykit.capture import Connection, embedded_service
from replaykit.config import Config, WorkerConfig
from replaykit.patches import State, Survey, document_of, survey, totals
from tests.gallery.order.activities import process_payment, ship_order, validate_order
from tests.gallery.order.matrix import RELEASES


@asynccontextmanager
async def deployed(client: Client, release: str, behaviour: VersioningBehavior) -> AsyncIterator[None]:
    """A worker of that release as the current version of the deployment `shop`."""
    version = WorkerDeploymentVersion(deployment_name="shop", build_id=release)
    worker = Worker(
        client,
        task_queue="orders",
        workflows=[RELEASES[release]],
        activities=[validate_order, process_payment, ship_order],
        workflow_runner=UnsandboxedWorkflowRunner(),
        deployment_config=WorkerDeploymentConfig(
            version=version, use_worker_versioning=True, default_versioning_behavior=behaviour
        ),
    )
    async with worker:
        for _ in range(100):
            try:
                await client.workflow_service.set_worker_deployment_current_version(
                    SetWorkerDeploymentCurrentVersionRequest(
                        namespace=client.namespace, deployment_name="shop", build_id=release
                    )
                )
                break
            except RPCError:  # until its pollers have made themselves known
                await asyncio.sleep(0.1)
        else:
            pytest.fail("no current version")
        yield


async def start(client: Client, order: str, version: str) -> None:
    await client.start_workflow("OrderWorkflow", order, id=order, task_queue="orders")
    query = f'WorkflowId = "{order}" AND TemporalWorkerDeploymentVersion = "shop:{version}"'
    for _ in range(300):
        if (await client.count_workflows(query)).count:
            return
        await asyncio.sleep(0.1)
    pytest.fail("waited in vain")


@pytest.mark.exhaustive
@pytest.mark.asyncio
async def test_pinned_runs_never_meet_this_code(tmp_path: Path) -> None:
    async with embedded_service() as service:
        client = service.client

        async def surveyed(release: str) -> Survey:
            worker = WorkerConfig(workflows=(f"tests.gallery.order.{release}",))
            config = Config(root=tmp_path, workers=(worker,))
            return await asyncio.to_thread(survey, config, connection=Connection(address=service.address))

        async with deployed(client, "v1", VersioningBehavior.PINNED):
            await start(client, "pinned", "v1")
        async with deployed(client, "v3", VersioningBehavior.AUTO_UPGRADE):
            await start(client, "upgrading", "v3")
            found = await surveyed("v3")
        (patch,) = found.patches
        assert patch.state is State.MAY_BE_DEPRECATED
        # The pinned run is not even fetched, and neither is the one that visibility shows enough of.
        assert found.asked is not None
        assert found.asked.histories == 0
        assert document_of(found).data["service"]["open_by_version"] == {"shop:v1, pinned": 1, "shop:v3": 1}
        assert list(totals(found))[:2] == ["version: shop:v1, pinned: 1 open", "version: shop:v3: 1 open"]
        # The other one will meet v5, and needs the call that is gone there.
        (patch,) = (await surveyed("v5")).patches
        assert patch.state is State.REMOVED_TOO_EARLY
        assert "upgrading (open, since " in patch.reason
        assert patch.reason.endswith(", shop:v3)")
