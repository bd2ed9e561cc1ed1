"""The frontend of a Temporal service, as requests are made to it: each with a deadline, and counted."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from replaykit.capture.refusals import refused_listing

__all__ = ["Frontend", "retention_of"]

_T = TypeVar("_T")


@dataclass(kw_only=True, slots=True)
class Frontend:
    """A connected client, and how many requests were made through it."""

    client: Client
    """Bound to the namespace that is asked about."""
    timeout: timedelta = timedelta(seconds=30)
    """Of one request."""
    retry: bool = True
    """Whether a request that fails for a passing reason is made again; such retries are not counted."""
    rpcs: int = 0
    """Requests that were made so far, each page of an answer being one."""

    @property
    def namespace(self) -> str:
        return self.client.namespace

    @property
    def address(self) -> str:
        """`HOST:PORT`."""
        return self.client.service_client.config.target_host

    async def ask(self, method: Callable[..., Awaitable[_T]], request: object) -> _T:
        """Make one request.

        Args:
            method: Of `client.workflow_service`, such as `list_workflow_executions`.
            request: Its request message.

        Raises:
            RPCError: The service refuses, or does not answer in time.
        """
        self.rpcs += 1
        return await method(request, retry=self.retry, timeout=self.timeout)


async def retention_of(frontend: Frontend) -> timedelta | None:
    """How long the namespace keeps closed runs; None where it is not reported or may not be asked for.

    Raises:
        ServiceError: The service refuses for another reason, such as a namespace that does not exist.
    """
    request = DescribeNamespaceRequest(namespace=frontend.namespace)
    try:
        answer = await frontend.ask(frontend.client.workflow_service.describe_namespace, request)
    except RPCError as error:
        if error.status is RPCStatusCode.PERMISSION_DENIED:  # listing may be allowed all the same
            return None
        raise refused_listing(frontend.client, error) from error
    return answer.config.workflow_execution_retention_ttl.ToTimedelta() or None
