"""What a Temporal service knows of the runs of some workflow types, for as few requests as will do.

Visibility lists the runs. Its `TemporalChangeVersion` says that a run carries a patch's marker, but not
whether `deprecate_patch` wrote it, and its absence does not say whether the run is past the call: for these
the history is fetched.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import TypeVar

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import VersioningBehavior
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.workflow.v1 import WorkflowExecutionInfo
from temporalio.api.workflowservice.v1 import (
    CountWorkflowExecutionsRequest,
    DescribeNamespaceRequest,
    GetWorkflowExecutionHistoryRequest,
    ListWorkflowExecutionsRequest,
)
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from replaykit.errors import ServiceError
from replaykit.history import History, Source
from replaykit.patches.patch import Run

__all__ = ["Asked", "Listing", "Service"]

_PAGE = 1000
_TYPES_AT_ONCE = 50
_AT_ONCE = 16
_TIMEOUT = timedelta(seconds=30)
_T = TypeVar("_T")


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """What was asked of the service."""

    address: str
    namespace: str
    rpcs: int
    """Requests that were made, those for pages included."""
    histories: int
    """Histories that were fetched."""
    retention: timedelta | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Listing:
    """The runs of some workflow types."""

    runs: tuple[Run, ...]
    closed_not_listed: int = 0
    """Closed runs beyond those that were asked for."""


@dataclass(kw_only=True, slots=True)
class Service:
    """A client that counts its requests."""

    client: Client
    rpcs: int = 0
    histories: int = 0
    retention: timedelta | None = None
    _places: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_AT_ONCE))

    @property
    def asked(self) -> Asked:
        return Asked(
            address=self.client.service_client.config.target_host,
            namespace=self.client.namespace,
            rpcs=self.rpcs,
            histories=self.histories,
            retention=self.retention,
        )

    async def list(self, types: Sequence[str] | None, *, most_closed: int) -> Listing:
        """All open runs of these types, and the closed ones in retention that visibility hands out first.

        Args:
            types: Workflow types; None for every one.
            most_closed: Closed runs to list at most; the others are counted. With 0 neither is done.

        Raises:
            ServiceError: The service refuses.
        """
        self.retention = await self._retention()
        groups = (
            [None]
            if types is None
            else [types[at : at + _TYPES_AT_ONCE] for at in range(0, len(types), _TYPES_AT_ONCE)]
        )
        runs: list[Run] = []
        left, not_listed = most_closed, 0
        for group in groups:
            among = _among(group)
            runs += [run async for run in self._pages(f"CloseTime IS NULL{among}", None)]
            if not most_closed:
                continue
            closed = [run async for run in self._pages(f"CloseTime IS NOT NULL{among}", left)]
            if len(closed) >= left:
                # Fewer than were asked for are all that there are.
                not_listed += max(0, await self._count(f"CloseTime IS NOT NULL{among}") - len(closed))
            left -= len(closed)
            runs += closed
        return Listing(runs=tuple(runs), closed_not_listed=not_listed)

    async def fetch(
        self, runs: Iterable[Run], on_done: Callable[[], None] | None = None
    ) -> dict[str, History | None]:
        """The Histories of these runs, by run id; None for one that retention has just taken.

        Raises:
            ServiceError: The service refuses.
        """

        async def one(run: Run) -> tuple[str, History | None]:
            async with self._places:
                history = await self._history(run)
            if on_done is not None:
                on_done()
            return run.run_id, history

        return dict(await asyncio.gather(*map(one, runs)))

    async def _history(self, run: Run) -> History | None:
        request = GetWorkflowExecutionHistoryRequest(
            namespace=self.client.namespace,
            execution=WorkflowExecution(workflow_id=run.workflow_id, run_id=run.run_id),
            maximum_page_size=_PAGE,
        )
        events: list[HistoryEvent] = []
        while True:
            try:
                page = await self._call(
                    self.client.workflow_service.get_workflow_execution_history(
                        request, retry=True, timeout=_TIMEOUT
                    )
                )
            except RPCError as error:
                if error.status is RPCStatusCode.NOT_FOUND:
                    return None
                raise self._refusal(error) from error
            events.extend(page.history.events)
            if not page.next_page_token:
                break
            request.next_page_token = page.next_page_token
        self.histories += 1
        return History(
            events=tuple(events),
            workflow_id=run.workflow_id,
            run_id=run.run_id,
            workflow_type=run.workflow_type,
            namespace=self.client.namespace,
            task_queue=run.task_queue or None,
            source=Source.SERVICE,
        )

    async def _pages(self, query: str, most: int | None) -> AsyncIterator[Run]:
        token = b""
        count = 0
        while most is None or count < most:
            page = await self._told(
                self.client.workflow_service.list_workflow_executions(
                    ListWorkflowExecutionsRequest(
                        namespace=self.client.namespace,
                        query=query,
                        page_size=_PAGE if most is None else min(_PAGE, most - count),
                        next_page_token=token,
                    ),
                    retry=True,
                    timeout=_TIMEOUT,
                )
            )
            for info in page.executions:
                count += 1
                yield _run_of(info)
            token = page.next_page_token
            if not token:
                return

    async def _count(self, query: str) -> int:
        request = CountWorkflowExecutionsRequest(namespace=self.client.namespace, query=query)
        answer = await self._told(
            self.client.workflow_service.count_workflow_executions(request, retry=True, timeout=_TIMEOUT)
        )
        return int(answer.count)

    async def _retention(self) -> timedelta | None:
        request = DescribeNamespaceRequest(namespace=self.client.namespace)
        try:
            answer = await self._call(
                self.client.workflow_service.describe_namespace(request, retry=True, timeout=_TIMEOUT)
            )
        except RPCError as error:
            if error.status is RPCStatusCode.PERMISSION_DENIED:  # listing may be allowed all the same
                return None
            raise self._refusal(error) from error
        return answer.config.workflow_execution_retention_ttl.ToTimedelta() or None

    async def _told(self, request: Awaitable[_T]) -> _T:
        try:
            return await self._call(request)
        except RPCError as error:
            raise self._refusal(error) from error

    async def _call(self, request: Awaitable[_T]) -> _T:
        self.rpcs += 1
        return await request

    def _refusal(self, error: RPCError) -> ServiceError:
        where = f"namespace {self.client.namespace!r} at {self.client.service_client.config.target_host}"
        return ServiceError(
            f"the service refused the request: {error.message}",
            where=where,
            cure="Check --namespace, and that these credentials may list workflows.",
        )


def _among(types: Sequence[str] | None) -> str:
    if types is None:
        return ""
    names = ", ".join('"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"' for name in types)
    return f" AND WorkflowType IN ({names})"


def _run_of(info: WorkflowExecutionInfo) -> Run:
    behaviour, version = _versioning(info)
    return Run(
        workflow_id=info.execution.workflow_id,
        run_id=info.execution.run_id,
        workflow_type=info.type.name,
        task_queue=info.task_queue,
        is_open=not info.HasField("close_time"),
        started=_time(info),
        change_versions=frozenset(_keywords(info, "TemporalChangeVersion")),
        version=version,
        pinned=behaviour == VersioningBehavior.VERSIONING_BEHAVIOR_PINNED,
    )


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


def _time(info: WorkflowExecutionInfo) -> datetime | None:
    if not info.HasField("start_time"):
        return None
    return info.start_time.ToDatetime().replace(tzinfo=timezone.utc)


def _keywords(info: WorkflowExecutionInfo, name: str) -> tuple[str, ...]:
    fields = info.search_attributes.indexed_fields
    if name not in fields:
        return ()
    try:
        value = json.loads(fields[name].data)
    except ValueError:
        return ()
    return tuple(map(str, value)) if isinstance(value, list) else (str(value),)
