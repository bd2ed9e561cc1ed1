"""Why a service did not find a workflow, and what does exist.

The service is asked for that, within bounds: an answer that takes long or is refused leaves the message
shorter, nothing else.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from uuid import UUID

from temporalio.api.errordetails.v1 import NamespaceNotFoundFailure
from temporalio.api.workflowservice.v1 import ListNamespacesRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from replaykit.capture.frontend import Frontend, retention_of
from replaykit.capture.refusals import history_gone, refused_workflow, where_of
from replaykit.capture.visibility import VisibleRun, list_runs, quoted
from replaykit.errors import ServiceError
from replaykit.history.durations import TimeSpan

__all__ = ["explain", "run_id_is_malformed"]

_LOOK_AROUND_TIMEOUT = timedelta(seconds=5)
_IDS_COMPARED = 1000
_NAMES_SHOWN = 5
_YEAR_9999_MS = 253_370_764_800_000


async def explain(client: Client, error: RPCError, workflow_id: str, run_id: str | None) -> ServiceError:
    """The error for a request about a workflow that the service refused."""
    if error.status is RPCStatusCode.NOT_FOUND:
        if _is_about_namespace(error):
            return await _no_such_namespace(_look_around(client))
        return await _not_found(_look_around(client), workflow_id, run_id)
    return refused_workflow(client, error, workflow_id)


async def run_id_is_malformed(client: Client, workflow_id: str, run_id: str) -> ServiceError:
    """The error for a run id that no service could know."""
    runs = await _list(_look_around(client), f"WorkflowId = {quoted(workflow_id)}", most=_NAMES_SHOWN)
    return ServiceError(
        f"{run_id!r} is not a run id, which is a UUID",
        where=where_of(client, workflow_id),
        cure=_runs_that_exist(runs) or "Leave --run-id out for the latest run.",
    )


def _look_around(client: Client) -> Frontend:
    return Frontend(client=client, timeout=_LOOK_AROUND_TIMEOUT, retry=False)


def _is_about_namespace(error: RPCError) -> bool:
    if any(detail.Is(NamespaceNotFoundFailure.DESCRIPTOR) for detail in error.grpc_status.details):
        return True
    return error.message.lower().startswith("namespace ")


async def _no_such_namespace(frontend: Frontend) -> ServiceError:
    names = await _namespaces(frontend)
    cure = "Name the namespace with --namespace."
    if names:
        near = difflib.get_close_matches(frontend.namespace, names, n=1)
        first = f"Did you mean {near[0]}? " if near else ""
        cure = f"{first}Namespaces that exist: {_listed(names)}. Choose one with --namespace."
    where = f"Temporal service at {frontend.address}"
    return ServiceError(f"no namespace {frontend.namespace!r}", where=where, cure=cure)


async def _not_found(frontend: Frontend, workflow_id: str, run_id: str | None) -> ServiceError:
    where = where_of(frontend.client, workflow_id)
    runs = await _list(frontend, f"WorkflowId = {quoted(workflow_id)}", most=_NAMES_SHOWN + 1)
    retention = await _retention(frontend)
    kept = f" (closed runs are kept for {TimeSpan.of(retention)} there)" if retention else ""
    if run_id is not None:
        others = [run for run in runs if run.run_id != run_id]
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
        return history_gone(frontend.client, workflow_id, kept)
    near = difflib.get_close_matches(workflow_id, await _ids(frontend, workflow_id), n=3)
    cure = f"Did you mean {_or(near)}?" if near else "Check the id and --namespace."
    return ServiceError(f"no such workflow{kept}", where=where, cure=cure)


async def _namespaces(frontend: Frontend) -> list[str]:
    request = ListNamespacesRequest(page_size=100)
    try:
        response = await frontend.ask(frontend.client.workflow_service.list_namespaces, request)
    except RPCError:
        return []
    names = (described.namespace_info.name for described in response.namespaces)
    return sorted(name for name in names if name != "temporal-system")


async def _retention(frontend: Frontend) -> timedelta | None:
    try:
        return await retention_of(frontend)
    except ServiceError:
        return None


async def _ids(frontend: Frontend, workflow_id: str) -> list[str]:
    """Ids that could have been meant: those that begin alike, and the latest ones."""
    prefix = workflow_id[: max(1, len(workflow_id) // 2)]
    alike = await _list(frontend, f"WorkflowId STARTS_WITH {quoted(prefix)}", most=_IDS_COMPARED)
    latest = await _list(frontend, "", most=_IDS_COMPARED)
    return list(dict.fromkeys(run.workflow_id for run in (*alike, *latest)))


async def _list(frontend: Frontend, query: str, *, most: int) -> list[VisibleRun]:
    try:
        return [run async for run in list_runs(frontend, query, most=most)]
    except ServiceError:  # older services know no STARTS_WITH, and not everybody may list
        return []


def _runs_that_exist(runs: Sequence[VisibleRun]) -> str | None:
    if not runs:
        return None
    described = []
    for run in runs[:_NAMES_SHOWN]:
        began = f", {run.started:%Y-%m-%d %H:%M} UTC" if run.started else ""
        described.append(f"{run.run_id} ({run.status.lower()}{began})")
    more = ", ..." if len(runs) > _NAMES_SHOWN else ""
    return f"Runs that exist: {', '.join(described)}{more}."


def _began(run_id: str) -> datetime | None:
    """When a run id was made: a UUIDv7 begins with its milliseconds since 1970."""
    parsed = UUID(run_id)
    milliseconds = parsed.int >> 80
    if parsed.version != 7 or milliseconds > _YEAR_9999_MS:
        return None
    return datetime.fromtimestamp(milliseconds / 1000, tz=timezone.utc)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:10]) + (", ..." if len(names) > 10 else "")


def _or(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"
