"""What is asked of a real service, and what is not."""

from __future__ import annotations

import asyncio
import dataclasses
import uuid
from pathlib import Path

import pytest
from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from replaykit.capture import Connection, fetching, visibility
from replaykit.config import Config, WorkerConfig
from replaykit.patches import State, Survey, survey
from replaykit.patches.patch import Took
from tests.patches.flows import QuietWorkflow

QUIET = WorkerConfig(name="quiet", workflows=("tests.patches.flows:QuietWorkflow",))


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Quiet:
    """Open runs that carry the marker, and others that no worker has taken up, on a queue of their own."""

    queue: str
    address: str
    root: Path

    async def survey(self, *, most: int = 2000, worker: WorkerConfig = QUIET) -> Survey:
        chosen = dataclasses.replace(worker, task_queues=(self.queue,))
        # The queue's own worker, beside one that has the runs of every other test.
        config = Config(root=self.root, workers=(chosen, dataclasses.replace(worker, name="rest")))
        return await asyncio.to_thread(
            survey, config, connection=Connection(address=self.address), most=most, open_only=True
        )


@pytest.fixture
def quiet(dev_server: str, tmp_path: Path) -> Quiet:
    return Quiet(queue=f"quiet-{uuid.uuid4()}", address=dev_server, root=tmp_path)


async def start(client: Client, quiet: Quiet, count: int, *, marked: bool) -> None:
    queue = quiet.queue
    if marked:
        async with Worker(
            client, task_queue=queue, workflows=[QuietWorkflow], workflow_runner=UnsandboxedWorkflowRunner()
        ):
            await _started(client, queue, count, 'AND TemporalChangeVersion = "quiet"')
    else:
        await _started(client, queue, count, "AND TemporalChangeVersion IS NULL")


async def _started(client: Client, queue: str, count: int, which: str) -> None:
    for _ in range(count):
        await client.start_workflow("QuietWorkflow", id=f"quiet-{uuid.uuid4()}", task_queue=queue)
    for _ in range(300):
        if (await client.count_workflows(f'TaskQueue = "{queue}" {which}')).count == count:
            return
        await asyncio.sleep(0.1)
    pytest.fail("waited in vain")


def took(found: Survey) -> dict[Took, int]:
    (patch,) = [each for each in found.patches if each.evidence.worker == "quiet"]
    runs = patch.evidence.runs or ()
    return {what: sum(seen.took is what for seen in runs) for what in {seen.took for seen in runs}}


@pytest.mark.asyncio
async def test_pages_and_what_is_not_looked_at(
    client: Client, quiet: Quiet, monkeypatch: pytest.MonkeyPatch
) -> None:
    await start(client, quiet, 3, marked=True)
    await start(client, quiet, 4, marked=False)
    found = await quiet.survey()
    assert took(found) == {Took.MARKED: 3, Took.NOT_REACHED: 4}
    assert found.asked is not None
    few, histories = found.asked.rpcs, found.asked.histories
    monkeypatch.setattr(visibility, "_PAGE_SIZE", 2)
    monkeypatch.setattr(fetching, "_PAGE_SIZE", 2)
    found = await quiet.survey()
    assert took(found) == {Took.MARKED: 3, Took.NOT_REACHED: 4}
    assert found.asked is not None
    assert found.asked.rpcs > few
    assert found.asked.histories == histories
    found = await quiet.survey(most=1)
    patches = {each.evidence.worker: each for each in found.patches}
    unseen = sum(each.evidence.open_not_seen for each in found.patches)
    assert unseen == histories - 1
    assert patches["quiet"].state is State.ACTIVE


@pytest.mark.asyncio
async def test_visibility_is_enough_where_every_run_is_marked(client: Client, quiet: Quiet) -> None:
    await start(client, quiet, 2, marked=True)
    found = await quiet.survey()
    (patch,) = [each for each in found.patches if each.evidence.worker == "quiet"]
    assert (patch.state, took(found)) == (State.MAY_BE_DEPRECATED, {Took.MARKED: 2})
