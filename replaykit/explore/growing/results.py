"""What type the code expects of each result: read from its own calls, as it makes them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from temporalio import workflow
from temporalio.worker import (
    Interceptor,
    StartActivityInput,
    StartChildWorkflowInput,
    StartLocalActivityInput,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
    WorkflowOutboundInterceptor,
)

from replaykit.explore.scenario import Subject, Target

__all__ = ["ResultTypes"]

_Note = Callable[[Subject, str, Any], None]


class ResultTypes(Interceptor):
    """Stands last among a worker's interceptors and listens."""

    def __init__(self) -> None:
        self._types: dict[Target, Any] = {}
        self._counts: Counter[tuple[Subject, str]] = Counter()

    def begin(self) -> None:
        """The code starts from its beginning: its calls are counted from zero."""
        self._counts.clear()

    def of(self, target: Target) -> Any:
        """The type that the code expects as the result of a command; None where it names none."""
        return self._types.get(target)

    def _note(self, subject: Subject, name: str, hint: Any) -> None:
        self._counts[subject, name] += 1
        self._types[Target(subject=subject, name=name, nth=self._counts[subject, name])] = hint

    def workflow_interceptor_class(
        self,
        input: WorkflowInterceptorClassInput,  # noqa: A002  # the SDK's name
    ) -> type[WorkflowInboundInterceptor] | None:
        return _listening(self._note)


def _listening(note: _Note) -> type[WorkflowInboundInterceptor]:
    class Listening(WorkflowInboundInterceptor):
        def init(self, outbound: WorkflowOutboundInterceptor) -> None:
            super().init(ListeningOutbound(outbound, note))

    return Listening


class ListeningOutbound(WorkflowOutboundInterceptor):
    """Passes every call on, having noted the type of its result."""

    def __init__(self, next: WorkflowOutboundInterceptor, note: _Note) -> None:  # noqa: A002  # the SDK's name
        super().__init__(next)
        self._note = note

    def start_activity(self, input: StartActivityInput) -> workflow.ActivityHandle[Any]:  # noqa: A002
        self._note(Subject.ACTIVITY, input.activity, input.ret_type)
        return super().start_activity(input)

    def start_local_activity(
        self,
        input: StartLocalActivityInput,  # noqa: A002
    ) -> workflow.ActivityHandle[Any]:
        self._note(Subject.LOCAL_ACTIVITY, input.activity, input.ret_type)
        return super().start_local_activity(input)

    async def start_child_workflow(
        self,
        input: StartChildWorkflowInput,  # noqa: A002
    ) -> workflow.ChildWorkflowHandle[Any, Any]:
        self._note(Subject.CHILD, input.workflow, input.ret_type)
        return await super().start_child_workflow(input)

    async def start_nexus_operation(self, input: Any) -> Any:  # noqa: A002
        name = f"{input.service}.{getattr(input, 'operation_name', input.operation)}"
        self._note(Subject.NEXUS, name, getattr(input, "output_type", None))
        return await super().start_nexus_operation(input)
