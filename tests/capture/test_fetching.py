from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
import pytest_asyncio
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import EventType
from temporalio.api.workflowservice.v1 import ResetWorkflowExecutionRequest
from temporalio.client import Client, WorkflowFailureError, WorkflowHandle
from temporalio.service import RetryConfig, RPCError, RPCStatusCode
from temporalio.worker import Worker

from replaykit.capture import Connection, capture, connect, connecting, fetching, quiet_runtime
from replaykit.errors import ServiceError
from replaykit.history import Source
from tests.capture.fake_frontend import refusing_frontend
from tests.capture.sample_workflows import (
    ChainWorkflow,
    CounterWorkflow,
    GreetingWorkflow,
    StuckWorkflow,
    greet,
)

QUEUE = "fetching"


@pytest.fixture
def workflow_id() -> str:
    return f"order-{uuid.uuid4()}"


@pytest_asyncio.fixture
async def worker(client: Client) -> AsyncIterator[Worker]:
    workflows = [GreetingWorkflow, CounterWorkflow, ChainWorkflow]
    async with Worker(client, task_queue=QUEUE, workflows=workflows, activities=[greet]) as running:
        yield running


async def start_counter(client: Client, workflow_id: str) -> WorkflowHandle[CounterWorkflow, int]:
    handle = await client.start_workflow(CounterWorkflow.run, id=workflow_id, task_queue=QUEUE)
    await handle.signal(CounterWorkflow.add, "one")
    return handle


async def refusal(client: Client, workflow_id: str, **options: Any) -> str:
    with pytest.raises(ServiceError) as caught:
        await capture(client, workflow_id, **options)
    return str(caught.value)


async def until(condition: Callable[[], Any]) -> None:
    """Visibility follows the runs with a delay."""
    for _ in range(100):
        if await condition():
            return
        await asyncio.sleep(0.1)
    pytest.fail("waited in vain")


async def visible(client: Client, workflow_id: str, runs: int = 1) -> None:
    async def there() -> bool:
        found = [run async for run in client.list_workflows(f'WorkflowId = "{workflow_id}"')]
        return len(found) == runs

    await until(there)


@pytest.mark.asyncio
async def test_closed_run(client: Client, worker: Worker, workflow_id: str) -> None:
    handle = await client.start_workflow(GreetingWorkflow.run, "Ada", id=workflow_id, task_queue=QUEUE)
    await handle.result()
    before = datetime.now(timezone.utc) - timedelta(seconds=1)
    history = await capture(client, workflow_id)
    assert history.workflow_id == workflow_id
    assert history.run_id == handle.result_run_id
    assert history.workflow_type == "GreetingWorkflow"
    assert history.namespace == "default"
    assert history.status == "COMPLETED"
    assert history.task_queue == QUEUE
    assert history.source is Source.SERVICE
    assert history.sdk is not None
    assert history.sdk.startswith("temporal-python 1.")
    assert history.build_id
    assert history.captured_at is not None
    assert before <= history.captured_at <= datetime.now(timezone.utc)
    assert [event.event_id for event in history.events] == list(range(1, 12))
    assert history.events[-1].event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED


@pytest.mark.asyncio
async def test_running_run(client: Client, worker: Worker, workflow_id: str) -> None:
    handle = await start_counter(client, workflow_id)
    history = await capture(client, workflow_id)
    assert history.status == "RUNNING"
    assert history.run_id == handle.first_execution_run_id
    await handle.signal(CounterWorkflow.stop)
    await handle.result()
    assert (await capture(client, workflow_id)).status == "COMPLETED"


@pytest.mark.asyncio
async def test_every_page_is_fetched(
    client: Client, worker: Worker, workflow_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "_PAGE_SIZE", 10)
    handle = await client.start_workflow(CounterWorkflow.run, id=workflow_id, task_queue=QUEUE)
    for _ in range(30):
        await handle.signal(CounterWorkflow.add, "n")
    seen: list[tuple[int, int]] = []
    history = await capture(client, workflow_id, on_progress=lambda done, total: seen.append((done, total)))
    signals = [
        event for event in history.events if event.HasField("workflow_execution_signaled_event_attributes")
    ]
    assert len(signals) == 30
    assert len(seen) > 1
    done, total = seen[-1]  # the worker is still at it: a try of a task may be among them, and is left out
    assert done == total
    assert len(history.events) <= done <= len(history.events) + 2


