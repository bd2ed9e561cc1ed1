"""Listing runs on a real service: pages, values, counts, and refusals."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta, timezone

import pytest
from temporalio.client import Client
from temporalio.worker import Worker

from replaykit.capture import (
    Connection,
    Frontend,
    connect,
    count_runs,
    list_runs,
    list_runs_of_types,
    quoted,
    retention_of,
    visibility,
)
from replaykit.errors import ServiceError
from tests.capture.fake_frontend import refusing_frontend
from tests.capture.sample_workflows import GreetingWorkflow, greet


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    """Visibility follows the runs with a delay."""
    for _ in range(300):
        if await condition():
            return
        await asyncio.sleep(0.1)
    pytest.fail("waited in vain")


async def start(client: Client, queue: str, count: int, *, workflow_type: str = "Nobody") -> None:
    """Open runs that no worker takes up, on a queue of their own."""
    frontend = Frontend(client=client)
    for number in range(count):
        await client.start_workflow(workflow_type, id=f'{queue}\'s "{number}"', task_queue=queue)

    async def listed() -> bool:
        return await count_runs(frontend, f"TaskQueue = {quoted(queue)}") >= count

    await until(listed)


@pytest.fixture
def queue() -> str:
    return f"visible-{uuid.uuid4()}"


@pytest.mark.asyncio
async def test_runs_come_page_by_page_and_each_page_is_a_request(
    client: Client, queue: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await start(client, queue, 5)
    monkeypatch.setattr(visibility, "_PAGE_SIZE", 2)
    frontend = Frontend(client=client)
    query = f"TaskQueue = {quoted(queue)}"
    asked = [frontend.rpcs async for _ in list_runs(frontend, query)]
    assert asked == [1, 1, 2, 2, 3]

    frontend = Frontend(client=client)
    ids = [run.workflow_id async for run in list_runs(frontend, query, most=3)]
    assert ids == [f'{queue}\'s "{number}"' for number in (4, 3, 2)]
    assert frontend.rpcs == 2
    assert [run async for run in list_runs(frontend, query, most=0)] == []
    assert frontend.rpcs == 2


@pytest.mark.asyncio
async def test_what_is_known_of_an_open_and_of_a_closed_run(client: Client, queue: str) -> None:
    frontend = Frontend(client=client)
    query = f"WorkflowId = {quoted(queue)}"
    before = datetime.now(timezone.utc) - timedelta(minutes=1)
    handle = await client.start_workflow(GreetingWorkflow.run, "Ada", id=queue, task_queue=queue)

    async def listed() -> bool:
        return await count_runs(frontend, query) == 1

    await until(listed)
    (run,) = [run async for run in list_runs(frontend, query)]
    assert (run.workflow_id, run.run_id) == (queue, handle.first_execution_run_id)
    assert (run.workflow_type, run.task_queue) == ("GreetingWorkflow", queue)
    assert (run.status, run.is_open, run.closed) == ("RUNNING", True, None)
    assert run.started is not None
    assert before < run.started <= datetime.now(timezone.utc)

    async with Worker(client, task_queue=queue, workflows=[GreetingWorkflow], activities=[greet]):
        await handle.result()

    async def closed() -> bool:
        return await count_runs(frontend, f"{query} AND CloseTime IS NOT NULL") == 1

    await until(closed)
    (run,) = [run async for run in list_runs(frontend, query)]
    assert (run.status, run.is_open, run.history_length) == ("COMPLETED", False, 11)
    assert run.closed is not None
    assert run.started is not None
    assert run.started <= run.closed


@pytest.mark.asyncio
async def test_closed_runs_beyond_the_most_are_counted(
    client: Client, queue: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Types are asked for in groups, and the most holds over all of them."""
    monkeypatch.setattr(visibility, "_TYPES_AT_ONCE", 1)
    types = [f"{queue}-a", f"{queue}-b"]
    for name in types:
        await start(client, f"{queue}-{name}", 3, workflow_type=name)
        for number in (0, 1):
            await client.get_workflow_handle(f'{queue}-{name}\'s "{number}"').terminate("enough")
    frontend = Frontend(client=client)

    async def closed() -> bool:
        names = ", ".join(map(quoted, types))
        return await count_runs(frontend, f"CloseTime IS NOT NULL AND WorkflowType IN ({names})") == 4

    await until(closed)
    everything = await list_runs_of_types(frontend, types, most_closed=10)
    assert (len(everything.runs), everything.closed_not_listed) == (6, 0)
    assert sum(run.is_open for run in everything.runs) == 2
    some = await list_runs_of_types(frontend, types, most_closed=3)
    assert (len(some.runs), some.closed_not_listed) == (5, 1)
    frontend.rpcs = 0
    opened = await list_runs_of_types(frontend, types, most_closed=0)
    assert (len(opened.runs), opened.closed_not_listed, frontend.rpcs) == (2, 0, 2)


@pytest.mark.asyncio
async def test_retention(client: Client) -> None:
    assert await retention_of(Frontend(client=client)) == timedelta(days=1)


@pytest.mark.asyncio
async def test_a_query_that_the_service_does_not_understand(client: Client) -> None:
    with pytest.raises(ServiceError) as caught:
        await count_runs(Frontend(client=client), "WorkflowTypo = 'x'")
    message = str(caught.value)
    assert message.startswith("namespace 'default' at 127.0.0.1:")
    assert "the service does not understand the query \"WorkflowTypo = 'x'\": " in message
    assert "temporal workflow list --query" in message
    with pytest.raises(ServiceError, match="does not understand the query"):
        await anext(list_runs(Frontend(client=client), "WorkflowTypo = 'x'"))


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("code", "what"),
    [
        (7, "the service refused the request: no. Check --namespace, and that these credentials may list"),
        (16, "the service does not accept these credentials (no). Check --api-key"),
        (12, "it does not know this request (no). Check the address"),
    ],
)
async def test_refused_by_status(code: int, what: str) -> None:
    with refusing_frontend(code, "no") as address:
        client = await connect(Connection(address=address, disable_config_env=True, disable_config_file=True))
        with pytest.raises(ServiceError) as caught:
            await anext(list_runs(Frontend(client=client), ""))
        assert str(caught.value).startswith(f"namespace 'default' at {address}: {what}")
        if code == 7:  # who may list need not be allowed to ask for more
            assert await retention_of(Frontend(client=client)) is None


def test_quoted() -> None:
    assert quoted('a "b" \\c\'s') == '"a \\"b\\" \\\\c\'s"'
