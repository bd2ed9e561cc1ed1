"""Histories of many runs at a time: as they arrive, and never more of them than were asked for."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any, cast

import pytest
from temporalio.api.workflowservice.v1 import GetWorkflowExecutionHistoryResponse
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode
from temporalio.worker import Worker

from replaykit.capture import Frontend, VisibleRun, capture, fetch, list_runs, quoted
from replaykit.errors import HistoryGoneError, ServiceError
from replaykit.history import History
from tests.capture.sample_workflows import GreetingWorkflow, StuckWorkflow, greet
from tests.capture.test_visibility import start, until
from tests.history.builders import HistoryBuilder


def run(name: str) -> VisibleRun:
    return VisibleRun(workflow_id=name, run_id=f"run-of-{name}", workflow_type="OrderWorkflow")


class SlowService:
    """Answers for each run when it is let go, with a short history; some it refuses."""

    def __init__(self, refused: dict[str, RPCStatusCode] | None = None) -> None:
        self.refused = refused or {}
        self.asked: list[str] = []
        self.under_way: set[str] = set()
        self.let_go: dict[str, asyncio.Event] = {}

    async def get_workflow_execution_history(self, request: Any, **_: Any) -> Any:
        name = request.execution.workflow_id
        self.asked.append(name)
        self.under_way.add(name)
        try:
            if name in self.let_go:
                await self.let_go[name].wait()
        finally:
            self.under_way.discard(name)
        if name in self.refused:
            raise RPCError("no", self.refused[name], b"")
        response = GetWorkflowExecutionHistoryResponse()
        builder = HistoryBuilder(workflowId=name, run_id=request.execution.run_id)
        builder.task()
        response.history.events.extend(builder.history().events)
        return response


def frontend_of(service: SlowService) -> Frontend:
    class Config:
        target_host = "127.0.0.1:7233"

    class FakeServiceClient:
        config = Config()

    class FakeClient:
        namespace = "default"
        workflow_service = service
        service_client = FakeServiceClient()

    return Frontend(client=cast("Client", FakeClient()))


@pytest.mark.asyncio
async def test_histories_come_as_they_arrive() -> None:
    service = SlowService()
    service.let_go = {"slow": asyncio.Event()}
    seen: list[str] = []
    async for fetched, history in fetch(frontend_of(service), map(run, ("slow", "a", "b"))):
        assert isinstance(history, History)
        assert (history.workflow_id, history.run_id) == (fetched.workflow_id, fetched.run_id)
        seen.append(fetched.workflow_id)
        if len(seen) == 2:
            service.let_go["slow"].set()
    assert sorted(seen[:2]) == ["a", "b"]
    assert seen[2] == "slow"


@pytest.mark.asyncio
async def test_no_more_runs_are_taken_than_there_is_room_for() -> None:
    service = SlowService()
    taken = 0

    async def runs() -> AsyncIterator[VisibleRun]:
        nonlocal taken
        for number in range(100):
            taken += 1
            yield run(str(number))

    done = 0
    async for _ in fetch(frontend_of(service), runs(), at_once=4):
        done += 1
        await asyncio.sleep(0)  # whatever could go on in the meantime, does
        assert taken <= done + 4
        assert len(service.asked) <= done + 4
    assert (done, taken) == (100, 100)


@pytest.mark.asyncio
async def test_a_refusal_is_handed_out_with_its_run_and_ends_nothing() -> None:
    service = SlowService({"gone": RPCStatusCode.NOT_FOUND, "denied": RPCStatusCode.PERMISSION_DENIED})
    frontend = frontend_of(service)
    answers = {
        each.workflow_id: history
        async for each, history in fetch(frontend, map(run, ("gone", "a", "denied", "b")))
    }
    assert isinstance(answers["a"], History)
    assert isinstance(answers["b"], History)
    assert isinstance(answers["gone"], HistoryGoneError)
    assert isinstance(answers["denied"], ServiceError)
    assert not isinstance(answers["denied"], HistoryGoneError)
    assert str(answers["gone"]) == (
        "workflow 'gone' in namespace 'default' at 127.0.0.1:7233: "
        "its history is gone: deleted or past retention"
    )
    assert "workflow 'denied' in namespace 'default' at 127.0.0.1:7233: permission denied (no)" in str(
        answers["denied"]
    )
    assert frontend.rpcs == 4


@pytest.mark.asyncio
async def test_who_stops_early_ends_the_requests_under_way() -> None:
    service = SlowService()
    service.let_go = {"b": asyncio.Event(), "c": asyncio.Event()}
    async with aclosing(fetch(frontend_of(service), map(run, ("a", "b", "c", "d")), at_once=3)) as fetched:
        async for each, _ in fetched:
            assert each.workflow_id == "a"
            break
        assert service.under_way == {"b", "c"}
    assert service.under_way == set()
    assert "d" not in service.asked


@pytest.mark.asyncio
async def test_what_breaks_the_listing_ends_it() -> None:
    async def runs() -> AsyncIterator[VisibleRun]:
        yield run("a")
        raise ServiceError("no more")

    with pytest.raises(ServiceError, match="no more"):
        async for _ in fetch(frontend_of(SlowService()), runs()):
            pass


@pytest.mark.asyncio
async def test_runs_as_they_are_listed_give_what_capture_gives(client: Client) -> None:
    queue = f"many-{uuid.uuid4()}"
    await start(client, queue, 3)
    async with Worker(client, task_queue=queue, workflows=[GreetingWorkflow], activities=[greet]):
        await client.execute_workflow(GreetingWorkflow.run, "Ada", id=queue, task_queue=queue)
    query = f"TaskQueue = {quoted(queue)}"
    frontend = Frontend(client=client)

    async def all_listed() -> bool:
        closed = [each async for each in list_runs(frontend, f"{query} AND CloseTime IS NOT NULL")]
        return len(closed) == 1

    await until(all_listed)
    frontend.rpcs = 0
    found = [history async for _, history in fetch(frontend, list_runs(frontend, query))]
    assert frontend.rpcs == 1 + 4
    assert len(found) == 4
    for history in found:
        assert isinstance(history, History)
        assert history.workflow_id is not None
        alone = await capture(client, history.workflow_id)
        assert (alone.events, alone.status, alone.sdk, alone.build_id, alone.task_queue) == (
            history.events,
            history.status,
            history.sdk,
            history.build_id,
            history.task_queue,
        )


@pytest.mark.asyncio
async def test_tries_of_a_failing_workflow_task_are_left_out(client: Client) -> None:
    """Visibility does not report how many events an open run has, so the tries must show by themselves."""
    name = f"stuck-{uuid.uuid4()}"
    stuck = VisibleRun(workflow_id=name, run_id="", workflow_type="StuckWorkflow")
    async with Worker(client, task_queue=name, workflows=[StuckWorkflow]):
        await client.start_workflow(StuckWorkflow.run, id=name, task_queue=name, start_signal="go")

        async def tried_again() -> bool:
            events = (await client.get_workflow_handle(name).fetch_history()).events
            return events[-1].event_id > 5

        await until(tried_again)
        ((_, history),) = [each async for each in fetch(Frontend(client=client), [stuck])]
        assert isinstance(history, History)
        assert history.events[-1].HasField("workflow_task_failed_event_attributes")
        assert history.events == (await capture(client, name)).events
