"""Interceptors as users and libraries write them, which stand between a workflow's line and the SDK."""

from __future__ import annotations

import asyncio
import itertools
from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.worker import (
    ExecuteWorkflowInput,
    Interceptor,
    StartActivityInput,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
    WorkflowOutboundInterceptor,
)

__all__ = ["Auditing", "Own", "Reporting", "Sleeping", "Starting", "Twice", "Upper"]


def _timed(call: Any, given: Any) -> Any:
    """A helper of an interceptor, a function of its module."""
    return call(given)


class _OwnOutbound(WorkflowOutboundInterceptor):
    def start_activity(self, input: StartActivityInput) -> Any:  # noqa: A002
        def inner(given: StartActivityInput) -> Any:
            return self.next.start_activity(given)

        return _timed(inner, input)


class _OwnInbound(WorkflowInboundInterceptor):
    def init(self, outbound: WorkflowOutboundInterceptor) -> None:
        super().init(_OwnOutbound(outbound))


class Own(Interceptor):
    """The user's own: lets everything through."""

    def workflow_interceptor_class(
        self,
        input: WorkflowInterceptorClassInput,  # noqa: A002
    ) -> type[WorkflowInboundInterceptor] | None:
        return _OwnInbound


class _TwiceInbound(WorkflowInboundInterceptor):
    def init(self, outbound: WorkflowOutboundInterceptor) -> None:
        super().init(_OwnOutbound(_OwnOutbound(outbound)))


class Twice(Interceptor):
    """Wraps every call twice."""

    def workflow_interceptor_class(
        self,
        input: WorkflowInterceptorClassInput,  # noqa: A002
    ) -> type[WorkflowInboundInterceptor] | None:
        return _TwiceInbound


class _ReportingInbound(WorkflowInboundInterceptor):
    async def execute_workflow(self, input: ExecuteWorkflowInput) -> Any:  # noqa: A002
        try:
            return await super().execute_workflow(input)
        except Exception as error:
            with workflow.unsafe.sandbox_unrestricted():
                _report(error)
            raise


def _report(error: Exception) -> None:
    """Where Sentry's `capture_exception` would be called."""


class Reporting(Interceptor):
    """As Temporal's Sentry sample does it."""

    def workflow_interceptor_class(
        self,
        input: WorkflowInterceptorClassInput,  # noqa: A002
    ) -> type[WorkflowInboundInterceptor] | None:
        return _ReportingInbound


class _AuditingOutbound(WorkflowOutboundInterceptor):
    def start_activity(self, input: StartActivityInput) -> Any:  # noqa: A002
        if input.activity != "audit":
            workflow.start_activity("audit", start_to_close_timeout=timedelta(seconds=5))
        return self.next.start_activity(input)


class _AuditingInbound(WorkflowInboundInterceptor):
    def init(self, outbound: WorkflowOutboundInterceptor) -> None:
        super().init(_AuditingOutbound(outbound))


class Auditing(Interceptor):
    """Schedules an activity of its own before each one of the workflow."""

    def workflow_interceptor_class(
        self,
        input: WorkflowInterceptorClassInput,  # noqa: A002
    ) -> type[WorkflowInboundInterceptor] | None:
        return _AuditingInbound


class _StartingInbound(WorkflowInboundInterceptor):
    async def execute_workflow(self, input: ExecuteWorkflowInput) -> Any:  # noqa: A002
        await workflow.execute_activity("announce", start_to_close_timeout=timedelta(seconds=5))
        return await super().execute_workflow(input)


class Starting(Interceptor):
    """Schedules an activity before the workflow begins."""

    def workflow_interceptor_class(
        self,
        input: WorkflowInterceptorClassInput,  # noqa: A002
    ) -> type[WorkflowInboundInterceptor] | None:
        return _StartingInbound


class Sleeping(Interceptor):
    """Waits before the workflow, after it returned, or after it failed."""

    def __init__(self, when: str, how: str = "sleep") -> None:
        self.when = when
        self.how = how

    def workflow_interceptor_class(
        self,
        input: WorkflowInterceptorClassInput,  # noqa: A002
    ) -> type[WorkflowInboundInterceptor] | None:
        when, how = self.when, self.how

        class Waiting(WorkflowInboundInterceptor):
            async def execute_workflow(self, input: ExecuteWorkflowInput) -> Any:  # noqa: A002
                if when == "before":
                    await self.wait()
                try:
                    result = await super().execute_workflow(input)
                except Exception:
                    await self.wait()
                    raise
                await self.wait()
                return result

            async def wait(self) -> None:
                loop = asyncio.get_running_loop()
                done = loop.create_future()
                if how == "sleep":
                    await asyncio.sleep(5)
                elif how == "wait_for":
                    await asyncio.wait_for(done, 5)
                else:
                    loop.call_later(5, done.set_result, None)
                    await done

        return Waiting


class _UpperOutbound(WorkflowOutboundInterceptor):
    def start_activity(self, input: StartActivityInput) -> Any:  # noqa: A002
        input.activity = input.activity.upper()
        return super().start_activity(input)


class _UpperInbound(WorkflowInboundInterceptor):
    def init(self, outbound: WorkflowOutboundInterceptor) -> None:
        super().init(_UpperOutbound(outbound))


class Upper(Interceptor):
    """Changes the name of each activity."""

    def workflow_interceptor_class(
        self,
        input: WorkflowInterceptorClassInput,  # noqa: A002
    ) -> type[WorkflowInboundInterceptor] | None:
        return _UpperInbound


class _RaisingInbound(WorkflowInboundInterceptor):
    async def execute_workflow(self, input: ExecuteWorkflowInput) -> Any:  # noqa: A002
        raise LookupError("no tenant in the headers")


class Raising(Interceptor):
    """Raises before the workflow begins."""

    def workflow_interceptor_class(
        self,
        input: WorkflowInterceptorClassInput,  # noqa: A002
    ) -> type[WorkflowInboundInterceptor] | None:
        return _RaisingInbound


_CALLS = itertools.count()


class _UnsteadyOutbound(WorkflowOutboundInterceptor):
    def start_activity(self, input: StartActivityInput) -> Any:  # noqa: A002
        if not input.activity.startswith("audit"):
            workflow.start_activity(f"audit{next(_CALLS)}", start_to_close_timeout=timedelta(seconds=5))
        return self.next.start_activity(input)


class _UnsteadyInbound(WorkflowInboundInterceptor):
    def init(self, outbound: WorkflowOutboundInterceptor) -> None:
        super().init(_UnsteadyOutbound(outbound))


class Unsteady(Interceptor):
    """Schedules another activity of its own each time."""

    def workflow_interceptor_class(
        self,
        input: WorkflowInterceptorClassInput,  # noqa: A002
    ) -> type[WorkflowInboundInterceptor] | None:
        return _UnsteadyInbound
