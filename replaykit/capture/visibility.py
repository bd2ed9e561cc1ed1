"""The runs that a Temporal service lists (its visibility), as frozen values."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone

from google.protobuf.timestamp_pb2 import Timestamp
from temporalio.api.enums.v1 import VersioningBehavior, WorkflowExecutionStatus
from temporalio.api.workflow.v1 import WorkflowExecutionInfo
from temporalio.api.workflowservice.v1 import CountWorkflowExecutionsRequest, ListWorkflowExecutionsRequest
from temporalio.service import RPCError

from replaykit.capture.frontend import Frontend
from replaykit.capture.refusals import refused_listing

__all__ = ["Listing", "VisibleRun", "count_runs", "list_runs", "list_runs_of_types", "quoted"]

_PAGE_SIZE = 1000
"""Runs asked for at a time; the service may hand out fewer."""
_TYPES_AT_ONCE = 50
"""Workflow types that one query names: services limit the length of a query."""


@dataclass(frozen=True, kw_only=True, slots=True)
class VisibleRun:
    """A workflow run, as visibility shows it. It follows the run with a delay of up to some seconds."""

    workflow_id: str
    run_id: str
    workflow_type: str
    task_queue: str = ""
    status: str = "RUNNING"
    """`RUNNING`, `COMPLETED`, `CONTINUED_AS_NEW`, ...; empty for one that the SDK does not know."""
    started: datetime | None = None
    """In UTC."""
    closed: datetime | None = None
    """In UTC; None for an open run."""
    history_length: int = 0
    """Events of a closed run; 0 for unknown: most services do not report it for an open one."""
    change_versions: frozenset[str] = frozenset()
    """`TemporalChangeVersion`: ids of its patches, deprecated or not."""
    version: str | None = None
    """Deployment version or build id of the worker that it is on; None for an unversioned one."""
    pinned: bool = False
    """Whether it stays on that version to its end, so that it never meets other code."""

    @property
    def is_open(self) -> bool:
        return self.closed is None


@dataclass(frozen=True, kw_only=True, slots=True)
class Listing:
    """The runs of some workflow types."""

    runs: tuple[VisibleRun, ...]
    closed_not_listed: int = 0
    """Closed runs beyond those that were asked for."""


async def list_runs(
    frontend: Frontend, query: str, *, most: int | None = None
) -> AsyncGenerator[VisibleRun, None]:
    """The runs that a query finds, in the service's order: the latest first. Page by page, as they are taken.

    Args:
        frontend: Of the service.
        query: A list filter (https://docs.temporal.io/list-filter); empty for every run.
        most: How many at most; None for all.

    Raises:
        ServiceError: The service refuses, or does not understand the query.
    """
    token = b""
    count = 0
    while most is None or count < most:
        request = ListWorkflowExecutionsRequest(
            namespace=frontend.namespace,
            query=query,
            page_size=_PAGE_SIZE if most is None else min(_PAGE_SIZE, most - count),
            next_page_token=token,
        )
        try:
            page = await frontend.ask(frontend.client.workflow_service.list_workflow_executions, request)
        except RPCError as error:
            raise refused_listing(frontend.client, error, query) from error
        for info in page.executions:
            count += 1
            yield _run_of(info)
        token = page.next_page_token
        if not token:
            return


async def count_runs(frontend: Frontend, query: str) -> int:
    """How many runs a query finds, which some services estimate.

    Args:
        frontend: Of the service.
        query: A list filter; empty for every run.

    Raises:
        ServiceError: The service refuses, or does not understand the query.
    """
    request = CountWorkflowExecutionsRequest(namespace=frontend.namespace, query=query)
    try:
        answer = await frontend.ask(frontend.client.workflow_service.count_workflow_executions, request)
    except RPCError as error:
        raise refused_listing(frontend.client, error, query) from error
    return int(answer.count)


async def list_runs_of_types(frontend: Frontend, types: Sequence[str] | None, *, most_closed: int) -> Listing:
    """All open runs of these workflow types, and the closed ones that visibility hands out first.

    Args:
        frontend: Of the service.
        types: Workflow types; None for every one.
        most_closed: Closed runs to list at most; the others are counted. With 0 neither is done.

    Raises:
        ServiceError: The service refuses.
    """
    groups = (
        [None]
        if types is None
        else [types[at : at + _TYPES_AT_ONCE] for at in range(0, len(types), _TYPES_AT_ONCE)]
    )
    runs: list[VisibleRun] = []
    left, not_listed = most_closed, 0
    for group in groups:
        among = "" if group is None else f" AND WorkflowType IN ({', '.join(map(quoted, group))})"
        runs += [run async for run in list_runs(frontend, f"CloseTime IS NULL{among}")]
        if not most_closed:
            continue
        query = f"CloseTime IS NOT NULL{among}"
        closed = [run async for run in list_runs(frontend, query, most=left)]
        if len(closed) >= left:
            # Fewer than were asked for are all that there are.
            not_listed += max(0, await count_runs(frontend, query) - len(closed))
        left -= len(closed)
        runs += closed
    return Listing(runs=tuple(runs), closed_not_listed=not_listed)


def quoted(text: str) -> str:
    """A text as a query wants it, whatever is in it: `"order-17"`."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _run_of(info: WorkflowExecutionInfo) -> VisibleRun:
    behaviour, version = _versioning(info)
    return VisibleRun(
        workflow_id=info.execution.workflow_id,
        run_id=info.execution.run_id,
        workflow_type=info.type.name,
        task_queue=info.task_queue,
        status=_status(info),
        started=_utc(info.start_time) if info.HasField("start_time") else None,
        closed=_utc(info.close_time) if info.HasField("close_time") else None,
        history_length=info.history_length,
        change_versions=frozenset(_keywords(info, "TemporalChangeVersion")),
        version=version,
        pinned=behaviour == VersioningBehavior.VERSIONING_BEHAVIOR_PINNED,
    )


def _status(info: WorkflowExecutionInfo) -> str:
    try:
        return WorkflowExecutionStatus.Name(info.status).removeprefix("WORKFLOW_EXECUTION_STATUS_")
    except ValueError:  # a service that is newer than the SDK
        return ""


def _versioning(info: WorkflowExecutionInfo) -> tuple[int, str | None]:
    """Behaviour, and deployment version or build id; older services hold them as search attributes alone."""
    versioning = info.versioning_info
    behaviour = int(versioning.behavior)
    if not behaviour and _keywords(info, "TemporalWorkflowVersioningBehavior") == ("Pinned",):
        behaviour = VersioningBehavior.VERSIONING_BEHAVIOR_PINNED
    deployment = versioning.deployment_version
    if deployment.build_id:
        return behaviour, f"{deployment.deployment_name}:{deployment.build_id}"
    named = _keywords(info, "TemporalWorkerDeploymentVersion")
    return behaviour, (named[0] if named else info.assigned_build_id or None)


def _utc(stamp: Timestamp) -> datetime:
    return stamp.ToDatetime().replace(tzinfo=timezone.utc)


def _keywords(info: WorkflowExecutionInfo, name: str) -> tuple[str, ...]:
    fields = info.search_attributes.indexed_fields
    if name not in fields:
        return ()
    try:
        value = json.loads(fields[name].data)
    except ValueError:
        return ()
    return tuple(map(str, value)) if isinstance(value, list) else (str(value),)
