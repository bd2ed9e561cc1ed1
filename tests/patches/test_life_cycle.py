"""The whole life of a patch on a real service: each step as advised, and one step too early.

The code of a step is a release of the gallery's OrderWorkflow: v1 without the patch, v3 `patched`,
v4 `deprecate_patch`, v5 without a call.
"""

from __future__ import annotations

import asyncio
import dataclasses
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import EventType
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest
from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from replaykit.capture import Connection, embedded_service
from replaykit.config import Config, WorkerConfig
from replaykit.patches import Patch, State, survey
from tests.conftest import RunReplaykit
from tests.gallery.order.activities import process_payment, ship_order, validate_order
from tests.gallery.order.matrix import RELEASES

ROOT = Path(__file__).resolve().parents[2]
PATCH = "validate-before-payment"
QUEUE = "orders"
DELETE_AT_ONCE = (
    "--dynamic-config-value",
    'history.transferProcessorUpdateAckInterval="1s"',
    "--dynamic-config-value",
    'history.visibilityProcessorUpdateAckInterval="1s"',
)
"""A run is deleted once its last tasks are checked off, which a service does every half minute."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Orders:
    """Orders on a service, and what replaykit finds about their patch."""

    client: Client
    address: str
    root: Path

    async def start(self, order: str, *, queue: str = QUEUE) -> None:
        await self.client.start_workflow("OrderWorkflow", order, id=order, task_queue=queue)

    @asynccontextmanager
    async def deployed(self, release: str, *queues: str) -> AsyncIterator[None]:
        """A worker of that release, and no other."""
        workers = [
            Worker(
                self.client,
                task_queue=queue,
                workflows=[RELEASES[release]],
                activities=[validate_order, process_payment, ship_order],
                workflow_runner=UnsandboxedWorkflowRunner(),
                max_cached_workflows=0,  # each task replays the whole history, as on another machine
            )
            for queue in queues or (QUEUE,)
        ]
        running = [asyncio.create_task(worker.run()) for worker in workers]
        try:
            yield
        finally:
            for worker in workers:
                await worker.shutdown()
            await asyncio.gather(*running)

    async def paid(self, order: str) -> None:
        """Wait until an order waits for its confirmation."""
        await until(lambda: self._has_paid(order))

    async def _has_paid(self, order: str) -> bool:
        history = await self.client.get_workflow_handle(order).fetch_history()
        done = EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED
        scheduled = [e.activity_task_scheduled_event_attributes.activity_type.name for e in history.events]
        completed = sum(event.event_type == done for event in history.events)
        last = history.events[-1].event_type
        settled = last == EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED
        return settled and "process_payment" in scheduled and completed == len(list(filter(None, scheduled)))

    async def end(self, order: str) -> None:
        """Confirm an order, and see that no task of it ever failed."""
        handle = self.client.get_workflow_handle(order)
        await handle.signal("payment_confirmed")
        assert await asyncio.wait_for(handle.result(), 30)
        history = await handle.fetch_history()
        failed = EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED
        assert not [event for event in history.events if event.event_type == failed]
        await self.visible(f'WorkflowId = "{order}" AND CloseTime IS NOT NULL')

    async def forget(self, order: str) -> None:
        """What the end of retention does."""
        await self.client.workflow_service.delete_workflow_execution(
            DeleteWorkflowExecutionRequest(
                namespace=self.client.namespace, workflow_execution=WorkflowExecution(workflow_id=order)
            )
        )
        await self.visible(f'WorkflowId = "{order}"', count=0)

    async def visible(self, query: str, *, count: int = 1) -> None:
        """Visibility follows the runs with a delay."""

        async def there() -> bool:
            return (await self.client.count_workflows(query)).count == count

        await until(there)

    async def marked(self, order: str) -> None:
        await self.paid(order)
        await self.visible(f'WorkflowId = "{order}" AND TemporalChangeVersion = "{PATCH}"')

    async def judged_with(self, release: str, *, open_only: bool = False) -> Patch:
        """What replaykit finds with the code of that release."""
        worker = WorkerConfig(workflows=(f"tests.gallery.order.{release}",))
        found = await asyncio.to_thread(
            survey,
            Config(root=self.root, workers=(worker,)),
            connection=Connection(address=self.address),
            open_only=open_only,
        )
        (patch,) = found.patches
        assert patch.evidence.patch_id == PATCH
        return patch


async def until(condition: Any) -> None:
    for _ in range(300):
        if await condition():
            return
        await asyncio.sleep(0.1)
    pytest.fail("waited in vain")


def held_by(patch: Patch) -> list[str]:
    return [seen.run.workflow_id for seen in patch.held_by if seen.run is not None]


@pytest.mark.weekly
@pytest.mark.asyncio
async def test_a_patch_from_its_first_day_to_its_last(tmp_path: Path, run_replaykit: RunReplaykit) -> None:
    async def check(release: str) -> tuple[int, dict[str, Any]]:
        module = f"tests.gallery.order.{release}"
        done = await asyncio.to_thread(
            run_replaykit,
            *("patches", "--check", "--json", "-", "--workflows", module, "--address", orders.address),
            PYTHONPATH=str(ROOT),
        )
        assert done.stderr == ""
        (patch,) = json.loads(done.stdout)["patches"]
        return done.returncode, patch

    async with embedded_service(extra_args=DELETE_AT_ONCE) as service:
        orders = Orders(client=service.client, address=service.address, root=tmp_path)

        # v1 runs, and the patch is written.
        async with orders.deployed("v1"):
            await orders.start("old")
            await orders.paid("old")
        await orders.visible('WorkflowId = "old"')
        patch = await orders.judged_with("v3")
        assert (patch.state, held_by(patch)) == (State.NEW, ["old"])
        assert patch.needs == "needs a pre-patch fixture: capture one of old"
        # Too early: deprecated before it ever was deployed.
        early = await orders.judged_with("v4")
        assert (early.state, held_by(early)) == (State.REMOVED_TOO_EARLY, ["old"])

        # The patch is deployed; an order waits for a worker, before the call.
        await orders.start("waiting", queue="nobody")
        async with orders.deployed("v3"):
            await orders.start("patched")
            await orders.marked("patched")
            patch = await orders.judged_with("v3")
            assert (patch.state, held_by(patch)) == (State.ACTIVE, ["old"])
            assert patch.reason.startswith("1 open run took the old branch; the oldest: old (open, since ")
            assert patch.advice == "Wait until they have ended, and keep both branches."
            # Too early: the old branch goes while a run is on it; the command reports that too.
            code, patch_json = await check("v4")
            assert (code, patch_json["state"]) == (1, "removed too early")
            assert [run["workflow_id"] for run in patch_json["held_by"]] == ["old"]
            assert patch_json["held_by"][0]["diverged"]

            # The old run ends; queries and resets need its branch until retention ends.
            await orders.end("old")
            patch = await orders.judged_with("v3")
            assert (patch.state, held_by(patch)) == (State.ACTIVE, ["old"])
            assert "--open-only" in patch.advice
            patch = await orders.judged_with("v3", open_only=True)
            assert patch.state is State.MAY_BE_DEPRECATED
            assert patch.reason.endswith("1 open run without it has not reached the call")
            await orders.forget("old")
            assert (await orders.judged_with("v3")).state is State.MAY_BE_DEPRECATED
            # Too early: the call goes while a run carries its marker.
            code, patch_json = await check("v5")
            assert (code, patch_json["state"]) == (1, "removed too early")
            assert [run["workflow_id"] for run in patch_json["held_by"]] == ["patched"]

        # It is deprecated.
        async with orders.deployed("v4"):
            await orders.start("deprecated")
            await orders.marked("deprecated")
            patch = await orders.judged_with("v4")
            assert (patch.state, held_by(patch)) == (State.DEPRECATED, ["patched"])
            assert patch.needs == "needs a fixture with the marker: capture one of patched"
            early = await orders.judged_with("v5")
            assert (early.state, held_by(early)) == (State.REMOVED_TOO_EARLY, ["patched"])
            await orders.end("patched")
            assert (await orders.judged_with("v4", open_only=True)).state is State.MAY_BE_REMOVED
            assert (await orders.judged_with("v4")).state is State.DEPRECATED
            await orders.forget("patched")
            assert (await orders.judged_with("v4")).state is State.MAY_BE_REMOVED

        # It is removed: runs with a deprecated marker, and the one that had waited, go on to their end.
        async with orders.deployed("v5", QUEUE, "nobody"):
            code, patch_json = await check("v5")
            assert (code, patch_json["state"]) == (0, "unknown in code")
            await orders.end("deprecated")
            await orders.end("waiting")
