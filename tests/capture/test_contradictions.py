"""A service that answers well, and whose answers cannot be true: an error, and never a fixture."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timezone
from types import SimpleNamespace
from typing import Any, cast

import pytest
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import WorkflowTaskFailedCause
from temporalio.api.history.v1 import History as HistoryMessage
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.workflowservice.v1 import (
    DescribeWorkflowExecutionResponse,
    GetWorkflowExecutionHistoryResponse,
)
from temporalio.client import Client

from replaykit.capture import capture, contradictions, fetching
from replaykit.capture.frontend import Frontend
from replaykit.capture.visibility import VisibleRun
from replaykit.errors import ServiceError
from replaykit.history import History
from replaykit.limits import Limits
from tests.history.builders import RUN_ID, HistoryBuilder, two_activities

Page = GetWorkflowExecutionHistoryResponse
EVENTS = two_activities().events
OTHER = "019b7c3a-1f00-7abc-8def-000000000000"


def page(events: Sequence[HistoryEvent], token: bytes = b"") -> Page:
    return Page(history=HistoryMessage(events=events), next_page_token=token)


class Service:
    """Answers with a description, and with one page after the other."""

    def __init__(self, pages: Iterator[Page], *, length: int, workflow_id: str, run_id: str) -> None:
        self._pages = pages
        self.handed_out = 0
        self._description = DescribeWorkflowExecutionResponse()
        info = self._description.workflow_execution_info
        info.history_length = length
        info.execution.CopyFrom(WorkflowExecution(workflow_id=workflow_id, run_id=run_id))

    async def describe_workflow_execution(self, request: Any, **_: Any) -> DescribeWorkflowExecutionResponse:
        return self._description

    async def get_workflow_execution_history(self, request: Any, **_: Any) -> Page:
        self.handed_out += 1
        assert self.handed_out < 1_000, "asked for pages without end"
        return next(self._pages)


def client_of(
    *pages: Page,
    endless: Callable[[], Iterator[Page]] = lambda: iter(()),
    length: int = len(EVENTS),
    workflow_id: str = "order-17",
    run_id: str = RUN_ID,
) -> Client:
    service = Service(
        itertools.chain(pages, endless()), length=length, workflow_id=workflow_id, run_id=run_id
    )
    config = SimpleNamespace(target_host="here:7233")
    fake = SimpleNamespace(
        namespace="default", workflow_service=service, service_client=SimpleNamespace(config=config)
    )
    return cast("Client", fake)


def again(events: Sequence[HistoryEvent], token: bytes) -> Callable[[], Iterator[Page]]:
    return lambda: itertools.repeat(page(events, token))


def new_tokens(events: Sequence[HistoryEvent] = ()) -> Callable[[], Iterator[Page]]:
    return lambda: (page(events, str(number).encode()) for number in itertools.count())


def one_by_one() -> Iterator[Page]:
    """A history that never ends, in pages of ten events."""
    for first in itertools.count(1, 10):
        yield page([HistoryEvent(event_id=first + i) for i in range(10)], str(first).encode())


def started_as(workflow_id: str = "order-17", run_id: str = RUN_ID) -> list[HistoryEvent]:
    builder = HistoryBuilder(workflowId=workflow_id, run_id=run_id)
    builder.task()
    return builder.events


CASES: dict[str, tuple[Callable[[], Client], str]] = {
    "no events": (lambda: client_of(page([])), "the service handed out no events of it"),
    "no events of a run of none": (lambda: client_of(page([]), length=0), "handed out no events of it"),
    "another run described": (
        lambda: client_of(page(EVENTS), run_id=OTHER),
        f"described another run: workflow 'order-17', run {OTHER}",
    ),
    "another workflow described": (
        lambda: client_of(page(EVENTS), workflow_id="order-18"),
        "described another run: workflow 'order-18'",
    ),
    "no run described": (lambda: client_of(page(EVENTS), run_id=""), "described a run without a run id"),
    "events of another run": (
        lambda: client_of(page(started_as(run_id=OTHER)), length=0),
        f"handed out events of run {OTHER}",
    ),
    "events of another workflow": (
        lambda: client_of(page(started_as("order-18")), length=0),
        "handed out events of workflow 'order-18'",
    ),
    "shorter than described": (
        lambda: client_of(page(EVENTS[:-1])),
        f"handed out {len(EVENTS) - 1} events of a run that has {len(EVENTS)}",
    ),
    "the first page again": (
        lambda: client_of(page(EVENTS[:5], b"a"), page(EVENTS[:5], b"b")),
        "handed out event 1 where event 6 comes next",
    ),
    "a page left out": (
        lambda: client_of(page(EVENTS[:5], b"a"), page(EVENTS[8:])),
        "handed out event 9 where event 6 comes next",
    ),
    "not from the beginning": (lambda: client_of(page(EVENTS[3:])), "event 4 where event 1 comes next"),
    "newest first": (lambda: client_of(page(EVENTS[::-1])), "where event 1 comes next"),
    "one token again and again": (
        lambda: client_of(page(EVENTS, b"a"), endless=again([], b"a")),
        f"promises more pages without end, after {len(EVENTS)} events",
    ),
    "empty pages without end": (
        lambda: client_of(page(EVENTS[:5], b"x"), endless=new_tokens()),
        "promises more pages without end, after 5 events",
    ),
    "events without end": (
        lambda: client_of(endless=one_by_one),
        "handed out more than 500 events",
    ),
}


@pytest.fixture(autouse=True)
def _few_events(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contradictions, "DEFAULT_LIMITS", Limits(events=500))


@pytest.mark.asyncio
@pytest.mark.parametrize("name", CASES)
async def test_what_cannot_be_true_is_an_error(name: str) -> None:
    make, message = CASES[name]
    with pytest.raises(ServiceError) as caught:
        await capture(make(), "order-17", run_id=RUN_ID)
    assert message in str(caught.value)
    assert "workflow 'order-17' in namespace 'default' at here:7233" in str(caught.value)
    assert "Try again." in str(caught.value)


@pytest.mark.asyncio
@pytest.mark.parametrize("name", [name for name in CASES if "described" not in name or "shorter" in name])
async def test_of_many_runs_it_costs_the_one(name: str) -> None:
    make, message = CASES[name]
    run = VisibleRun(
        workflow_id="order-17",
        run_id=RUN_ID,
        workflow_type="OrderWorkflow",
        status="COMPLETED",
        history_length=len(EVENTS) if "shorter" in name else 0,
        closed=datetime(2026, 1, 1, tzinfo=timezone.utc),
    )
    ((listed, found),) = [each async for each in fetching.fetch(Frontend(client=make()), [run])]
    assert listed == run
    assert isinstance(found, ServiceError)
    assert message in str(found)


@pytest.mark.asyncio
async def test_answers_that_fit_become_a_history() -> None:
    empty = [page([], str(number).encode()) for number in range(20)]  # a service that looks for more
    client = client_of(page(EVENTS[:5], b"a"), *empty, page(EVENTS[5:12], b"b"), page(EVENTS[12:]))
    assert (await capture(client, "order-17")).events == tuple(EVENTS)


@pytest.mark.asyncio
async def test_a_run_that_was_reset_carries_the_id_of_another() -> None:
    builder = HistoryBuilder(run_id=OTHER)
    scheduled = builder.add("WorkflowTaskScheduled", attempt=1)
    started = builder.add("WorkflowTaskStarted", scheduledEventId=scheduled)
    builder.add(
        "WorkflowTaskFailed",
        scheduledEventId=scheduled,
        startedEventId=started,
        cause=WorkflowTaskFailedCause.Name(WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_RESET_WORKFLOW),
        newRunId=RUN_ID,
    )
    history: History = await capture(client_of(page(builder.events), length=4), "order-17")
    assert history.run_id == RUN_ID
    assert uuid.UUID(history.run_id)
