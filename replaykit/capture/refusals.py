"""Why a service refused a request, and what to do about it: from a gRPC status to one sentence and a cure."""

from __future__ import annotations

from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from replaykit.errors import HistoryGoneError, ServiceError

__all__ = ["history_gone", "refused_listing", "refused_workflow", "where_of"]

_STOPPED = ("the service stopped answering", "Try again when it is up.")
_MEANINGS = {
    RPCStatusCode.UNAUTHENTICATED: (
        "the service does not accept these credentials",
        "Check --api-key (TEMPORAL_API_KEY) or the client certificate.",
    ),
    RPCStatusCode.UNAVAILABLE: _STOPPED,
    RPCStatusCode.DEADLINE_EXCEEDED: _STOPPED,
    RPCStatusCode.CANCELLED: _STOPPED,
    RPCStatusCode.RESOURCE_EXHAUSTED: ("the service limits the rate of requests", "Try again later."),
    RPCStatusCode.UNIMPLEMENTED: (
        "it does not know this request",
        "Check the address: it may be no Temporal frontend, or a very old one.",
    ),
}
"""What a status means and what to do, for every kind of request."""


def refused_workflow(client: Client, error: RPCError, workflow_id: str) -> ServiceError:
    """The error for a request about one workflow, for every reason but that it was not found."""
    where = where_of(client, workflow_id)
    if error.status is RPCStatusCode.PERMISSION_DENIED:
        cure = (
            f"Check that the API key or client certificate may read the namespace {client.namespace!r}, "
            "and that it is the full name (Temporal Cloud: NAME.ACCOUNT)."
        )
        return ServiceError(f"permission denied ({error.message})", where=where, cure=cure)
    return _by_status(error, where) or ServiceError(
        f"the service refused the request: {error.message}", where=where
    )


def refused_listing(client: Client, error: RPCError, query: str | None = None) -> ServiceError:
    """The error for a request about the namespace or its runs.

    Args:
        client: The one that asked.
        error: What it was answered.
        query: The list filter that it asked with, if it did.
    """
    where = f"namespace {client.namespace!r} at {client.service_client.config.target_host}"
    if query is not None and error.status is RPCStatusCode.INVALID_ARGUMENT:
        return ServiceError(
            f"the service does not understand the query {query!r}: {error.message}",
            where=where,
            cure="It is a list filter, as of `temporal workflow list --query`, such as "
            "WorkflowType = \"OrderWorkflow\" AND ExecutionStatus = 'Running'.",
        )
    return _by_status(error, where) or ServiceError(
        f"the service refused the request: {error.message}",
        where=where,
        cure="Check --namespace, and that these credentials may list workflows.",
    )


def history_gone(client: Client, workflow_id: str, kept: str = "") -> HistoryGoneError:
    """The error for a run that is listed, but has no events any more.

    Args:
        client: The one that asked.
        workflow_id: Of the run.
        kept: How long closed runs are kept, to be appended.
    """
    return HistoryGoneError(
        f"its history is gone: deleted or past retention{kept}", where=where_of(client, workflow_id)
    )


def where_of(client: Client, workflow_id: str) -> str:
    """The place that an error about one workflow names."""
    address = client.service_client.config.target_host
    return f"workflow {workflow_id!r} in namespace {client.namespace!r} at {address}"


def _by_status(error: RPCError, where: str) -> ServiceError | None:
    if error.status not in _MEANINGS:
        return None
    what, cure = _MEANINGS[error.status]
    return ServiceError(f"{what} ({error.message})", where=where, cure=cure)
