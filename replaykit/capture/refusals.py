"""Why a service did not hand out a history, and what to do about it.

Where something was not found, the service is asked what does exist, within bounds: an answer that takes long
or is refused leaves the message shorter, nothing else.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from uuid import UUID

from temporalio.api.enums.v1 import WorkflowExecutionStatus
from temporalio.api.errordetails.v1 import NamespaceNotFoundFailure
from temporalio.api.workflow.v1 import WorkflowExecutionInfo
from temporalio.api.workflowservice.v1 import (
    DescribeNamespaceRequest,
    ListNamespacesRequest,
    ListWorkflowExecutionsRequest,
)
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from replaykit.errors import ServiceError

__all__ = ["explain", "run_id_is_malformed"]

_LOOK_AROUND_TIMEOUT = timedelta(seconds=5)
_IDS_COMPARED = 1000
_NAMES_SHOWN = 5
_YEAR_9999_MS = 253_370_764_800_000


async def explain(client: Client, error: RPCError, workflow_id: str, run_id: str | None) -> ServiceError:
    """The error for a request about a workflow that the service refused."""
    if error.status is RPCStatusCode.NOT_FOUND:
        if _is_about_namespace(error):
            return await _no_such_namespace(client)
        return await _not_found(client, workflow_id, run_id)
    return _refused(client, error, workflow_id)


async def run_id_is_malformed(client: Client, workflow_id: str, run_id: str) -> ServiceError:
    """The error for a run id that no service could know."""
    runs = await _list(client, f"WorkflowId = {_quoted(workflow_id)}", limit=_NAMES_SHOWN)
    return ServiceError(
        f"{run_id!r} is not a run id, which is a UUID",
        where=_where(client, workflow_id),
        cure=_runs_that_exist(runs) or "Leave --run-id out for the latest run.",
    )


def _refused(client: Client, error: RPCError, workflow_id: str) -> ServiceError:
    where = _where(client, workflow_id)
    if error.status is RPCStatusCode.PERMISSION_DENIED:
        cure = (
            f"Check that the API key or client certificate may read the namespace {client.namespace!r}, "
            "and that it is the full name (Temporal Cloud: NAME.ACCOUNT)."
        )
        return ServiceError(f"permission denied ({error.message})", where=where, cure=cure)
    if error.status is RPCStatusCode.UNAUTHENTICATED:
        cure = "Check --api-key (TEMPORAL_API_KEY) or the client certificate."
        return ServiceError(
            f"the service does not accept these credentials ({error.message})", where=where, cure=cure
        )
    if error.status in (RPCStatusCode.UNAVAILABLE, RPCStatusCode.DEADLINE_EXCEEDED, RPCStatusCode.CANCELLED):
        return ServiceError(
            f"the service stopped answering ({error.message})", where=where, cure="Try again when it is up."
        )
    if error.status is RPCStatusCode.RESOURCE_EXHAUSTED:
        return ServiceError(
            f"the service limits the rate of requests ({error.message})", where=where, cure="Try again later."
        )
    if error.status is RPCStatusCode.UNIMPLEMENTED:
        cure = "Check the address: it may be no Temporal frontend, or a very old one."
        return ServiceError(f"it does not know this request ({error.message})", where=where, cure=cure)
    return ServiceError(f"the service refused the request: {error.message}", where=where)


def _is_about_namespace(error: RPCError) -> bool:
    if any(detail.Is(NamespaceNotFoundFailure.DESCRIPTOR) for detail in error.grpc_status.details):
        return True
    return error.message.lower().startswith("namespace ")


async def _no_such_namespace(client: Client) -> ServiceError:
    names = await _namespaces(client)
    cure = "Name the namespace with --namespace."
    if names:
        near = difflib.get_close_matches(client.namespace, names, n=1)
        first = f"Did you mean {near[0]}? " if near else ""
        cure = f"{first}Namespaces that exist: {_listed(names)}. Choose one with --namespace."
    where = f"Temporal service at {client.service_client.config.target_host}"
    return ServiceError(f"no namespace {client.namespace!r}", where=where, cure=cure)


async def _not_found(client: Client, workflow_id: str, run_id: str | None) -> ServiceError:
    where = _where(client, workflow_id)
    runs = await _list(client, f"WorkflowId = {_quoted(workflow_id)}", limit=_NAMES_SHOWN + 1)
    retention = await _retention(client)
    kept = f" (closed runs are kept for {_days(retention)} there)" if retention else ""
    if run_id is not None:
        others = [run for run in runs if run.execution.run_id != run_id]
        began = _began(run_id)
        if retention and began and began < datetime.now(timezone.utc) - retention:
            return ServiceError(
                f"past retention: run {run_id} began on {began:%Y-%m-%d}{kept}",
                where=where,
                cure=_runs_that_exist(others) or "Capture a younger run of the same workflow type.",
            )
        if others:
            return ServiceError(f"no run {run_id}{kept}", where=where, cure=_runs_that_exist(others))
    if runs:
        # Visibility remembers a run for a little longer than its history lives.
        return ServiceError(f"its history is gone: deleted or past retention{kept}", where=where)
    near = difflib.get_close_matches(workflow_id, await _ids(client, workflow_id), n=3)
    cure = f"Did you mean {_or(near)}?" if near else "Check the id and --namespace."
    return ServiceError(f"no such workflow{kept}", where=where, cure=cure)


async def _namespaces(client: Client) -> list[str]:
    request = ListNamespacesRequest(page_size=100)
    try:
        response = await client.workflow_service.list_namespaces(request, timeout=_LOOK_AROUND_TIMEOUT)
    except RPCError:
        return []
    names = (described.namespace_info.name for described in response.namespaces)
    return sorted(name for name in names if name != "temporal-system")


async def _retention(client: Client) -> timedelta | None:
    request = DescribeNamespaceRequest(namespace=client.namespace)
    try:
        response = await client.workflow_service.describe_namespace(request, timeout=_LOOK_AROUND_TIMEOUT)
    except RPCError:
        return None
    return response.config.workflow_execution_retention_ttl.ToTimedelta() or None


async def _ids(client: Client, workflow_id: str) -> list[str]:
    """Ids that could have been meant: those that begin alike, and the latest ones."""
    prefix = workflow_id[: max(1, len(workflow_id) // 2)]
    alike = await _list(client, f"WorkflowId STARTS_WITH {_quoted(prefix)}", limit=_IDS_COMPARED)
    latest = await _list(client, "", limit=_IDS_COMPARED)
    return list(dict.fromkeys(run.execution.workflow_id for run in (*alike, *latest)))


async def _list(client: Client, query: str, *, limit: int) -> Sequence[WorkflowExecutionInfo]:
    request = ListWorkflowExecutionsRequest(namespace=client.namespace, page_size=limit, query=query)
    try:
        response = await client.workflow_service.list_workflow_executions(
            request, timeout=_LOOK_AROUND_TIMEOUT
        )
    except RPCError:  # older services know no STARTS_WITH, and not everybody may list
        return ()
    return response.executions


def _runs_that_exist(runs: Sequence[WorkflowExecutionInfo]) -> str | None:
    if not runs:
        return None
    described = []
    for run in runs[:_NAMES_SHOWN]:
        status = WorkflowExecutionStatus.Name(run.status).removeprefix("WORKFLOW_EXECUTION_STATUS_").lower()
        began = run.start_time.ToDatetime().strftime("%Y-%m-%d %H:%M")
        described.append(f"{run.execution.run_id} ({status}, {began} UTC)")
    more = ", ..." if len(runs) > _NAMES_SHOWN else ""
    return f"Runs that exist: {', '.join(described)}{more}."


def _began(run_id: str) -> datetime | None:
    """When a run id was made: a UUIDv7 begins with its milliseconds since 1970."""
    parsed = UUID(run_id)
    milliseconds = parsed.int >> 80
    if parsed.version != 7 or milliseconds > _YEAR_9999_MS:
        return None
    return datetime.fromtimestamp(milliseconds / 1000, tz=timezone.utc)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:10]) + (", ..." if len(names) > 10 else "")


def _or(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"


def _days(span: timedelta) -> str:
    if span < timedelta(days=1):
        return f"{span.total_seconds() / 3600:g} hours"
    return f"{span.days} day{'s' if span.days != 1 else ''}"


def _where(client: Client, workflow_id: str) -> str:
    address = client.service_client.config.target_host
    return f"workflow {workflow_id!r} in namespace {client.namespace!r} at {address}"