@pytest.mark.exhaustive
@pytest.mark.asyncio
async def test_each_run_of_a_chain(client: Client, worker: Worker, workflow_id: str) -> None:
    handle = await client.start_workflow(ChainWorkflow.run, 1, id=workflow_id, task_queue=QUEUE)
    await handle.result()
    last = await capture(client, workflow_id)
    first = await capture(client, workflow_id, run_id=handle.first_execution_run_id)
    assert (first.status, last.status) == ("CONTINUED_AS_NEW", "COMPLETED")
    assert first.run_id == handle.first_execution_run_id != last.run_id


@pytest.mark.asyncio
async def test_a_reset_run_has_its_own_run_id(client: Client, worker: Worker, workflow_id: str) -> None:
    handle = await client.start_workflow(GreetingWorkflow.run, "Ada", id=workflow_id, task_queue=QUEUE)
    await handle.result()
    request = ResetWorkflowExecutionRequest(
        namespace="default",
        workflow_execution=WorkflowExecution(
            workflow_id=workflow_id, run_id=handle.first_execution_run_id or ""
        ),
        reason="test",
        workflow_task_finish_event_id=4,
        request_id=str(uuid.uuid4()),
    )
    reset = await client.workflow_service.reset_workflow_execution(request)
    await client.get_workflow_handle(workflow_id, run_id=reset.run_id).result()
    history = await capture(client, workflow_id)
    started = history.events[0].workflow_execution_started_event_attributes
    assert history.run_id == reset.run_id
    assert started.original_execution_run_id == handle.first_execution_run_id != history.run_id


@pytest.mark.asyncio
async def test_terminated_run(client: Client, worker: Worker, workflow_id: str) -> None:
    handle = await start_counter(client, workflow_id)
    await handle.terminate("enough")
    with pytest.raises(WorkflowFailureError):
        await handle.result()
    assert (await capture(client, workflow_id)).status == "TERMINATED"


@pytest.mark.asyncio
async def test_tries_of_a_failing_workflow_task_are_left_out(client: Client, workflow_id: str) -> None:
    async with Worker(client, task_queue=workflow_id, workflows=[StuckWorkflow]):
        await client.start_workflow(
            StuckWorkflow.run, id=workflow_id, task_queue=workflow_id, start_signal="go"
        )

        async def failed_once() -> bool:
            history = await capture(client, workflow_id)
            return any(event.HasField("workflow_task_failed_event_attributes") for event in history.events)

        await until(failed_once)
        handed_out = (await client.get_workflow_handle(workflow_id).fetch_history()).events
        history = await capture(client, workflow_id)
    assert history.events[-1].HasField("workflow_task_failed_event_attributes")
    assert history.events == tuple(handed_out[: len(history.events)])
    assert len(handed_out) > len(history.events)


@pytest.mark.asyncio
async def test_unknown_workflow_answers_with_near_ids(
    client: Client, worker: Worker, workflow_id: str
) -> None:
    await start_counter(client, workflow_id)
    await visible(client, workflow_id)
    message = await refusal(client, workflow_id[:-1])
    assert f"no such workflow (closed runs are kept for 1 d there). Did you mean {workflow_id}" in message
    assert message.startswith(f"workflow {workflow_id[:-1]!r} in namespace 'default' at 127.0.0.1:")


@pytest.mark.asyncio
async def test_unknown_workflow_without_anything_near(client: Client) -> None:
    message = await refusal(client, '#"§\\')
    assert message.endswith("Check the id and --namespace.")


@pytest.mark.exhaustive
@pytest.mark.asyncio
async def test_unknown_run_lists_those_that_exist(client: Client, worker: Worker, workflow_id: str) -> None:
    handle = await client.start_workflow(ChainWorkflow.run, 1, id=workflow_id, task_queue=QUEUE)
    await handle.result()
    await visible(client, workflow_id, runs=2)
    unknown = str(uuid.uuid4())
    message = await refusal(client, workflow_id, run_id=unknown)
    assert f"no run {unknown}" in message
    assert f"{handle.first_execution_run_id} (continued_as_new, " in message
    assert message.count(" UTC)") == 2


