"""Which line of the user's code asked for a command.

The SDK makes every command in one method of its workflow instance, while the code that asked for it is on
the stack, as a rule. Where it is not (`asyncio.gather` over activities runs each in a task of its own), the
line that made the task stands in for it.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import sys
import weakref
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any, TypeAlias

from temporalio import workflow
from temporalio.worker import (
    ExecuteWorkflowInput,
    StartActivityInput,
    StartChildWorkflowInput,
    WorkflowInboundInterceptor,
    WorkflowOutboundInterceptor,
)

from replaykit.code.user_code import (
    NOWHERE,
    Asked,
    asked_at,
    is_workflow_code,
    line_of,
    note_interceptors,
    outwards,
    through,
)
from replaykit.replay.sdk.instance import Instance, current_instance, nexus_task, wrap_makers

__all__ = ["noting_sources"]

Lines: TypeAlias = "weakref.WeakKeyDictionary[Any, Asked]"


def noting_sources(
    note: Callable[[Asked], None],
    on_instance: Callable[[Instance], None] | None = None,
    on_lost: Callable[[BaseException], None] | None = None,
) -> type[WorkflowInboundInterceptor]:
    """An interceptor class for one workflow instance: calls `note` once for each command that it makes.

    It runs inside the sandbox and changes nothing that the workflow code can see. Where this temporalio does
    not let it watch an instance, `note` is never called.

    Args:
        note: Given the line of each command, in order.
        on_instance: Given the SDK's own workflow instance, which a sandbox hides.
        on_lost: Given what ended a task and is no `Exception`: the SDK looks at no such one.
    """

    cancelled_at: Lines = weakref.WeakKeyDictionary()
    returned_at: Lines = weakref.WeakKeyDictionary()

    class NotingSources(WorkflowInboundInterceptor):
        def init(self, outbound: WorkflowOutboundInterceptor) -> None:
            note_interceptors(_classes_of(outbound))
            super().init(NotingCancels(outbound, cancelled_at))
            instance = current_instance()
            if instance is None:
                return
            if on_instance is not None:
                on_instance(instance)
            _watch(instance, note, cancelled_at, returned_at, on_lost or (lambda error: None))

        async def execute_workflow(self, input: ExecuteWorkflowInput) -> Any:  # noqa: A002
            run = _noting_return(input.run_fn, returned_at)
            return await super().execute_workflow(dataclasses.replace(input, run_fn=run))

    return NotingSources


class NotingCancels(WorkflowOutboundInterceptor):
    """Keeps the line that cancelled a handle: the SDK makes the command later, in the handle's own task."""

    def __init__(self, next: WorkflowOutboundInterceptor, cancelled_at: Lines) -> None:  # noqa: A002  # the SDK's name
        super().__init__(next)
        self._cancelled_at = cancelled_at

    def start_activity(self, input: StartActivityInput) -> workflow.ActivityHandle[Any]:  # noqa: A002
        handle = super().start_activity(input)
        self._note_cancel(handle)
        return handle

    async def start_child_workflow(
        self,
        input: StartChildWorkflowInput,  # noqa: A002
    ) -> workflow.ChildWorkflowHandle[Any, Any]:
        handle = await super().start_child_workflow(input)
        self._note_cancel(handle)
        return handle

    async def start_nexus_operation(self, input: Any) -> Any:  # noqa: A002
        handle = await super().start_nexus_operation(input)
        self._note_cancel(handle, task=nexus_task(handle))
        return handle

    def _note_cancel(self, handle: Any, *, task: Any = None) -> None:
        cancel, cancelled_at = handle.cancel, self._cancelled_at
        task = task or handle

        def noting_cancel(*args: Any, **kwargs: Any) -> Any:
            asked = _caller()
            if asked != NOWHERE:
                cancelled_at[task] = asked
            return cancel(*args, **kwargs)

        with contextlib.suppress(AttributeError):
            handle.cancel = noting_cancel


def _noting_return(run: Callable[..., Any], returned_at: Lines) -> Callable[..., Any]:
    """The workflow's own function; keeps the line that it returned at, by its task."""

    async def noting_run(*args: Any) -> Any:
        running = run(*args)
        # A frame that something refers to keeps its last line when it ends.
        frame: FrameType | None = getattr(running, "cr_frame", None)
        result = await running
        task = asyncio.current_task()
        if frame is not None and task is not None and is_workflow_code(frame.f_code):
            returned_at[task] = Asked(source=line_of((frame.f_code, frame.f_lineno)))
        return result

    return noting_run


def _watch(
    instance: Instance,
    note: Callable[[Asked], None],
    cancelled_at: Lines,
    returned_at: Lines,
    on_lost: Callable[[BaseException], None],
) -> None:
    made_at: Lines = weakref.WeakKeyDictionary()

    def here() -> Asked:
        asked = _caller()
        if asked == NOWHERE:
            asked = asked_at(through(sys.exc_info()[2]))
        if asked.source is None:
            task = asyncio.current_task(instance)
            asks_itself = asked.interceptor is not None and asked.interceptor.asked
            # What an interceptor asks for after the workflow has returned is not of the line that returned.
            kept = (cancelled_at, made_at) if asks_itself else (cancelled_at, returned_at, made_at)
            noted = (lines.get(task) for lines in kept) if task else ()
            before = next((each for each in noted if each is not None), NOWHERE)
            asked = Asked(source=before.source, interceptor=asked.interceptor or before.interceptor)
        return asked

    def ended(task: asyncio.Task[Any]) -> None:
        error = None if task.cancelled() else task.exception()
        if error is not None and not isinstance(error, (Exception, asyncio.CancelledError)):
            on_lost(error)

    def make_command(add_command: Callable[[], Any]) -> Callable[[], Any]:
        def noting_add_command() -> Any:
            note(here())
            return add_command()

        return noting_add_command

    def make_task(create_task: Callable[..., Any]) -> Callable[..., Any]:
        def noting_create_task(*args: Any, **kwargs: Any) -> Any:
            asked = here()
            task = create_task(*args, **kwargs)
            if asked != NOWHERE:
                made_at[task] = asked
            task.add_done_callback(ended)
            return task

        return noting_create_task

    wrap_makers(instance, make_command=make_command, make_task=make_task)


def _caller() -> Asked:
    """The innermost line of the workflow's code on the stack.

    The end of a failing, cancelled or continuing workflow is asked for in an `except` of the SDK: what the
    exception came through has the line then.
    """
    return asked_at(outwards(sys._getframe(2)))


def _classes_of(outbound: Any) -> Iterator[type]:
    """The classes of a row of outbound interceptors."""
    while isinstance(outbound, WorkflowOutboundInterceptor):
        yield type(outbound)
        outbound = getattr(outbound, "next", None)
