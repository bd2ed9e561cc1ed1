"""What the SDK's decorators leave on classes and functions."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from replaykit.replay.sdk.private import changed_internals

__all__ = [
    "ActivityDefinition",
    "WorkflowDefinition",
    "activity_definition",
    "is_decorated_workflow",
    "module_outside_sandbox",
    "workflow_definition",
]

_WORKFLOW = "__temporal_workflow_definition"
_ACTIVITY = "__temporal_activity_definition"
_SCRIPT_IN_SANDBOX = "__temporal_main__"


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkflowDefinition:
    """What `@workflow.defn` keeps of a class. Handlers go by name; that of a dynamic one is None."""

    workflow_class: type
    name: str | None
    """The workflow type; None for a dynamic workflow."""
    run: Callable[..., Any]
    signals: Mapping[str | None, Callable[..., Any]]
    updates: Mapping[str | None, Callable[..., Any]]
    queries: Mapping[str | None, Callable[..., Any]]


@dataclass(frozen=True, kw_only=True, slots=True)
class ActivityDefinition:
    """What `@activity.defn` keeps of a function or method."""

    name: str | None
    """The activity type; None for a dynamic activity."""


def workflow_definition(cls: type) -> WorkflowDefinition | None:
    """The definition of a class with `@workflow.defn`; None where only a base of it has one, or nothing.

    Raises:
        ReplaykitError: This temporalio keeps definitions in another way. No workflow is known without them.
    """
    found = getattr(cls, _WORKFLOW, None)
    if found is None:
        _require_workflow_definitions()
        return None
    try:
        if found.cls is not cls:
            return None
        return WorkflowDefinition(
            workflow_class=cls,
            name=found.name,
            run=found.run_fn,
            signals=_functions(found.signals),
            updates=_functions(found.updates),
            queries=_functions(found.queries),
        )
    except AttributeError as error:
        raise changed_internals(str(error)) from error


def is_decorated_workflow(cls: type) -> bool:
    """Whether `@workflow.defn` decorated this very class; False where temporalio marks it differently."""
    return _WORKFLOW in vars(cls)


def activity_definition(function: Any) -> ActivityDefinition | None:
    """The definition of what has `@activity.defn`; None where it has not.

    Raises:
        ReplaykitError: This temporalio keeps definitions in another way. No activity is known without them.
    """
    found = getattr(function, _ACTIVITY, None)
    if found is None:
        _require_activity_definitions()
        return None
    try:
        return ActivityDefinition(name=found.name)
    except AttributeError as error:
        raise changed_internals(str(error)) from error


def module_outside_sandbox(name: str) -> str:
    """The module that one in the sandbox is a copy of: a script goes by another name there.

    Where this temporalio calls it differently, a class of a script is taken for its copy.
    """
    return "__main__" if name == _SCRIPT_IN_SANDBOX else name


def _functions(handlers: Mapping[str | None, Any]) -> dict[str | None, Callable[..., Any]]:
    return {name: handler.fn for name, handler in handlers.items()}


def _require_workflow_definitions() -> None:
    """Raise where this temporalio keeps definitions elsewhere, not where a class just has none."""
    # Unless something has imported the SDK, nothing can be decorated, and importing it is slow.
    if "temporalio.workflow" in sys.modules:
        from replaykit.replay.sdk.decorated import Workflow

        if not hasattr(Workflow, _WORKFLOW):
            raise changed_internals(_WORKFLOW)


def _require_activity_definitions() -> None:
    if "temporalio.activity" in sys.modules:
        from replaykit.replay.sdk.decorated import an_activity

        if not hasattr(an_activity, _ACTIVITY):
            raise changed_internals(_ACTIVITY)
