"""The SDK's own object of one running workflow, which is its event loop too.

It is not known by its class, which a sandbox loads again: whatever has the names is one.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Collection, Mapping
from typing import Any, TypeAlias

from temporalio import workflow

__all__ = [
    "Instance",
    "answer_not_replaying",
    "current_instance",
    "forget_contexts",
    "handlers_set",
    "main_task",
    "make_tasks_with",
    "nexus_task",
    "number_handles",
    "open_tasks",
    "signal_names",
    "unheard_signals",
    "update_names",
    "wrap_conversions",
    "wrap_makers",
    "wrap_patched",
    "wrap_random",
]

Instance: TypeAlias = Any
Call: TypeAlias = Callable[..., Any]


def current_instance() -> Instance | None:
    """The instance whose code or interceptor is running; None where temporalio does not give it out."""
    runtime = getattr(workflow, "_Runtime", None)
    current = getattr(runtime, "current", None)
    return current() if current is not None else None


def wrap_makers(
    instance: Instance, *, make_command: Callable[[Call], Call], make_task: Callable[[Call], Call]
) -> bool:
    """Put something around the two methods that make an instance's commands and its tasks.

    Args:
        instance: The instance.
        make_command: Given the method that makes every command, what is called in place of it.
        make_task: The same for the method that makes tasks.

    Returns:
        Whether it was done. Without the names nothing changes, and no command's line is known.
    """
    if not (hasattr(instance, "_add_command") and hasattr(instance, "create_task")):
        return False
    command, task = make_command(instance._add_command), make_task(instance.create_task)
    instance._add_command, instance.create_task = command, task
    return True


def wrap_conversions(instance: Instance, convert: Callable[[Call], Call]) -> bool:
    """Put something around the method that makes values of the payloads for the code.

    Args:
        instance: The instance.
        convert: Given the method, what is called in place of it.

    Returns:
        Whether it was done. Without the name nothing changes, and what does not decode has no event.
    """
    if not hasattr(instance, "_convert_payloads"):
        return False
    instance._convert_payloads = convert(instance._convert_payloads)
    return True


def wrap_patched(instance: Instance, patched: Callable[[Call], Call]) -> bool:
    """Put something around the method that answers `workflow.patched` and `workflow.deprecate_patch`.

    Args:
        instance: The instance.
        patched: Given the method, what is called in place of it.

    Returns:
        Whether it was done. Without the name nothing changes, and no answer is known.
    """
    if not hasattr(instance, "workflow_patch"):
        return False
    instance.workflow_patch = patched(instance.workflow_patch)
    return True


def wrap_random(instance: Instance, draw: Callable[[Call], Call]) -> bool:
    """Put something around the method that gives out the run's generator: `workflow.uuid4` asks it too.

    Args:
        instance: The instance.
        draw: Given the method, what is called in place of it.

    Returns:
        Whether it was done. Without the name nothing changes, and no draw is known.
    """
    if not hasattr(instance, "workflow_random"):
        return False
    instance.workflow_random = draw(instance.workflow_random)
    return True


def forget_contexts(instance: Instance) -> bool:
    """Have an instance answer that a payload has no context, which only codecs and storages ask for.

    A sandboxed one enters its sandbox for each answer, several times for each command.

    Returns:
        Whether it was done. Without the names nothing changes.
    """
    names = ("get_serialization_context", "get_external_store_context")
    if not all(hasattr(instance, name) for name in names):
        return False
    nowhere = instance.get_external_store_context(None)
    instance.get_serialization_context = lambda command_info: None
    instance.get_external_store_context = lambda command_info: nowhere
    return True


def answer_not_replaying(instance: Instance) -> bool:
    """Have `workflow.unsafe` answer that the code is not being replayed. `workflow.patched` reads another.

    Returns:
        Whether it was done. Without the name the code is given the true answer.
    """
    if not hasattr(instance, "workflow_is_replaying"):
        return False
    instance.workflow_is_replaying = lambda: False
    instance.workflow_is_replaying_history_events = lambda: False  # where it is missing, nothing calls it
    return True


def make_tasks_with(
    instance: Instance, task_class: type[asyncio.Task[Any]], future_class: type[asyncio.Future[Any]]
) -> bool:
    """Have an instance make its tasks and futures of other classes.

    Returns:
        Whether it was done. Without the names it makes those of asyncio.
    """
    if not (hasattr(instance, "_register_task") and hasattr(instance, "create_future")):
        return False

    def create_future() -> asyncio.Future[Any]:
        return future_class(loop=instance)

    def create_task(
        coro: Any, *, name: str | None = None, context: Any = None, **_others: Any
    ) -> asyncio.Task[Any]:
        where = {"context": context} if sys.version_info >= (3, 11) else {}
        task = task_class(coro, loop=instance, **where)
        instance._register_task(task, name=name)
        return task

    instance.create_future, instance.create_task = create_future, create_task
    return True


def number_handles(hash_of: Callable[[Any], int]) -> None:
    """Give the handles of activities and children another hash, in this whole process."""
    for handle in (workflow.ActivityHandle, workflow.ChildWorkflowHandle):
        handle.__hash__ = hash_of  # type: ignore[assignment,method-assign]


def nexus_task(handle: Any) -> Any | None:
    """The task that waits for a Nexus operation; None where this temporalio keeps it elsewhere."""
    return getattr(handle, "_task", None)


def main_task(instance: Instance) -> asyncio.Task[Any] | None:
    """The task of the workflow's `run`; None before it began, or where it is not known."""
    task: asyncio.Task[Any] | None = getattr(instance, "_primary_task", None)
    return task


def open_tasks(instance: Instance) -> Collection[asyncio.Task[Any]]:
    """All tasks of an instance that have not ended, that of `run` too; empty where they are not known."""
    tasks: Collection[asyncio.Task[Any]] = getattr(instance, "_tasks", ())
    return tasks


def unheard_signals(instance: Instance) -> tuple[str, ...]:
    """Names of the signals that came and that no handler took; empty where they are not known."""
    return tuple(getattr(instance, "_buffered_signals", ()))


def signal_names(instance: Instance) -> frozenset[str | None] | None:
    """Names that have a signal handler now, None for a dynamic one; None in all where they are not known."""
    return _names(getattr(instance, "_signals", None))


def update_names(instance: Instance) -> frozenset[str | None] | None:
    """The same of update handlers."""
    return _names(getattr(instance, "_updates", None))


def handlers_set(instance: Instance) -> Mapping[str, Mapping[str, Call]]:
    """The functions that the code itself has set as handlers while it ran, and that are set now.

    Returns:
        By `signal`, `update` and `query`, and by name. A dynamic one has no name and is left out, as is all
        that is not known.
    """
    kinds = {"signal": "_signals", "update": "_updates", "query": "_queries"}
    return {kind: _set_by_code(getattr(instance, name, {})) for kind, name in kinds.items()}


def _set_by_code(handlers: Mapping[str | None, Any]) -> Mapping[str, Call]:
    """Those of the class are methods to the SDK."""
    return {
        name: handler.fn
        for name, handler in handlers.items()
        if name is not None and not getattr(handler, "is_method", True)
    }


def _names(handlers: Collection[str | None] | None) -> frozenset[str | None] | None:
    return frozenset(handlers) if handlers is not None else None
