"""What a workflow's handlers take and what an activity answers with, read from their type hints.

A definition of the SDK knows its argument types too, but neither which may be left out nor what `Annotated`
holds, and it has none at all where one annotation is missing.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from replaykit.errors import ValuesError
from replaykit.explore.values.hints import hints_of, real
from replaykit.replay.sdk.definitions import WorkflowDefinition, activity_definition, workflow_definition

__all__ = [
    "Argument",
    "Handler",
    "definition_of",
    "inputs_of",
    "query_arguments",
    "result_of",
    "result_types",
    "returned_by",
    "signal_arguments",
    "update_arguments",
    "workflow_name",
]


@dataclass(frozen=True, kw_only=True, slots=True)
class Argument:
    """One positional argument."""

    name: str
    hint: Any
    """`Any` where it has no annotation."""
    may_be_left_out: bool = False
    """Whether it has a default, or stands for any number of arguments."""


Handler = Callable[..., Any]

_ANYTHING = (Argument(name="args", hint=Any, may_be_left_out=True),)
"""What a dynamic workflow or handler takes."""


def inputs_of(workflow_class: type) -> Sequence[Argument]:
    """The arguments of a workflow's run method; those of its class where it is a sandboxed copy.

    Raises:
        ValuesError: It is no workflow class, or a hint does not resolve.
    """
    definition = definition_of(workflow_class)
    if definition.name is None:
        return _ANYTHING
    return _arguments(definition.run, f"workflow {definition.name!r}")


def returned_by(workflow_class: type) -> Any:
    """The hint of what a workflow's run method returns; `Any` where it has none, or it does not resolve."""
    run = definition_of(workflow_class).run
    try:
        return real(hints_of(run, where="result of a workflow").get("return", Any))
    except ValuesError:
        return Any


def signal_arguments(workflow_class: type, name: str, own: Handler | None = None) -> Sequence[Argument]:
    """The arguments of a signal handler.

    Args:
        workflow_class: The workflow.
        name: Of the signal.
        own: The function that the code itself has set as its handler, where it has.

    Raises:
        ValuesError: No handler takes that name and none is dynamic, or a hint does not resolve.
    """
    return _of_handler(workflow_class, "signal", name, own)


def update_arguments(workflow_class: type, name: str, own: Handler | None = None) -> Sequence[Argument]:
    """The arguments of an update handler; raises as `signal_arguments` does."""
    return _of_handler(workflow_class, "update", name, own)


def query_arguments(workflow_class: type, name: str, own: Handler | None = None) -> Sequence[Argument]:
    """The arguments of a query handler; raises as `signal_arguments` does."""
    return _of_handler(workflow_class, "query", name, own)


def result_of(function: Callable[..., Any]) -> Any:
    """The hint of what an activity answers with; `Any` where it has no annotation.

    Args:
        function: A function, a method, an object or class with `__call__`, or a partial of one.

    Raises:
        ValuesError: A hint does not resolve.
    """
    function = _annotated_part(function)
    return real(hints_of(function, where=f"activity {function.__qualname__}").get("return", Any))


def result_types(activities: Sequence[Callable[..., Any]]) -> Mapping[str, Any]:
    """By activity type, the hint of its result; a dynamic activity has no type and is left out.

    Raises:
        ValuesError: One has no `@activity.defn`, or a hint does not resolve.
    """
    found = {}
    for function in activities:
        definition = activity_definition(function)
        if definition is None:
            raise ValuesError(
                "it has no @activity.defn", where=repr(function), cure="Decorate it, or drop it."
            )
        if definition.name is not None:
            found[definition.name] = result_of(function)
    return found


def workflow_name(workflow_class: type) -> str | None:
    """The type name of a workflow; a dynamic one has none.

    Raises:
        ValuesError: It is no workflow class.
    """
    return definition_of(workflow_class).name


def definition_of(workflow_class: type) -> WorkflowDefinition:
    """The definition of a workflow; that of the class itself for a sandboxed copy.

    Raises:
        ValuesError: It is no workflow class.
    """
    cls: type = real(workflow_class)
    definition = workflow_definition(cls)
    if definition is None:
        raise ValuesError("it has no @workflow.defn", where=repr(cls), cure="Decorate it, or name another.")
    return definition


def _of_handler(workflow_class: type, kind: str, name: str, own: Handler | None) -> Sequence[Argument]:
    if own is not None:
        return _arguments(own, f"{kind} {name!r}")
    definition = definition_of(workflow_class)
    handlers = {"signal": definition.signals, "update": definition.updates, "query": definition.queries}[kind]
    where = f"{kind} {name!r}"
    if name in handlers:
        return _arguments(handlers[name], where)
    if None in handlers:
        return _ANYTHING
    known = ", ".join(sorted(map(repr, handlers))) or "none"
    raise ValuesError(
        f"{definition.workflow_class.__qualname__} has no handler of that name",
        where=where,
        cure=f"Those that it has: {known}.",
    )


def _annotated_part(function: Any) -> Any:
    """What is annotated: of a partial its function, of an object or class its `__call__`."""
    while isinstance(function, functools.partial):
        function = function.func
    if inspect.isroutine(function):
        return function
    owner = function if isinstance(function, type) else type(function)
    return owner.__call__


def _arguments(function: Callable[..., Any], where: str) -> Sequence[Argument]:
    hints = hints_of(_annotated_part(function), where=where)
    found = []
    for index, parameter in enumerate(inspect.signature(function).parameters.values()):
        if (index == 0 and parameter.name == "self") or parameter.kind in _BY_KEYWORD:
            continue
        found.append(
            Argument(
                name=parameter.name,
                hint=real(hints.get(parameter.name, Any)),
                may_be_left_out=parameter.default is not parameter.empty
                or parameter.kind is parameter.VAR_POSITIONAL,
            )
        )
    return tuple(found)


_BY_KEYWORD = (inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.VAR_KEYWORD)
