"""The events of runs and what the service knows of them, as Histories: of one run, or of many at a time."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Callable, Iterable
from datetime import datetime, timezone

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.workflowservice.v1 import (
    DescribeWorkflowExecutionRequest,
    DescribeWorkflowExecutionResponse,
    GetWorkflowExecutionHistoryRequest,
)
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from replaykit.capture.contradictions import Pages, ensure_same_run, ensure_whole
from replaykit.capture.frontend import Frontend
from replaykit.capture.not_found import explain, run_id_is_malformed
from replaykit.capture.refusals import history_gone, refused_workflow, where_of
from replaykit.capture.visibility import VisibleRun
from replaykit.errors import ServiceError
from replaykit.history.events import event_name
from replaykit.history.metadata import inferred
from replaykit.history.model import History, Source

__all__ = ["AT_ONCE", "Progress", "capture", "fetch"]

Progress = Callable[[int, int], None]
"""Called after each page: events fetched so far, events that the run has in all."""

AT_ONCE = 16
"""Histories that `fetch` asks for at a time, and holds at most."""
_PAGE_SIZE = 1000
"""Events asked for at a time; the service may hand out fewer."""
_TRY = frozenset({"WorkflowTaskScheduled", "WorkflowTaskStarted"})


async def capture(
    client: Client, workflow_id: str, *, run_id: str | None = None, on_progress: Progress | None = None
) -> History:
    """Fetch the History of a workflow run, running or closed.

    Args:
        client: Connected, and bound to the namespace of the workflow.
        workflow_id: Id of the workflow.
        run_id: The run; the latest one by default.
        on_progress: Called after each page.

    Raises:
        ServiceError: The namespace, workflow or run does not exist (any more), or the service refuses;
            the message names what does exist where the service can list it.
    """
    if run_id is not None and not _is_uuid(run_id):
        raise await run_id_is_malformed(client, workflow_id, run_id)
    frontend = Frontend(client=client)
    try:
        description = await _describe(frontend, workflow_id, run_id)
        info = description.workflow_execution_info
        where = where_of(client, workflow_id)
        asked = WorkflowExecution(workflow_id=workflow_id, run_id=run_id or "")
        ensure_same_run(asked, info.execution, where)
        # Pinned: between two pages the workflow may continue as a new run.
        run_id = info.execution.run_id
        events = await _events(frontend, workflow_id, run_id, info.history_length, on_progress)
    except RPCError as error:
        raise await explain(client, error, workflow_id, run_id) from error
    pinned = WorkflowExecution(workflow_id=workflow_id, run_id=run_id)
    ensure_whole(events, pinned, info.history_length, where)
    return _history(client, workflow_id, run_id, _without_unwritten(events, info.history_length))


async def fetch(
    frontend: Frontend, runs: Iterable[VisibleRun] | AsyncIterable[VisibleRun], *, at_once: int = AT_ONCE
) -> AsyncGenerator[tuple[VisibleRun, History | ServiceError], None]:
    """Fetch the Histories of many runs, each handed out as it arrives, which is in no order.

    A run is taken from `runs` only when there is room for its History, so that neither of them has to be in
    memory as a whole: `runs` may be what `list_runs` yields. Who stops before the end closes the iterator
    (`contextlib.aclosing`), which ends the requests under way.

    Args:
        frontend: Of the service; one request is counted for each page of 1000 events.
        runs: The runs.
        at_once: Histories to ask for at a time, and to hold until they are taken.

    Yields:
        The run, and its History; or the error for one that was refused, which is a `HistoryGoneError` where
        the run was deleted or its retention has ended since it was listed.

    Raises:
        ServiceError: `runs` itself cannot be listed.
    """
    source = _each(runs)
    fetching: set[asyncio.Task[tuple[VisibleRun, History | ServiceError]]] = set()
    more = True
    try:
        while more or fetching:
            while more and len(fetching) < at_once:
                try:
                    run = await anext(source)
                except StopAsyncIteration:
                    more = False
                else:
                    fetching.add(asyncio.create_task(_fetched(frontend, run)))
            if fetching:
                done, fetching = await asyncio.wait(fetching, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    yield task.result()
    finally:
        for task in fetching:
            task.cancel()
        await asyncio.gather(*fetching, return_exceptions=True)


async def _each(runs: Iterable[VisibleRun] | AsyncIterable[VisibleRun]) -> AsyncIterator[VisibleRun]:
    if isinstance(runs, AsyncIterable):
        async for run in runs:
            yield run
    else:
        for run in runs:
            yield run


async def _fetched(frontend: Frontend, run: VisibleRun) -> tuple[VisibleRun, History | ServiceError]:
    client = frontend.client
    try:
        events = await _events(frontend, run.workflow_id, run.run_id, run.history_length, None)
        execution = WorkflowExecution(workflow_id=run.workflow_id, run_id=run.run_id)
        written = 0 if run.is_open else run.history_length
        ensure_whole(events, execution, written, where_of(client, run.workflow_id))
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return run, history_gone(client, run.workflow_id)
        return run, refused_workflow(client, error, run.workflow_id)
    except ServiceError as error:
        return run, error
    events = _without_unwritten(events, 0 if run.is_open else run.history_length)
    return run, _history(client, run.workflow_id, run.run_id, events)


def _history(client: Client, workflow_id: str, run_id: str, events: list[HistoryEvent]) -> History:
    known = inferred(events)
    return History(
        events=tuple(events),
        workflow_id=workflow_id,
        run_id=run_id,
        workflow_type=known["workflow_type"],
        namespace=client.namespace,
        # Of the events, not of what was listed or described: the run may have closed in between.
        status=known["status"],
        task_queue=known["task_queue"],
        captured_at=datetime.now(timezone.utc).replace(microsecond=0),
        source=Source.SERVICE,
        sdk=known["sdk"],
        build_id=known["build_id"],
    )


def _is_uuid(text: str) -> bool:
    return re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", text, re.IGNORECASE) is not None


async def _describe(
    frontend: Frontend, workflow_id: str, run_id: str | None
) -> DescribeWorkflowExecutionResponse:
    execution = WorkflowExecution(workflow_id=workflow_id, run_id=run_id or "")
    request = DescribeWorkflowExecutionRequest(namespace=frontend.namespace, execution=execution)
    try:
        return await frontend.ask(frontend.client.workflow_service.describe_workflow_execution, request)
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND or run_id is None:
            raise
        # A namespace with an archive still hands out the events of a run that the service has forgotten.
        response = DescribeWorkflowExecutionResponse()
        response.workflow_execution_info.execution.CopyFrom(execution)
        return response


def _without_unwritten(events: list[HistoryEvent], written: int) -> list[HistoryEvent]:
    """The events without the try of a workflow task that the service has not written down.

    While a task is being retried, the service shows its current try after the last event that it keeps; each
    try is another one, and none of them holds a command.

    Args:
        events: What the service handed out.
        written: How many events it keeps; 0 for unknown. Then a try shows by its number: the service writes
            the first try of a task down at once, and every later one when it ends.
    """
    end = len(events)
    while end > written and event_name(events[end - 1]) in _TRY:
        end -= 1
    if written or end == len(events):
        return events[:end]
    scheduled = events[end].workflow_task_scheduled_event_attributes
    return events[:end] if scheduled.attempt > 1 else events


async def _events(
    frontend: Frontend, workflow_id: str, run_id: str, total: int, on_progress: Progress | None
) -> list[HistoryEvent]:
    pages = Pages(where_of(frontend.client, workflow_id))
    request = GetWorkflowExecutionHistoryRequest(
        namespace=frontend.namespace,
        execution=WorkflowExecution(workflow_id=workflow_id, run_id=run_id),
        maximum_page_size=_PAGE_SIZE,
    )
    while True:
        page = await frontend.ask(frontend.client.workflow_service.get_workflow_execution_history, request)
        pages.add(page)
        if on_progress:
            on_progress(len(pages.events), max(total, len(pages.events)))
        if not page.next_page_token:
            return pages.events
        request.next_page_token = page.next_page_token