@pytest.mark.asyncio
async def test_run_id_that_is_none(client: Client, worker: Worker, workflow_id: str) -> None:
    workflow_id += "'s"  # a quote, which would end a text of the query to visibility
    handle = await start_counter(client, workflow_id)
    await visible(client, workflow_id)
    message = await refusal(client, workflow_id, run_id="latest")
    assert "'latest' is not a run id, which is a UUID. Runs that exist: " in message
    assert f"{handle.first_execution_run_id} (running, " in message


@pytest.mark.asyncio
async def test_run_past_retention(client: Client, worker: Worker, workflow_id: str) -> None:
    handle = await start_counter(client, workflow_id)
    await visible(client, workflow_id)
    began = datetime(2024, 11, 2, 12, tzinfo=timezone.utc)
    long_ago = str(uuid.UUID(int=(int(began.timestamp() * 1000) << 80) | (7 << 76) | (2 << 62)))
    message = await refusal(client, workflow_id, run_id=long_ago)
    assert (
        f"past retention: run {long_ago} began on 2024-11-02 (closed runs are kept for 1 d there)" in message
    )
    assert f"Runs that exist: {handle.first_execution_run_id}" in message


@pytest.mark.asyncio
async def test_unknown_namespace_lists_those_that_exist(dev_server: str) -> None:
    client = await Client.connect(dev_server, namespace="defualt", runtime=quiet_runtime())
    message = await refusal(client, "order-1")
    assert message.startswith(
        f"Temporal service at {dev_server}: no namespace 'defualt'. Did you mean default?"
    )
    assert "Namespaces that exist: default" in message
    assert "temporal-system" not in message


class ForgetfulService:
    """A workflow service that has forgotten a run, but still reads its events from an archive."""

    def __init__(self, service: Any) -> None:
        self._service = service

    def __getattr__(self, name: str) -> Any:
        return getattr(self._service, name)

    async def describe_workflow_execution(self, *_: Any, **__: Any) -> Any:
        raise RPCError("workflow not found", RPCStatusCode.NOT_FOUND, b"")


@pytest.mark.asyncio
async def test_archived_run_is_read_by_its_run_id(
    client: Client, worker: Worker, workflow_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    handle = await client.start_workflow(GreetingWorkflow.run, "Ada", id=workflow_id, task_queue=QUEUE)
    await handle.result()
    service = ForgetfulService(client.workflow_service)
    monkeypatch.setattr(Client, "workflow_service", service)
    history = await capture(client, workflow_id, run_id=handle.result_run_id)
    assert (history.run_id, history.workflow_type) == (handle.result_run_id, "GreetingWorkflow")
    assert (history.status, history.task_queue) == ("COMPLETED", QUEUE)


@pytest.mark.asyncio
async def test_run_that_visibility_alone_remembers(
    client: Client, worker: Worker, workflow_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await client.execute_workflow(GreetingWorkflow.run, "Ada", id=workflow_id, task_queue=QUEUE)
    await visible(client, workflow_id)
    monkeypatch.setattr(Client, "workflow_service", ForgetfulService(client.workflow_service))
    message = await refusal(client, workflow_id)
    assert "its history is gone: deleted or past retention (closed runs are kept for 1 d there)" in message


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("code", "what"),
    [
        (7, "permission denied (no). Check that the API key"),
        (16, "does not accept these credentials (no). Check --api-key"),
        (12, "it does not know this request (no). Check the address"),
        (3, "the service refused the request: no"),
    ],
)
async def test_refused_by_status(code: int, what: str) -> None:
    with refusing_frontend(code, "no") as address:
        client = await connect(Connection(address=address, disable_config_env=True, disable_config_file=True))
        message = await refusal(client, "order-1")
    assert what in message
    assert message.startswith(f"workflow 'order-1' in namespace 'default' at {address}: ")


@pytest.mark.exhaustive
@pytest.mark.asyncio
async def test_service_that_stops_answering(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connecting, "_RETRIES", RetryConfig(max_elapsed_time_millis=2_000))
    with refusing_frontend(14, "later") as address:
        client = await connect(Connection(address=address, disable_config_env=True, disable_config_file=True))
        assert "the service stopped answering (later)" in await refusal(client, "order-1")
    assert (
        capfd.readouterr().out == ""
    )  # Core warns of its fifth retry on standard output, unless configured not to
