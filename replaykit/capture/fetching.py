"""One run's events and what the service knows of it, as a History."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta, timezone

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.workflowservice.v1 import (
    DescribeWorkflowExecutionRequest,
    DescribeWorkflowExecutionResponse,
    GetWorkflowExecutionHistoryRequest,
)
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from replaykit.capture.refusals import explain, run_id_is_malformed
from replaykit.history.events import event_name
from replaykit.history.metadata import inferred
from replaykit.history.model import History, Source

__all__ = ["Progress", "capture"]

Progress = Callable[[int, int], None]
"""Called after each page: events fetched so far, events that the run has in all."""

_RPC_TIMEOUT = timedelta(seconds=30)
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
        on_progress: Told about every page.

    Raises:
        ServiceError: The namespace, workflow or run does not exist (any more), or the service refuses;
            the message names what does exist where the service can list it.
    """
    if run_id is not None and not _is_uuid(run_id):
        raise await run_id_is_malformed(client, workflow_id, run_id)
    try:
        description = await _describe(client, workflow_id, run_id)
        info = description.workflow_execution_info
        # Pinned: between two pages the workflow may continue as a new run.
        run_id = info.execution.run_id
        events = await _fetch(client, workflow_id, run_id, info.history_length, on_progress)
    except RPCError as error:
        raise await explain(client, error, workflow_id, run_id) from error
    events = _without_unwritten(events, info.history_length)
    known = inferred(events)
    return History(
        events=tuple(events),
        workflow_id=workflow_id,
        run_id=run_id,
        workflow_type=known["workflow_type"],
        namespace=client.namespace,
        # Of the events, not of the description: the run may have closed in between.
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
    client: Client, workflow_id: str, run_id: str | None
) -> DescribeWorkflowExecutionResponse:
    execution = WorkflowExecution(workflow_id=workflow_id, run_id=run_id or "")
    request = DescribeWorkflowExecutionRequest(namespace=client.namespace, execution=execution)
    try:
        return await client.workflow_service.describe_workflow_execution(
            request, retry=True, timeout=_RPC_TIMEOUT
        )
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND or run_id is None:
            raise
        # A namespace with an archive still hands out the events of a run that the service has forgotten.
        response = DescribeWorkflowExecutionResponse()
        response.workflow_execution_info.execution.CopyFrom(execution)
        return response


def _without_unwritten(events: list[HistoryEvent], written: int) -> list[HistoryEvent]:
    """The events without the try of a workflow task that the service has not written down.

    While a task is being retried, the service shows its current try behind the last event that it keeps; each
    try is another one, and none of them holds a command.

    Args:
        events: What the service handed out.
        written: How many events it keeps; 0 for unknown.
    """
    end = len(events)
    while written and end > written and event_name(events[end - 1]) in _TRY:
        end -= 1
    return events[:end]


async def _fetch(
    client: Client, workflow_id: str, run_id: str, total: int, on_progress: Progress | None
) -> list[HistoryEvent]:
    events: list[HistoryEvent] = []
    request = GetWorkflowExecutionHistoryRequest(
        namespace=client.namespace,
        execution=WorkflowExecution(workflow_id=workflow_id, run_id=run_id),
        maximum_page_size=_PAGE_SIZE,
    )
    while True:
        page = await client.workflow_service.get_workflow_execution_history(
            request, retry=True, timeout=_RPC_TIMEOUT
        )
        events.extend(page.history.events)
        if on_progress:
            on_progress(len(events), max(total, len(events)))
        if not page.next_page_token:
            return events
        request.next_page_token = page.next_page_token
