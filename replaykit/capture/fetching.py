"""One run's events and what the service knows of it, as a History."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from uuid import UUID

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import EventType, WorkflowExecutionStatus
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.workflowservice.v1 import (
    DescribeWorkflowExecutionRequest,
    DescribeWorkflowExecutionResponse,
    GetWorkflowExecutionHistoryRequest,
)
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from replaykit.capture.refusals import explain, run_id_is_malformed
from replaykit.history import History, Source

__all__ = ["Progress", "capture"]

Progress = Callable[[int, int], None]
"""Called after each page: events fetched so far, events that the run has in all."""

_RPC_TIMEOUT = timedelta(seconds=30)

_CLOSING_EVENTS = {
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED: "COMPLETED",
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED: "FAILED",
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TIMED_OUT: "TIMED_OUT",
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CANCELED: "CANCELED",
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TERMINATED: "TERMINATED",
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW: "CONTINUED_AS_NEW",
}


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
    started = events[0].workflow_execution_started_event_attributes
    return History(
        events=tuple(events),
        workflow_id=workflow_id,
        run_id=run_id,
        workflow_type=info.type.name or started.workflow_type.name or None,
        namespace=client.namespace,
        status=_status(events, description),
        task_queue=info.task_queue or started.task_queue.name or None,
        captured_at=datetime.now(timezone.utc).replace(microsecond=0),
        source=Source.SERVICE,
        sdk=_sdk(events),
        build_id=_build_id(events, description),
    )


def _is_uuid(text: str) -> bool:
    return bool(re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", text, re.IGNORECASE)) and bool(
        UUID(text)
    )


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


async def _fetch(
    client: Client, workflow_id: str, run_id: str, total: int, on_progress: Progress | None
) -> list[HistoryEvent]:
    events: list[HistoryEvent] = []
    request = GetWorkflowExecutionHistoryRequest(
        namespace=client.namespace,
        execution=WorkflowExecution(workflow_id=workflow_id, run_id=run_id),
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


def _status(events: list[HistoryEvent], description: DescribeWorkflowExecutionResponse) -> str | None:
    """The status that fits the events: the run may have closed after it was described."""
    closed = _CLOSING_EVENTS.get(events[-1].event_type)
    if closed:
        return closed
    name = WorkflowExecutionStatus.Name(description.workflow_execution_info.status)
    status = name.removeprefix("WORKFLOW_EXECUTION_STATUS_")
    return None if status == "UNSPECIFIED" else status


def _sdk(events: list[HistoryEvent]) -> str | None:
    """The last name and version that an SDK wrote; it does so in its first task and when they change."""
    for event in reversed(events):
        metadata = event.workflow_task_completed_event_attributes.sdk_metadata
        if metadata.sdk_name:
            return f"{metadata.sdk_name} {metadata.sdk_version}".strip()
    return None


def _build_id(events: list[HistoryEvent], description: DescribeWorkflowExecutionResponse) -> str | None:
    for event in reversed(events):
        completed = event.workflow_task_completed_event_attributes
        build_id = (
            completed.deployment_version.build_id
            or completed.worker_version.build_id
            or completed.binary_checksum
        )
        if build_id:
            return build_id
    versioning = description.workflow_execution_info.versioning_info
    return versioning.deployment_version.build_id or None
